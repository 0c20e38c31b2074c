//! Delivery: packages on their way to a vendor.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{Decision, LedgerResult};

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
    /// The print day that it is for.
    pub mail_on: NaiveDate,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
    /// When it was first offered to the vendor, if it was.
    pub offered_at: Option<DateTime<Utc>>,
    /// Letters in it.
    pub letters: u32,
    /// Why a person holds it, if one does.
    pub hold_reason: Option<String>,
    /// The day by which a person acts on that.
    pub act_by_on: Option<NaiveDate>,
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
    async fn settle(&self, name: &str, decision: &Decision, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// Records a person's word that the vendor does not have an offered package and will print nothing of its name: its
    /// passwords are revoked, its requests pending again. Gives the spool's name of it.
    async fn settle_not_taken(
        &self,
        name: &str,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<String>;
    /// Withdraws a package that was never offered: its passwords are revoked, its requests pending again.
    async fn void_package(&self, batch_id: i64, reason: &str, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()>;
    /// The same for a package that was offered, of which the upload was removed before it got its name.
    async fn recall_package(
        &self,
        batch_id: i64,
        reason: &str,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()>;
    /// Void notices that the vendor has not been given.
    async fn unsent_voids(&self) -> LedgerResult<Vec<UnsentVoid>>;
    /// Records that the vendor has been given a void notice.
    async fn record_void_sent(&self, batch_id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
}
