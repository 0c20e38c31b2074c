//! Letters that went another way than they should: what is known of them, and what was decided.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::domain::exception::LetterCase;
use crate::domain::letter::LetterId;
use crate::domain::validity::ValidityWindow;

/// Why something was decided, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Why; it is kept.
    pub reason: String,
    /// The person; `None` for a rule of the site.
    pub by: Option<String>,
}

/// What is known of a letter's mailing when a person corrects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// The letter.
    pub case: LetterCase,
    /// When its package was first offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// When it was printed, by the vendor's word.
    pub printed_on: Option<NaiveDate>,
    /// Whether it goes outside the contiguous United States.
    pub outside: bool,
    /// The dates of its password.
    pub window: ValidityWindow,
    /// A correction of it that waits for a second person.
    pub waiting: Option<WaitingCorrection>,
}

/// A correction that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingCorrection {
    /// The letter.
    pub letter_id: String,
    /// When it was mailed, by what is recorded.
    pub old_mailed_on: NaiveDate,
    /// When it was mailed, by the first person's word.
    pub new_mailed_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// The first person.
    pub asked_by: String,
    /// When they asked.
    pub asked_at: DateTime<Utc>,
}

/// A correction of a day of mailing, with all that follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The letter.
    pub letter_id: LetterId,
    /// What was recorded.
    pub old_mailed_on: NaiveDate,
    /// What is recorded now.
    pub new_mailed_on: NaiveDate,
    /// The last day of its password from now on.
    pub expires_on: NaiveDate,
    /// The first day on which it should arrive.
    pub expected_from: NaiveDate,
    /// The last day on which it should arrive.
    pub expected_to: NaiveDate,
    /// Business days between that and the last day of its password.
    pub days_to_read: u32,
}

/// What the ledger does for letters that went another way.
#[async_trait]
pub trait ExceptionLedger: Send + Sync {
    /// What is known of a letter.
    async fn letter_case(&self, letter_id: LetterId) -> LedgerResult<Option<LetterCase>>;
    /// The letter that answers a request now, if one was made.
    async fn case_of_request(&self, reference: &str) -> LedgerResult<Option<LetterCase>>;
    /// Letters of which nothing was decided and that may never come, or not in time: rejected, spoiled, at the vendor though
    /// its last mailing day was before `today`, or mailed after the day that was planned so that its reader has fewer than
    /// `shortest` business days.
    async fn failed_letters(&self, today: NaiveDate, shortest: u32) -> LedgerResult<Vec<LetterCase>>;
    /// Makes these letters anew, each for its decision: their requests wait again. All or none.
    async fn reissue(&self, letters: &[(LetterCase, Decision)], at: DateTime<Utc>) -> LedgerResult<()>;
    /// Leaves these letters to a person, each for its reason, until `decide_by_on`.
    async fn leave_to_person(
        &self,
        letters: &[(LetterCase, String)],
        decide_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Records that these letters came back on `on`. All or none.
    async fn record_returned(
        &self,
        letters: &[LetterId],
        on: NaiveDate,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()>;
    /// What is known of a letter's mailing.
    async fn mailing(&self, letter_id: LetterId) -> LedgerResult<Option<Mailing>>;
    /// Asks for a correction that a second person confirms, in the place of one that waits.
    async fn ask_correction(&self, correction: &Correction, decision: &Decision, at: DateTime<Utc>)
    -> LedgerResult<()>;
    /// Corrects a day of mailing on one person's word.
    async fn correct(&self, correction: &Correction, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Makes the correction that waits, on a second person's word.
    async fn confirm_correction(&self, correction: &Correction, by: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Drops the correction that waits.
    async fn drop_correction(&self, letter_id: LetterId, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Corrections that wait for a second person.
    async fn waiting_corrections(&self) -> LedgerResult<Vec<WaitingCorrection>>;
}
