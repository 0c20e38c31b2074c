//! The clock as a brake: a night begins only where it can be right, and stops where it jumps.
//!
//! Before a run, and before a stage that is run by hand, the clock is held against the ledger: it may not show an instant
//! before the last one that was recorded, and not one long after the last night. During a run it is held against the
//! time that passed, at every look that [`World::now`] takes: nothing is minted, committed, offered or given its name
//! by a clock that has jumped.

use chrono::{DateTime, TimeDelta, Utc};

use super::remedy;
use crate::domain::brake::{BrakeKind, Jump, LONGEST_GAP_DAYS, MOST_BACK, is_set_right};
use crate::ports::ledger::{Brake, BrakeFinding, ClockMark, Ledger};
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::world::World;

/// What is wrong with the clock, and in which words that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    jump: Jump,
    found: String,
}

/// Goes on only where the clock can be right, and counts on it from here.
///
/// # Errors
/// [`StageError::Alarm`] where it cannot; the brake is then engaged, unless this is a dry run.
pub async fn begin(world: &World, dry_run: bool) -> StageResult<()> {
    world.steady.begin(world.clock.as_ref());
    let now = world.clock.now();
    for brake in engaged(world.ledger.as_ref()).await? {
        if !is_over(&brake, now) {
            return Err(nothing_done(&brake));
        }
        if !dry_run {
            world.ledger.brake_is_over(brake.id, now).await?;
        }
    }
    match against_ledger(world, now).await? {
        None if dry_run => Ok(()),
        None => Ok(world.ledger.trust_clock(now).await?),
        Some(wrong) if dry_run => Err(StageError::Alarm(format!("{}; nothing would be done", wrong.found))),
        Some(wrong) => Err(nothing_done(&raise(world, &wrong, None).await?)),
    }
}

/// Goes on within a run, and records that the clock is still right.
///
/// # Errors
/// [`StageError::Alarm`] where it has jumped.
pub async fn go_on(world: &World) -> StageResult<DateTime<Utc>> {
    let now = world.instant()?;
    world.ledger.trust_clock(now).await?;
    Ok(now)
}

/// What came of a run or a stage, unless the clock jumped during it: then that is what is told, and the brake is engaged.
///
/// # Errors
/// What `came` says, or [`StageError::Alarm`] where the clock has jumped.
pub async fn end<T>(world: &World, run_id: Option<i64>, came: StageResult<T>) -> StageResult<T> {
    let Err(jump) = world.steady.look(world.clock.as_ref()) else { return came };
    let brake = raise(world, &Wrong { found: told(&jump), jump }, run_id).await?;
    Err(StageError::Alarm(format!(
        "brake {}: {}; from then on nothing was minted and nothing delivered; {}",
        brake.id,
        brake.found,
        remedy(&brake)
    )))
}

/// That the clock has jumped, as an error for whoever looked at it.
#[must_use]
pub fn jumped(jump: &Jump) -> StageError {
    StageError::Alarm(told(jump))
}

/// What the ledger says about the clock; `None` where it can be right.
///
/// # Errors
/// Where the ledger fails.
pub async fn against_ledger(world: &World, now: DateTime<Utc>) -> StageResult<Option<Wrong>> {
    let mark = world.ledger.clock_mark().await?;
    let longest = i64::from(world.site.limits.longest_gap_days.unwrap_or(LONGEST_GAP_DAYS));
    Ok(behind(mark, now).or_else(|| gap(mark, now, longest)))
}

/// The clock brakes that are engaged.
///
/// # Errors
/// Where the ledger fails.
pub async fn engaged(ledger: &dyn Ledger) -> StageResult<Vec<Brake>> {
    let mut brakes = ledger.engaged_brakes().await?;
    brakes.retain(|brake| brake.kind != BrakeKind::Size);
    Ok(brakes)
}

/// Whether a clock brake is over, as the clock shows now.
#[must_use]
pub fn is_over(brake: &Brake, now: DateTime<Utc>) -> bool {
    match (brake.shown_at, brake.right_at) {
        (Some(shown_at), Some(right_at)) => is_set_right(brake.kind, shown_at, right_at, now),
        _ => false,
    }
}

impl Wrong {
    /// In words.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

fn behind(mark: ClockMark, now: DateTime<Utc>) -> Option<Wrong> {
    let right_at = mark.recorded_at.max(mark.trusted_at)?;
    (now < right_at - MOST_BACK).then(|| Wrong {
        jump: Jump { kind: BrakeKind::ClockBehind, shown_at: now, right_at },
        found: format!("the machine's clock shows {}, and the ledger was written at {}", text(now), text(right_at)),
    })
}

fn gap(mark: ClockMark, now: DateTime<Utc>, longest_days: i64) -> Option<Wrong> {
    let right_at = mark.trusted_at?;
    let is_long = longest_days > 0 && now - right_at > TimeDelta::days(longest_days);
    is_long.then(|| Wrong {
        jump: Jump { kind: BrakeKind::ClockAhead, shown_at: now, right_at },
        found: format!(
            "the machine's clock shows {}, and the last night was at {}: that is longer than [limits] longest_gap_days \
             allows, {longest_days} days",
            text(now),
            text(right_at)
        ),
    })
}

fn told(jump: &Jump) -> String {
    let went = if jump.kind == BrakeKind::ClockBehind { "went back" } else { "jumped ahead" };
    format!(
        "the machine's clock {went} during this run: it shows {} and should show {}",
        text(jump.shown_at),
        text(jump.right_at)
    )
}

fn nothing_done(brake: &Brake) -> StageError {
    StageError::Alarm(format!("brake {}: {}; nothing was done; {}", brake.id, brake.found, remedy(brake)))
}

async fn raise(world: &World, wrong: &Wrong, run_id: Option<i64>) -> StageResult<Brake> {
    let finding = BrakeFinding::Clock(wrong.jump);
    super::raise(world, &finding, &wrong.found, run_id, wrong.jump.shown_at).await
}

fn text(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
