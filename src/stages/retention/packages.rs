//! Sealed packages of which every piece is accounted for.
//!
//! The ledger forgets a package's file before the file is removed: a crash in between leaves a file that the ledger does
//! not know, which the next run of `produce` sweeps away.

use chrono::TimeDelta;

use super::Sweep;
use crate::stages::outcome::{Outcome, StageResult};

/// Removes from the spool the packages that were closed longer ago than their term.
pub(super) async fn remove(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, dry_run, .. } = *sweep;
    let closed_before = now - TimeDelta::days(world.site.retention.spool_days.into());
    let packages = world.ledger.spent_packages(closed_before).await?;
    if !dry_run {
        for package in &packages {
            world.ledger.forget_object(&package.name, now).await?;
            world.spool.remove(&package.spool_object)?;
        }
    }
    outcome.record("packages_removed", packages.len() as u64);
    Ok(())
}
