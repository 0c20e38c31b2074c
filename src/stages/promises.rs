//! Promises: whose letter is not there by the day that the portal told, where it hangs, and what a person can do.
//!
//! The promise is the portal's word and no date of a password: missing it ends nothing, and nothing here changes anything.

use chrono::NaiveDate;
use serde::Serialize;

use super::decision::Desk;
use super::outcome::StageResult;
use super::site::refused;
use crate::ports::ledger::MissedPromise;

/// A promise that was missed, with its age and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// What is known.
    #[serde(flatten)]
    pub promise: MissedPromise,
    /// Business days since the promised day; the present day counts.
    pub business_days_late: u32,
    /// Where it hangs, in words.
    pub hangs: String,
    /// The command that shows it or moves it on.
    pub command: String,
}

/// All promises that are missed today, the oldest first.
///
/// # Errors
/// Where the ledger fails, or the calendar does not reach.
pub async fn missed(desk: &Desk) -> StageResult<Vec<Missed>> {
    let promises = desk.ledger.missed_promises(desk.today).await?;
    promises.into_iter().map(|promise| judge(desk, promise)).collect()
}

fn judge(desk: &Desk, promise: MissedPromise) -> StageResult<Missed> {
    let late = desk.site.calendar.business_days_between(promise.promised_by_on, desk.today).map_err(refused)?;
    let (hangs, command) = place(&promise);
    Ok(Missed { business_days_late: late, hangs, command, promise })
}

/// Where a promise hangs, and the command for it.
fn place(promise: &MissedPromise) -> (String, String) {
    let MissedPromise { reference, stage, package, letter_id, act_by_on, .. } = promise;
    let package = package.as_deref().unwrap_or_default();
    let letter = letter_id.as_deref().unwrap_or_default();
    let by = |day: &Option<NaiveDate>| day.map(|day| format!(", a person acts by {day}")).unwrap_or_default();
    match stage.as_str() {
        "held" => {
            let reason = promise.reason.as_deref().unwrap_or("a person holds it");
            (format!("held: {reason}{}", by(act_by_on)), format!("letterpost request release {reference} --reason '…'"))
        }
        "pending" => ("waits for the next package".to_owned(), format!("letterpost request show {reference}")),
        "claimed" => (
            format!("package {package} is being made, or its run died: run the job again"),
            format!("letterpost batch show {package}"),
        ),
        "sealed" => (format!("package {package} is not delivered"), format!("letterpost batch show {package}")),
        "delivered" => {
            (format!("the vendor has not taken package {package}"), format!("letterpost batch show {package}"))
        }
        "accepted" | "printed" => {
            (format!("{stage} at the vendor, and not mailed"), format!("letterpost batch show {package}"))
        }
        "mailed" => {
            let expected = promise.expected_to.map(|day| format!(", expected by {day}")).unwrap_or_default();
            (format!("in the mail{expected}"), format!("letterpost letter show {letter}"))
        }
        ended => (
            format!("the letter was {ended}{}", by(act_by_on)),
            format!("letterpost letter reissue {letter} --reason '…'"),
        ),
    }
}
