//! What is kept for a term only.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::LedgerResult;

/// A package whose file nobody needs any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentPackage {
    /// Its name.
    pub name: String,
    /// Its object in the spool.
    pub spool_object: String,
    /// When every piece was accounted for.
    pub closed_at: DateTime<Utc>,
}

/// What the ledger does when a term is over.
#[async_trait]
pub trait RetentionLedger: Send + Sync {
    /// How many passwords ended before this date and have a verifier yet.
    async fn spent_verifiers(&self, ended_before: NaiveDate) -> LedgerResult<u64>;
    /// Destroys the verifiers of passwords that ended before this date, and says how many.
    async fn destroy_verifiers(&self, ended_before: NaiveDate, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// Packages in the spool that were closed before this instant, oldest first. One that is not delivered, or of which a
    /// piece is not accounted for, is never closed; one with a letter on legal hold is left out.
    async fn spent_packages(&self, closed_before: DateTime<Utc>) -> LedgerResult<Vec<SpentPackage>>;
    /// Records that a closed package's object is in the spool no more; its term was over on `due_on`.
    async fn forget_object(&self, package: &str, due_on: NaiveDate, at: DateTime<Utc>) -> LedgerResult<()>;
}
