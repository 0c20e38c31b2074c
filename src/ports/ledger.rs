//! The ledger as the stages see it: one trait a stage, each method one transaction with its audit entries.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::audit::merkle::Hash;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::receipt::ReceiptEvent;
use crate::domain::request::{FieldProblem, Format, NewRequest, Recipient, RequestStatus};
use crate::domain::standing::{HeldBy, Standing};

/// The ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be reached, read or written: try again.
    #[error("the ledger failed while it {doing}: {reason}; try again, and look at its disk if it fails again")]
    Unavailable {
        /// What it was doing, as "recorded a delivery".
        doing: &'static str,
        /// What the database said.
        reason: String,
    },
    /// Another worker changed the rows meanwhile: nothing was done.
    #[error(
        "while it {doing}, the ledger found that somebody else had changed {subject} meanwhile; nothing was done, run it again"
    )]
    Overtaken {
        /// What it was doing.
        doing: &'static str,
        /// What had changed.
        subject: String,
    },
    /// The state of a record does not allow it.
    #[error("{0}")]
    NotAllowed(String),
    /// A stored value is not what letterpost writes.
    #[error(
        "the ledger holds '{value}' as {field}, which letterpost never writes; it was changed by something else, restore it from a backup"
    )]
    Corrupt {
        /// The column.
        field: &'static str,
        /// What it holds.
        value: String,
    },
}

/// A result of the ledger.
pub type LedgerResult<T> = Result<T, LedgerError>;

// Intake ---------------------------------------------------------------------------------------------------------

/// A file of requests, or a portion of the portal's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeFile {
    /// Its name without folders.
    pub name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// What becomes of one row of intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The row waits for the next night; the older request named is withdrawn.
    Pending {
        /// The older request of the same account.
        replaces: Option<String>,
    },
    /// The row waits for a person, in place of an older request.
    Held {
        /// The older request of the same account.
        replaces: String,
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
    /// Its letter, voided ones left out.
    pub letter_id: Option<String>,
}

/// What the ledger does for intake.
#[async_trait]
pub trait IntakeLedger: Send + Sync {
    /// The content digests of those references that are known.
    async fn known_references(&self, references: &[String]) -> LedgerResult<BTreeMap<String, String>>;
    /// Where these accounts stand.
    async fn standings(&self, usernames: &[String]) -> LedgerResult<BTreeMap<String, Standing>>;
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
    /// Withdraws a request that is pending or held.
    async fn cancel_request(&self, reference: &str, reason: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Holds a pending request.
    async fn hold_request(
        &self,
        reference: &str,
        reason: &str,
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Lets a held request go on.
    async fn release_request(&self, reference: &str, reason: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Holds whose day to act is before `today`.
    async fn overdue_holds(&self, today: NaiveDate) -> LedgerResult<Vec<RequestRecord>>;
}

// Production -----------------------------------------------------------------------------------------------------

/// Which requests a vendor takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The vendor's code.
    pub vendor: String,
    /// The form of letter: one package is one kind of piece.
    pub format: Format,
    /// The languages.
    pub languages: BTreeSet<String>,
    /// The countries; empty for all.
    pub countries: BTreeSet<String>,
    /// The most letters in a package.
    pub limit: u32,
}

/// A request in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The ledger's id of the request.
    pub request_id: i64,
    /// The portal's id of it.
    pub reference: String,
    /// The account.
    pub username: String,
    /// Who the letter goes to.
    pub recipient: Recipient,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
}

/// A batch that its owner is making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedBatch {
    /// The ledger's id.
    pub batch_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// The package's name.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// The form of its letters.
    pub format: Format,
    /// Who makes it.
    pub owner: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The head of the audit log that rides along.
    pub checkpoint: String,
    /// The requests, in the order of the package.
    pub members: Vec<Member>,
}

/// A letter with its verifier, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintedLetter {
    /// Its id.
    pub letter_id: LetterId,
    /// The request that it answers.
    pub request_id: i64,
    /// The portal's id of that.
    pub reference: String,
    /// The account.
    pub username: String,
    /// Its place in the package, from 1.
    pub sequence: u32,
    /// Its language.
    pub language: String,
    /// Whether it goes outside the contiguous United States.
    pub outside: bool,
    /// Printed sides.
    pub pages: u32,
    /// Pieces of paper.
    pub sheets: u32,
    /// SHA-256 of its pages, in hexadecimal.
    pub sha256: String,
    /// Which templates and fonts made it.
    pub template_version: String,
    /// What is kept of its password.
    pub verifier: String,
    /// The day on which the vendor should mail it.
    pub planned_mail_on: NaiveDate,
    /// The last day that its password may ever have.
    pub cap_on: NaiveDate,
    /// The printed last day.
    pub use_by_on: NaiveDate,
    /// The first day on which it should arrive.
    pub expected_from: NaiveDate,
    /// The last day on which it should arrive.
    pub expected_to: NaiveDate,
}

