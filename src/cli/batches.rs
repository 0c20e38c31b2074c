//! `batch`: packages.

use serde::Serialize;

use super::args::BatchCommand;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::{facts, or_dash, table};
use super::settle;
use crate::ports::ledger::{BatchRecord, ReportLedger as _};

/// Does what a `batch` command says.
pub async fn run(command: BatchCommand, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    match command {
        BatchCommand::List { limit } => {
            let batches = ledger.batches(limit).await?;
            let rows = batches.iter().map(|batch| {
                vec![
                    batch.package.clone(),
                    batch.status.clone(),
                    batch.letters.to_string(),
                    batch.sheets.to_string(),
                    or_dash(batch.mail_on),
                    or_dash(batch.delivered_at),
                ]
            });
            let text = table(&["package", "status", "letters", "sheets", "mail on", "delivered"], rows);
            at.report.show(&batches, text);
        }
        BatchCommand::Show { package } => {
            let batch = ledger.batch(&package).await?.ok_or_else(|| unknown(&package))?;
            show(batch, at);
        }
        BatchCommand::Settle(args) => show(settle::settle(&args, at).await?, at),
    }
    Ok(Exit::Done)
}

/// A package, and where its delivery is in doubt, what to ask the vendor.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    batch: BatchRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_settle: Option<Vec<String>>,
}

fn show(batch: BatchRecord, at: &Opening) {
    let to_settle = settle::questions(&batch);
    let questions = to_settle.iter().flatten().fold(String::new(), |text, line| format!("{text}\n{line}"));
    let text = format!("{}\n{questions}", describe(&batch));
    at.report.show(&Shown { batch, to_settle }, text);
}

fn unknown(package: &str) -> Failure {
    Failure::usage(format!("there is no package {package}; 'letterpost batch list' shows all"))
}

fn describe(batch: &BatchRecord) -> String {
    let states: Vec<String> = batch.letter_states.iter().map(|(state, letters)| format!("{letters} {state}")).collect();
    facts(&[
        ("package", batch.package.clone()),
        ("vendor", batch.vendor.clone()),
        ("status", format!("{} since {}", batch.status, batch.status_at)),
        ("format", batch.format.clone()),
        ("letters", format!("{} on {} sheets: {}", batch.letters, batch.sheets, states.join(", "))),
        ("mail on", or_dash(batch.mail_on)),
        ("mail by", or_dash(batch.mail_by_on)),
        ("size", or_dash(batch.size_bytes)),
        ("sha256", or_dash(batch.sha256.as_ref())),
        ("offered", or_dash(batch.offered_at)),
        ("delivered", or_dash(batch.delivered_at)),
        ("receipts", batch.receipts.to_string()),
        ("void", or_dash(batch.void_reason.as_ref())),
    ])
}
