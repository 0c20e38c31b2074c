//! What a line of a receipt may change, given what is known of its letter.
//!
//! A line that contradicts what is known is held, with the reason, and changes nothing; the others are taken. No
//! receipt moves a letter backwards, dates it before its package was offered or in the future, or touches another
//! package's letter.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::outcome::{StageError, StageResult};
use super::site::{Site, refused};
use crate::domain::address::DeliveryZone;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::reconciliation::{ExceptionKind, Said, Step, Terms};
use crate::domain::validity::{ValidityWindow, days_to_read, expected_from, expected_to};
use crate::package::receipt_line::ReceiptLine;
use crate::ports::ledger::{LetterChange, LetterFacts, Verdict};

/// The vendor took the package: letters of it that were on their way to the vendor are in production.
pub fn accept(facts: &mut LetterFacts) {
    if matches!(facts.story.status, LetterStatus::Sealed | LetterStatus::Delivered) {
        facts.story.status = LetterStatus::Accepted;
    }
}

/// Judges one line and, if it is taken, moves the facts on so that the next line is judged after it.
///
/// # Errors
/// For dates that the calendar does not know.
pub fn judge(
    site: &Site,
    letters: &mut BTreeMap<LetterId, LetterFacts>,
    line: &ReceiptLine,
    terms: &Terms,
    today: NaiveDate,
    reckoned: &mut Reckoned,
) -> StageResult<Verdict> {
    let letter_id = line.letter_id;
    let Some(facts) = letters.get_mut(&letter_id) else {
        let reason = format!("letter {letter_id} is not in this package");
        return Ok(Verdict::Held(ExceptionKind::Extra.fault(reason)));
    };
    let on = line.event_on;
    let postal_statement = line.postal_statement().unwrap_or_default();
    let said = Said { event: line.event, on, sheets: Some(line.sheets), is_remake: line.is_remake(), postal_statement };
    let step = match facts.story.hear(&said, facts.sheets, terms, today) {
        Ok(step) => step,
        Err(fault) => return Ok(Verdict::Held(fault)),
    };
    let (change, noted) = match step {
        Step::Printed => (LetterChange::Printed { printed_on: on }, None),
        Step::Mailed { is_late } => (mailed(site, facts, on, today, reckoned)?, is_late.then_some(ExceptionKind::Late)),
        Step::Stated => match said.postal_statement {
            Some(postal_statement) => (LetterChange::Stated { postal_statement }, None),
            None => (LetterChange::Known, None),
        },
        Step::Ended(status) => (LetterChange::Ended { status, ended_on: on }, None),
        Step::Remade => (LetterChange::Remade { remade_on: facts.story.remade_on.unwrap_or(on) }, None),
        Step::Known { is_duplicate } => (LetterChange::Known, is_duplicate.then_some(ExceptionKind::Duplicate)),
    };
    Ok(Verdict::Taken { letter_id, change, noted })
}

/// Whether the vendor mailed a letter whose password was revoked: somebody holds a letter that is no good.
#[must_use]
pub fn is_mailed_in_vain(facts: Option<&LetterFacts>, verdict: &Verdict) -> bool {
    let is_mailed = matches!(verdict, Verdict::Taken { change: LetterChange::Mailed { .. }, .. });
    is_mailed && facts.is_some_and(|facts| facts.password_status == PasswordStatus::Revoked)
}

fn mailed(
    site: &Site,
    facts: &mut LetterFacts,
    dispatched_on: NaiveDate,
    today: NaiveDate,
    reckoned: &mut Reckoned,
) -> StageResult<LetterChange> {
    let zone = if facts.outside { DeliveryZone::Outside } else { DeliveryZone::Contiguous };
    let window = ValidityWindow {
        planned_mail_on: facts.planned_mail_on,
        cap_on: facts.cap_on,
        use_by_on: facts.use_by_on,
        expires_on: facts.expires_on,
    };
    let MailedDates { expires_on, expected_from, expected_to, days_to_read } =
        reckoned.dates(site, Mailing { window, zone, dispatched_on }, today)?;
    facts.expires_on = expires_on;
    let postal_statement = facts.story.postal_statement.clone();
    Ok(LetterChange::Mailed { dispatched_on, expires_on, expected_from, expected_to, days_to_read, postal_statement })
}

/// What the dates of a letter that was mailed follow from, beside the day of the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mailing {
    window: ValidityWindow,
    zone: DeliveryZone,
    dispatched_on: NaiveDate,
}

/// The dates of a letter that was mailed.
#[derive(Debug, Clone, Copy)]
struct MailedDates {
    expires_on: NaiveDate,
    expected_from: NaiveDate,
    expected_to: NaiveDate,
    days_to_read: u32,
}

/// The dates that were reckoned last in one reading: nearly all letters of a receipt have the same.
#[derive(Debug, Default)]
pub struct Reckoned(Option<(Mailing, MailedDates)>);

impl Reckoned {
    fn dates(&mut self, site: &Site, mailing: Mailing, today: NaiveDate) -> StageResult<MailedDates> {
        if let Some((before, dates)) = self.0
            && before == mailing
        {
            return Ok(dates);
        }
        let Mailing { window, zone, dispatched_on } = mailing;
        let expires_on = window
            .after_mailed(&site.validity, zone, &site.calendar, dispatched_on, today)
            .map_err(|error| StageError::Refused(error.to_string()))?
            .expires_on;
        let expected_to = expected_to(&site.postal, dispatched_on).map_err(refused)?;
        let dates = MailedDates {
            expires_on,
            expected_from: expected_from(&site.postal, dispatched_on).map_err(refused)?,
            expected_to,
            days_to_read: days_to_read(&site.calendar, expected_to, expires_on).map_err(refused)?,
        };
        self.0 = Some((mailing, dates));
        Ok(dates)
    }
}
