//! Fit: every letter of a batch is tried on its sheet before a password is minted for it.

use crate::letter::{PrintMode, Stationery};
use crate::ports::Event;
use crate::ports::ledger::ClaimedBatch;
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// A batch whose letters were all tried.
pub(super) struct Tried {
    batch: ClaimedBatch,
    /// The requests whose letters cannot be printed, each with the reason.
    unprintable: Vec<(i64, String)>,
}

/// A batch whose letters can all be printed.
pub(super) struct Fitted {
    pub(super) batch: ClaimedBatch,
}

/// Tries every letter of a batch. It keeps a processor busy, so it belongs on a thread that may be.
pub(super) fn try_on(stationery: &Stationery, mode: PrintMode, batch: ClaimedBatch) -> Tried {
    let mut checker = stationery.checker(mode);
    let mut unprintable = Vec::new();
    for member in &batch.members {
        if let Err(refusal) = checker.check(&member.recipient) {
            unprintable.push((member.request_id, refusal.to_string()));
        }
    }
    Tried { batch, unprintable }
}

/// Takes what cannot be printed out of the batch and holds it. `None` where nothing is left: the batch's number then
/// becomes a void notice.
pub(super) async fn fit(world: &World, tried: Tried, outcome: &mut Outcome) -> StageResult<Option<Fitted>> {
    let Tried { mut batch, unprintable: held } = tried;
    if !held.is_empty() {
        hold(world, &batch, &held, UNPRINTABLE, outcome).await?;
        batch.members.retain(|member| held.iter().all(|(request_id, _)| *request_id != member.request_id));
    }
    if batch.members.is_empty() {
        world.ledger.void_empty(&batch, "no letter of it could be printed", world.instant()?).await?;
        outcome.raise_plainly(
            Urgency::Note,
            format!("package {}", batch.name),
            "left empty; a void notice goes to the vendor",
        );
        return Ok(None);
    }
    Ok(Some(Fitted { batch }))
}

/// What is said of a letter that is held: what happened, and what to do about it with this reference.
pub(super) struct Holding {
    pub(super) because: &'static str,
    pub(super) remedy: fn(&str) -> String,
}

const UNPRINTABLE: Holding = Holding {
    because: "its letter cannot be printed",
    remedy: |reference| {
        format!(
            "ask the portal for a request that can be printed, then 'letterpost request cancel {reference} --reason …'"
        )
    },
};

/// Holds members of a batch, each for its reason.
pub(super) async fn hold(
    world: &World,
    batch: &ClaimedBatch,
    held: &[(i64, String)],
    holding: Holding,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let (now, today) = world.now()?;
    let act_by_on = world.site.act_by_on(today)?;
    world.ledger.hold_members(batch, held, act_by_on, now).await?;
    for member in &batch.members {
        if let Some((_, reason)) = held.iter().find(|(request_id, _)| *request_id == member.request_id) {
            let subject = format!("request {}", member.reference);
            let Holding { because, remedy } = holding;
            let message = format!("{because}: {reason}; act by {act_by_on}: {}", remedy(&member.reference));
            outcome.raise(Urgency::Person, subject, message);
            let event = Event::warning("letter.held").of("package", &batch.name).of("reference", &member.reference);
            world.log.note(event.saying(because));
        }
    }
    Ok(())
}
