//! Reconciliation: every piece of a package is accounted for exactly once, and what the vendor said that cannot be
//! right has a name.
//!
//! The manifest says which pieces there are. The receipts are read in the order of their numbers, line by line; what
//! was held when it was read changes nothing here either. A piece is accounted for when it was mailed or ended unmailed.
//! What people recorded (a letter that came back to the agency) comes with the piece's status and counts as well.

mod account;
mod exception;
mod story;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::letter::LetterId;
use super::postal_statement::PostalStatement;
use super::receipt::ReceiptEvent;

pub use account::{Account, Count, Disposition, Piece, Totals};
pub use exception::{Case, Cases, ExceptionKind, Exceptions, Fault, KEPT_CASES};
pub use story::{Said, Step, Story, Terms, check_date, has_ended};

/// A line of a receipt that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its line in the file.
    pub line: u64,
    /// The letter as the vendor wrote it.
    pub letter: String,
    /// What happened; `None` where it cannot be read.
    pub event: Option<ReceiptEvent>,
    /// When; `None` where it cannot be read.
    pub event_on: Option<NaiveDate>,
    /// The sheets; `None` where nobody kept them.
    pub sheets: Option<u32>,
    /// Whether a spoiled piece was made again.
    pub is_remake: bool,
    /// The number of the postal statement of a mailing.
    pub postal_statement: Option<PostalStatement>,
    /// Why it was held when it was read; such a line changed nothing.
    pub held_because: Option<String>,
}

/// A receipt that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its number, from 1.
    pub number: u32,
    /// The site's date when it was read.
    pub read_on: NaiveDate,
    /// Its lines, in the order of the file.
    pub lines: Vec<Line>,
}

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Today.
    pub today: NaiveDate,
    /// The day by whose end every piece should be accounted for; `None` where the vendor does not have the package.
    pub pieces_on: Option<NaiveDate>,
}

/// A package's book while its receipts are read. It holds the pieces and a bounded number of cases, however many
/// lines there are.
#[derive(Debug, Clone)]
pub struct Book {
    terms: Terms,
    accounts: BTreeMap<LetterId, (Piece, Story)>,
    exceptions: Exceptions,
    taken: BTreeSet<u32>,
}

/// A package, reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Every piece once, in the order of the manifest.
    pub accounts: Vec<Account>,
    /// Control totals.
    pub totals: Totals,
    /// What is wrong.
    pub exceptions: Exceptions,
}

impl Reconciliation {
    /// Whether every piece is accounted for, and no receipt is missing: the package can be closed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.totals.count(Disposition::StillOut).pieces == 0 && self.exceptions.of(ExceptionKind::Gap).is_none()
    }

    /// The pieces of which nothing final is said, in the order of the manifest.
    pub fn still_out(&self) -> impl Iterator<Item = LetterId> {
        let out = self.accounts.iter().filter(|account| account.disposition == Disposition::StillOut);
        out.map(|account| account.piece.letter_id)
    }
}

/// Reconciles a package; `waiting` are the numbers of receipts that were seen and wait for smaller ones.
#[must_use]
pub fn reconcile(
    pieces: &[Piece],
    terms: Terms,
    receipts: &[Receipt],
    waiting: &BTreeSet<u32>,
    due: Due,
) -> Reconciliation {
    let mut book = Book::open(pieces, terms);
    let mut receipts: Vec<&Receipt> = receipts.iter().collect();
    receipts.sort_by_key(|receipt| receipt.number);
    for receipt in receipts {
        book.read(receipt);
    }
    book.close(waiting, due)
}

impl Book {
    /// A book in which nothing is said of any piece.
    #[must_use]
    pub fn open(pieces: &[Piece], terms: Terms) -> Self {
        let accounts = pieces.iter().map(|piece| (piece.letter_id, (*piece, Story::begun()))).collect();
        Self { terms, accounts, exceptions: Exceptions::default(), taken: BTreeSet::new() }
    }

    /// Reads a receipt, or its next lines; receipts are read in the order of their numbers.
    pub fn read(&mut self, receipt: &Receipt) {
        self.taken.insert(receipt.number);
        for line in &receipt.lines {
            if let Some(fault) = self.read_line(receipt, line) {
                // The words that the person saw when the line was held.
                let reason = line.held_because.clone().unwrap_or(fault.reason);
                let (receipt, line_number) = (Some(receipt.number), Some(line.line));
                let case = Case { subject: line.letter.clone(), receipt, line: line_number, reason };
                self.exceptions.note(fault.kind, case);
            }
        }
    }

