//! Retention: what is kept for a term, and not needed any more, is destroyed when its term is over.
//!
//! In: verifiers of passwords that ended, and sealed packages of which every piece is accounted for. Durable when it
//! returns: each with its audit entry, and the packages' files gone from the spool. The ledger forgets a package's file
//! before the file is removed: a crash in between leaves a file that the ledger does not know, which the next run of
//! `produce` sweeps away.

use chrono::{Days, TimeDelta};

use super::outcome::{Outcome, StageResult};
use super::site::refused;
use super::world::World;
use crate::domain::calendar::CalendarError;

/// Destroys what has been kept for its term.
///
/// # Errors
/// Where the ledger or the spool fails. What was destroyed before stays so.
pub async fn retention(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let (now, today) = world.now()?;
    let terms = world.site.retention;
    let ended_before = today
        .checked_sub_days(Days::new(terms.verifier_days.into()))
        .ok_or_else(|| refused(CalendarError::OutsideYears { date: today }))?;
    let packages = world.ledger.spent_packages(now - TimeDelta::days(terms.spool_days.into())).await?;
    if dry_run {
        outcome.record("verifiers_destroyed", world.ledger.spent_verifiers(ended_before).await?);
        outcome.record("packages_removed", packages.len() as u64);
        return Ok(outcome);
    }
    outcome.record("verifiers_destroyed", world.ledger.destroy_verifiers(ended_before, now).await?);
    for package in &packages {
        world.ledger.forget_object(&package.name, now).await?;
        world.spool.remove(&package.spool_object)?;
    }
    outcome.record("packages_removed", packages.len() as u64);
    Ok(outcome)
}
