//! Rows of the portal's table that were taken: deleted so that nothing of them is left in the table's files.
//!
//! Rows that no night took are never touched. The rows go first, then the file is written anew and its log emptied, and
//! then the entries are written: a crash in between leaves no entry, and the next run goes through it again with nothing
//! left to delete.

use chrono::TimeDelta;

use super::Sweep;
use crate::stages::outcome::{Outcome, StageResult, Urgency};

/// Deletes the rows that were taken longer ago than their term.
pub(super) async fn delete(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, dry_run, .. } = *sweep;
    let term = TimeDelta::days(world.site.retention.import_days.into());
    let due = world.ledger.spent_portions(now - term).await?;
    let mut deleted = due.iter().map(|portion| portion.rows).sum::<u64>();
    if !dry_run && !due.is_empty() {
        for portion in &due {
            world.intake.delete_rows(portion.after, portion.through).await?;
        }
        if world.intake.compact().await? {
            for portion in &due {
                let due_on = world.site.date_at(portion.taken_at + term)?;
                world.ledger.portion_removed(portion, due_on, now).await?;
            }
        } else {
            deleted = 0;
            outcome.raise_plainly(
                Urgency::Person,
                "the portal's table",
                "rows whose term is over are deleted, and their bytes are in its files yet, since another program is reading \
                 it: the next run tries again; have the portal end its long reads",
            );
        }
    }
    outcome.record("intake_rows_removed", deleted);
    Ok(())
}
