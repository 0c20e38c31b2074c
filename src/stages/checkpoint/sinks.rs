//! Checkpoints go to the places that the operator chose, oldest first, each until it has had all.
//!
//! The ledger knows what each place has had. A crash between a place and the ledger's record gives the place a checkpoint again:
//! a file or a folder sees that it has it, a command may see it twice. A place that fails stops nothing and nobody: what it
//! lacks is kept, and the next checkpoint tries again. It is a note as long as it is young, and a person's when it is old.

use chrono::Duration;

use crate::ports::ledger::{KeptNote, SinkStanding};
use crate::ports::{CodedSink, OutsideError, Put};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// Checkpoints that one start sends to a place: a new place gets a long past in several.
const MOST_A_START: u32 = 100;
/// A place that lacks a checkpoint for so long is no passing trouble: a night and the end of the next day tried in vain.
pub const PATIENCE: Duration = Duration::hours(12);

/// Sends to each place what it has not had.
///
/// # Errors
/// Where the ledger fails.
pub(super) async fn send(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    if world.sinks.is_empty() {
        return Ok(());
    }
    let mut sent = 0;
    for sink in &world.sinks {
        if world.stop.is_asked() {
            break;
        }
        sent += send_to(world, sink, outcome).await?;
    }
    outcome.record("sent_to_sinks", sent);
    Ok(())
}

/// What a start would send.
///
/// # Errors
/// Where the ledger fails.
pub(super) async fn plan(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    for sink in &world.sinks {
        let behind = world.ledger.sink_standing(&sink.code).await?.behind;
        outcome.record(&format!("to_sink_{}", sink.code), behind.min(MOST_A_START.into()));
    }
    Ok(())
}

async fn send_to(world: &World, sink: &CodedSink, outcome: &mut Outcome) -> StageResult<u64> {
    let mut sent = 0;
    for kept in world.ledger.notes_for_sink(&sink.code, MOST_A_START).await? {
        match sink.place.put(kept.size, &kept.note).await {
            Ok(put) => {
                world.ledger.record_sent(&sink.code, kept.size, world.instant()?).await?;
                sent += 1;
                if let Put::Beside(other) = put {
                    tell_of_another(world, &sink.code, &kept, &other, outcome).await?;
                }
            }
            Err(error) => {
                world.ledger.record_not_sent(&sink.code, &error.message, world.instant()?).await?;
                let standing = world.ledger.sink_standing(&sink.code).await?;
                tell(world, &standing, &error, outcome);
                break;
            }
        }
    }
    Ok(sent)
}

/// What a matter about a sink is about.
#[must_use]
pub fn subject(code: &str) -> String {
    format!("sink {code}")
}

/// Two checkpoints of as many entries are two histories: after a loss that was accepted as it must be, else an alarm.
async fn tell_of_another(
    world: &World,
    code: &str,
    kept: &KeptNote,
    other: &str,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let had = format!("it had another checkpoint of {} entries; both are kept, ours as {other}", kept.size);
    if world.ledger.is_of_lost_log(kept.size).await? {
        let message = format!("{had}; the other is of the log whose loss was accepted");
        outcome.raise_plainly(Urgency::Note, subject(code), message);
    } else {
        let message = format!(
            "{had}; somebody rewrote the ledger or the sink: leave both as they are, and run 'letterpost audit verify'"
        );
        outcome.raise_plainly(Urgency::Alarm, subject(code), message);
    }
    Ok(())
}

fn tell(world: &World, standing: &SinkStanding, error: &OutsideError, outcome: &mut Outcome) {
    let urgency = if is_overdue(standing, world.clock.now()) { Urgency::Person } else { Urgency::Note };
    let message = format!("{}; {}, and the next checkpoint tries again", error.message, behind(standing));
    let subject = subject(&standing.code);
    if error.is_ours {
        outcome.raise_plainly(urgency, subject, message);
    } else {
        outcome.raise(urgency, subject, message);
    }
}

/// Whether a place has lacked a checkpoint for longer than passing trouble takes.
#[must_use]
pub fn is_overdue(standing: &SinkStanding, now: chrono::DateTime<chrono::Utc>) -> bool {
    standing.behind_since.is_some_and(|since| now - since > PATIENCE)
}

/// How far a place is behind, in words.
#[must_use]
pub fn behind(standing: &SinkStanding) -> String {
    match (standing.behind, standing.behind_since) {
        (0, _) | (_, None) => "it has had every checkpoint".to_owned(),
        (1, Some(since)) => format!("it lacks 1 checkpoint, of {}", since.format("%Y-%m-%d %H:%M UTC")),
        (count, Some(since)) => format!("it lacks {count} checkpoints, since {}", since.format("%Y-%m-%d %H:%M UTC")),
    }
}
