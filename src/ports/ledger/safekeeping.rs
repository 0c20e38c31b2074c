//! Safekeeping: backups that were made, what is known of each number, and losses that a person accepted.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::audit::merkle::Hash;

/// A backup that was made and found good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupRecord {
    /// When.
    pub made_at: DateTime<Utc>,
    /// Where it was put.
    pub path: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Entries of the audit log that it holds.
    pub entries: u64,
}

/// What the ledger knows of a number of a vendor's packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownNumber {
    /// It is being made, under this attempt.
    Making {
        /// Counted from 1.
        attempt: u32,
    },
    /// It is sealed and was never offered to the vendor.
    Sealed,
    /// The vendor may have it: it was offered, or a person gave it up as lost.
    Offered,
    /// It will never come.
    Void,
    /// A transmission test.
    Test,
}

/// A newer ledger that is lost for good, as a person accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Who accepts it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The head outside the ledger, size and root, where it covers more than the ledger has.
    pub outside: Option<(u64, Hash)>,
    /// The highest number that each vendor may have, by code.
    pub highest: BTreeMap<String, u32>,
    /// Until when a person decides about the requests that are held.
    pub act_by_on: NaiveDate,
}

/// What accepting a loss does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LossTaken {
    /// Numbers that are never used, as names of vendor and number.
    pub numbers_left_out: Vec<String>,
    /// Packages in the making that are given up.
    pub given_up: Vec<String>,
    /// Sealed packages that now count as offered: only a receipt or a person says what became of them.
    pub in_doubt: Vec<String>,
    /// Requests that now wait for a person.
    pub held: u64,
    /// Passwords that can be used: whether they were used since is not known.
    pub live_passwords: u64,
}

/// What the ledger does for its own safety.
#[async_trait]
pub trait SafekeepingLedger: Send + Sync {
    /// Closes its connections.
    async fn close(&self);
    /// Records that a backup was made.
    async fn record_backup(&self, backup: &BackupRecord) -> LedgerResult<()>;
    /// The backup that was made last.
    async fn last_backup(&self) -> LedgerResult<Option<BackupRecord>>;
    /// Every number of a vendor's packages and tests.
    async fn known_numbers(&self, vendor: &str) -> LedgerResult<BTreeMap<u32, KnownNumber>>;
    /// Accepts a loss, or with `dry_run` only says what that would do.
    async fn accept_loss(&self, loss: &Loss, dry_run: bool, at: DateTime<Utc>) -> LedgerResult<LossTaken>;
    /// When the last loss was accepted: requests from before may have had a letter of which nothing is known.
    async fn last_loss(&self) -> LedgerResult<Option<DateTime<Utc>>>;
}
