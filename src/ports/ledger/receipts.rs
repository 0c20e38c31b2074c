//! Receipts: what a vendor says, and what it changes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::LedgerResult;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::receipt::ReceiptEvent;

/// What is known of a letter when a receipt speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFacts {
    /// The portal's id of its request.
    pub reference: String,
    /// Where the letter is.
    pub status: LetterStatus,
    /// What its password is good for.
    pub password_status: PasswordStatus,
    /// When it was mailed.
    pub dispatched_on: Option<NaiveDate>,
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
    /// The receipts that were taken: SHA-256 by number.
    pub taken: BTreeMap<u32, String>,
    /// Its letters.
    pub letters: BTreeMap<LetterId, LetterFacts>,
}

/// What a line of a receipt changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterChange {
    /// It is on paper.
    Printed,
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
    },
    /// It ended, and its password with it.
    Ended {
        /// As what.
        status: LetterStatus,
    },
    /// Nothing changes: the same was known.
    Known,
}

/// A line of a receipt as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedLine {
    /// The line of the file.
    pub line: u64,
    /// The letter's id as written.
    pub letter: String,
    /// The event as written.
    pub event: String,
    /// The date as written.
    pub event_on: String,
    /// What it changes, or why it is held.
    pub verdict: Result<(LetterId, ReceiptEvent, LetterChange), String>,
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
    /// Records a receipt file that was refused whole; `digests` are those of the file and of its signature.
    async fn refuse_receipt(
        &self,
        file_name: &str,
        digests: (&str, &str),
        reason: &str,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
}
