//! Correct: a person's word about the day of mailing, where the vendor's was wrong.
//!
//! Both days are kept. What follows from the day moves with it by the same rule as with a receipt, and no password is
//! ended in the past. Where the site asks for it, a second person confirms.

use chrono::NaiveDate;

use super::decision::{Desk, not_allowed, require_other_person};
use super::outcome::{StageError, StageResult};
use super::site::refused;
use crate::domain::address::DeliveryZone;
use crate::domain::exception::{LetterCase, Ruling};
use crate::domain::letter::{LetterId, PasswordStatus};
use crate::domain::reissue::LateRemedy;
use crate::domain::validity::{days_to_read, expected_from, expected_to};
use crate::ports::ledger::{Correction, Decision, Mailing};

/// What a correction comes to.
#[derive(Debug, Clone)]
pub struct CorrectionPlan {
    /// What changes.
    pub correction: Correction,
    /// What a person should look at first.
    pub warning: Option<String>,
    /// The last day of the password as it is now.
    pub ends_now_on: NaiveDate,
    /// Why, where the first person said so before.
    pub asked_reason: Option<String>,
}

/// Plans to correct a letter's day of mailing; the inner error says why it is not done.
///
/// # Errors
/// Where the ledger fails, or the calendar does not reach.
pub async fn plan(
    desk: &Desk,
    letter_id: LetterId,
    mailed_on: NaiveDate,
) -> StageResult<Result<CorrectionPlan, Ruling>> {
    let mailing = mailing(desk, letter_id).await?;
    build(desk, &mailing, mailed_on)
}

/// Plans to make the correction that waits, on the word of `second`.
///
/// # Errors
/// Where none waits, it is the first person again, or the correction is no longer possible.
pub async fn plan_confirmation(desk: &Desk, letter_id: LetterId, second: &str) -> StageResult<CorrectionPlan> {
    let mailing = mailing(desk, letter_id).await?;
    let Some(waiting) = &mailing.waiting else {
        return Err(not_allowed(format!("no correction of letter {letter_id} waits for a second person")));
    };
    require_other_person(&waiting.asked_by, second)?;
    match build(desk, &mailing, waiting.new_mailed_on)? {
        Ok(plan) => Ok(CorrectionPlan { asked_reason: Some(waiting.reason.clone()), ..plan }),
        Err(Ruling::Known(why) | Ruling::Refused(why)) => Err(not_allowed(format!("letter {letter_id}: {why}"))),
        Err(Ruling::Allowed) => Err(not_allowed(format!("letter {letter_id} has nothing to correct"))),
    }
}

/// Makes the correction, or asks for it where a second person confirms.
///
/// # Errors
/// Where the ledger fails, or the letter is not as it was judged.
pub async fn apply(desk: &Desk, plan: &CorrectionPlan, decision: &Decision) -> StageResult<()> {
    if desk.site.approval.corrections {
        desk.ledger.ask_correction(&plan.correction, decision, desk.now).await?;
    } else {
        desk.ledger.correct(&plan.correction, decision, desk.now).await?;
    }
    Ok(())
}

async fn mailing(desk: &Desk, letter_id: LetterId) -> StageResult<Mailing> {
    let found = desk.ledger.mailing(letter_id).await?;
    found.ok_or_else(|| not_allowed(format!("there is no letter {letter_id}; 'letterpost letter list' shows all")))
}

fn build(desk: &Desk, mailing: &Mailing, mailed_on: NaiveDate) -> StageResult<Result<CorrectionPlan, Ruling>> {
    let Mailing { case, window, .. } = mailing;
    let offered_on = desk.site.date_at(mailing.offered_at.unwrap_or(desk.now))?;
    let not_before = match mailing.printed_on.filter(|printed_on| *printed_on > offered_on) {
        Some(printed_on) => (printed_on, "it was printed"),
        None => (offered_on, "its package was offered"),
    };
    match case.correct(mailed_on, not_before, desk.today) {
        Ruling::Allowed => {}
        ruling => return Ok(Err(ruling)),
    }
    let zone = if mailing.outside { DeliveryZone::Outside } else { DeliveryZone::Contiguous };
    let has_ended =
        matches!(case.password_status, PasswordStatus::Redeemed | PasswordStatus::Expired | PasswordStatus::Revoked);
    let moved = window
        .after_mailed(&desk.site.validity, zone, &desk.site.calendar, mailed_on, desk.today)
        .map_err(|error| StageError::Refused(error.to_string()))?;
    let expires_on = if has_ended { window.expires_on } else { moved.expires_on };
    let expected_to = expected_to(&desk.site.postal, mailed_on).map_err(refused)?;
    let days_to_read = days_to_read(&desk.site.calendar, expected_to, expires_on).map_err(refused)?;
    Ok(Ok(CorrectionPlan {
        correction: Correction {
            letter_id: case.letter_id,
            old_mailed_on: case.dispatched_on.unwrap_or(mailed_on),
            new_mailed_on: mailed_on,
            expires_on,
            expected_from: expected_from(&desk.site.postal, mailed_on).map_err(refused)?,
            expected_to,
            days_to_read,
        },
        warning: warning(
            desk,
            &LetterCase {
                dispatched_on: Some(mailed_on),
                expected_to,
                expires_on,
                days_to_read: Some(days_to_read),
                ..case.clone()
            },
        ),
        ends_now_on: window.expires_on,
        asked_reason: None,
    }))
}

/// What a person should know of the letter as it is corrected.
fn warning(desk: &Desk, corrected: &LetterCase) -> Option<String> {
    let mailed_on = corrected.dispatched_on?;
    let mut warnings = Vec::new();
    if corrected.is_erased {
        warnings.push("whose letter it was is erased: only the record of the dispatch changes".to_owned());
    }
    if mailed_on > corrected.mail_by_on {
        let last = corrected.mail_by_on;
        warnings.push(format!("{mailed_on} is after {last}, the last day on which the vendor was to mail it"));
    }
    let shortest = desk.site.validity.shortest_window_business_days;
    if corrected.is_late(desk.today, shortest) {
        let days = corrected.days_to_read.unwrap_or_default();
        let next = match desk.site.reissue.late {
            LateRemedy::Reissue => "the next ingest has it made anew",
            LateRemedy::Alert => "'letterpost letter reissue' makes one anew",
        };
        warnings.push(format!(
            "its reader has {days} business days after {}, and [validity] asks for {shortest}: {next}",
            corrected.expected_to
        ));
    }
    (!warnings.is_empty()).then(|| warnings.join("; "))
}
