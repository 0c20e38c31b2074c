//! Releasing a brake: always a named person's word, and a second one's where `[approval] releases` says so.

use crate::domain::brake::BrakeKind;
use crate::ports::ledger::{Brake, BrakeEnd, Decision};
use crate::stages::decision::{Desk, not_allowed, require_other_person};
use crate::stages::holds::{Release, plan_release};
use crate::stages::outcome::StageResult;

/// Why a brake cannot be released; `None` where it can.
#[must_use]
pub fn objection(brake: &Brake) -> Option<String> {
    Some(match brake.ended_as? {
        BrakeEnd::Released => {
            format!("{} released it before", brake.asked_by.as_deref().unwrap_or("somebody"))
        }
        BrakeEnd::Over => "what was found is so no more, and it holds nothing back".to_owned(),
        BrakeEnd::Replaced => {
            "more letters were found since: 'letterpost brake list' shows the brake that took its place".to_owned()
        }
    })
}

/// What a release of this brake comes to.
#[must_use]
pub fn effect(brake: &Brake) -> String {
    match brake.kind {
        BrakeKind::Size => format!(
            "is released for at most {} letters, once, within three days: the next start of the run makes them",
            brake.allows.unwrap_or_default()
        ),
        BrakeKind::ClockBehind | BrakeKind::ClockAhead => {
            "is released: the clock as it is now counts as right; start the run again".to_owned()
        }
    }
}

/// Releases a brake, or asks for it where a second person confirms.
///
/// # Errors
/// Where it holds nothing back any more, or the ledger fails.
pub async fn release(desk: &Desk, brake: &Brake, decision: &Decision) -> StageResult<()> {
    match plan_release(desk) {
        Release::Now => desk.ledger.release_brake(brake.id, decision, None, desk.now).await?,
        Release::Ask => desk.ledger.ask_brake_release(brake.id, decision, desk.now).await?,
    }
    Ok(())
}

/// The release that waits, if `second` may confirm it.
///
/// # Errors
/// Where none waits, or it is the first person again.
pub fn plan_confirmation(brake: &Brake, second: &str) -> StageResult<Decision> {
    let (Some(first), Some(reason)) = (&brake.asked_by, &brake.reason) else {
        return Err(not_allowed("no release of it waits for a second person".to_owned()));
    };
    require_other_person(first, second)?;
    Ok(Decision { reason: reason.clone(), by: Some(first.clone()) })
}
