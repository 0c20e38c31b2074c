//! Dispatch records as a page: one file that asks for nothing else and runs nothing, for a phone, a desk and a printer.

use std::path::PathBuf;

use chrono_tz::Tz;
use serde::Serialize;

use super::ties::{became, both, verdict};
use super::{Form, Heading, Shown};
use crate::adapters::files;
use crate::cli::config::Config;
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::cli::report::Report;
use crate::cli::reports::item::quoted;
use crate::cli::reports::page::{html, style_digest};
use crate::domain::package_name::Environment;
use crate::ports::ledger::{DispatchRecord, DispatchTotals, Tied};

/// The template, and its name.
const TEMPLATE: (&str, &str) = ("dispatch.html", include_str!("../../../../templates/report/dispatch.html"));
/// Pieces that are on a page.
const MOST_ON_PAGE: usize = 500;

/// The page until it is written.
pub(super) struct Page {
    report: Report,
    path: PathBuf,
    heading: Heading,
    time_zone: Tz,
    setting: Option<String>,
    pieces: Vec<Piece>,
}

#[derive(Serialize)]
struct Piece {
    letter_id: String,
    counted_on: String,
    status: &'static str,
    package: String,
    sequence: u32,
    ends_on: String,
    /// Every column by name, but for those that have nothing.
    columns: Vec<(&'static str, String)>,
}

/// What the template shows.
#[derive(Serialize)]
struct Shape<'a> {
    style_digest: String,
    site: &'a str,
    environment: String,
    is_live: bool,
    asked: String,
    at: String,
    summary: String,
    verdict: String,
    differences: Vec<String>,
    packages: Vec<Whole>,
    intake_files: Vec<Whole>,
    log: Vec<(&'static str, String, bool)>,
    pieces: &'a [Piece],
    more: u64,
    setting: &'a Option<String>,
}

/// A package or an intake file with its ties.
#[derive(Serialize)]
struct Whole {
    name: String,
    sha256: String,
    became: String,
    ties: Vec<(&'static str, String, bool)>,
}

impl Page {
    pub(super) fn new(heading: Heading, path: &std::path::Path, config: &Config, at: &Opening) -> Self {
        Self {
            report: at.report.clone(),
            path: path.to_owned(),
            heading,
            time_zone: config.site.time_zone,
            setting: at.named_config().map(|path| format!("export LETTERPOST_CONFIG={}", quoted(&path))),
            pieces: Vec::new(),
        }
    }
}

impl Form for Page {
    fn piece(&mut self, piece: &DispatchRecord) {
        if self.pieces.len() < MOST_ON_PAGE {
            self.pieces.push(Piece {
                letter_id: piece.letter_id.clone(),
                counted_on: piece.counted_on.to_string(),
                status: piece.status.as_str(),
                package: piece.package.clone(),
                sequence: piece.sequence,
                ends_on: piece.ended_on.unwrap_or(piece.expires_on).to_string(),
                columns: DispatchRecord::COLUMNS
                    .iter()
                    .copied()
                    .zip(piece.cells())
                    .filter(|(_, cell)| !cell.is_empty())
                    .collect(),
            });
        }
    }

    fn end(self: Box<Self>, shown: &Shown, totals: &DispatchTotals) -> CliResult<()> {
        let Heading { site, environment, at, .. } = &self.heading;
        let shape = Shape {
            style_digest: style_digest(),
            site,
            environment: environment.to_string(),
            is_live: *environment == Environment::Live,
            asked: self.heading.in_words(),
            at: at.with_timezone(&self.time_zone).format("%Y-%m-%d %H:%M %Z").to_string(),
            summary: shown.in_short(),
            verdict: verdict(totals),
            differences: totals.differences(),
            packages: totals.packages.iter().map(whole).collect(),
            intake_files: totals.intake_files.iter().map(whole).collect(),
            log: totals.log.ties.iter().map(|tie| (tie.what, both(tie), tie.ties)).collect(),
            pieces: &self.pieces,
            more: shown.pieces - self.pieces.len() as u64,
            setting: &self.setting,
        };
        files::replace(&self.path, html(TEMPLATE, &shape)?.as_bytes())?;
        self.report.say(format!("the report is in {}", self.path.display()));
        Ok(())
    }
}

fn whole(tied: &Tied) -> Whole {
    Whole {
        name: tied.name.clone(),
        sha256: tied.sha256.clone(),
        became: became(tied).rsplit_once(": ").map(|(_, states)| states.to_owned()).unwrap_or_default(),
        ties: tied.ties.iter().map(|tie| (tie.what, both(tie), tie.ties)).collect(),
    }
}
