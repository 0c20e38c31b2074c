//! A proof that the log of one checkpoint is the beginning of that of another.

use super::checkpoint_of;
use super::hashes::Hashes;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::proof::{Plan, verify_consistency};
use crate::audit::proof_file::ProofFile;
use crate::ports::ledger::Ledger;
use crate::stages::outcome::{StageError, StageResult};

/// A checkpoint, and the note that it came in: signed, or the bare text of one from before the log had a key.
#[derive(Debug, Clone)]
pub struct Noted {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note.
    pub note: String,
}

/// The head of this size that the ledger keeps.
///
/// # Errors
/// Where it keeps none.
pub async fn kept(ledger: &dyn Ledger, origin: &str, size: u64) -> StageResult<Noted> {
    let heads = ledger.heads().await?;
    let head = heads.iter().find(|head| head.size == size).ok_or_else(|| {
        let near: Vec<String> = heads.iter().rev().take(5).map(|head| head.size.to_string()).collect();
        let near = if near.is_empty() { "none at all".to_owned() } else { near.join(", ") };
        StageError::Refused(format!("the ledger keeps no head of {size} entries; the newest that it keeps: {near}"))
    })?;
    let checkpoint = checkpoint_of(origin, head);
    Ok(Noted { note: head.note.clone().unwrap_or_else(|| checkpoint.text()), checkpoint })
}

/// The proof, if the two are of one history: [`None`] where they are not, or the ledger's own entries are of another.
///
/// # Errors
/// Where the ledger cannot be read or has fewer entries, or the older one covers more.
pub async fn prove(ledger: &dyn Ledger, old: &Noted, new: &Noted) -> StageResult<Option<ProofFile>> {
    let (from, to) = (&old.checkpoint, &new.checkpoint);
    let plan = Plan::consistency(from.size, to.size).ok_or_else(|| {
        StageError::Refused(format!(
            "the first checkpoint covers {} entries and the second {}: name the one that covers fewer first",
            from.size, to.size
        ))
    })?;
    let size = ledger.log_size().await?;
    if to.size > size {
        return Err(StageError::Alarm(format!(
            "a checkpoint covers {} entries, and the log has {size}: the ledger was set back, or the checkpoint is of another log",
            to.size
        )));
    }
    let proof = Hashes::of(ledger).prove(&plan).await?;
    let is_one = verify_consistency((from.size, &from.root), (to.size, &to.root), &proof);
    Ok(is_one.then(|| ProofFile::consistency(old.note.clone(), new.note.clone(), &proof)))
}
