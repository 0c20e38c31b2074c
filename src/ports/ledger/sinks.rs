//! What each place outside has had of the checkpoints.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::LedgerResult;

/// A checkpoint as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// Entries that it covers.
    pub size: u64,
    /// Its text, signature lines included.
    pub note: String,
    /// When the head was taken.
    pub taken_at: DateTime<Utc>,
}

/// How far a sink is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SinkStanding {
    /// The sink's code.
    pub code: String,
    /// Entries that the newest checkpoint covers which it has had; `None` before the first.
    pub has_size: Option<u64>,
    /// When it had that.
    pub had_at: Option<DateTime<Utc>>,
    /// Checkpoints that it has not had yet.
    pub behind: u64,
    /// When the first of them was taken.
    pub behind_since: Option<DateTime<Utc>>,
    /// Why it did not take the last that it was given; `None` where it did.
    pub failure: Option<String>,
}

/// What the ledger does for sinks. What they have had is no state that the log tells of: an entry would make another
/// checkpoint.
#[async_trait]
pub trait SinkLedger: Send + Sync {
    /// The first checkpoints, at most `limit`, that a sink has not had, smallest first.
    async fn notes_for_sink(&self, code: &str, limit: u32) -> LedgerResult<Vec<KeptNote>>;
    /// The newest checkpoint that was signed.
    async fn newest_note(&self) -> LedgerResult<Option<KeptNote>>;
    /// Records that a sink has had the checkpoint over so many entries.
    async fn record_sent(&self, code: &str, size: u64, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records that a sink did not take the next one, and why.
    async fn record_not_sent(&self, code: &str, why: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// How far a sink is.
    async fn sink_standing(&self, code: &str) -> LedgerResult<SinkStanding>;
    /// Whether a checkpoint over so many entries may be of a log that was lost for good, as a person accepted.
    async fn is_of_lost_log(&self, size: u64) -> LedgerResult<bool>;
}
