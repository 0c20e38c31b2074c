//! Vendors' certificates of destruction that have not come: a person is told once, and `report night` until they come.

use std::collections::BTreeMap;

use super::Sweep;
use crate::ports::ledger::Purge;
use crate::stages::outcome::{FEW, Outcome, StageResult, Urgency};
use crate::stages::purges::{self, certificate_due_on};

/// Tells which packages' certificates are overdue and were not told before.
pub(super) async fn tell(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, today, dry_run } = *sweep;
    let overdue = purges::overdue(&world.site, world.ledger.as_ref(), today).await?;
    let mut by_vendor = BTreeMap::<&str, Vec<&Purge>>::new();
    for purge in overdue.iter().filter(|purge| purge.told_at.is_none()) {
        by_vendor.entry(&purge.vendor).or_default().push(purge);
    }
    for (vendor, missing) in by_vendor {
        let few: Vec<String> = missing.iter().take(FEW).map(|purge| told(sweep, purge)).collect();
        let more = if missing.len() > FEW { format!(" and {} more", missing.len() - FEW) } else { String::new() };
        let message = format!(
            "no certificate of destruction for {} packages ({}{more}); ask the vendor for it, and record it with 'letterpost \
             batch purged'",
            missing.len(),
            few.join(", ")
        );
        outcome.raise_plainly(Urgency::Person, format!("vendor {vendor}"), message);
        if !dry_run {
            let packages: Vec<String> = missing.iter().map(|purge| purge.package.clone()).collect();
            world.ledger.told_of_purge(&packages, now).await?;
        }
    }
    outcome.record("certificates_overdue", overdue.len() as u64);
    Ok(())
}

fn told(sweep: &Sweep<'_>, purge: &Purge) -> String {
    let due = certificate_due_on(&sweep.world.site, purge).map(|day| format!(", due by {day}")).unwrap_or_default();
    format!("{}{due}", purge.package)
}
