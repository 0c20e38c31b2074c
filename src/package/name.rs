//! What the files beside a package are called, in the vendor's inbox and outbox.

use std::fmt;
use std::str::FromStr;

use crate::domain::package_name::{NotAPackageName, PackageName};

/// What follows a package's name in the file with its sealed bytes.
const SEALED_SUFFIX: &str = ".zip.pgp";
/// What ends the name of a pull order: JSON, sealed.
const PULL_SUFFIX: &str = ".json.pgp";

/// `NAME.zip.pgp`, the sealed package.
#[must_use]
pub fn sealed_file(name: &PackageName) -> String {
    format!("{name}{SEALED_SUFFIX}")
}

/// `NAME.ready`, written last: the package is complete.
#[must_use]
pub fn ready_file(name: &PackageName) -> String {
    format!("{name}.ready")
}

/// `NAME.void`, in the place of a package that will never come.
#[must_use]
pub fn void_file(name: &PackageName) -> String {
    format!("{name}.void")
}

/// The package whose sealed bytes a file of this name holds.
///
/// # Errors
/// Where the name is not `NAME.zip.pgp` with a package's name, folders included.
pub fn package_of_sealed_file(file_name: &str) -> Result<PackageName, NotAPackageName> {
    match file_name.strip_suffix(SEALED_SUFFIX) {
        Some(name) => name.parse(),
        None => Err(NotAPackageName(file_name.chars().take(60).collect())),
    }
}

/// The highest number of a receipt: a package has a handful of them, and this many leave room for years of returns.
pub const MAX_RECEIPT_NUMBER: u32 = 9_999;

/// The name of a receipt, `NAME.receipt-{n}.csv`: `n` counts from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptFileName {
    /// The package that it is a receipt for.
    pub package: PackageName,
    /// Its number, from 1.
    pub number: u32,
}

impl ReceiptFileName {
    /// `NAME.receipt-{n}.csv.asc`, the detached signature beside it.
    #[must_use]
    pub fn signature_file(&self) -> String {
        format!("{self}.asc")
    }
}

impl fmt::Display for ReceiptFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.receipt-{}.csv", self.package, self.number)
    }
}

/// A file name that is no receipt's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not the name of a receipt; one looks like eba-acme-000123.receipt-1.csv, counted from 1 to \
     {MAX_RECEIPT_NUMBER}"
)]
pub struct NotAReceiptName(pub String);

impl FromStr for ReceiptFileName {
    type Err = NotAReceiptName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAReceiptName(text.chars().flat_map(char::escape_debug).take(80).collect());
        let stem = text.strip_suffix(".csv").ok_or_else(refused)?;
        let (package, digits) = stem.split_once(".receipt-").ok_or_else(refused)?;
        let name =
            Self { package: package.parse().map_err(|_| refused())?, number: digits.parse().map_err(|_| refused())? };
        if (1..=MAX_RECEIPT_NUMBER).contains(&name.number) && name.to_string() == text {
            Ok(name)
        } else {
            Err(refused())
        }
    }
}

/// The name of a pull order, `NAME.pull-{n}.json.pgp` in the vendor's inbox: `n` counts from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullFileName {
    /// The package whose letters it speaks of.
    pub package: PackageName,
    /// Its number, from 1.
    pub number: u32,
}

impl fmt::Display for PullFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.pull-{}{PULL_SUFFIX}", self.package, self.number)
    }
}

/// A file name that is no pull order's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a pull order; one looks like eba-acme-000123.pull-1.json.pgp, counted from 1")]
pub struct NotAPullName(pub String);

impl FromStr for PullFileName {
    type Err = NotAPullName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAPullName(text.chars().take(80).collect());
        let stem = text.strip_suffix(PULL_SUFFIX).ok_or_else(refused)?;
        let (package, digits) = stem.split_once(".pull-").ok_or_else(refused)?;
        let name =
            Self { package: package.parse().map_err(|_| refused())?, number: digits.parse().map_err(|_| refused())? };
        if name.number > 0 && name.to_string() == text { Ok(name) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_their_package() {
        let name: PackageName = "eba-test-acme-000123".parse().unwrap();
        assert_eq!(sealed_file(&name), "eba-test-acme-000123.zip.pgp");
        assert_eq!(ready_file(&name), "eba-test-acme-000123.ready");
        assert_eq!(void_file(&name), "eba-test-acme-000123.void");
        assert_eq!(package_of_sealed_file("eba-test-acme-000123.zip.pgp"), Ok(name));
        for refused in ["eba-acme-000123.zip", "inbox/eba-acme-000123.zip.pgp", ".zip.pgp", "eba-acme-000123.ZIP.PGP"] {
            assert!(package_of_sealed_file(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn receipts_are_numbered_from_one() {
        let name: ReceiptFileName = "eba-acme-000123.receipt-12.csv".parse().unwrap();
        assert_eq!((name.package.number(), name.number), (123, 12));
        assert_eq!(name.signature_file(), "eba-acme-000123.receipt-12.csv.asc");
        for refused in [
            "eba-acme-000123.receipt-0.csv",
            "eba-acme-000123.receipt-01.csv",
            "eba-acme-000123.receipt-+1.csv",
            "eba-acme-000123.receipt-10000.csv",
            "eba-acme-000123.receipt-4294967295.csv",
            "eba-acme-000123.receipt-.csv",
            "eba-acme-000123.receipt-1.csv.asc",
            "eba-acme-000123.csv",
            "../eba-acme-000123.receipt-1.csv",
        ] {
            assert!(refused.parse::<ReceiptFileName>().is_err(), "{refused}");
        }
    }

    #[test]
    fn pull_orders_are_numbered_from_one() {
        let name: PullFileName = "eba-acme-000123.pull-2.json.pgp".parse().unwrap();
        assert_eq!((name.package.number(), name.number), (123, 2));
        assert_eq!(name.to_string(), "eba-acme-000123.pull-2.json.pgp");
        for refused in [
            "eba-acme-000123.pull-0.json.pgp",
            "eba-acme-000123.pull-02.json.pgp",
            "eba-acme-000123.pull-.json.pgp",
            "eba-acme-000123.pull-1.json",
            "eba-acme-000123.json.pgp",
            "inbox/eba-acme-000123.pull-1.json.pgp",
        ] {
            assert!(refused.parse::<PullFileName>().is_err(), "{refused}");
        }
    }
}
