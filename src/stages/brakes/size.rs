//! The size of a night as a brake: one that is much larger than usual is more often a mistake or an attack than a need.
//!
//! It holds back production and nothing else. What a person releases is what was found: so many letters and a few more, once,
//! within three days.

use super::{raise, remedy};
use crate::domain::brake::BrakeKind;
use crate::domain::brake::{RELEASE_IS_GOOD_FOR, USUAL_NIGHTS, allowance, too_many, usual_night};
use crate::ports::ledger::{Brake, BrakeFinding};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// Whether the letters of a night may be minted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// They may: as many as usual.
    Usual,
    /// They may, once: somebody released this brake.
    Released(i64),
    /// They may not.
    Stopped,
}

/// Judges the size of a night in which so many letters wait, and says what is to be done where it is too large.
///
/// # Errors
/// Where the ledger fails.
pub async fn judge(
    world: &World,
    waiting: u64,
    run_id: Option<i64>,
    dry_run: bool,
    outcome: &mut Outcome,
) -> StageResult<Size> {
    let now = world.instant()?;
    let limits = world.site.limits;
    // A night that died in the middle is as large as it would have been.
    let (claimed, made) = world.ledger.letters_of_night(run_id).await?;
    let to_make = waiting + claimed;
    let usual = usual_night(world.ledger.recent_nights(USUAL_NIGHTS).await?);
    let found = (to_make > 0)
        .then(|| too_many(to_make + made, limits.letters_a_night, limits.times_the_usual_night, usual))
        .flatten();
    let engaged = engaged(world).await?;
    let Some(found) = found else {
        if let Some(brake) = engaged.filter(|_| !dry_run) {
            world.ledger.brake_is_over(brake.id, now).await?;
        }
        return Ok(Size::Usual);
    };
    if engaged.is_none()
        && let Some(brake) = world.ledger.released_night(now - RELEASE_IS_GOOD_FOR).await?
        && world.ledger.letters_made_since(brake.raised_at).await? + to_make <= brake.allows.unwrap_or_default()
    {
        return Ok(Size::Released(brake.id));
    }
    outcome.record("stopped", to_make);
    outcome.is_undone = true;
    let brake = match engaged.filter(|brake| to_make <= brake.allows.unwrap_or_default()) {
        Some(brake) => brake,
        None if dry_run => {
            outcome.raise_plainly(
                Urgency::Alarm,
                "the night",
                format!("{found}: a person would have to release it first"),
            );
            return Ok(Size::Stopped);
        }
        None => {
            let finding = BrakeFinding::Size { letters: to_make, allows: allowance(to_make) };
            raise(world, &finding, &found, run_id, now).await?
        }
    };
    let message = format!("{}; nothing was minted; {}", brake.found, remedy(&brake));
    outcome.raise_plainly(Urgency::Alarm, format!("brake {}", brake.id), message);
    Ok(Size::Stopped)
}

/// The night that was released has been made: the release is good for no other.
///
/// # Errors
/// Where the ledger fails.
pub async fn made(world: &World, size: Size) -> StageResult<()> {
    if let Size::Released(brake) = size {
        world.ledger.use_up_release(brake, world.instant()?).await?;
    }
    Ok(())
}

async fn engaged(world: &World) -> StageResult<Option<Brake>> {
    Ok(world.ledger.engaged_brakes().await?.into_iter().find(|brake| brake.kind == BrakeKind::Size))
}
