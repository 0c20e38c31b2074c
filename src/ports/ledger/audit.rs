//! The audit log: entries, subtrees and heads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Decision, LedgerResult};
use crate::audit::merkle::Hash;

/// How many leaves, or subtrees one level lower, a kept subtree has.
pub const SUBTREE: u64 = 256;

/// A head of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The signed checkpoint; `None` for a head from before there was a key.
    pub note: Option<String>,
    /// Whether the right edge of the tree that is kept with it, from which the log grows on, has this root.
    pub has_its_edge: bool,
}

/// Signs a head: gives the checkpoint of so many entries with this root. The ledger knows no key.
pub type SignHead<'a> = dyn Fn(u64, &Hash) -> LedgerResult<String> + Send + Sync + 'a;

/// A change of the key that signs the log's heads, by public keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The key before; `None` where there was none.
    pub before: Option<String>,
    /// The key since.
    pub after: String,
    /// Whether the key before is lost: then the new one alone signs the head.
    pub is_lost: bool,
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
    /// Takes the head of the log as it is now and keeps it, signed, with every subtree that is whole by then. Where nothing came
    /// after the last head, gives that one.
    async fn take_head(&self, sign: &SignHead<'_>, at: DateTime<Utc>) -> LedgerResult<Head>;
    /// Records that another key signs from now on, and takes the head whose last entry that is.
    async fn rotate_log_key(
        &self,
        change: &KeyChange,
        decision: &Decision,
        sign: &SignHead<'_>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Head>;
    /// The entries that tell of another key, in order.
    async fn log_key_changes(&self) -> LedgerResult<Vec<KeptEntry>>;
    /// The head that was kept last.
    async fn last_head(&self) -> LedgerResult<Option<Head>>;
    /// All heads that were kept, smallest first.
    async fn heads(&self) -> LedgerResult<Vec<Head>>;
    /// At most `limit` entries from place `from` on.
    async fn entries(&self, from: u64, limit: u32) -> LedgerResult<Vec<KeptEntry>>;
    /// How many entries there are.
    async fn log_size(&self) -> LedgerResult<u64>;
    /// All entries that a letter's way is told by, in their order: its own; those of its package, receipts among them; those of
    /// its request; those of the file that its request came in.
    async fn entries_of_letter(&self, letter_id: &str) -> LedgerResult<Vec<KeptEntry>>;
    /// The place of the first entry at or after an instant, by the instants in the entries; `None` where all are earlier.
    async fn first_entry_since(&self, at: DateTime<Utc>) -> LedgerResult<Option<u64>>;
    /// The kept hashes of at most `limit` leaves from place `from` on.
    async fn leaf_hashes(&self, from: u64, limit: u32) -> LedgerResult<Vec<Hash>>;
    /// The roots of at most `limit` kept subtrees of a level, from number `from` on. One of level `k` covers [`SUBTREE`]^`k`
    /// entries, and those that the last head covers wholly are kept.
    async fn subtrees(&self, level: u32, from: u64, limit: u32) -> LedgerResult<Vec<Hash>>;
}
