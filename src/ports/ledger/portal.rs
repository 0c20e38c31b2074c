//! What a portal reads: the views `notices` and `letter_status`, and rows of its table that were refused.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::LedgerResult;

/// Word for a person, as the view `notices` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Grows from notice to notice.
    pub id: i64,
    /// When it was left.
    pub at: DateTime<Utc>,
    /// What it is about: `minted`, `mailed`, `held` and so on.
    pub kind: String,
    /// The portal's id of the request.
    pub reference: String,
    /// The letter, where it is about one.
    pub letter_id: Option<String>,
    /// A sentence for the person.
    pub detail: String,
}

/// Where a request stands, as the view `letter_status` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The status of its letter, or of the request where it has none.
    pub stage: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What comes next, as a person reads it.
    pub next: Option<String>,
}

/// What the ledger does for a portal.
#[async_trait]
pub trait PortalLedger: Send + Sync {
    /// Notices whose `id` is larger than `after`, in their order.
    async fn notices(&self, after: i64, limit: u32) -> LedgerResult<Vec<Notice>>;
    /// Where the request of this reference stands; `None` where none was taken.
    async fn standing(&self, reference: &str) -> LedgerResult<Option<Standing>>;
    /// When the newest row of this reference was refused, and why: JSON as the ledger keeps it. `None` where none was.
    async fn refused_row(&self, reference: &str) -> LedgerResult<Option<(DateTime<Utc>, String)>>;
}
