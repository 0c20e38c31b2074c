//! Where the copies of receipts lie.

use super::config::Config;
use super::open::Opening;
use crate::ports::KeptFiles as _;
use crate::ports::ledger::{KeptKind, receipt_copy};

/// Where the copy of a receipt lies; `None` where there is none, or none any more.
#[must_use]
pub fn receipt_copy_at(config: &Config, file_name: &str, sha256: &str, at: &Opening) -> Option<String> {
    let (files, name) = (at.site_files(config), receipt_copy(file_name, sha256));
    files.has(KeptKind::Receipt, &name).then(|| files.place(KeptKind::Receipt, &name))
}
