//! `audit`: for the auditor.

mod consistency;
mod export;
mod prove;
mod trust;
mod verify;
mod verify_proof;

use std::path::Path;

use super::args::AuditCommand;
use super::exit::{CliResult, Exit, Failure};
use super::log_key;
use super::open::Opening;
use crate::adapters::{files, large_files};
use crate::stages::outcome::{StageError, StageResult};

/// Does what an `audit` command says.
pub async fn run(command: AuditCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        AuditCommand::Verify(args) => verify::verify(&args, at).await,
        AuditCommand::Export(args) => export::export(&args, at).await,
        AuditCommand::Prove(args) => prove::prove(&args, at).await,
        AuditCommand::VerifyProof(args) => verify_proof::verify_proof(&args, at),
        AuditCommand::Consistency(args) => consistency::consistency(&args, at).await,
        AuditCommand::Key(command) => log_key::run(&command, at).await,
    }
}

/// The lines of a file, for stages that read one after another.
fn lines(path: &Path) -> CliResult<impl Iterator<Item = StageResult<Vec<u8>>> + Send + use<>> {
    let lines = large_files::lines(path)?;
    Ok(lines.map(|line| line.map_err(|error| StageError::Refused(error.to_string()))))
}

/// The notes in a file that a reader brought.
fn notes(path: &Path) -> CliResult<Vec<String>> {
    let bytes = files::read(path)?;
    crate::audit::check::notes::notes_of_file(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
