//! `report`: what a night did, and what was dispatched when.

mod waiting;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;

use self::waiting::Waiting;
use super::args::ReportCommand;
use super::decisions::desk;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use crate::adapters::sqlite::SqliteLedger;
use crate::ports::ledger::{Accounting, DispatchRecord, Ledger, ReportLedger as _, RunRecord};
use crate::stages::decision::Desk;
use crate::stages::promises::{self, Missed};
use crate::stages::reconcile::reconcile_package;
use crate::stages::site::Site;

/// Days that `report dispatch` shows unless told otherwise.
const USUAL_SPAN_DAYS: u64 = 30;

/// What `report night` shows.
#[derive(Serialize)]
pub struct Night {
    runs: Vec<RunRecord>,
    #[serde(flatten)]
    waiting: Waiting,
    missed_promises: Vec<Missed>,
    overdue_packages: Vec<OverduePackage>,
    accounting: Accounting,
}

/// A package that is not closed, and what of it is overdue.
#[derive(Serialize)]
pub struct OverduePackage {
    package: String,
    overdue: Vec<String>,
}

/// Does what a `report` command says.
pub async fn run(command: ReportCommand, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    match command {
        ReportCommand::Night { last } => {
            let night = night(&desk(&config, at).await?, last).await?;
            at.report.show(&night, describe_night(&night));
        }
        ReportCommand::Dispatch { from, to } => {
            let today = at.site(&config)?.date_at(at.clock().now())?;
            let to = to.unwrap_or(today);
            let from = from.or_else(|| to.checked_sub_days(Days::new(USUAL_SPAN_DAYS))).unwrap_or(to);
            dispatches(&ledger, from, to, at).await?;
        }
    }
    Ok(Exit::Done)
}

/// The newest runs, what waits for a person, and the accounting.
pub async fn night(desk: &Desk, last: u32) -> CliResult<Night> {
    let ledger = &desk.ledger;
    Ok(Night {
        runs: ledger.runs(None, last).await?,
        waiting: waiting::waiting(desk).await?,
        missed_promises: promises::missed(desk).await?,
        overdue_packages: overdue_packages(ledger.as_ref(), &desk.site, desk.now).await?,
        accounting: ledger.accounting().await?,
    })
}

async fn overdue_packages(ledger: &dyn Ledger, site: &Site, now: DateTime<Utc>) -> CliResult<Vec<OverduePackage>> {
    let mut found = Vec::new();
    for package in ledger.open_packages().await? {
        let overdue = reconcile_package(ledger, site, &package, now).await?.map(|it| it.overdue).unwrap_or_default();
        if !overdue.is_empty() {
            found.push(OverduePackage { package, overdue });
        }
    }
    Ok(found)
}

/// A night as people read it.
#[must_use]
pub fn describe_night(night: &Night) -> String {
    let mut text = Vec::new();
    for run in &night.runs {
        let starts = if run.starts > 1 { format!(", started {} times", run.starts) } else { String::new() };
        text.push(format!("{} for {}: {}{starts}", run.job, run.scheduled_for, run.status));
        for stage in &run.stages {
            let did = stage.outcome.as_ref().and_then(|outcome| outcome.get("did")).map_or_else(
                || "not finished".to_owned(),
                |did| did.to_string().replace(['{', '}', '"', '[', ']'], "").replace(':', " ").replace(',', ", "),
            );
            text.push(format!("  {:<10} {did}", stage.stage));
        }
    }
    if night.runs.is_empty() {
        text.push("no run yet".to_owned());
    }
    text.extend(waiting::describe(&night.waiting));
    text.extend(promises::describe(&night.missed_promises));
    if !night.overdue_packages.is_empty() {
        text.push(format!("packages that are overdue: {}", night.overdue_packages.len()));
    }
    for OverduePackage { package, overdue } in &night.overdue_packages {
        text.push(format!("  {package}: {}", overdue.join("; ")));
    }
    text.push(describe_accounting(&night.accounting));
    text.join("\n")
}

fn describe_accounting(accounting: &Accounting) -> String {
    let sum = |states: &std::collections::BTreeMap<String, u64>| {
        states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(" + ")
    };
    format!(
        "requests {} = {}\nletters  {} = {}",
        accounting.requests,
        sum(&accounting.request_states),
        accounting.letters,
        sum(&accounting.letter_states)
    )
}

async fn dispatches(ledger: &SqliteLedger, from: NaiveDate, to: NaiveDate, at: &Opening) -> CliResult<()> {
    if from > to {
        return Err(Failure::usage(format!("--from {from} is after --to {to}")));
    }
    let records = ledger.dispatches(from, to).await?;
    let text = csv_text(&records)?;
    at.report.show(&records, text);
    Ok(())
}

/// The records as CSV. No cell of theirs can start like a formula: ids, codes, digests, dates and numbers only, and
/// the portal's own references, which are guarded.
fn csv_text(records: &[DispatchRecord]) -> CliResult<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        let mut record = record.clone();
        record.reference = crate::package::cell::guard(&record.reference).into_owned();
        writer.serialize(&record).map_err(|error| Failure::new(Exit::TryAgain, error))?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::new(Exit::TryAgain, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
