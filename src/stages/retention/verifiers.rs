//! Verifiers of passwords that ended some time ago.

use chrono::Days;

use super::Sweep;
use crate::domain::calendar::CalendarError;
use crate::stages::outcome::{Outcome, StageResult};
use crate::stages::site::refused;

/// Destroys the verifiers of passwords that ended longer ago than their term: one change with an entry for each.
pub(super) async fn destroy(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, today, dry_run } = *sweep;
    let ended_before = today
        .checked_sub_days(Days::new(world.site.retention.verifier_days.into()))
        .ok_or_else(|| refused(CalendarError::OutsideYears { date: today }))?;
    let destroyed = if dry_run {
        world.ledger.spent_verifiers(ended_before).await?
    } else {
        world.ledger.destroy_verifiers(ended_before, now).await?
    };
    outcome.record("verifiers_destroyed", destroyed);
    Ok(())
}
