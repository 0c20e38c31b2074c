//! Which package a file speaks of, by its name alone, and as what.

use super::name::{PullFileName, ReceiptFileName};
use crate::domain::package_name::PackageName;

/// What a file's name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `NAME.zip.pgp`, whole or on its way: the sealed package.
    Sealed,
    /// `NAME.ready`.
    Ready,
    /// `NAME.void`.
    Void,
    /// `NAME.pull-{n}.json.pgp`.
    Pull,
    /// `NAME.receipt-{n}.csv`, or its signature.
    Receipt,
    /// `NAME.{attempt}`, whole or on its way: a sealed package in the spool.
    Spooled {
        /// Counted from 1.
        attempt: u32,
    },
}

/// The package that a file of this name speaks of; `None` where it is no file of a package.
#[must_use]
pub fn package_of_file(file: &str) -> Option<(PackageName, FileKind)> {
    let whole = file.strip_suffix(".part").unwrap_or(file);
    if let Ok(pull) = whole.parse::<PullFileName>() {
        return Some((pull.package, FileKind::Pull));
    }
    if let Ok(receipt) = whole.strip_suffix(".asc").unwrap_or(whole).parse::<ReceiptFileName>() {
        return Some((receipt.package, FileKind::Receipt));
    }
    let (name, ending) = whole.split_once('.')?;
    let kind = match ending {
        "zip.pgp" => FileKind::Sealed,
        "ready" => FileKind::Ready,
        "void" => FileKind::Void,
        attempt => FileKind::Spooled { attempt: attempt.parse().ok()? },
    };
    Some((name.parse().ok()?, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_its_package() {
        let name: PackageName = "eba-test-acme-000007".parse().unwrap();
        for (file, kind) in [
            ("eba-test-acme-000007.zip.pgp", FileKind::Sealed),
            ("eba-test-acme-000007.zip.pgp.part", FileKind::Sealed),
            ("eba-test-acme-000007.ready", FileKind::Ready),
            ("eba-test-acme-000007.void", FileKind::Void),
            ("eba-test-acme-000007.pull-2.json.pgp", FileKind::Pull),
            ("eba-test-acme-000007.receipt-1.csv", FileKind::Receipt),
            ("eba-test-acme-000007.receipt-1.csv.asc", FileKind::Receipt),
            ("eba-test-acme-000007.3", FileKind::Spooled { attempt: 3 }),
            ("eba-test-acme-000007.3.part", FileKind::Spooled { attempt: 3 }),
        ] {
            assert_eq!(package_of_file(file), Some((name.clone(), kind)), "{file}");
        }
        for other in ["README.txt", "eba-test-acme-000007", "eba-acme-7.ready", "a.ready", "eba-test-acme-000007.zip"] {
            assert_eq!(package_of_file(other), None, "{other}");
        }
    }
}
