//! Serial numbers of Intelligent Mail barcodes.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{ClaimedBatch, LedgerResult};
use crate::domain::imb::MailerId;
use crate::domain::imb::serials::{Exhausted, SerialRange, TakenBlock};

/// Serial numbers that a package needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedSerials {
    /// The numbers that it may have.
    pub range: SerialRange,
    /// How many it needs, one a letter with a barcode; 1 at least.
    pub count: u32,
    /// The site's date.
    pub today: NaiveDate,
    /// The date from which on they may be used again.
    pub free_on: NaiveDate,
}

/// What the ledger does for barcodes.
#[async_trait]
pub trait SerialLedger: Send + Sync {
    /// Takes serial numbers for a batch, if it is still the owner's, and gives the first; the others follow it.
    /// Whatever becomes of the batch, nobody else gets them before they are free.
    async fn take_serials(
        &self,
        batch: &ClaimedBatch,
        wanted: WantedSerials,
        at: DateTime<Utc>,
    ) -> LedgerResult<Result<u32, Exhausted>>;
    /// The blocks of a mailer id that are not free on `today`.
    async fn serials_in_use(&self, mailer_id: MailerId, today: NaiveDate) -> LedgerResult<Vec<TakenBlock>>;
}
