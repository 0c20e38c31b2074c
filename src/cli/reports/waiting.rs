//! What waits for a person: held requests and packages, letters that will not come, what a second person confirms.

use chrono::NaiveDate;
use serde::Serialize;

use crate::cli::exit::CliResult;
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::domain::request::RequestStatus;
use crate::ports::ledger::{AskedRelease, HeldPackage, RequestRecord, WaitingCorrection};
use crate::stages::decision::Desk;
use crate::stages::reissue;

/// Held requests that are shown.
const MOST_HELD: u32 = 100;

/// All that waits.
#[derive(Serialize)]
pub struct Waiting {
    held: Vec<HeldShown>,
    held_packages: Vec<HeldPackageShown>,
    letters_to_decide: Vec<UndecidedLetter>,
    corrections_to_confirm: Vec<WaitingCorrection>,
    releases_to_confirm: Vec<AskedRelease>,
}

#[derive(Serialize)]
struct HeldShown {
    #[serde(flatten)]
    request: RequestRecord,
    overdue: bool,
    /// After this day it is withdrawn.
    withdrawn_after: NaiveDate,
}

#[derive(Serialize)]
struct HeldPackageShown {
    #[serde(flatten)]
    package: HeldPackage,
    overdue: bool,
}

#[derive(Serialize)]
struct UndecidedLetter {
    letter_id: String,
    reference: String,
    package: String,
    status: LetterStatus,
    password_status: PasswordStatus,
    /// Of one that was mailed late: the business days that its reader has.
    days_to_read: Option<u32>,
    decide_by_on: NaiveDate,
    overdue: bool,
    /// What a person can do, either of them.
    commands: [String; 2],
}

/// All that waits for a person.
pub async fn waiting(desk: &Desk) -> CliResult<Waiting> {
    let (ledger, today) = (&desk.ledger, desk.today);
    let mut held = Vec::new();
    for request in ledger.requests(Some(RequestStatus::Held), MOST_HELD).await? {
        let held_on = desk.site.date_at(request.held_at.unwrap_or(request.status_at))?;
        let overdue = request.act_by_on.is_some_and(|day| today > day);
        held.push(HeldShown { withdrawn_after: desk.site.withdraw_after(held_on)?, overdue, request });
    }
    let packages = ledger.held_packages().await?.into_iter();
    let letters = reissue::undecided(desk).await?.into_iter();
    Ok(Waiting {
        held,
        held_packages: packages.map(|p| HeldPackageShown { overdue: today > p.act_by_on, package: p }).collect(),
        letters_to_decide: letters
            .map(|(case, decide_by_on)| UndecidedLetter {
                days_to_read: case.days_to_read,
                commands: [
                    format!("letterpost letter reissue {} --reason REASON", case.letter_id),
                    format!("letterpost request cancel {} --reason REASON", case.reference),
                ],
                letter_id: case.letter_id.to_string(),
                reference: case.reference,
                package: case.package,
                status: case.status,
                password_status: case.password_status,
                decide_by_on,
                overdue: today > decide_by_on,
            })
            .collect(),
        corrections_to_confirm: ledger.waiting_corrections().await?,
        releases_to_confirm: ledger.asked_releases().await?,
    })
}

/// The same, as people read it; always the line that says how many are held.
#[must_use]
pub fn describe(waiting: &Waiting) -> Vec<String> {
    let mut text = vec![format!("held for a person: {}", waiting.held.len())];
    for HeldShown { request, overdue, withdrawn_after } in &waiting.held {
        let reason = request.reason.as_deref().unwrap_or_default();
        let act_by = request.act_by_on.map(|day| act_by(day, *overdue)).unwrap_or_default();
        text.push(format!("  {}: {reason}{act_by}, withdrawn after {withdrawn_after}", request.reference));
    }
    for HeldPackageShown { package, overdue } in &waiting.held_packages {
        let HeldPackage { package, letters, hold_reason, held_by, act_by_on, mail_by_on, .. } = package;
        text.push(format!(
            "held package {package} ({letters} letters, by {held_by}): {hold_reason}{}, withdrawn after {mail_by_on}",
            act_by(*act_by_on, *overdue)
        ));
    }
    for letter in &waiting.letters_to_decide {
        let UndecidedLetter { letter_id, package, status, decide_by_on, overdue, .. } = letter;
        let act_by = act_by(*decide_by_on, *overdue);
        text.push(match letter.days_to_read {
            Some(days) => {
                format!("letter {letter_id} of {package} was mailed late, with {days} business days to read it{act_by}")
            }
            None => format!("letter {letter_id} of {package} will not come, {status}{act_by}"),
        });
    }
    for waits in &waiting.corrections_to_confirm {
        let WaitingCorrection { letter_id, old_mailed_on, new_mailed_on, asked_by, reason, .. } = waits;
        text.push(format!(
            "letter {letter_id} waits for a second person: mailed on {new_mailed_on} instead of {old_mailed_on}, says \
             {asked_by}: {reason}"
        ));
    }
    for AskedRelease { subject, reason, asked_by, .. } in &waiting.releases_to_confirm {
        text.push(format!("{subject} waits for a second person: to be released, says {asked_by}: {reason}"));
    }
    text
}

fn act_by(day: NaiveDate, overdue: bool) -> String {
    let mark = if overdue { " (overdue)" } else { "" };
    format!(", act by {day}{mark}")
}
