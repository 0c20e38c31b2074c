//! Reconciliation: what is on record of a package and its receipts, and its closing.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::domain::reconciliation::{Count, Line, Piece, Totals};
use crate::package::ticket::Remake;

/// A receipt that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenReceipt {
    /// The ledger's id of it.
    #[serde(skip)]
    pub file_id: i64,
    /// Its number.
    pub number: u32,
    /// The file's name.
    pub file_name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// The date of its row on the package; `None` where nobody kept it.
    pub package_on: Option<NaiveDate>,
    /// How many of its lines were taken.
    pub lines_taken: u32,
    /// How many of its lines were held.
    pub lines_held: u32,
    /// How many of its lines that were taken have each event; spoiled letters that were made again are `remade`.
    pub events: BTreeMap<String, u32>,
}

/// A receipt that waits for a smaller number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingReceipt {
    /// Its number.
    pub number: u32,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
}

/// All that is on record of a package, but the lines of its receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageBook {
    /// The ledger's id.
    pub batch_id: i64,
    /// The package's name.
    pub name: String,
    /// The vendor's code.
    pub vendor: String,
    /// Where the package is: `claimed`, `sealed`, `delivered`, `accepted`, `refused` or `void`.
    pub status: String,
    /// The last day on which it may be mailed.
    pub mail_by_on: Option<NaiveDate>,
    /// What its job ticket says of remakes; `None` where nobody kept it.
    pub remake: Option<Remake>,
    /// When it was first offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// When the vendor could take it.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When every piece was accounted for.
    pub closed_at: Option<DateTime<Utc>>,
    /// Pieces and sheets as they were sealed.
    pub manifest: Count,
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// The receipts that were taken, by number.
    pub receipts: Vec<TakenReceipt>,
    /// The receipts that wait, by number.
    pub waiting: Vec<WaitingReceipt>,
}

/// What the ledger does for reconciliation.
#[async_trait]
pub trait ReconciliationLedger: Send + Sync {
    /// The names of packages that were offered and are not closed, or for which a receipt waits, oldest first.
    async fn open_packages(&self) -> LedgerResult<Vec<String>>;
    /// What is on record of a package, by its name.
    async fn package_book(&self, name: &str) -> LedgerResult<Option<PackageBook>>;
    /// The next lines of a receipt after this one, in the order of the file; none after the last. However many lines a
    /// receipt has, a bounded number of them is given at once.
    async fn receipt_lines(&self, file_id: i64, after: u64) -> LedgerResult<Vec<Line>>;
    /// Closes a package, unless it is closed, a piece of it is still out or a receipt waits; says whether it did.
    async fn close_package(&self, book: &PackageBook, totals: &Totals, at: DateTime<Utc>) -> LedgerResult<bool>;
}