    /// What is wrong with a line, if anything.
    fn read_line(&mut self, receipt: &Receipt, line: &Line) -> Option<Fault> {
        let (Some(event), Some(on)) = (line.event, line.event_on) else {
            return Some(ExceptionKind::Unreadable.fault("it cannot be read".to_owned()));
        };
        let account = line.letter.parse().ok().and_then(|letter_id: LetterId| self.accounts.get_mut(&letter_id));
        let Some((piece, story)) = account else {
            return Some(ExceptionKind::Extra.fault(format!("letter {} is not in this package", line.letter)));
        };
        let postal_statement = line.postal_statement.clone();
        let said = Said { event, on, sheets: line.sheets, is_remake: line.is_remake, postal_statement };
        let before = story.clone();
        let heard = story.hear(&said, piece.sheets, &self.terms, receipt.read_on);
        if line.held_because.is_some() {
            *story = before;
            // Held for something that these rules do not see, such as a package that was refused.
            return Some(heard.err().unwrap_or_else(|| ExceptionKind::Contradiction.fault(String::new())));
        }
        match heard {
            Ok(Step::Mailed { is_late: true }) => Some(ExceptionKind::Late.fault(late(on, self.terms.mail_by_on))),
            Ok(Step::Known { is_duplicate: true }) => {
                Some(ExceptionKind::Duplicate.fault(format!("{event} on {on} for the second time")))
            }
            Ok(_) => None,
            Err(fault) => Some(fault),
        }
    }

    /// Closes the book: every piece is accounted for, and what is missing is named.
    #[must_use]
    pub fn close(mut self, waiting: &BTreeSet<u32>, due: Due) -> Reconciliation {
        let mut accounts = Vec::with_capacity(self.accounts.len());
        for (piece, story) in std::mem::take(&mut self.accounts).into_values() {
            let disposition = self.dispose(&piece, &story);
            accounts.push(Account { piece, story, disposition });
        }
        accounts.sort_by_key(|account| account.piece.sequence);
        if let Some(due_on) = due.pieces_on.filter(|due_on| due.today > *due_on) {
            for account in accounts.iter().filter(|account| account.disposition == Disposition::StillOut) {
                let (subject, reason) = (account.piece.letter_id.to_string(), format!("nothing final by {due_on}"));
                self.exceptions.note(ExceptionKind::Missing, Case { subject, receipt: None, line: None, reason });
            }
        }
        self.note_gap(waiting);
        Reconciliation { totals: Totals::of(&accounts), accounts, exceptions: self.exceptions }
    }

    /// What is on record counts first, for people speak there too. Where the receipts say that a piece has ended and
    /// the record does not know it, something else wrote to the ledger.
    fn dispose(&mut self, piece: &Piece, story: &Story) -> Disposition {
        match piece.recorded {
            Some(status) if has_ended(status) => return Disposition::of(status),
            Some(status) if has_ended(story.status) => {
                let reason = format!(
                    "the receipts say {}, and the ledger {status}; run 'letterpost audit verify'",
                    story.status
                );
                let case = Case { subject: piece.letter_id.to_string(), receipt: None, line: None, reason };
                self.exceptions.note(ExceptionKind::Contradiction, case);
            }
            _ => {}
        }
        Disposition::of(story.status)
    }

    fn note_gap(&mut self, waiting: &BTreeSet<u32>) {
        let mut before = 0;
        for number in self.taken.union(waiting).copied().collect::<Vec<_>>() {
            let missing = number - before - 1;
            (before + 1..number).take(KEPT_CASES).for_each(|missing| self.note_missing_receipt(missing));
            self.exceptions.count_more(ExceptionKind::Gap, u64::from(missing).saturating_sub(KEPT_CASES as u64));
            before = number;
        }
        // A receipt that waits for nothing and was not read has gone from the outbox.
        if let Some(next) = waiting.first().filter(|next| (1..**next).all(|smaller| self.taken.contains(&smaller))) {
            self.note_missing_receipt(*next);
        }
    }

    fn note_missing_receipt(&mut self, number: u32) {
        let reason = format!("receipt {number} has not come");
        self.exceptions
            .note(ExceptionKind::Gap, Case { subject: number.to_string(), receipt: Some(number), line: None, reason });
    }
}

/// What is said of a piece that was mailed too late.
fn late(on: NaiveDate, mail_by_on: NaiveDate) -> String {
    format!("mailed on {on}, after {mail_by_on}, the last day that the job ticket allows")
}
