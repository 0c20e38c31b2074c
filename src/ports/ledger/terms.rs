//! Terms of files: what is kept for a term only, and the vendors' word that a package was destroyed.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::domain::letter::named;

named! {
    /// What a kept file is; each kind has a term.
    KeptKind {
        /// A file of requests that was imported, or its control file, where the importer left it.
        Import = "import",
        /// A refused file, refused rows, or the reason.
        Quarantine = "quarantine",
        /// The copy of a receipt that was taken, or of its signature.
        Receipt = "receipt",
        /// The copy of a vendor's certificate of destruction, or of its signature.
        Certificate = "certificate",
        /// A copy of the ledger or the intake, or one that was set aside.
        Backup = "backup",
    }
}

/// A file that is kept from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// What it is.
    pub kind: KeptKind,
    /// An absolute path, or a name in the folder of its kind.
    pub path: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of what it belongs to; its own where it stands for itself.
    pub of_sha256: String,
}

impl NewFile {
    /// The copies of a receipt and of its signature. Their names are the receipt's own and the beginning of its digest,
    /// so that the signature is found beside the copy as beside the receipt.
    #[must_use]
    pub fn of_receipt(file_name: &str, sha256: &str, signature_sha256: &str) -> Vec<Self> {
        let path = receipt_copy(file_name, sha256);
        let file = |path: String, own: &str| Self {
            kind: KeptKind::Receipt,
            path,
            sha256: own.to_owned(),
            of_sha256: sha256.to_owned(),
        };
        let signature = (!signature_sha256.is_empty()).then(|| file(format!("{path}.asc"), signature_sha256));
        std::iter::once(file(path, sha256)).chain(signature).collect()
    }
}

/// The name of the copy of a receipt.
#[must_use]
pub fn receipt_copy(file_name: &str, sha256: &str) -> String {
    format!("{file_name}.{}", sha256.get(..12).unwrap_or(sha256))
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// The ledger's id of it.
    pub id: i64,
    /// The file.
    pub file: NewFile,
    /// Since when it is kept.
    pub kept_at: DateTime<Utc>,
}

/// Rows of the portal's table that were taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// The ledger's id of it.
    pub intake_file_id: i64,
    /// The digest of its rows.
    pub sha256: String,
    /// The last row before it.
    pub after: i64,
    /// Its last row.
    pub through: i64,
    /// How many rows it had.
    pub rows: u64,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
}

/// A vendor's certificate that packages were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgeCertificate {
    /// The vendor's code.
    pub vendor: String,
    /// The file's name, as the vendor gave it.
    pub file_name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of its signature; empty where there was none.
    pub signature_sha256: String,
    /// The fingerprint of the vendor's certificate that signed it; `None` where it was not signed.
    pub signed_by: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
}

/// What is on record of a package's end at its vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Purge {
    /// The package.
    pub package: String,
    /// The vendor's code.
    pub vendor: String,
    /// When the vendor was first offered it.
    pub offered_at: Option<DateTime<Utc>>,
    /// The day by which the vendor was to have destroyed its copies; `None` where nobody kept it.
    pub purge_by_on: Option<NaiveDate>,
    /// The day on which it did, as its certificate says.
    pub purged_on: Option<NaiveDate>,
    /// The certificate.
    pub certificate: Option<PurgeCertificate>,
    /// When a person was told that it has not come.
    pub told_at: Option<DateTime<Utc>>,
}

/// What the ledger does for terms of files.
#[async_trait]
pub trait TermLedger: Send + Sync {
    /// Records files that are found where files of their kind are kept; one whose name is on record already is left out.
    async fn keep_files(&self, files: &[(NewFile, DateTime<Utc>)], at: DateTime<Utc>) -> LedgerResult<()>;
    /// The files of a kind that are kept, oldest first.
    async fn kept_files(&self, kind: KeptKind) -> LedgerResult<Vec<KeptFile>>;
    /// Those of them that are kept since before this instant and that no legal hold keeps.
    async fn spent_files(&self, kind: KeptKind, kept_before: DateTime<Utc>) -> LedgerResult<Vec<KeptFile>>;
    /// Records that a file is not there any more: it was removed, or was missing.
    async fn file_removed(
        &self,
        file: &KeptFile,
        due_on: NaiveDate,
        was_there: bool,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Records that a file is left for a person, and why.
    async fn file_left(&self, file: &KeptFile, due_on: NaiveDate, why: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// How many requests were forgotten since this instant.
    async fn erased_since(&self, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// Whether these bytes are a receipt that was taken and no copy of it was ever kept.
    async fn lacks_copy(&self, receipt_name: &str, sha256: &str) -> LedgerResult<bool>;
    /// The receipt that records a letter's mailing: the file's name and its SHA-256.
    async fn receipt_of_letter(&self, letter_id: &str) -> LedgerResult<Option<(String, String)>>;

    /// Rows of the portal's table that were taken before this instant, are there yet, and that no legal hold keeps.
    async fn spent_portions(&self, taken_before: DateTime<Utc>) -> LedgerResult<Vec<Portion>>;
    /// Records that a portion's rows are deleted.
    async fn portion_removed(&self, portion: &Portion, due_on: NaiveDate, at: DateTime<Utc>) -> LedgerResult<()>;

    /// What is on record of a package's end at its vendor.
    async fn purge(&self, package: &str) -> LedgerResult<Option<Purge>>;
    /// Packages that their vendors were to have destroyed before this day, and of which no certificate came.
    async fn unpurged(&self, before: NaiveDate) -> LedgerResult<Vec<Purge>>;
    /// Records a certificate for these packages; its copy is kept from now on.
    async fn record_purge(
        &self,
        certificate: &PurgeCertificate,
        packages: &[String],
        purged_on: NaiveDate,
        copies: &[NewFile],
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Records that a person was told of packages without a certificate.
    async fn told_of_purge(&self, packages: &[String], at: DateTime<Utc>) -> LedgerResult<()>;
}
