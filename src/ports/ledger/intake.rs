//! Intake: requests, and the files that they come in.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{Decision, LedgerResult, NewFile};
use crate::domain::letter::LetterId;
use crate::domain::limits::Recent;
use crate::domain::request::{FieldProblem, NewRequest, RequestStatus};
use crate::domain::standing::{HeldBy, Standing};

/// A file of requests, or a portion of the portal's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeFile {
    /// Its name without folders.
    pub name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Where the importer left it and its control file, to be removed when their term is over.
    pub files: Vec<NewFile>,
}

/// What becomes of one row of intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The row waits for the next night; the older request named is withdrawn.
    Pending {
        /// The older request of the same account.
        replaces: Option<String>,
    },
    /// The row waits for a person, in place of an older request that did, if there was one.
    Held {
        /// Who holds it.
        by: HeldBy,
        /// The older request of the same account.
        replaces: Option<String>,
        /// Why.
        reason: String,
        /// The day by which a person acts.
        act_by_on: NaiveDate,
    },
    /// The row is served by the letter of another request.
    Joined {
        /// That request.
        reference: String,
        /// Its letter, once there is one.
        letter_id: Option<LetterId>,
        /// When that letter should have come.
        expected_to: Option<NaiveDate>,
    },
    /// The portal serves it another way.
    Routed {
        /// Why.
        reason: String,
    },
}

/// A row of intake with what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedRow {
    /// A request that is new.
    New {
        /// The line of the file, or the row of the table.
        line: u64,
        /// The request.
        request: Box<NewRequest>,
        /// The day by which the person was told that the letter comes.
        promised_by_on: NaiveDate,
        /// What becomes of it.
        taken: Taken,
    },
    /// The same request as one that was taken before.
    Repeated {
        /// The line.
        line: u64,
        /// The portal's id.
        reference: String,
    },
    /// A row that cannot be taken.
    Quarantined {
        /// The line.
        line: u64,
        /// The portal's id, if the row has one.
        reference: Option<String>,
        /// What is wrong.
        problems: Vec<FieldProblem>,
    },
}

/// How many rows went which way; `rows` is the sum of the four below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct IntakeCounts {
    /// Rows read.
    pub rows: u64,
    /// Requests that were not known, joined and held ones among them.
    pub new: u64,
    /// Requests that were known with the same content.
    pub repeated: u64,
    /// Requests that the portal serves another way.
    pub routed: u64,
    /// Rows that were refused.
    pub quarantined: u64,
}

impl std::ops::Add for IntakeCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            new: self.new + other.new,
            repeated: self.repeated + other.repeated,
            routed: self.routed + other.routed,
            quarantined: self.quarantined + other.quarantined,
        }
    }
}

impl IntakeCounts {
    /// How many rows of a plan go which way.
    #[must_use]
    pub fn of(rows: &[PlannedRow]) -> Self {
        let mut counts = Self { rows: rows.len() as u64, ..Self::default() };
        for row in rows {
            match row {
                PlannedRow::New { taken: Taken::Routed { .. }, .. } => counts.routed += 1,
                PlannedRow::New { .. } => counts.new += 1,
                PlannedRow::Repeated { .. } => counts.repeated += 1,
                PlannedRow::Quarantined { .. } => counts.quarantined += 1,
            }
        }
        counts
    }
}

/// A request as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestRecord {
    /// The portal's id.
    pub reference: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// Why it is held, withdrawn or routed.
    pub reason: Option<String>,
    /// Who holds it.
    pub held_by: Option<HeldBy>,
    /// The day by which a person acts.
    pub act_by_on: Option<NaiveDate>,
    /// Since when it is held, requests whose place it took included.
    pub held_at: Option<DateTime<Utc>>,
    /// When it was cancelled, if its letter had been made by then.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// The account.
    pub username: String,
    /// The name on the letter.
    pub full_name: String,
    /// The address, line by line.
    pub address: Vec<String>,
    /// The language of the letter.
    pub language: String,
    /// The form of the letter.
    pub format: String,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
    /// The day by which they were told that the letter comes.
    pub promised_by_on: NaiveDate,
    /// The file that it came in.
    pub file: String,
    /// The line of that file.
    pub line: u64,
    /// The request that took its place.
    pub replaced_by: Option<String>,
    /// The request whose letter serves it.
    pub joined_to: Option<String>,
    /// Its letter; withdrawn ones and those that were made anew are left out.
    pub letter_id: Option<String>,
    /// When name, address and account were erased.
    pub erased_at: Option<DateTime<Utc>>,
}

/// What the ledger does for intake.
#[async_trait]
pub trait IntakeLedger: Send + Sync {
    /// The content digests of those references that are known; empty where the request was erased.
    async fn known_references(&self, references: &[String]) -> LedgerResult<BTreeMap<String, String>>;
    /// Where these accounts stand.
    async fn standings(&self, usernames: &[String]) -> LedgerResult<BTreeMap<String, Standing>>;
    /// The letters that these accounts and addresses had since then, and their requests that are becoming letters.
    async fn recent(&self, accounts: &[String], addresses: &[String], since: DateTime<Utc>) -> LedgerResult<Recent>;
    /// Takes a file's rows as planned. `position` moves how far a table has been read.
    async fn take_rows(
        &self,
        file: &IntakeFile,
        rows: &[PlannedRow],
        position: Option<(&str, i64)>,
        at: DateTime<Utc>,
    ) -> LedgerResult<IntakeCounts>;
    /// Records a file that was refused whole.
    async fn refuse_file(&self, file: &IntakeFile, reason: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// How far a table has been read.
    async fn position(&self, source: &str) -> LedgerResult<i64>;
    /// Requests in a state, or all, in the order in which they came.
    async fn requests(&self, status: Option<RequestStatus>, limit: u32) -> LedgerResult<Vec<RequestRecord>>;
    /// One request.
    async fn request(&self, reference: &str) -> LedgerResult<Option<RequestRecord>>;
    /// Withdraws a request that is pending or held; a password that was mailed for it before ends.
    async fn cancel_request(
        &self,
        reference: &str,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()>;
    /// Holds a pending request.
    async fn hold_request(
        &self,
        reference: &str,
        decision: &Decision,
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
}
