//! Produce: pending requests become letters in a sealed package.
//!
//! In: pending requests, and batches that a dead run left. Out: sealed packages in the spool and their rows in the
//! ledger. Durable when it returns: package, digest, verifiers, letters, audit entries, in one transaction after the
//! spool's file. A crash before that transaction leaves at most files in the spool of which nobody was told, one for each
//! batch under way: the next run takes the batches over under a new attempt, mints anew, and the files are swept away.
//! Passwords and letters in the clear are in memory only, and wiped. A start that is asked to stop finishes the package
//! that is next and claims no other.

mod barcode;
mod fit;
mod lanes;
mod line;
mod make;
mod mint;
mod press;
mod proof;
mod seal;
mod shared;
mod size;
mod sweep;
mod verify;

use chrono::{DateTime, Utc};

use self::lanes::{Routed, WaitingLane};
use self::line::Line;
pub use self::shared::join;
use super::brakes::size::{self as size_brake, Size};
use super::calendar_reach;
use super::outcome::{Outcome, StageResult};
use super::preflight;
use super::threads::{blocking, died};
use super::world::World;
use crate::ports::ledger::{ClaimedBatch, Lane};

/// How a production run is keyed and when the next one comes.
#[derive(Debug, Clone, Default)]
pub struct ProductionRun {
    /// The run of a job, if it is one.
    pub run_id: Option<i64>,
    /// Who claims: unique to this start.
    pub owner: String,
    /// When the next run will come, if one is scheduled.
    pub next_run_at: Option<DateTime<Utc>>,
    /// Who leads the production that this one joined, if it leads none itself.
    pub joined: Option<String>,
}

/// Makes all packages that are due.
///
/// # Errors
/// Where the site is not fit, or ledger, spool or randomness fail. What was committed before stays.
pub async fn produce(world: &World, run: &ProductionRun, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    // 1. Nothing is claimed unless the night can be finished and the log is the one we left.
    preflight::require(world).await?;
    let routed = lanes::route(world, run).await?;
    routed.note_later(&mut outcome);
    let waiting = routed.due().map(|due| due.waiting).sum();
    let size = size_brake::judge(world, waiting, run.run_id, dry_run, &mut outcome).await?;
    if dry_run {
        return plan(world, &routed, outcome).await;
    }
    if size == Size::Stopped {
        return Ok(outcome);
    }
    let _life = world.ledger.live(&run.owner).await?;
    // 2. What a dead run left: files that nobody was told of.
    sweep::sweep(world, &mut outcome).await?;
    lanes::hold_unserved(world, &routed, &mut outcome).await?;
    // 3. Packages, several under way at once, here and with whoever joins: batches that nobody finished, and new ones.
    shared::open(world, run).await?;
    let mut line = Line::new(world, &mut outcome);
    let (left, came) = match shared::lead(world, run, &mut line).await {
        Ok(left) => (left, Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    };
    let mut made = line.close(came).await?;
    shared::end(world, run, &mut made, &left, &mut outcome).await?;
    outcome.is_undone |= world.stop.is_asked();
    if !outcome.is_undone {
        size_brake::made(world, size).await?;
    }
    barcode::note_usage(world, &mut outcome).await?;
    calendar_reach::note(world, &mut outcome);
    outcome.record("letters", made.letters);
    outcome.record("packages", made.packages);
    Ok(outcome)
}

/// The next batch of a lane, if there is to be one.
async fn next(
    world: &World,
    due: &WaitingLane<'_>,
    run: &ProductionRun,
    line: &mut Line<'_>,
) -> StageResult<Option<ClaimedBatch>> {
    line.advance().await?;
    if world.stop.is_asked() || line.waits(&due.vendor.code) || !shared::is_open(world, run).await? {
        return Ok(None);
    }
    claim(world, due, run).await
}

/// What a run would do now.
async fn plan(world: &World, routed: &Routed<'_>, mut outcome: Outcome) -> StageResult<Outcome> {
    let unfinished = world.ledger.unfinished_batches().await?.len();
    outcome.record("unfinished_packages", unfinished as u64);
    routed.tell(&mut outcome);
    Ok(outcome)
}

async fn claim(world: &World, due: &WaitingLane<'_>, run: &ProductionRun) -> StageResult<Option<ClaimedBatch>> {
    let now = world.instant()?;
    let checkpoint = super::checkpoint::rider(world).await?;
    let name = |number| {
        world.site.package_name(&due.vendor.code, number).map_or_else(|error| error.0, |name| name.to_string())
    };
    let lane = Lane { limit: size::most_letters(world, due.vendor, due.lane.format).await?, ..due.lane.clone() };
    Ok(world.ledger.claim(&lane, &name, &run.owner, &checkpoint, run.run_id, now).await?)
}
