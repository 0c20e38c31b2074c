//! The report of the night as a page: one file that asks for nothing else, runs nothing, and names nobody.
//!
//! Tera escapes every value as HTML, and the template marks none as safe, so data never becomes markup. The policy in the
//! page's head forbids every source but the style sheet in the page itself, which it names by its digest.

mod chart;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tera::{Context, Tera};

use self::chart::Chart;
use super::item::{Group, Item, quoted};
use super::night::Night;
use super::text::{MOST_SHOWN, did, last_backup, length, summary};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;

/// The page.
const TEMPLATE: &str = include_str!("../../../templates/report/night.html");
/// The style sheet of every report that is a page.
const STYLE: &str = include_str!("../../../templates/report/page.css");
/// The template's name: its ending is what Tera escapes by.
const NAME: &str = "night.html";

/// What the template shows.
#[derive(Serialize)]
struct Page {
    style_digest: String,
    site: String,
    environment: String,
    is_live: bool,
    today: String,
    at: String,
    summary: String,
    /// How commands find this site, where they would not by themselves.
    setting: Option<String>,
    runs: Vec<Run>,
    last_backup: String,
    sections: Vec<Section>,
    ends: Vec<(String, String, Option<String>)>,
    charts: Vec<Chart>,
    books: Vec<Book>,
}

/// How many there are of something, and of those, how many in which state.
#[derive(Serialize)]
struct Book {
    what: &'static str,
    all: u64,
    states: Vec<(String, u64)>,
}

#[derive(Serialize)]
struct Run {
    title: String,
    status: String,
    is_done: bool,
    stages: Vec<(String, String, String)>,
}

#[derive(Serialize)]
struct Section {
    title: &'static str,
    count: u64,
    items: Vec<Shown>,
    more: u64,
    all: &'static str,
}

/// An item without the words of people.
#[derive(Serialize)]
struct Shown {
    headline: String,
    since: Option<String>,
    why: Option<String>,
    has_more_to_say: bool,
    is_new: bool,
    is_overdue: bool,
    is_late: bool,
    command: String,
}

/// The page as HTML.
///
/// # Errors
/// Where the template does not render, which is the program's fault.
pub(super) fn render(night: &Night, at: &Opening) -> CliResult<String> {
    html((NAME, TEMPLATE), &page(night, at)?)
}

/// A report as HTML, from a template, whose name ends in `.html`, and what it shows under the name `page`.
///
/// # Errors
/// Where the template does not render, which is the program's fault.
pub(super) fn html((name, template): (&'static str, &'static str), page: &impl Serialize) -> CliResult<String> {
    let failed = |error: tera::Error| Failure::new(Exit::TryAgain, format!("the page cannot be made: {error}"));
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    tera.add_raw_templates([(name, template), ("page.css", STYLE)]).map_err(failed)?;
    let mut context = Context::new();
    context.insert("page", page);
    tera.render(name, &context).map_err(failed)
}

/// The digest by which a page's policy names its style sheet.
pub(super) fn style_digest() -> String {
    STANDARD.encode(Sha256::digest(STYLE))
}

fn page(night: &Night, at: &Opening) -> CliResult<Page> {
    let local = night.at.with_timezone(&at.site(&at.config()?)?.time_zone);
    Ok(Page {
        style_digest: style_digest(),
        site: night.site.clone(),
        environment: night.environment.to_string(),
        is_live: night.environment == crate::domain::package_name::Environment::Live,
        today: night.today.format("%A, %-d %B %Y").to_string(),
        at: local.format("%H:%M %Z").to_string(),
        summary: summary(night),
        setting: at.named_config().map(|path| format!("export LETTERPOST_CONFIG={}", quoted(&path))),
        runs: night.runs.iter().map(run).collect(),
        last_backup: last_backup(night),
        sections: sections(night),
        ends: night
            .ends_soon
            .iter()
            .map(|ending| (ending.on.to_string(), ending.what.clone(), ending.command.clone()))
            .collect(),
        charts: chart::all(&night.series, night.today),
        books: [
            ("requests", night.accounting.requests, &night.accounting.request_states),
            ("letters", night.accounting.letters, &night.accounting.letter_states),
        ]
        .map(|(what, all, states)| Book { what, all, states: states.clone().into_iter().collect() })
        .into(),
    })
}

fn run(run: &crate::ports::ledger::RunRecord) -> Run {
    let stage = |stage: &crate::ports::ledger::StageRecord| {
        let took = stage.finished_at.map(|end| length((end - stage.started_at).num_seconds()));
        (stage.stage.clone(), took.unwrap_or_default(), did(stage))
    };
    let took = run.finished_at.map(|end| format!(" in {}", length((end - run.started_at).num_seconds())));
    let starts = if run.starts > 1 { format!(", started {} times", run.starts) } else { String::new() };
    Run {
        title: format!("{} for {}", run.job, run.scheduled_for.replace('T', " ")),
        status: format!("{}{}{starts}", run.status, took.unwrap_or_default()),
        is_done: run.finished_at.is_some(),
        stages: run.stages.iter().map(stage).collect(),
    }
}

fn sections(night: &Night) -> Vec<Section> {
    let unlisted = night.held().saturating_sub(night.waiting.held.len() as u64);
    [
        (Group::Halt, "Before anything else", "letterpost doctor", 0),
        (Group::Late, "Late", "letterpost --json report night", 0),
        (Group::Decide, "To decide", "letterpost request list --status held", unlisted),
        (Group::Look, "To look at", "letterpost report night", 0),
    ]
    .into_iter()
    .map(|(group, title, all, unlisted)| {
        let count = night.of(group).count() as u64 + unlisted;
        let items: Vec<Shown> = night.of(group).take(MOST_SHOWN).map(shown).collect();
        Section { title, count, more: count - items.len() as u64, items, all }
    })
    .filter(|section| section.count > 0)
    .collect()
}

fn shown(item: &Item) -> Shown {
    Shown {
        headline: item.headline.clone(),
        since: item.since.map(|day| day.to_string()),
        why: item.why.clone(),
        has_more_to_say: item.said.is_some(),
        is_new: item.is_new,
        is_overdue: item.is_overdue,
        is_late: item.group == Group::Late,
        command: item.command.clone(),
    }
}
