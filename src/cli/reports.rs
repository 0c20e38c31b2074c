//! `report`: what a night did and what it leaves to people, and what was dispatched when.

mod ends;
mod item;
mod items;
mod missed_runs;
mod night;
mod outside;
mod page;
mod series;
mod text;
mod waiting;

use chrono::{Days, NaiveDate};

use self::night::OverduePackage;
use super::args::ReportCommand;
use super::decisions::desk;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use crate::adapters::files;
use crate::adapters::sqlite::SqliteLedger;
use crate::ports::ledger::{DispatchRecord, ReportLedger as _};

/// Days that `report dispatch` shows unless told otherwise.
const USUAL_SPAN_DAYS: u64 = 30;

/// Does what a `report` command says.
pub async fn run(command: ReportCommand, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    match command {
        ReportCommand::Night { last, html } => {
            let night = night::gather(&desk(&config, at).await?, last, &config, at).await?;
            match html {
                Some(path) => {
                    files::replace(&path, page::render(&night, at)?.as_bytes())?;
                    at.report.say(format!("the report is in {}", path.display()));
                }
                None => at.report.show(&night, text::describe(&night)),
            }
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
