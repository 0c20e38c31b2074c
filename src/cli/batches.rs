//! `batch`: packages.

mod hold;
mod pull;
mod purge;
mod purged;

use serde::Serialize;

use self::purge::PurgeShown;
use super::args::BatchCommand;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::package_account::PackageAccount;
use super::receipt_copies::receipt_copy_at;
use super::report::{facts, or_dash, table};
use super::settle;
use crate::ports::ledger::{BatchRecord, TakenReceipt};
use crate::stages::reconcile::reconcile_package;

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
                    if is_held(batch) { format!("{}, held", batch.status) } else { batch.status.clone() },
                    openness(batch).to_owned(),
                    batch.letters.to_string(),
                    batch.sheets.to_string(),
                    or_dash(batch.mail_on),
                    or_dash(batch.delivered_at),
                ]
            });
            let text = table(&["package", "status", "is", "letters", "sheets", "mail on", "delivered"], rows);
            at.report.show(&batches, text);
        }
        BatchCommand::Show { package } => {
            let batch = ledger.batch(&package).await?.ok_or_else(|| unknown(&package))?;
            let site = at.site(&config)?;
            let reconciled = reconcile_package(ledger.as_ref(), &site, &package, at.clock().now()).await?;
            let account = PackageAccount::of(reconciled.ok_or_else(|| unknown(&package))?);
            let to_settle = settle::questions(&batch);
            let questions = to_settle.iter().flatten().fold(String::new(), |text, line| format!("{text}\n{line}"));
            let purge = purge::of(ledger.as_ref(), &site, &package, &config, at).await?;
            let copy = |receipt: &TakenReceipt| receipt_copy_at(&config, &receipt.file_name, &receipt.sha256, at);
            let receipt_copies: Vec<String> = account.receipts().iter().filter_map(copy).collect();
            let end = facts(&purge.as_ref().map(PurgeShown::facts).unwrap_or_default());
            let copies =
                receipt_copies.iter().fold(String::new(), |text, path| format!("{text}\nreceipt's copy: {path}"));
            let text = format!("{}\n{end}\n{}{copies}\n{questions}", describe(&batch), account.describe());
            at.report.show(&Shown { batch, account, purge, receipt_copies, to_settle }, text);
        }
        BatchCommand::Settle(args) => {
            let batch = settle::settle(&args, at).await?;
            at.report.show(&batch, describe(&batch));
        }
        BatchCommand::Hold(args) => return hold::hold(args, at).await,
        BatchCommand::Release(args) => return hold::release(args, at).await,
        BatchCommand::Purged(args) => return purged::purged(args, at).await,
        BatchCommand::Pull(args) => return pull::pull(args, at).await,
    }
    Ok(Exit::Done)
}

/// A package with its account and, where its delivery is in doubt, what to ask the vendor.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    batch: BatchRecord,
    #[serde(flatten)]
    account: PackageAccount,
    /// Its end at the vendor.
    purge: Option<PurgeShown>,
    /// Where the copies of its receipts lie.
    receipt_copies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_settle: Option<Vec<String>>,
}

/// Whether every piece is accounted for. A package that never came has none.
fn openness(batch: &BatchRecord) -> &'static str {
    match (batch.closed_at, batch.status.as_str()) {
        (Some(_), _) => "closed",
        (None, "void") => "void",
        (None, _) => "open",
    }
}

fn unknown(package: &str) -> Failure {
    Failure::usage(format!("there is no package {package}; 'letterpost batch list' shows all"))
}

/// Whether a person keeps it back now.
fn is_held(batch: &BatchRecord) -> bool {
    batch.status == "sealed" && batch.hold_reason.is_some()
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
        ("signed by", or_dash(batch.sealed_by.as_ref())),
        ("sealed to", or_dash(batch.sealed_to.as_ref())),
        ("offered", or_dash(batch.offered_at)),
        ("delivered", or_dash(batch.delivered_at)),
        ("accepted", or_dash(batch.accepted_on)),
        ("void", or_dash(batch.void_reason.as_ref())),
        ("held", if is_held(batch) { or_dash(batch.hold_reason.as_ref()) } else { String::new() }),
        ("held by", if is_held(batch) { or_dash(batch.held_by.as_ref()) } else { String::new() }),
        ("act by", if is_held(batch) { or_dash(batch.act_by_on) } else { String::new() }),
        ("pull orders", if batch.pull_orders > 0 { batch.pull_orders.to_string() } else { String::new() }),
    ])
}
