//! `report dispatch`: each piece from the intake file to the receipt line, and the numbers that must tie.
//!
//! Pieces are shown as the ledger gives them, so a span of any length takes a bounded amount of memory.

mod csv;
mod json;
mod page;
mod table;
mod ties;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};
use serde::Serialize;

use crate::cli::args::{DispatchArgs, DispatchFormat};
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::domain::local_time::date_at;
use crate::domain::package_name::Environment;
use crate::ports::ledger::{DispatchLedger, DispatchQuestion, DispatchRecord, DispatchTotals};

/// Days before the last one that are shown unless told otherwise.
const USUAL_SPAN_DAYS: u64 = 30;
/// Differences that a message names.
const MOST_NAMED: usize = 10;

/// What is shown besides the pieces.
struct Heading {
    site: String,
    environment: Environment,
    at: DateTime<Utc>,
    question: DispatchQuestion,
}

/// How many pieces were shown.
#[derive(Debug, Default, Serialize)]
struct Shown {
    pieces: u64,
    sheets: u64,
    /// How many of them are where.
    states: BTreeMap<&'static str, u64>,
}

/// A form of the report.
trait Form: Send {
    /// Takes the next piece.
    fn piece(&mut self, piece: &DispatchRecord);
    /// Ends the report with what was shown and what must tie.
    fn end(self: Box<Self>, shown: &Shown, totals: &DispatchTotals) -> CliResult<()>;
}

/// Shows the dispatch records that are asked for.
///
/// # Errors
/// Where the ledger fails; and as an integrity alarm, after everything was shown, where numbers do not tie.
pub(super) async fn report(
    args: DispatchArgs,
    ledger: &dyn DispatchLedger,
    config: &Config,
    at: &Opening,
) -> CliResult<()> {
    let now = at.clock().now();
    let heading = Heading {
        site: config.site.code.clone(),
        environment: config.site.environment,
        at: now,
        question: question(&args, config, now)?,
    };
    let question = heading.question.clone();
    let mut form: Box<dyn Form> = match (&args.html, at.report.json, args.format) {
        (Some(path), _, _) => Box::new(page::Page::new(heading, path, config, at)),
        (None, true, _) => Box::new(json::Json::begin(&heading, at)),
        (None, false, DispatchFormat::Table) => Box::new(table::Table::begin(&heading, at)),
        (None, false, DispatchFormat::Csv) => Box::new(csv::Csv::begin(at)),
    };
    let mut shown = Shown::default();
    let mut take = |piece: DispatchRecord| {
        shown.count(&piece);
        form.piece(&piece);
    };
    let totals = ledger.dispatches(&question, &mut take).await?;
    form.end(&shown, &totals)?;
    alarm(&totals)
}

/// What is asked for. Of one letter, package or intake file, every day is, unless days are named.
fn question(args: &DispatchArgs, config: &Config, now: DateTime<Utc>) -> CliResult<DispatchQuestion> {
    let is_narrow = args.letter.is_some() || args.package.is_some() || args.intake_file.is_some();
    let today = date_at(now, config.site.time_zone).filter(|_| !is_narrow);
    let to = args.to.or(today);
    let usual = to.filter(|_| !is_narrow).and_then(|to| to.checked_sub_days(Days::new(USUAL_SPAN_DAYS)));
    let from = args.from.or(usual);
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Failure::usage(format!("--from {from} is after --to {to}")));
    }
    Ok(DispatchQuestion {
        from,
        to,
        vendor: args.vendor.clone(),
        statuses: args.status.clone(),
        letter: args.letter,
        package: args.package.clone(),
        intake_file: args.intake_file.clone(),
    })
}

/// Numbers that do not tie are an alarm: something else wrote to the ledger.
fn alarm(totals: &DispatchTotals) -> CliResult<()> {
    let differences = totals.differences();
    if differences.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = differences.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = differences.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    Err(Failure::new(
        Exit::Alarm,
        format!(
            "the dispatch records do not tie; keep the ledger as it is and run 'letterpost audit verify':\n  {}{more}",
            named.join("\n  ")
        ),
    ))
}

impl Shown {
    fn count(&mut self, piece: &DispatchRecord) {
        self.pieces += 1;
        self.sheets += u64::from(piece.sheets);
        *self.states.entry(piece.status.as_str()).or_default() += 1;
    }

    /// In a few words, such as "17 pieces on 18 sheets: 16 mailed, 1 rejected".
    fn in_short(&self) -> String {
        let noun = |count: u64, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
        let states: Vec<String> = self.states.iter().map(|(status, count)| format!("{count} {status}")).collect();
        let states = if states.is_empty() { String::new() } else { format!(": {}", states.join(", ")) };
        format!("{} on {}{states}", noun(self.pieces, "piece"), noun(self.sheets, "sheet"))
    }
}

impl Heading {
    /// Which pieces were asked for, in words.
    fn in_words(&self) -> String {
        let DispatchQuestion { from, to, vendor, statuses, letter, package, intake_file } = &self.question;
        let days = match (from, to) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(to)) => format!("to {to}"),
            (None, None) => "all days".to_owned(),
        };
        let statuses: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        let named = [
            ("vendor", vendor.clone()),
            ("letter", letter.map(|letter| letter.to_string())),
            ("package", package.clone()),
            ("intake file", intake_file.clone()),
            ("status", Some(statuses.join(" or ")).filter(|text| !text.is_empty())),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some(format!(", {name} {}", value?)));
        std::iter::once(days).chain(named).collect()
    }
}
