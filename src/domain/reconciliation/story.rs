//! What is said of one piece, date by date, and what may follow.
//!
//! A piece is printed, perhaps spoiled and made again, and ends once: mailed, or unmailed as spoiled, rejected or
//! pulled. A mailed piece may come back. What contradicts that is a fault and changes nothing.

use chrono::NaiveDate;

use super::exception::{ExceptionKind, Fault};
use crate::domain::letter::LetterStatus;
use crate::domain::postal_statement::PostalStatement;
use crate::domain::receipt::ReceiptEvent;

/// What is known of one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Where it is.
    pub status: LetterStatus,
    /// When it was printed, the last time.
    pub printed_on: Option<NaiveDate>,
    /// When it was mailed.
    pub mailed_on: Option<NaiveDate>,
    /// The number of the postal statement of its mailing, where the vendor gave it.
    pub postal_statement: Option<PostalStatement>,
    /// When it was spoiled, rejected or pulled.
    pub unmailed_on: Option<NaiveDate>,
    /// When it came back.
    pub returned_on: Option<NaiveDate>,
    /// How often it was spoiled and made again.
    pub remakes: u32,
    /// When it was last made again.
    pub remade_on: Option<NaiveDate>,
}

/// What a line says of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub event: ReceiptEvent,
    /// When.
    pub on: NaiveDate,
    /// Its sheets; `None` where nobody kept them.
    pub sheets: Option<u32>,
    /// Whether a spoiled piece was made again from the same package.
    pub is_remake: bool,
    /// The number of the postal statement of a mailing, where it is given.
    pub postal_statement: Option<PostalStatement>,
}

/// What holds for all pieces of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The date on which the package was first offered.
    pub offered_on: NaiveDate,
    /// The last day on which it may be mailed.
    pub mail_by_on: NaiveDate,
    /// Whether the vendor may make a spoiled piece again.
    pub may_remake: bool,
}

/// What a line that is right changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is on paper.
    Printed,
    /// It was mailed.
    Mailed {
        /// After the last day that the ticket allows.
        is_late: bool,
    },
    /// It was mailed before, and now the number of the mailing's postal statement is given.
    Stated,
    /// It ended unmailed, or came back.
    Ended(LetterStatus),
    /// It was spoiled and made again; where it is does not change.
    Remade,
    /// Nothing: the same was known.
    Known {
        /// The piece had ended in this way already: it is accounted for a second time.
        is_duplicate: bool,
    },
}

impl Story {
    /// A piece whose package the vendor took, and of which nothing more is known.
    #[must_use]
    pub fn begun() -> Self {
        Self {
            status: LetterStatus::Accepted,
            printed_on: None,
            mailed_on: None,
            postal_statement: None,
            unmailed_on: None,
            returned_on: None,
            remakes: 0,
            remade_on: None,
        }
    }

    /// Takes in what a line says of the piece, which has `sheets` sheets; `read_on` is the site's date when the
    /// receipt was read.
    ///
    /// # Errors
    /// [`Fault`], and the piece stays as it is.
    pub fn hear(&mut self, said: &Said, sheets: u32, terms: &Terms, read_on: NaiveDate) -> Result<Step, Fault> {
        check_date(said.on, terms, read_on)?;
        if let Some(told) = said.sheets.filter(|told| *told != sheets) {
            return Err(ExceptionKind::WrongSheets.fault(format!("{told} sheets, and the letter has {sheets}")));
        }
        match said.event {
            ReceiptEvent::Spoiled if said.is_remake => self.remade(said.on, terms),
            ReceiptEvent::Printed => self.printed(said.on),
            ReceiptEvent::Mailed => self.mailed(said, terms),
            ReceiptEvent::Spoiled => self.ended(LetterStatus::Spoiled, said.on),
            ReceiptEvent::Rejected => self.ended(LetterStatus::Rejected, said.on),
            ReceiptEvent::Pulled => self.ended(LetterStatus::Pulled, said.on),
            ReceiptEvent::Returned => self.returned(said.on),
        }
    }

    /// The paper that is counted is the last one: after a remake, a new print moves the date.
    fn printed(&mut self, on: NaiveDate) -> Result<Step, Fault> {
        match (self.status, self.printed_on) {
            (LetterStatus::Printed, Some(known)) if known == on => return Ok(Step::Known { is_duplicate: false }),
            (LetterStatus::Printed, Some(known)) if !self.is_remade_between(known, on) => {
                return Err(contradiction(format!("printed on {known} by an earlier receipt, and now on {on}")));
            }
            (LetterStatus::Accepted | LetterStatus::Printed, _) => {}
            (status, _) => return Err(backwards(status, LetterStatus::Printed)),
        }
        self.status = LetterStatus::Printed;
        self.printed_on = Some(on);
        Ok(Step::Printed)
    }

    fn is_remade_between(&self, first: NaiveDate, second: NaiveDate) -> bool {
        self.remade_on.is_some_and(|remade_on| first <= remade_on && remade_on <= second)
    }

