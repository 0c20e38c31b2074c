//! Passwords: what is kept of them, and how they end.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::LedgerResult;
use crate::domain::letter::{LetterId, PasswordStatus};

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
}
