//! Checkpoint: the head of the audit log is taken, and a copy is kept outside the ledger.
//!
//! In: the log as it is. Out: one more head, in the ledger and in the file of heads. The ledger's row comes first, so
//! a crash in between leaves the outside copy one head behind, never ahead; the next run adds it.

pub mod sinks;
mod time_stamps;
pub mod witness;

use super::audit::verify::{Evidence, verify as recompute};
use super::log_key;
use super::outcome::{Outcome, StageError, StageResult};
use super::preflight;
use super::world::World;
use crate::audit::check::Rank;
use crate::audit::check::notes::KeptNote;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::{Frontier, Hash};
use crate::audit::note::VerifierKey;
use crate::ports::Progress;
use crate::ports::ledger::{Head, Ledger};

/// Takes the head of the audit log.
///
/// # Errors
/// Where ledger or disk fail.
pub async fn checkpoint(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    if dry_run {
        outcome.record("entries", world.ledger.log_size().await?);
        sinks::plan(world, &mut outcome).await?;
        return Ok(outcome);
    }
    let key = world.log_key()?;
    let keys = [key];
    let head = world.ledger.take_head(&log_key::signer(&world.site.origin, &keys), world.instant()?).await?;
    let note = note(&world.site.origin, &head);
    if world.heads.last()?.as_deref() != Some(note.as_str()) {
        world.heads.keep(&note)?;
    }
    outcome.record("entries", head.size);
    outcome.record("root", hex::encode(head.root));
    outcome.record("key", key.verifier().label());
    sinks::send(world, &mut outcome).await?;
    time_stamps::stamp(world, &mut outcome).await?;
    Ok(outcome)
}

/// The same, unless the head outside covers more than the ledger has. A job that comes every half hour must not write over the
/// one sign that an older ledger was put back, before a night looks for it.
///
/// # Errors
/// As [`checkpoint`], and [`StageError::Alarm`] for a ledger that was set back.
pub async fn unless_set_back(world: &World, dry_run: bool) -> StageResult<Outcome> {
    if let Some((covered, _)) = preflight::head_beyond(world).await? {
        let entries = world.ledger.log_size().await?;
        return Err(StageError::Alarm(format!(
            "the head outside covers {covered} entries of the log, and the ledger has {entries}: an older ledger was put \
             back; no head was taken; bring the newest ledger back, and see 'letterpost doctor'"
        )));
    }
    checkpoint(world, dry_run).await
}

/// The head that rides along with a package: the last one that was kept, or the empty log's.
pub(super) async fn rider(world: &World) -> StageResult<String> {
    if let Some(head) = world.ledger.last_head().await? {
        return Ok(note(&world.site.origin, &head));
    }
    let keys = [world.log_key()?];
    Ok(log_key::signer(&world.site.origin, &keys)(0, &Frontier::new().root())?)
}

/// The checkpoint of a head: signed, or the text alone for a head from before heads were signed.
#[must_use]
pub fn note(origin: &str, head: &Head) -> String {
    let bare = || Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root }.text();
    head.note.clone().unwrap_or_else(bare)
}

/// What is wrong with the audit log; empty where all is well.
pub type Faults = Vec<String>;

/// Recomputes the whole log and holds it against every head that was kept, and against the head outside. `at_hand` is the public key
/// beside the one that signs. Whether the kept heads are signed as they should be is not looked at: an older ledger may not name
/// the key at hand yet.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn verify(
    ledger: &dyn Ledger,
    origin: &str,
    at_hand: Option<&VerifierKey>,
    outside: Option<&str>,
) -> StageResult<(u64, Hash, Faults)> {
    let (mut faults, mut evidence) = (Faults::new(), Evidence::default());
    if let Some(note) = outside {
        let what = "the head kept outside the ledger";
        match log_key::read_outside(ledger, origin, at_hand, note).await? {
            Ok(_) => evidence.notes.push(KeptNote { what: what.to_owned(), note: note.to_owned(), rank: Rank::Kept }),
            Err(why) => faults.push(format!("{what} is not of this log: {why}")),
        }
    }
    let checked = recompute(ledger, origin, evidence, &Unwatched).await?;
    faults.extend(checked.faults.into_iter().map(|fault| fault.text));
    Ok((checked.size, checked.root, faults))
}

/// Work that nobody watches.
struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
    fn waits(&self, _: &str) {}
}
