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
    pub(super) held: Vec<HeldShown>,
    pub(super) held_packages: Vec<HeldPackageShown>,
    pub(super) letters_to_decide: Vec<UndecidedLetter>,
    pub(super) corrections_to_confirm: Vec<WaitingCorrection>,
    pub(super) releases_to_confirm: Vec<AskedRelease>,
}

/// A held request.
#[derive(Serialize)]
pub(super) struct HeldShown {
    #[serde(flatten)]
    pub(super) request: RequestRecord,
    pub(super) overdue: bool,
    /// After this day it is withdrawn.
    pub(super) withdrawn_after: NaiveDate,
}

/// A held package.
#[derive(Serialize)]
pub(super) struct HeldPackageShown {
    #[serde(flatten)]
    pub(super) package: HeldPackage,
    pub(super) overdue: bool,
}

/// A letter that will not come.
#[derive(Serialize)]
pub(super) struct UndecidedLetter {
    pub(super) letter_id: String,
    pub(super) reference: String,
    pub(super) package: String,
    pub(super) status: LetterStatus,
    pub(super) password_status: PasswordStatus,
    /// Of one that was mailed late: the business days that its reader has.
    pub(super) days_to_read: Option<u32>,
    pub(super) decide_by_on: NaiveDate,
    pub(super) overdue: bool,
    /// What a person can do, either of them.
    pub(super) commands: [String; 2],
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
