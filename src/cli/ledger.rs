//! `ledger`: backups, what to do when the ledger is lost, and the way to PostgreSQL.

mod arguments;
mod backup;
mod copy;
mod dumped;
mod loss;
mod migrate;
mod restore;
mod switch;

use std::path::{Path, PathBuf};

pub use arguments::LedgerCommand;

use super::exit::{CliResult, Exit};
use super::open::Opening;
use crate::adapters::large_files::with_ending;

/// What ends the name of a backup.
const ENDING: &str = ".db";
/// The same of a ledger on a server.
const DUMP_ENDING: &str = ".dump";

/// Does what a `ledger` command says.
pub async fn run(command: LedgerCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        LedgerCommand::Backup(args) => backup::backup(&args, at).await,
        LedgerCommand::Restore(args) => restore::restore(&args, at).await,
        LedgerCommand::AcceptLoss(args) => loss::accept(&args, at).await,
        LedgerCommand::Copy(args) => copy::copy(&args, at).await,
        LedgerCommand::Migrate(args) => migrate::migrate(&args, at).await,
    }
}

/// Where the copy of the intake lies beside that of the ledger: `NAME.intake.db` beside `NAME.db`.
fn intake_beside(ledger_copy: &Path) -> PathBuf {
    let name = ledger_copy.file_name().unwrap_or_default().to_string_lossy();
    let stem = [ENDING, DUMP_ENDING].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    with_ending(&ledger_copy.with_file_name(stem), &format!(".intake{ENDING}"))
}
