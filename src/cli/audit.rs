//! `audit`: for the auditor.

use serde::Serialize;

use super::args::AuditCommand;
use super::exit::{CliResult, Exit};
use super::log_key;
use super::open::Opening;
use crate::adapters::keepers::HeadFile;
use crate::ports::HeadKeeper as _;
use crate::ports::ledger::ReportLedger as _;
use crate::stages::checkpoint;

#[derive(Serialize)]
struct Verified {
    entries: u64,
    root: String,
    faults: Vec<String>,
}

/// Does what an `audit` command says.
pub async fn run(command: AuditCommand, at: &Opening) -> CliResult<Exit> {
    if let AuditCommand::Key(command) = command {
        return log_key::run(&command, at).await;
    }
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let paths = at.paths(&config);
    let (outside, key) = (HeadFile(paths.heads.clone()).last()?, log_key::public(&paths.log_key));
    let (entries, root, mut faults) =
        checkpoint::verify(ledger.as_ref(), &config.site.origin, key.as_ref(), outside.as_deref()).await?;
    faults.extend(ledger.contradictions().await?);
    let verified = Verified { entries, root: hex::encode(root), faults };
    let text = if verified.faults.is_empty() {
        format!("the audit log is whole: {} entries, root {}", verified.entries, verified.root)
    } else {
        format!("the audit log of {} entries is NOT whole:\n  {}", verified.entries, verified.faults.join("\n  "))
    };
    at.report.show(&verified, text);
    Ok(if verified.faults.is_empty() { Exit::Done } else { Exit::Alarm })
}
