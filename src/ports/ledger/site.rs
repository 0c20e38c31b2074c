//! Whose ledger it is.

/// Whose ledger it is; a ledger of another site is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteMark {
    /// The site's code.
    pub code: String,
    /// `test` or `live`.
    pub environment: String,
    /// The origin of the audit log.
    pub origin: String,
    /// Whether time and chance may be simulated.
    pub is_rehearsal: bool,
}
