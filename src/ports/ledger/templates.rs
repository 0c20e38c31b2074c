//! Templates: which version of the letter somebody approved.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::LedgerResult;

/// A person's approval of a version of the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateApproval {
    /// The version, as the stationery gives it: SHA-256 in hexadecimal.
    pub version: String,
    /// The person.
    pub approved_by: String,
    /// What was changed and why.
    pub reason: Option<String>,
    /// When.
    pub approved_at: DateTime<Utc>,
    /// The SHA-256 of each part of the version, by its name.
    pub parts: BTreeMap<String, String>,
}

/// What the ledger does for templates.
#[async_trait]
pub trait TemplateLedger: Send + Sync {
    /// The newest approval of a version; of any where none is given.
    async fn template_approval(&self, version: Option<&str>) -> LedgerResult<Option<TemplateApproval>>;
    /// Records an approval; one of the same version by the same person is not allowed twice.
    async fn approve_template(&self, approval: &TemplateApproval) -> LedgerResult<()>;
}
