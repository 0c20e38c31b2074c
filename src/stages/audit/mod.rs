//! What an auditor asks of the log: is it whole, what does it say of a letter or of a span of days, and how can somebody who has
//! no access to the site check that.
//!
//! In: the ledger's entries, heads and kept hashes, and what the reader brings. Out: findings and proofs. Nothing is changed, and
//! any of it can be stopped and asked again. What can be computed without a ledger is in [`crate::audit`].

pub mod consistency;
pub mod export;
mod hashes;
pub mod prove;
pub mod verify;

use super::outcome::{StageError, StageResult};
use crate::audit::checkpoint::Checkpoint;
use crate::ports::ledger::{Head, Ledger};

/// Entries that are read at once.
const PORTION: u32 = 10_000;

/// The lines of a file, one after another, without their ends.
pub type Lines<'a> = &'a mut (dyn Iterator<Item = StageResult<Vec<u8>>> + Send);

/// The newest checkpoint that is signed, and its note.
async fn last_signed(ledger: &dyn Ledger, origin: &str) -> StageResult<(Checkpoint, String)> {
    let signed = ledger.last_head().await?.and_then(|head| head.note.clone().map(|note| (head, note)));
    let (head, note) = signed.ok_or_else(|| {
        StageError::Refused(
            "the log's newest head is not signed, and without a signature nothing is proved: run 'letterpost checkpoint' first"
                .to_owned(),
        )
    })?;
    Ok((checkpoint_of(origin, &head), note))
}

fn checkpoint_of(origin: &str, head: &Head) -> Checkpoint {
    Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root }
}

/// What to say where hashes of the ledger do not give the root of a checkpoint.
fn not_the_root(what: &str, checkpoint: &Checkpoint) -> StageError {
    StageError::Alarm(format!(
        "the ledger's entries and hashes do not give the root of {what}, which covers {} entries: something was changed since; \
         'letterpost audit verify' says what",
        checkpoint.size
    ))
}
