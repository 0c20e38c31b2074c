//! Holds: what waits for a person does not wait for ever, and no hold outlives its day in silence.
//!
//! A request on which nobody acts is raised every night from the day after its day to act, and withdrawn after some more
//! business days, with word to the portal. A package that is held before any vendor was offered it is raised in the same
//! way, and withdrawn like any late package after its last mailing day. Durable when it returns: the withdrawals, in one
//! transaction.

use chrono::NaiveDate;

use super::decision::{Desk, not_allowed, require_other_person};
use super::outcome::{Outcome, StageResult, Urgency};
use super::world::World;
use crate::ports::ledger::{BatchRecord, Decision, Held, Undelivered};

/// Withdraws held requests on which nobody acted, and raises those whose day to act is over.
///
/// # Errors
/// Where the ledger fails, or the calendar does not reach.
pub(super) async fn escalate(world: &World, dry_run: bool, outcome: &mut Outcome) -> StageResult<()> {
    let (now, today) = world.now()?;
    let days = world.site.holds.withdraw_after_business_days;
    let mut withdrawn = Vec::new();
    for held in world.ledger.held_requests().await? {
        let subject = format!("request {}", held.reference);
        let held_on = world.site.date_at(held.held_at)?;
        let last_day = world.site.withdraw_after(held_on)?;
        if today > last_day {
            let reason = format!("nobody acted on it within {days} business days: {}", held.reason);
            outcome.raise(Urgency::Note, subject, format!("withdrawn, and the portal told: {reason}"));
            withdrawn.push((held.reference, reason));
        } else if today > held.act_by_on {
            let message = format!(
                "held since {held_on} and nobody acted by {}: {}; release or cancel it, or it is withdrawn after \
                 {last_day}",
                held.act_by_on, held.reason
            );
            outcome.raise(Urgency::Person, subject, message);
        }
    }
    if withdrawn.is_empty() {
        return Ok(());
    }
    outcome.record("withdrawn", withdrawn.len() as u64);
    if !dry_run {
        world.ledger.withdraw_held(&withdrawn, now).await?;
    }
    Ok(())
}

/// Leaves a held package where it is, and raises it once its day to act is over.
pub(super) fn keep_back(package: &Undelivered, today: NaiveDate, outcome: &mut Outcome) {
    let reason = package.hold_reason.as_deref().unwrap_or_default();
    let act_by_on = package.act_by_on.unwrap_or(today);
    if today > act_by_on {
        let message = format!(
            "held and nobody acted by {act_by_on}: {reason}; 'letterpost batch release {}', or it is withdrawn after {}",
            package.name, package.mail_by_on
        );
        outcome.raise(Urgency::Person, format!("package {}", package.name), message);
    }
}

/// The day by which a person acts on a package that is held now; never after its last mailing day.
///
/// # Errors
/// Where the package cannot be held.
pub fn plan_package_hold(desk: &Desk, batch: &BatchRecord) -> StageResult<NaiveDate> {
    let package = &batch.package;
    if batch.status != "sealed" {
        let pull = if matches!(batch.status.as_str(), "delivered" | "accepted") {
            "; the vendor has it: 'letterpost batch pull' stops letters of it"
        } else {
            ""
        };
        return Err(not_allowed(format!("package {package} is {} and cannot be held{pull}", batch.status)));
    }
    if let Some(offered_at) = batch.offered_at {
        return Err(not_allowed(format!(
            "package {package} was offered at {offered_at}, so the vendor may have it and it cannot be held; \
             'letterpost batch pull' stops letters of it"
        )));
    }
    let act_by_on = desk.site.act_by_on(desk.today)?;
    Ok(batch.mail_by_on.map_or(act_by_on, |mail_by_on| act_by_on.min(mail_by_on)))
}

/// How a release goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// At once, on one person's word.
    Now,
    /// It waits for a second person.
    Ask,
}

/// Whether a release waits for a second person.
#[must_use]
pub fn plan_release(desk: &Desk) -> Release {
    if desk.site.approval.releases { Release::Ask } else { Release::Now }
}

/// Releases, or asks for it where a second person confirms.
///
/// # Errors
/// Where it is not held, or the ledger fails.
pub async fn release(desk: &Desk, held: Held<'_>, decision: &Decision) -> StageResult<()> {
    match plan_release(desk) {
        Release::Now => desk.ledger.release(held, decision, None, desk.now).await?,
        Release::Ask => desk.ledger.ask_release(held, decision, desk.now).await?,
    }
    Ok(())
}

/// The release that waits, if `second` may confirm it.
///
/// # Errors
/// Where none waits, or it is the first person again.
pub async fn plan_confirmation(desk: &Desk, held: Held<'_>, second: &str) -> StageResult<Decision> {
    let Some(asked) = desk.ledger.asked_release(held).await? else {
        return Err(not_allowed("no release of it waits for a second person".to_owned()));
    };
    require_other_person(&asked.asked_by, second)?;
    Ok(Decision { reason: asked.reason, by: Some(asked.asked_by) })
}
