//! Pull orders, and requests that are cancelled after their letter was made.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{Decision, LedgerResult};
use crate::domain::letter::LetterId;

/// A pull order, sealed and ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPull {
    /// The package's name.
    pub package: String,
    /// Its number for that package, from 1.
    pub number: u32,
    /// The letters that it names.
    pub letters: Vec<LetterId>,
    /// Its bytes as the vendor gets them.
    pub sealed: Vec<u8>,
}

/// A pull order that the vendor has not been given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentPull {
    /// The ledger's id.
    pub order_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// The package's name.
    pub package: String,
    /// Its number for that package.
    pub number: u32,
    /// Its bytes.
    pub sealed: Vec<u8>,
}

/// What the ledger does for pull orders.
#[async_trait]
pub trait PullLedger: Send + Sync {
    /// The number of the next pull order for a package.
    async fn next_pull_number(&self, package: &str) -> LedgerResult<u32>;
    /// Records pull orders: the passwords of their letters end in the same transaction.
    async fn record_pulls(
        &self,
        orders: &[SealedPull],
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()>;
    /// Cancels a request whose letter was made: the letter's password ends, and the order to pull it is recorded.
    async fn cancel_lettered(
        &self,
        letter: LetterId,
        decision: &Decision,
        order: Option<&SealedPull>,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()>;
    /// Pull orders for packages that a vendor was offered, not sent yet.
    async fn unsent_pulls(&self) -> LedgerResult<Vec<UnsentPull>>;
    /// Records that the vendor has been given a pull order. Nothing changes where that is known.
    async fn record_pull_sent(&self, order_id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
}
