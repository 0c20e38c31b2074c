//! The key of the audit log's heads: which ones are known, what a head outside says by them, and how another key takes over.
//!
//! **Rotation.** In: the key at hand, and a new one that lies ready beside it. Out: an entry that names both, and a head over it that
//! both signed, in one transaction. Before it the old key signs, after it the new one: whichever of the two files a crash left in
//! place, the ledger says which is meant, and who opens the key next finishes the change.

use super::world::World;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::log_keys::LogKeys;
use crate::audit::merkle::Hash;
use crate::audit::note::{SigningKey, VerifierKey};
use crate::audit::read::Entry;
use crate::audit::rotation::Rotation;
use crate::ports::ledger::{Ledger, LedgerError, LedgerResult};

/// The changes of key that the log tells of, in order.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn rotations(ledger: &dyn Ledger) -> LedgerResult<Vec<Rotation>> {
    let entries = ledger.log_key_changes().await?;
    Ok(entries.iter().filter_map(|kept| Rotation::of(&Entry::parse(&kept.entry).ok()?)).collect())
}

/// The keys that the log names, and the one at hand.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn known(ledger: &dyn Ledger, at_hand: Option<&VerifierKey>) -> LedgerResult<LogKeys> {
    Ok(LogKeys::of(&rotations(ledger).await?, at_hand))
}

/// Signs heads of this log with these keys.
pub fn signer<'a>(
    origin: &'a str,
    keys: &'a [&'a SigningKey],
) -> impl Fn(u64, &Hash) -> LedgerResult<String> + Send + Sync + 'a {
    move |size, root| {
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root: *root };
        checkpoint.sign(keys).map_err(|error| LedgerError::NotAllowed(format!("the head cannot be signed: {error}")))
    }
}

/// What a note from outside the ledger says of the log, or why it is not to be believed. One without a signature is good only where
/// the ledger's own head of that size has none, as on a site from before heads were signed, or where the ledger does not
/// reach so far.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn read_outside(
    ledger: &dyn Ledger,
    origin: &str,
    at_hand: Option<&VerifierKey>,
    note: &str,
) -> LedgerResult<Result<Checkpoint, String>> {
    let Ok(bare) = Checkpoint::parse(note) else {
        return Ok(known(ledger, at_hand).await?.open(origin, note).map_err(|error| error.to_string()));
    };
    let bare = match bare.of(origin) {
        Ok(bare) => bare,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let is_from_before = match ledger.heads().await?.into_iter().find(|head| head.size == bare.size) {
        Some(head) => head.note.is_none(),
        None => bare.size > ledger.log_size().await?,
    };
    let unsigned = || "it has no signature, and this log's heads of that size are signed".to_owned();
    Ok(if is_from_before { Ok(bare) } else { Err(unsigned()) })
}

/// [`read_outside`] for the site of a world.
///
/// # Errors
/// Where the ledger cannot be read.
pub(super) async fn outside(world: &World, note: &str) -> LedgerResult<Result<Checkpoint, String>> {
    read_outside(world.ledger.as_ref(), &world.site.origin, world.log_vkey.as_ref(), note).await
}
