//! Why a vendor's command did not do what it was asked, and with what status it ends.

use std::io;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::marks::MarkError;
use crate::adapters::files::FileError;
use crate::adapters::run_lock::RunLockError;
use crate::domain::package_name::PackageName;
use crate::package::digest::Sha256Digest;
use crate::package::openpgp::OpenPgpError;
use crate::package::pull::PullError;
use crate::package::ready::ReadyError;
use crate::package::verify::Refusal;
use crate::package::void::VoidError;

/// Why a package is not taken or a receipt not written.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// The package fails the check.
    #[error("{file} must not be printed: {refusal}")]
    Refused {
        /// The file's name.
        file: String,
        /// What is not right.
        refusal: Box<Refusal>,
    },
    /// Its pages do not say what its manifest says.
    #[error("{package} must not be printed: {source}; ask the site")]
    WrongMarks {
        /// The package.
        package: PackageName,
        /// Which letter, and what is wrong.
        source: Box<MarkError>,
    },
    /// The ready marker is missing.
    #[error(
        "{package} is not ready: {missing} is not there, so it may still be arriving; wait for it, or look \
         with --without-ready",
        missing = .missing.display()
    )]
    NotReady {
        /// The package.
        package: PackageName,
        /// Where the marker belongs.
        missing: PathBuf,
    },
    /// The ready marker cannot be read.
    #[error("{package} must not be printed: {source}")]
    Marker {
        /// The package.
        package: PackageName,
        /// What is wrong with the marker.
        source: Box<ReadyError>,
    },
    /// The site declared that the number will never come.
    #[error("{package} must not be printed: the site voided it ({reason}); delete the package and ask the site")]
    Voided {
        /// The package.
        package: PackageName,
        /// The site's words.
        reason: String,
    },
    /// There is a void notice, and it is not good.
    #[error(
        "{package} must not be printed: beside it lies a void notice that cannot be trusted ({source}); ask \
         the site"
    )]
    DoubtfulVoid {
        /// The package.
        package: PackageName,
        /// What is wrong with the notice.
        source: Box<VoidError>,
    },
    /// A pull order is not the site's, or not what its name says.
    #[error("{file} must not be followed: {source}; ask the site")]
    Order {
        /// The file's name.
        file: String,
        /// What is not right.
        source: Box<PullError>,
    },
    /// It is for another printer.
    #[error(
        "{package} is not for here: it is for vendor {found}, and this is vendor {wanted}; print nothing of it, delete \
         it and tell the site"
    )]
    OtherVendor {
        /// The package.
        package: PackageName,
        /// Whom it is for.
        found: String,
        /// This vendor's code.
        wanted: String,
    },
    /// The name is known, with other bytes.
    #[error(
        "{package} must not be printed: this name was taken before with SHA-256 {known}, and now it has \
         {found}; ask the site, which never sends a name twice"
    )]
    NameReused {
        /// The package.
        package: PackageName,
        /// The digest in the register.
        known: Sha256Digest,
        /// The digest of the file.
        found: Sha256Digest,
    },
    /// The name is known, with the same bytes.
    #[error(
        "{package} was taken before; acknowledge it with `vendor receipt` and never print it again. To \
         unpack it again after a crash, use --extract with --again"
    )]
    AlreadyTaken {
        /// The package.
        package: PackageName,
    },
    /// Its letters can no longer be mailed in time.
    #[error(
        "{package} must not be taken: its letters must not be mailed after {mail_by_on}, and today is \
         {today}; ask {contact}"
    )]
    TooLate {
        /// The package.
        package: PackageName,
        /// The last day of mailing.
        mail_by_on: NaiveDate,
        /// Today in the site's time zone.
        today: NaiveDate,
        /// Whom the ticket says to ask.
        contact: String,
    },
    /// Arguments that do not make sense.
    #[error("{0}")]
    Usage(String),
    /// The settings file cannot be read as such.
    #[error("{path}: {reason}", path = .path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key or certificate cannot be used.
    #[error("{path}: {source}{advice}", path = .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: OpenPgpError,
        /// What to do, or nothing.
        advice: &'static str,
    },
    /// The register holds a line that is none.
    #[error(
        "{path} line {line} is not a package's name and SHA-256; mend it by hand, and never remove a name",
        path = .path.display()
    )]
    BrokenRegister {
        /// The register.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Another command holds the register.
    #[error(transparent)]
    Locked(#[from] RunLockError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl VendorError {
    /// The exit status: 5 the answer is no, 2 usage or settings, 3 the disk, or another command at work.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused { .. }
            | Self::WrongMarks { .. }
            | Self::NotReady { .. }
            | Self::Marker { .. }
            | Self::Voided { .. }
            | Self::DoubtfulVoid { .. }
            | Self::Order { .. }
            | Self::OtherVendor { .. }
            | Self::NameReused { .. }
            | Self::AlreadyTaken { .. }
            | Self::TooLate { .. } => 5,
            Self::Usage(_) | Self::Settings { .. } | Self::Key { .. } | Self::BrokenRegister { .. } => 2,
            Self::File(error) if error.doing == "read" && error.source.kind() == io::ErrorKind::NotFound => 2,
            Self::Locked(_) | Self::File(_) => 3,
        }
    }
}
