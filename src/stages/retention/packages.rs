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
    let term = TimeDelta::days(world.site.retention.spool_days.into());
    let packages = world.ledger.spent_packages(now - term).await?;
    if !dry_run {
        for package in &packages {
            let due_on = world.site.date_at(package.closed_at + term)?;
            world.ledger.forget_object(&package.name, due_on, now).await?;
            world.spool.remove(&package.spool_object).await?;
        }
    }
    outcome.record("packages_removed", packages.len() as u64);
    Ok(())
}
