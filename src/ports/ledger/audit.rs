//! The audit log: entries and heads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::LedgerResult;
use crate::audit::merkle::Hash;

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
