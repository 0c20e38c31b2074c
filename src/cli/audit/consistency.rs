//! `audit consistency`: is one checkpoint's log the beginning of another's?

use std::path::Path;

use serde::Serialize;

use super::{notes, trust};
use crate::adapters::files;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::note::VerifierKey;
use crate::audit::rotation::related;
use crate::cli::args::ConsistencyArgs;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::ports::ledger::Ledger;
use crate::stages::audit::consistency::{self, Noted};
use crate::stages::log_key::rotations;

#[derive(Serialize)]
struct Compared {
    is_consistent: bool,
    old_size: u64,
    new_size: u64,
    file: Option<String>,
}

/// Proves it, or says that it is not so.
pub(super) async fn consistency(args: &ConsistencyArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let keys = trust::of_site(&args.key, &config, ledger.as_ref(), at).await?;
    let heads = ledger.heads().await?;
    let note_of = |size| heads.iter().find(|head| head.size == size).and_then(|head| head.note.as_deref());
    let keys = related(&keys, &rotations(ledger.as_ref()).await?, note_of);
    let origin = config.site.origin.as_str();
    let old = noted(&args.old, ledger.as_ref(), origin, &keys).await?;
    let new = noted(&args.new, ledger.as_ref(), origin, &keys).await?;
    let proof = consistency::prove(ledger.as_ref(), &old, &new).await?;
    let (is_consistent, mut file) = (proof.is_some(), None);
    if let (Some(proof), Some(path)) = (proof, &args.out) {
        let text = proof.to_json().map_err(|error| Failure::new(Exit::TryAgain, error))?;
        files::replace(path, text.as_bytes())?;
        file = Some(path.display().to_string());
    }
    let compared = Compared { is_consistent, old_size: old.checkpoint.size, new_size: new.checkpoint.size, file };
    at.report.show(&compared, describe(&compared));
    Ok(if is_consistent { Exit::Done } else { Exit::Alarm })
}

fn describe(compared: &Compared) -> String {
    let Compared { is_consistent, old_size, new_size, file } = compared;
    if !is_consistent {
        return format!(
            "the log of {old_size} entries is NOT the beginning of that of {new_size}: the two are not of one history, or the \
             ledger's is a third; 'letterpost audit verify --checkpoint FILE' with each says which"
        );
    }
    let written = file.as_ref().map(|file| format!("\nthe proof is in {file}")).unwrap_or_default();
    format!("the log of {old_size} entries is the beginning of that of {new_size}{written}")
}

/// The checkpoint of a number of entries, or of a file.
async fn noted(named: &str, ledger: &dyn Ledger, origin: &str, keys: &[VerifierKey]) -> CliResult<Noted> {
    if let Ok(size) = named.parse() {
        return Ok(consistency::kept(ledger, origin, size).await?);
    }
    let mut found = notes(Path::new(named))?;
    let (Some(note), true) = (found.pop(), found.is_empty()) else {
        return Err(Failure::usage(format!(
            "{named} has more than one checkpoint; name a file with the one that you mean"
        )));
    };
    let alarm =
        |error: crate::audit::checkpoint::CheckpointError| Failure::new(Exit::Alarm, format!("{named}: {error}"));
    let checkpoint = match Checkpoint::parse(&note) {
        Ok(bare) => bare,
        Err(_) => Checkpoint::open(&note, keys).map_err(alarm)?.0,
    };
    Ok(Noted { checkpoint: checkpoint.of(origin).map_err(alarm)?, note })
}
