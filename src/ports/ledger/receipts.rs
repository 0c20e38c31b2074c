//! Receipts: what a vendor says, and what it changes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::LedgerResult;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::postal_statement::PostalStatement;
use crate::domain::receipt::ReceiptEvent;
use crate::domain::reconciliation::{ExceptionKind, Fault, Story};
use crate::package::ticket::Remake;

/// What is known of a letter when a receipt speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFacts {
    /// Where the letter is, and what was said of it so far.
    pub story: Story,
    /// What its password is good for.
    pub password_status: PasswordStatus,
    /// Pieces of paper.
    pub sheets: u32,
    /// Whether it goes outside the contiguous United States.
    pub outside: bool,
    /// When it should be mailed.
    pub planned_mail_on: NaiveDate,
    /// The last day that its password may ever have.
    pub cap_on: NaiveDate,
    /// The printed last day.
    pub use_by_on: NaiveDate,
    /// The last day of its password.
    pub expires_on: NaiveDate,
}

/// What is known of a package when a receipt for it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFacts {
    /// The ledger's id.
    pub batch_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// Where the package is: `claimed`, `sealed`, `delivered`, `accepted`, `refused` or `void`.
    pub status: String,
    /// SHA-256 of the sealed file, in hexadecimal.
    pub sha256: Option<String>,
    /// When it was first offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// The last day on which it may be mailed.
    pub mail_by_on: Option<NaiveDate>,
    /// What its job ticket says of remakes; `None` where nobody kept it.
    pub remake: Option<Remake>,
    /// The receipts that were taken: SHA-256 of the file and of its signature, by number.
    pub taken: BTreeMap<u32, (String, String)>,
    /// Its letters.
    pub letters: BTreeMap<LetterId, LetterFacts>,
}

/// What a line of a receipt changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterChange {
    /// It is on paper.
    Printed {
        /// Since this day.
        printed_on: NaiveDate,
    },
    /// It was mailed.
    Mailed {
        /// On this day.
        dispatched_on: NaiveDate,
        /// The last day of its password from now on.
        expires_on: NaiveDate,
        /// The first day on which it should arrive.
        expected_from: NaiveDate,
        /// The last day on which it should arrive.
        expected_to: NaiveDate,
        /// Business days between that and the last day of its password.
        days_to_read: u32,
        /// The number of the mailing's postal statement, where the vendor gives it.
        postal_statement: Option<PostalStatement>,
    },
    /// The number of the postal statement of its mailing is given, which was known before.
    Stated {
        /// The number.
        postal_statement: PostalStatement,
    },
    /// It ended, and its password with it.
    Ended {
        /// As what.
        status: LetterStatus,
        /// On this day.
        ended_on: NaiveDate,
    },
    /// It was spoiled and made again; where it is does not change.
    Remade {
        /// The last day on which it was.
        remade_on: NaiveDate,
    },
    /// Nothing changes: the same was known.
    Known,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken.
    Taken {
        /// The letter.
        letter_id: LetterId,
        /// What it changes.
        change: LetterChange,
        /// What a person should know of it all the same.
        noted: Option<ExceptionKind>,
    },
    /// It is held, and changes nothing.
    Held(Fault),
}

/// A line of a receipt as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedLine {
    /// The line of the file.
    pub line: u64,
    /// The letter's id as written.
    pub letter: String,
    /// What happened; `None` where the line cannot be read.
    pub event: Option<ReceiptEvent>,
    /// The day of the event; `None` where the line cannot be read.
    pub event_on: Option<NaiveDate>,
    /// The sheets as written.
    pub sheets: u32,
    /// Whether it says that a spoiled letter was made again.
    pub is_remake: bool,
    /// The number of the postal statement that it gives of a mailed letter.
    pub postal_statement: Option<PostalStatement>,
    /// What becomes of it.
    pub verdict: Verdict,
}

impl JudgedLine {
    /// Why it is held, if it is.
    #[must_use]
    pub fn held_because(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Held(fault) => Some(&fault.reason),
            Verdict::Taken { .. } => None,
        }
    }
}

/// A receipt that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedReceipt {
    /// The file's name.
    pub file_name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of its signature in hexadecimal; empty where there was none.
    pub signature_sha256: String,
    /// The package that it speaks of.
    pub batch_id: i64,
    /// Its number.
    pub number: u32,
    /// Whether the vendor took the package or refused it.
    pub accepted: bool,
    /// The date on which it says so.
    pub package_on: NaiveDate,
    /// Its lines.
    pub lines: Vec<JudgedLine>,
}

/// What the ledger does for receipts.
#[async_trait]
pub trait ReceiptLedger: Send + Sync {
    /// The digests of the receipt files of this name, and of their signatures, that were looked at before.
    async fn seen_receipts(&self, file_name: &str) -> LedgerResult<BTreeSet<(String, String)>>;
    /// What is known of a package, by its name.
    async fn package_facts(&self, name: &str) -> LedgerResult<Option<PackageFacts>>;
    /// Takes a receipt: file, lines and every change that they make.
    async fn take_receipt(&self, receipt: &JudgedReceipt, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// Records that a receipt waits for a smaller number of its package; the first time counts.
    async fn receipt_waits(&self, batch_id: i64, number: u32, file_name: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records a receipt file that was refused whole; `digests` are those of the file and of its signature.
    async fn refuse_receipt(
        &self,
        file_name: &str,
        digests: (&str, &str),
        reason: &str,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
}
