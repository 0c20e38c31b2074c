//! Retention: what is kept for a term, and not needed any more, is destroyed when its term is over.
//!
//! In: whatever is past its term, one kind a file of this folder. Durable when it returns: all of it destroyed, each
//! with its audit entry. A crash leaves whole steps done or not; the next run finds what is left.

pub mod backups;
mod certificates;
mod kept_files;
mod packages;
mod people;
mod portal_rows;
mod residue;
mod verifiers;

use chrono::{DateTime, NaiveDate, Utc};

use super::outcome::{Outcome, StageResult};
use super::world::World;

/// One retention run: when it is, and whether it only counts.
struct Sweep<'a> {
    world: &'a World,
    now: DateTime<Utc>,
    today: NaiveDate,
    dry_run: bool,
}

/// Destroys what has been kept for its term.
///
/// # Errors
/// Where the ledger or the spool fails. What was destroyed before stays so.
pub async fn retention(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let (now, today) = world.now()?;
    let sweep = Sweep { world, now, today, dry_run };
    verifiers::destroy(&sweep, &mut outcome).await?;
    packages::remove(&sweep, &mut outcome).await?;
    people::forget(&sweep, &mut outcome).await?;
    portal_rows::delete(&sweep, &mut outcome).await?;
    kept_files::remove(&sweep, &mut outcome).await?;
    certificates::tell(&sweep, &mut outcome).await?;
    residue::clear(&sweep, &mut outcome).await?;
    Ok(outcome)
}
