//! Checkpoint: the head of the audit log is taken, and a copy is kept outside the ledger.
//!
//! In: the log as it is. Out: one more head, in the ledger and in the file of heads. The ledger's row comes first, so
//! a crash in between leaves the outside copy one head behind, never ahead; the next run adds it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::outcome::{Outcome, StageError, StageResult};
use super::preflight;
use super::world::World;
use crate::audit::merkle::{Frontier, Hash};
use crate::ports::ledger::{Head, Ledger, LedgerResult};

/// Entries that are read at once.
const PORTION: u32 = 10_000;

/// Takes the head of the audit log.
///
/// # Errors
/// Where ledger or disk fail.
pub async fn checkpoint(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    if dry_run {
        outcome.record("entries", world.ledger.log_size().await?);
        return Ok(outcome);
    }
    let head = world.ledger.take_head(world.instant()?).await?;
    let note = note(&world.site.origin, &head);
    if world.heads.last()?.as_deref() != Some(note.as_str()) {
        world.heads.keep(&note)?;
    }
    outcome.record("entries", head.size);
    outcome.record("root", hex::encode(head.root));
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
    let heads = world.ledger.heads().await?;
    let empty = Head { size: 0, root: Frontier::new().root(), taken_at: world.instant()?, note: None };
    Ok(note(&world.site.origin, heads.last().unwrap_or(&empty)))
}

/// The text of a head as the C2SP tlog-checkpoint specification writes it: origin, size, root, a line each.
#[must_use]
pub fn note(origin: &str, head: &Head) -> String {
    format!("{origin}\n{}\n{}\n", head.size, BASE64.encode(head.root))
}

/// The size and root that a note tells; `None` where it is no note of this origin.
#[must_use]
pub fn read_note(origin: &str, note: &str) -> Option<(u64, Hash)> {
    let mut lines = note.lines();
    if lines.next()? != origin {
        return None;
    }
    let size = lines.next()?.parse().ok()?;
    let root = Hash::try_from(BASE64.decode(lines.next()?).ok()?).ok()?;
    Some((size, root))
}

/// What is wrong with the audit log; empty where all is well.
pub type Faults = Vec<String>;

/// Recomputes the whole log and holds it against every head that was kept, and against the head outside.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn verify(ledger: &dyn Ledger, origin: &str, outside: Option<&str>) -> LedgerResult<(u64, Hash, Faults)> {
    let mut faults = Faults::new();
    let mut frontier = Frontier::new();
    let mut heads = ledger.heads().await?.into_iter().peekable();
    let outside = outside.map(|note| (note, read_note(origin, note)));
    loop {
        while let Some(head) = heads.next_if(|head| head.size == frontier.size()) {
            if head.root != frontier.root() {
                faults.push(format!(
                    "the log's first {} entries are not those of the head of {}",
                    head.size, head.taken_at
                ));
            }
        }
        if let Some((_, Some((size, root)))) = outside
            && size == frontier.size()
            && root != frontier.root()
        {
            faults.push(format!("the log's first {size} entries are not those of the head kept outside the ledger"));
        }
        // The frontier is stopped at every size that some head speaks of.
        let stop = [heads.peek().map(|head| head.size), outside.and_then(|(_, told)| told).map(|(size, _)| size)];
        let next_stop = stop.into_iter().flatten().filter(|size| *size > frontier.size()).min();
        let wanted = next_stop.map_or(u64::from(PORTION), |size| (size - frontier.size()).min(u64::from(PORTION)));
        let entries = ledger.entries(frontier.size(), u32::try_from(wanted).unwrap_or(PORTION)).await?;
        if entries.is_empty() {
            break;
        }
        for kept in entries {
            let leaf = crate::audit::merkle::leaf_hash(&kept.entry);
            if kept.seq != frontier.size() {
                faults.push(format!("entry {} stands where entry {} should", kept.seq, frontier.size()));
            }
            if leaf.as_slice() != kept.leaf_hash {
                faults.push(format!("entry {} is not the one that its hash was made of", kept.seq));
            }
            frontier.append(leaf);
        }
    }
    for head in heads {
        faults.push(format!(
            "the head of {} covers {} entries, and the log has {}",
            head.taken_at,
            head.size,
            frontier.size()
        ));
    }
    match outside {
        Some((_, None)) => faults.push("the head kept outside the ledger is not of this log".to_owned()),
        Some((_, Some((size, _)))) if size > frontier.size() => faults.push(format!(
            "the head kept outside the ledger covers {size} entries, and the log has {}: the ledger was set back",
            frontier.size()
        )),
        _ => {}
    }
    Ok((frontier.size(), frontier.root(), faults))
}
