//! What a line of a receipt may change, given what is known of its letter.
//!
//! A line that contradicts what is known is held, with the reason, and changes nothing; the others are taken. No
//! receipt moves a letter backwards, dates it before its package was offered or in the future, or touches another
//! package's letter.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::outcome::StageResult;
use super::site::{Site, refused};
use crate::domain::address::DeliveryZone;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::receipt::ReceiptEvent;
use crate::domain::validity::{ValidityWindow, expected_from, expected_to};
use crate::package::receipt_line::ReceiptLine;
use crate::ports::ledger::{LetterChange, LetterFacts};

/// The detail of a spoiled letter that the vendor made again from the same package.
const REMADE: &str = "remade";

/// What a line does: the change, or why it is held.
pub type Verdict = Result<LetterChange, String>;

/// The dates between which an event may lie.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The date on which the package was first offered.
    pub offered_on: NaiveDate,
    /// Today.
    pub today: NaiveDate,
}

/// The vendor took the package: letters of it that were on their way to the vendor are in production.
pub fn accept(facts: &mut LetterFacts) {
    if matches!(facts.status, LetterStatus::Sealed | LetterStatus::Delivered) {
        facts.status = LetterStatus::Accepted;
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
    span: Span,
) -> StageResult<Verdict> {
    let Some(facts) = letters.get_mut(&line.letter_id) else {
        return Ok(Err(format!("letter {} is not in this package", line.letter_id)));
    };
    if let Some(reason) = contradiction(facts, line, span) {
        return Ok(Err(reason));
    }
    let verdict = step(facts, line);
    match verdict {
        Ok(Step::To(LetterStatus::Mailed)) => mailed(site, facts, line.event_on, span.today).map(Ok),
        Ok(Step::To(LetterStatus::Printed)) => {
            facts.status = LetterStatus::Printed;
            Ok(Ok(LetterChange::Printed))
        }
        Ok(Step::To(status)) => {
            facts.status = status;
            Ok(Ok(LetterChange::Ended { status }))
        }
        Ok(Step::Known) => Ok(Ok(LetterChange::Known)),
        Err(reason) => Ok(Err(reason)),
    }
}

/// Whether the vendor mailed a letter whose password was revoked: somebody holds a letter that is no good.
#[must_use]
pub fn is_mailed_in_vain(facts: Option<&LetterFacts>, event: ReceiptEvent) -> bool {
    event == ReceiptEvent::Mailed && facts.is_some_and(|facts| facts.password_status == PasswordStatus::Revoked)
}

/// What contradicts the facts whatever the event.
fn contradiction(facts: &LetterFacts, line: &ReceiptLine, span: Span) -> Option<String> {
    let event_on = line.event_on;
    if event_on < span.offered_on {
        return Some(format!("{event_on} is before {}, when the package was first offered", span.offered_on));
    }
    if event_on > span.today {
        return Some(format!("{event_on} is in the future; today is {}", span.today));
    }
    if line.sheets != facts.sheets {
        return Some(format!("{} sheets, and the letter has {}", line.sheets, facts.sheets));
    }
    None
}

enum Step {
    To(LetterStatus),
    Known,
}

fn step(facts: &LetterFacts, line: &ReceiptLine) -> Result<Step, String> {
    let to = match line.event {
        ReceiptEvent::Spoiled if line.detail == REMADE => return Ok(Step::Known),
        ReceiptEvent::Printed => LetterStatus::Printed,
        ReceiptEvent::Mailed => LetterStatus::Mailed,
        ReceiptEvent::Spoiled => LetterStatus::Spoiled,
        ReceiptEvent::Rejected => LetterStatus::Rejected,
        ReceiptEvent::Pulled => LetterStatus::Pulled,
        ReceiptEvent::Returned => LetterStatus::Returned,
    };
    if facts.status == to {
        return match facts.dispatched_on {
            Some(known) if to == LetterStatus::Mailed && known != line.event_on => {
                Err(format!("mailed on {} by an earlier receipt, and now on {}", known, line.event_on))
            }
            _ => Ok(Step::Known),
        };
    }
    let is_in_production = matches!(facts.status, LetterStatus::Accepted | LetterStatus::Printed);
    let may = if to == LetterStatus::Returned { facts.status == LetterStatus::Mailed } else { is_in_production };
    if !may {
        return Err(format!("the letter is {}, and cannot be {to} after that", facts.status));
    }
    if let Some(mailed_on) = facts.dispatched_on.filter(|mailed_on| line.event_on < *mailed_on) {
        return Err(format!("{to} on {}, before it was mailed on {mailed_on}", line.event_on));
    }
    Ok(Step::To(to))
}

fn mailed(
    site: &Site,
    facts: &mut LetterFacts,
    dispatched_on: NaiveDate,
    today: NaiveDate,
) -> StageResult<LetterChange> {
    let zone = if facts.outside { DeliveryZone::Outside } else { DeliveryZone::Contiguous };
    let window = ValidityWindow {
        planned_mail_on: facts.planned_mail_on,
        cap_on: facts.cap_on,
        use_by_on: facts.use_by_on,
        expires_on: facts.expires_on,
    }
    .after_mailed(&site.validity, zone, &site.calendar, dispatched_on, today)
    .map_err(|error| super::outcome::StageError::Refused(error.to_string()))?;
    facts.status = LetterStatus::Mailed;
    facts.dispatched_on = Some(dispatched_on);
    facts.expires_on = window.expires_on;
    Ok(LetterChange::Mailed {
        dispatched_on,
        expires_on: window.expires_on,
        expected_from: expected_from(dispatched_on).map_err(refused)?,
        expected_to: expected_to(dispatched_on).map_err(refused)?,
    })
}
