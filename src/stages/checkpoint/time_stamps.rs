//! The newest checkpoint is stamped with the time by an authority of RFC 3161, where the site has one.
//!
//! In: the newest checkpoint that was signed. Out: in the folder its note, a request, and the reply, which was held against the
//! request first. The request is durable before it is sent, so a crash or an authority that is away leaves a request without a
//! reply, and the next checkpoint asks it again. A time stamp covers everything before it, so older requests come last.

use super::sinks::PATIENCE;
use crate::audit::timestamp::{self, NONCE_BYTES};
use crate::ports::ledger::KeptNote;
use crate::ports::{OutsideError, StampRequest, TimeStamps};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// What a matter about time stamps is about.
const SUBJECT: &str = "time stamps";
/// What to do about a reply that is none.
const REMEDY: &str =
    "see that [audit.timestamp] command asks an authority of RFC 3161, and prints its reply and nothing else";

/// Has the newest checkpoint stamped, and then those that were asked for in vain.
///
/// # Errors
/// Where the ledger or the system's randomness fail.
pub(super) async fn stamp(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let Some(stamps) = &world.time_stamps else { return Ok(()) };
    let Some(newest) = world.ledger.newest_note().await? else { return Ok(()) };
    let mut nonce = [0; NONCE_BYTES];
    world.entropy.fill(&mut nonce)?;
    let mut stamped: u64 = 0;
    if let Err(error) = ask_all(world, stamps.as_ref(), &newest, nonce, &mut stamped).await {
        tell(world, stamps.as_ref(), &newest, &error, outcome).await?;
    }
    outcome.record("time_stamps", stamped);
    Ok(())
}

/// A note while it is young; a person's when nothing was stamped for as long as a sink may be behind.
async fn tell(
    world: &World,
    stamps: &dyn TimeStamps,
    newest: &KeptNote,
    error: &OutsideError,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let in_vain = stamps.kept().ok().and_then(|kept| kept.first_in_vain());
    let heads = world.ledger.heads().await?;
    let since = heads.iter().find(|head| Some(head.size) == in_vain).map(|head| head.taken_at);
    let is_overdue = since.is_some_and(|since| world.clock.now() - since > PATIENCE);
    let urgency = if is_overdue { Urgency::Person } else { Urgency::Note };
    let message = format!(
        "the checkpoint over {} entries has no time stamp: {}; the next checkpoint asks again",
        newest.size, error.message
    );
    if error.is_ours {
        outcome.raise_plainly(urgency, SUBJECT, message);
    } else {
        outcome.raise(urgency, SUBJECT, message);
    }
    Ok(())
}

/// Asks for the newest checkpoint and then for older ones, up to the first that fails.
async fn ask_all(
    world: &World,
    stamps: &dyn TimeStamps,
    newest: &KeptNote,
    nonce: [u8; NONCE_BYTES],
    stamped: &mut u64,
) -> Result<(), OutsideError> {
    for asked in requests(stamps, newest, nonce)? {
        if world.stop.is_asked() {
            break;
        }
        let reply = stamps.ask(&asked.request).await?;
        timestamp::check(&asked.request, &reply)
            .map_err(|error| OutsideError::quoting(format!("the reply is not kept: {error}; {REMEDY}")))?;
        stamps.keep_reply(asked.size, &reply)?;
        *stamped += 1;
    }
    Ok(())
}

/// What is to be asked, newest first. The request for the newest checkpoint is kept before it is sent.
fn requests(
    stamps: &dyn TimeStamps,
    newest: &KeptNote,
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<StampRequest>, OutsideError> {
    let kept = stamps.kept()?;
    let mut requests = kept.waiting;
    // A request that somebody changed, or that is of another checkpoint over as many entries, is made anew.
    requests.retain(|asked| timestamp::is_request_for(&asked.request, asked.note.as_bytes()));
    let is_asked = requests.iter().any(|asked| asked.size == newest.size && asked.note == newest.note);
    if !is_asked && !kept.answered.contains(&newest.size) {
        requests.retain(|asked| asked.size != newest.size);
        let request = timestamp::request(newest.note.as_bytes(), nonce)
            .map_err(|error| OutsideError::ours(format!("no request can be written: {error}")))?;
        let asked = StampRequest { size: newest.size, note: newest.note.clone(), request };
        stamps.keep_request(&asked)?;
        requests.push(asked);
    }
    requests.sort_by_key(|asked| std::cmp::Reverse(asked.size));
    Ok(requests)
}
