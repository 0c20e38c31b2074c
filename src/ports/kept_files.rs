//! Files that are kept for a term: evidence, what waits for a person, and what people named themselves.

use super::SpoolError;
use super::ledger::KeptKind;

/// What became of a file that was to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, for good.
    Removed,
    /// It was not there.
    Missing,
    /// It has other bytes, of this SHA-256, and is left.
    Changed(String),
    /// It is a link, a folder, or lies behind a link, and is left.
    NotAFile,
}

/// Keeps files, and removes those whose term is over.
///
/// Receipts, certificates and quarantined files have a folder each, and a path is a name in it. Imports and backups lie
/// where people put them, and a path is absolute.
pub trait KeptFiles: Send + Sync {
    /// Keeps these bytes under a name in the folder of their kind, durably, before it returns.
    ///
    /// # Errors
    /// Where the disk refuses, or other bytes lie under the name.
    fn keep(&self, kind: KeptKind, name: &str, bytes: &[u8]) -> Result<(), SpoolError>;
    /// Whether there is something under this name.
    fn has(&self, kind: KeptKind, path: &str) -> bool;
    /// Where a file lies, for people.
    fn place(&self, kind: KeptKind, path: &str) -> String;
    /// The paths of all files that lie where files of this kind are kept, in order.
    ///
    /// # Errors
    /// Where a folder cannot be read.
    fn found(&self, kind: KeptKind) -> Result<Vec<String>, SpoolError>;
    /// The SHA-256 of a file, in hexadecimal; `None` where it is not there or is no plain file.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn digest(&self, kind: KeptKind, path: &str) -> Result<Option<String>, SpoolError>;
    /// Removes a file if it has these bytes.
    ///
    /// # Errors
    /// Where it cannot be read or removed.
    fn remove(&self, kind: KeptKind, path: &str, sha256: &str) -> Result<Removal, SpoolError>;
}