    fn remade(&mut self, on: NaiveDate, terms: &Terms) -> Result<Step, Fault> {
        if !terms.may_remake {
            return Err(contradiction(
                "made again, which the job ticket forbids: its password is on two papers; ask where the spoiled one is"
                    .to_owned(),
            ));
        }
        if let Some(ended_on) = self.ended_on().filter(|ended_on| *ended_on < on) {
            return Err(contradiction(format!("made again on {on}, after it was {} on {ended_on}", self.ended_as())));
        }
        self.remakes += 1;
        self.remade_on = self.remade_on.max(Some(on));
        Ok(Step::Remade)
    }

    fn mailed(&mut self, said: &Said, terms: &Terms) -> Result<Step, Fault> {
        let on = said.on;
        match self.mailed_on {
            Some(known) if known == on => return self.stated(said),
            Some(known) => return Err(duplicate(format!("mailed on {known} by an earlier receipt, and now on {on}"))),
            None => {}
        }
        self.check_may_end(LetterStatus::Mailed, on)?;
        self.status = LetterStatus::Mailed;
        self.mailed_on = Some(on);
        self.postal_statement.clone_from(&said.postal_statement);
        Ok(Step::Mailed { is_late: on > terms.mail_by_on })
    }

    /// The mailing is told once more: the same, or with its postal statement, which may come later but never changes.
    fn stated(&mut self, said: &Said) -> Result<Step, Fault> {
        match (&self.postal_statement, &said.postal_statement) {
            (Some(known), Some(now)) if known != now => Err(contradiction(format!(
                "mailed under postal statement {known} by an earlier receipt, and now under {now}"
            ))),
            (None, Some(now)) => {
                self.postal_statement = Some(now.clone());
                Ok(Step::Stated)
            }
            _ => Ok(Step::Known { is_duplicate: true }),
        }
    }

    fn ended(&mut self, to: LetterStatus, on: NaiveDate) -> Result<Step, Fault> {
        if self.status == to {
            return match self.unmailed_on.filter(|known| *known != on) {
                Some(known) => Err(duplicate(format!("{to} on {known} by an earlier receipt, and now on {on}"))),
                None => Ok(Step::Known { is_duplicate: true }),
            };
        }
        self.check_may_end(to, on)?;
        self.status = to;
        self.unmailed_on = Some(on);
        Ok(Step::Ended(to))
    }

    /// A person may have recorded the return before the vendor did, on another day: both mean one envelope.
    fn returned(&mut self, on: NaiveDate) -> Result<Step, Fault> {
        let to = LetterStatus::Returned;
        if !matches!(self.status, LetterStatus::Mailed | LetterStatus::Returned) {
            return Err(backwards(self.status, to));
        }
        if let Some(mailed_on) = self.mailed_on.filter(|mailed_on| on < *mailed_on) {
            return Err(contradiction(format!("{to} on {on}, before it was mailed on {mailed_on}")));
        }
        if self.status == to {
            return Ok(Step::Known { is_duplicate: false });
        }
        self.status = to;
        self.returned_on = Some(on);
        Ok(Step::Ended(to))
    }

    /// Whether the piece can end in this way on this date: it has not ended, and was on paper before.
    fn check_may_end(&self, to: LetterStatus, on: NaiveDate) -> Result<(), Fault> {
        match self.status {
            LetterStatus::Accepted | LetterStatus::Printed => {}
            status if has_ended(status) => {
                return Err(duplicate(format!("the letter is {status}, and cannot be {to} after that")));
            }
            status => return Err(backwards(status, to)),
        }
        if let Some(printed_on) = self.printed_on.filter(|printed_on| on < *printed_on) {
            return Err(contradiction(format!("{to} on {on}, before it was printed on {printed_on}")));
        }
        match self.remade_on.filter(|remade_on| on < *remade_on) {
            Some(remade_on) => Err(contradiction(format!("{to} on {on}, before it was made again on {remade_on}"))),
            None => Ok(()),
        }
    }

    fn ended_on(&self) -> Option<NaiveDate> {
        self.mailed_on.or(self.unmailed_on)
    }

    fn ended_as(&self) -> LetterStatus {
        if self.mailed_on.is_some() { LetterStatus::Mailed } else { self.status }
    }
}

/// Whether a piece of this status is accounted for: it was mailed, or ended unmailed.
#[must_use]
pub fn has_ended(status: LetterStatus) -> bool {
    match status {
        LetterStatus::Sealed | LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed => false,
        LetterStatus::Mailed
        | LetterStatus::Voided
        | LetterStatus::Rejected
        | LetterStatus::Spoiled
        | LetterStatus::Pulled
        | LetterStatus::Returned => true,
    }
}

/// Whether something can have happened on this date: since the package was offered, and not after today.
///
/// # Errors
/// [`Fault`], a contradiction.
pub fn check_date(on: NaiveDate, terms: &Terms, read_on: NaiveDate) -> Result<(), Fault> {
    let offered_on = terms.offered_on;
    if on < offered_on {
        return Err(contradiction(format!("{on} is before {offered_on}, when the package was first offered")));
    }
    if on > read_on {
        return Err(contradiction(format!("{on} is in the future; today is {read_on}")));
    }
    Ok(())
}

fn contradiction(reason: String) -> Fault {
    ExceptionKind::Contradiction.fault(reason)
}

fn duplicate(reason: String) -> Fault {
    ExceptionKind::Duplicate.fault(reason)
}

fn backwards(from: LetterStatus, to: LetterStatus) -> Fault {
    contradiction(format!("the letter is {from}, and cannot be {to} after that"))
}
