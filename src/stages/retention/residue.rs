//! Residue: what was erased from the ledger's tables may still lie in its files, until they are written anew.
//!
//! That it may is recorded in the transaction that erases, and the mark goes when the files are clean: whatever comes in
//! between, a crash, a full disk, a program that reads the ledger, the next run tries again.

use chrono::TimeDelta;

use super::Sweep;
use crate::stages::outcome::{Outcome, StageResult, Urgency};

/// Days after which a person should see to it.
const PATIENT_DAYS: i64 = 2;

/// Writes the ledger's files anew where something was erased.
pub(super) async fn clear(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Some(since) = sweep.world.ledger.residue().await? else { return Ok(()) };
    if sweep.dry_run || sweep.world.ledger.clear_residue().await? {
        return Ok(());
    }
    let urgency = if sweep.now - since > TimeDelta::days(PATIENT_DAYS) { Urgency::Person } else { Urgency::Note };
    let message = format!(
        "another program was at work on it, so that its files may still have what was erased since {since}; the next \
         retention tries again: end whatever keeps the ledger open"
    );
    outcome.raise_plainly(urgency, "ledger", message);
    Ok(())
}