/// A package that lies sealed in the spool, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBatch {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The day on which the vendor should mail it.
    pub mail_on: NaiveDate,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
    /// The spool's name of it.
    pub spool_object: String,
    /// The length of the sealed file.
    pub size_bytes: u64,
    /// SHA-256 of the sealed file, in hexadecimal.
    pub sha256: String,
    /// The letters, in the order of the package.
    pub letters: Vec<MintedLetter>,
}

/// What the ledger does for production.
#[async_trait]
pub trait ProductionLedger: Send + Sync {
    /// The batches that somebody claimed and nobody finished.
    async fn unfinished_batches(&self) -> LedgerResult<Vec<i64>>;
    /// Takes over an unfinished batch under a new attempt.
    async fn take_over(&self, batch_id: i64, owner: &str, at: DateTime<Utc>) -> LedgerResult<ClaimedBatch>;
    /// How many pending requests a lane could take.
    async fn waiting(&self, lane: &Lane) -> LedgerResult<u64>;
    /// How many letters each of the last completed nights had, newest first.
    async fn recent_nights(&self, nights: u32) -> LedgerResult<Vec<u64>>;
    /// Claims pending requests for a new batch; `None` where none is pending. `name` gives the package's name for
    /// its number.
    async fn claim(
        &self,
        lane: &Lane,
        name: &(dyn Fn(u32) -> String + Sync),
        owner: &str,
        checkpoint: &str,
        run_id: Option<i64>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Option<ClaimedBatch>>;
    /// Takes members out of a batch and holds their requests.
    async fn hold_members(
        &self,
        batch: &ClaimedBatch,
        held: &[(i64, String)],
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Holds pending requests that no vendor takes.
    async fn hold_unserved(&self, lanes: &[Lane], act_by_on: NaiveDate, at: DateTime<Utc>)
    -> LedgerResult<Vec<String>>;
    /// Gives up a batch that was left empty: its number becomes a void notice.
    async fn void_empty(&self, batch: &ClaimedBatch, reason: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records a sealed package, its letters and their verifiers, if the batch is still the owner's.
    async fn commit(&self, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()>;
    /// The spool's names of all packages that were recorded.
    async fn recorded_objects(&self) -> LedgerResult<BTreeSet<String>>;
}

// Delivery -------------------------------------------------------------------------------------------------------

/// A package that waits to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The ledger's id.
    pub batch_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// The package's name.
    pub name: String,
    /// The spool's name of it.
    pub spool_object: String,
    /// Its length.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The head of the audit log that rides along.
    pub checkpoint: String,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
    /// When it was first offered to the vendor, if it was.
    pub offered_at: Option<DateTime<Utc>>,
    /// Letters in it.
    pub letters: u32,
}

/// A number that will never come, not announced yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentVoid {
    /// The ledger's id.
    pub batch_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// The package's name.
    pub name: String,
    /// Why it never comes.
    pub reason: String,
    /// Since when that is known.
    pub voided_at: DateTime<Utc>,
}

/// What the ledger does for delivery.
#[async_trait]
pub trait DeliveryLedger: Send + Sync {
    /// Packages that are sealed and not delivered, in the order of their numbers.
    async fn undelivered(&self) -> LedgerResult<Vec<Undelivered>>;
    /// Records that the package is about to get its final name at the vendor.
    async fn record_offer(&self, batch_id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records that the vendor can take the package: its passwords are live, those they replace are revoked.
    async fn record_delivery(&self, batch_id: i64, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// Records a person's word that the vendor has an offered package.
    async fn settle(&self, name: &str, reason: &str, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// Withdraws a package that was never offered: its passwords are revoked, its requests pending again.
    async fn void_package(&self, batch_id: i64, reason: &str, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// Void notices that the vendor has not been given.
    async fn unsent_voids(&self) -> LedgerResult<Vec<UnsentVoid>>;
    /// Records that the vendor has been given a void notice.
    async fn record_void_sent(&self, batch_id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
}

// Receipts -------------------------------------------------------------------------------------------------------

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

// Passwords ------------------------------------------------------------------------------------------------------

/// What is kept of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPassword {
    /// The letter that it is printed on.
    pub letter_id: LetterId,
    /// The portal's id of the request.
    pub reference: String,
    /// The verifier.
    pub verifier: String,
    /// What it is good for.
    pub status: PasswordStatus,
    /// Its last day.
    pub expires_on: NaiveDate,
}

/// What the ledger does for passwords.
#[async_trait]
pub trait PasswordLedger: Send + Sync {
    /// The passwords of an account whose verifiers are kept, newest first.
    async fn kept_passwords(&self, username: &str) -> LedgerResult<Vec<KeptPassword>>;
    /// Counts a try against a live password before it is checked. `false` where the limit was reached: do not check.
    async fn count_try(&self, letter_id: LetterId, limit: u32) -> LedgerResult<bool>;
    /// The try was right: the count starts again.
    async fn clear_tries(&self, letter_id: LetterId) -> LedgerResult<()>;
    /// Locks a live password whose count has reached the limit. `true` where this call locked it.
    async fn lock_if_spent(&self, letter_id: LetterId, limit: u32, at: DateTime<Utc>) -> LedgerResult<bool>;
    /// Uses a password up. `false` where it was not live any more.
    async fn redeem(&self, letter_id: LetterId, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<bool>;
    /// Ends passwords whose last day is before `today`, and says how many.
    async fn expire(&self, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<u64>;
    /// How many passwords have a last day before `today` and are not ended.
    async fn expirable(&self, today: NaiveDate) -> LedgerResult<u64>;
    /// Destroys the verifiers of passwords that ended before `ended_before`, and says how many.
    async fn destroy_verifiers(&self, ended_before: NaiveDate) -> LedgerResult<u64>;
}

// Audit ----------------------------------------------------------------------------------------------------------

/// A head of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEntry {
    /// Its place, from 0.
    pub seq: u64,
    /// Its canonical bytes.
    pub entry: Vec<u8>,
    /// The kept hash of them.
    pub leaf_hash: Vec<u8>,
}

/// What the ledger does for the audit log.
#[async_trait]
pub trait AuditLedger: Send + Sync {
    /// Takes the head of the log as it is now and keeps it.
    async fn take_head(&self, at: DateTime<Utc>) -> LedgerResult<Head>;
    /// All heads that were kept, smallest first.
    async fn heads(&self) -> LedgerResult<Vec<Head>>;
    /// At most `limit` entries from place `from` on.
    async fn entries(&self, from: u64, limit: u32) -> LedgerResult<Vec<KeptEntry>>;
    /// How many entries there are.
    async fn log_size(&self) -> LedgerResult<u64>;
}

// Runs and reports -----------------------------------------------------------------------------------------------

/// How a start of a job found its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStart {
    /// Nobody had started it.
    New(i64),
    /// An earlier start died; this one goes on.
    Resumed(i64),
    /// It is done.
    Completed(i64),
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// Its id.
    pub run: i64,
    /// The job's name.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
    /// `running` or `completed`.
    pub status: String,
    /// How often it was started.
    pub starts: u32,
    /// When it was first started.
    pub started_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its stages, in the order in which they were started.
    pub stages: Vec<StageRecord>,
}

/// A stage of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageRecord {
    /// Its name.
    pub stage: String,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it did.
    pub outcome: Option<serde_json::Value>,
}

/// A package as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchRecord {
    /// Its name.
    pub package: String,
    /// The vendor's code.
    pub vendor: String,
    /// Where it stands.
    pub status: String,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// The form of its letters.
    pub format: String,
    /// Letters in it.
    pub letters: u32,
    /// Sheets in it.
    pub sheets: u32,
    /// The day on which the vendor should mail it.
    pub mail_on: Option<NaiveDate>,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: Option<NaiveDate>,
    /// Length of the sealed file.
    pub size_bytes: Option<u64>,
    /// SHA-256 of the sealed file.
    pub sha256: Option<String>,
    /// When it was first offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// When the vendor could take it.
    pub delivered_at: Option<DateTime<Utc>>,
    /// How many receipts came.
    pub receipts: u32,
    /// Why it never comes.
    pub void_reason: Option<String>,
    /// How many of its letters are where.
    pub letter_states: BTreeMap<String, u32>,
}

/// A letter as it stands in the ledger; no secret, no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterRecord {
    /// Its id.
    pub letter_id: String,
    /// The portal's id of its request.
    pub reference: String,
    /// The account.
    pub username: String,
    /// Where it is.
    pub status: LetterStatus,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// What its password is good for.
    pub password_status: PasswordStatus,
    /// Its package.
    pub package: String,
    /// Its place in the package.
    pub sequence: u32,
    /// Its language.
    pub language: String,
    /// Its form.
    pub format: String,
    /// Its sheets.
    pub sheets: u32,
    /// When its password was made.
    pub minted_at: DateTime<Utc>,
    /// When it should be mailed.
    pub planned_mail_on: NaiveDate,
    /// When it was mailed.
    pub dispatched_on: Option<NaiveDate>,
    /// The first day on which it should arrive.
    pub expected_from: NaiveDate,
    /// The last day on which it should arrive.
    pub expected_to: NaiveDate,
    /// The day by which the person was told that it comes.
    pub promised_by_on: NaiveDate,
    /// The printed last day.
    pub use_by_on: NaiveDate,
    /// The last day of its password.
    pub expires_on: NaiveDate,
    /// When its password ended.
    pub ended_on: Option<NaiveDate>,
    /// Why.
    pub end_reason: Option<String>,
    /// Wrong tries since the last right one.
    pub failures: u32,
    /// The letter that it replaces.
    pub replaces: Option<String>,
}

/// A row of the view `dispatch_records`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the columns are those of the view, told in docs/auditor.md")]
pub struct DispatchRecord {
    pub letter_id: String,
    pub reference: String,
    pub vendor: String,
    pub package: String,
    pub package_sha256: Option<String>,
    pub sequence: u32,
    pub sheets: u32,
    pub template_version: String,
    pub delivered_at: Option<DateTime<Utc>>,
    pub dispatched_on: Option<NaiveDate>,
    pub receipt_file: Option<String>,
    pub receipt_sha256: Option<String>,
    pub receipt_line: Option<i64>,
    pub expected_from: NaiveDate,
    pub expected_to: NaiveDate,
    pub use_by_on: NaiveDate,
    pub expires_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    pub end_reason: Option<String>,
    pub replaces: Option<String>,
    pub replaced_by: Option<String>,
    pub run: Option<i64>,
    pub audit_seq: Option<i64>,
}

/// How many requests and letters are where; the sums of the contract close over it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Accounting {
    /// Requests that were ever taken.
    pub requests: u64,
    /// Of those, how many are in which state.
    pub request_states: BTreeMap<String, u64>,
    /// Letters that were ever made.
    pub letters: u64,
    /// Of those, how many are in which state.
    pub letter_states: BTreeMap<String, u64>,
}

/// What the ledger does for runs.
#[async_trait]
pub trait RunLedger: Send + Sync {
    /// Runs of a job that were started and not completed, oldest first.
    async fn unfinished_runs(&self, job: &str) -> LedgerResult<Vec<String>>;
    /// Starts the run of a job for a scheduled time.
    async fn start_run(&self, job: &str, scheduled_for: &str, at: DateTime<Utc>) -> LedgerResult<RunStart>;
    /// The stages of a run that are done.
    async fn finished_stages(&self, run: i64) -> LedgerResult<BTreeSet<String>>;
    /// Starts a stage of a run.
    async fn start_stage(&self, run: i64, stage: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records what a stage did.
    async fn finish_stage(
        &self,
        run: i64,
        stage: &str,
        outcome: &serde_json::Value,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Completes a run.
    async fn finish_run(&self, run: i64, at: DateTime<Utc>) -> LedgerResult<()>;
}

/// What the ledger tells of itself.
#[async_trait]
pub trait ReportLedger: Send + Sync {
    /// The newest runs of a job, newest first.
    async fn runs(&self, job: Option<&str>, limit: u32) -> LedgerResult<Vec<RunRecord>>;
    /// Packages, newest first.
    async fn batches(&self, limit: u32) -> LedgerResult<Vec<BatchRecord>>;
    /// One package, by its name.
    async fn batch(&self, name: &str) -> LedgerResult<Option<BatchRecord>>;
    /// Letters, newest first; of one package where one is named.
    async fn letters(&self, package: Option<&str>, limit: u32) -> LedgerResult<Vec<LetterRecord>>;
    /// One letter.
    async fn letter(&self, letter_id: LetterId) -> LedgerResult<Option<LetterRecord>>;
    /// The letters that were dispatched from the one day to the other, both included.
    async fn dispatches(&self, from: NaiveDate, to: NaiveDate) -> LedgerResult<Vec<DispatchRecord>>;
    /// The references of requests whose letters were not mailed by the day that the person was told, before `today`.
    async fn missed_promises(&self, today: NaiveDate) -> LedgerResult<Vec<String>>;
    /// The accounting of everything.
    async fn accounting(&self) -> LedgerResult<Accounting>;
    /// Rows that break what the schema's constraints cannot say, each as a sentence; empty when all is well.
    async fn contradictions(&self) -> LedgerResult<Vec<String>>;
}

/// All that a ledger does.
pub trait Ledger:
    IntakeLedger
    + ProductionLedger
    + DeliveryLedger
    + ReceiptLedger
    + PasswordLedger
    + AuditLedger
    + RunLedger
    + ReportLedger
{
}

impl<T> Ledger for T where
    T: IntakeLedger
        + ProductionLedger
        + DeliveryLedger
        + ReceiptLedger
        + PasswordLedger
        + AuditLedger
        + RunLedger
        + ReportLedger
{
}
