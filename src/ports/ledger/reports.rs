//! Runs of jobs, and what the ledger tells of itself.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{LedgerResult, LetterDates};
use crate::domain::imb::Imb;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::postal_statement::PostalStatement;

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

/// How one start of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartEnd {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: DateTime<Utc>,
    /// The exit status that follows from it, 0 to 5.
    pub exit: u8,
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
    /// The fingerprint of the site's key that signed it.
    pub sealed_by: Option<String>,
    /// The fingerprints of the vendor's certificates that it is encrypted to, with a space between.
    pub sealed_to: Option<String>,
    /// When it was first offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// When the vendor could take it.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The date of the receipt with which the vendor took it.
    pub accepted_on: Option<NaiveDate>,
    /// When every piece of it was accounted for.
    pub closed_at: Option<DateTime<Utc>>,
    /// How many of its receipts were taken.
    pub receipts_taken: u32,
    /// Why it never comes.
    pub void_reason: Option<String>,
    /// Why a person holds it.
    pub hold_reason: Option<String>,
    /// Who holds it.
    pub held_by: Option<String>,
    /// Since when.
    pub held_at: Option<DateTime<Utc>>,
    /// The day by which a person acts on that.
    pub act_by_on: Option<NaiveDate>,
    /// Orders to pull letters of it.
    pub pull_orders: u32,
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
    /// When it was printed, the last time.
    pub printed_on: Option<NaiveDate>,
    /// How often it was spoiled and made again.
    pub remakes: u32,
    /// When it was spoiled, rejected or pulled.
    pub unmailed_on: Option<NaiveDate>,
    /// When it was mailed.
    pub dispatched_on: Option<NaiveDate>,
    /// The number of the postal statement of its mailing, where the vendor gave it.
    pub postal_statement: Option<PostalStatement>,
    /// When it came back.
    pub returned_on: Option<NaiveDate>,
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
    /// Business days between the last day on which it is expected and that one, where it was mailed.
    pub days_to_read: Option<u32>,
    /// When its password ended.
    pub ended_on: Option<NaiveDate>,
    /// Why.
    pub end_reason: Option<String>,
    /// Wrong tries since the last right one.
    pub failures: u32,
    /// The letter that it replaces.
    pub replaces: Option<String>,
    /// When it was made anew.
    pub reissued_at: Option<DateTime<Utc>>,
    /// Why.
    pub reissue_reason: Option<String>,
    /// The order to its vendor to pull it.
    pub pull_order: Option<u32>,
    /// The day by which a person decides about it.
    pub decide_by_on: Option<NaiveDate>,
    /// The day of mailing that the vendor gave, where a person corrected it.
    pub reported_on: Option<NaiveDate>,
    /// The digits of its barcode; empty where the agency added none.
    pub imb: String,
    /// When account and routing code were erased.
    pub erased_at: Option<DateTime<Utc>>,
}

/// A request whose letter is not with its reader by the day that the portal promised, and where it hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissedPromise {
    /// The portal's id.
    pub reference: String,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
    /// The day by which the person was told that the letter comes.
    pub promised_by_on: NaiveDate,
    /// The status of its letter, or where it has none that counts, of the request.
    pub stage: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why the request waits, where it is held.
    pub reason: Option<String>,
    /// Its letter, where one was made that was not withdrawn.
    pub letter_id: Option<String>,
    /// The letter's package, or the one that the request was claimed for.
    pub package: Option<String>,
    /// When the letter was mailed: it is still under way.
    pub dispatched_on: Option<NaiveDate>,
    /// The last day on which a letter that is under way is expected.
    pub expected_to: Option<NaiveDate>,
    /// The day by which a person acts on the request or decides about the letter.
    pub act_by_on: Option<NaiveDate>,
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
    /// The last scheduled time of a job that has a run, whatever became of it, and is not later than this one.
    async fn last_run(&self, job: &str, not_after: &str) -> LedgerResult<Option<String>>;
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
    /// Keeps what a stage did that this run does again, for the report.
    async fn note_stage(&self, run: i64, stage: &str, outcome: &serde_json::Value) -> LedgerResult<()>;
    /// Completes a run.
    async fn finish_run(&self, run: i64, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records how the newest start of a run ended; of a run that never came to be, nothing.
    async fn record_start_end(&self, job: &str, scheduled_for: &str, end: &StartEnd) -> LedgerResult<()>;
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
    /// The dates of one letter with what they were counted from.
    async fn letter_dates(&self, letter_id: &str) -> LedgerResult<Option<LetterDates>>;
    /// The newest letter with the tracking code of this barcode, whatever routing code was read with it.
    async fn letter_by_barcode(&self, imb: Imb) -> LedgerResult<Option<LetterRecord>>;
    /// The requests that were promised a letter by a day before `today` and whose letter is not mailed, or was mailed too
    /// late to come by that day and is still under way; the oldest promise first.
    async fn missed_promises(&self, today: NaiveDate) -> LedgerResult<Vec<MissedPromise>>;
    /// The accounting of everything.
    async fn accounting(&self) -> LedgerResult<Accounting>;
    /// Rows that break what the schema's constraints cannot say, each as a sentence; empty when all is well.
    async fn contradictions(&self) -> LedgerResult<Vec<String>>;
}
