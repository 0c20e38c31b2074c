//! The vendor's outbox: receipts under their numbers, each with its signature.

use std::path::Path;

use super::error::VendorError;
use crate::adapters::durable;
use crate::adapters::files::{self, FileError};
use crate::domain::package_name::PackageName;
use crate::domain::receipt::PackageEvent;
use crate::package::name::ReceiptFileName;
use crate::package::receipt::parse_receipt;

/// The name of the next receipt for a package: with this number, or with the first that is free, so that there is no gap.
///
/// # Errors
/// Where the number is taken: a receipt is never changed.
pub fn next_name(outbox: &Path, package: &PackageName, number: Option<u32>) -> Result<ReceiptFileName, VendorError> {
    let is_taken = |name: &ReceiptFileName| files::exists(&outbox.join(name.to_string()));
    let mut name = ReceiptFileName { package: package.clone(), number: number.unwrap_or(1) };
    if number.is_some() && is_taken(&name) {
        return Err(VendorError::Usage(format!(
            "{name} is there already; a receipt is never changed, so name the next"
        )));
    }
    while is_taken(&name) {
        name.number = name.number.saturating_add(1);
    }
    Ok(name)
}

/// Sees that an earlier receipt in the outbox does not say the opposite of the whole package.
///
/// # Errors
/// Where it does: the site would refuse this one.
pub fn check_agrees(outbox: &Path, package: &PackageName, event: PackageEvent) -> Result<(), VendorError> {
    let first = ReceiptFileName { package: package.clone(), number: 1 };
    let Some(bytes) = files::read_if_there(&outbox.join(first.to_string()))? else { return Ok(()) };
    match parse_receipt(&bytes) {
        Ok(earlier) if earlier.package_row.event != event => Err(VendorError::Usage(format!(
            "{first} says that the package was {}, so no receipt can say {event}; ask the site",
            earlier.package_row.event
        ))),
        _ => Ok(()),
    }
}

/// Writes a receipt and its signature.
///
/// The signature goes first: whoever sees the receipt finds its signature beside it. A signature without a receipt is
/// left over from a crash, belongs to nothing, and is replaced.
pub fn write(outbox: &Path, name: &ReceiptFileName, csv: &str, signature: &str) -> Result<(), VendorError> {
    files::make_folder(outbox)?;
    let signature_file = name.signature_file();
    durable::replace(outbox, &signature_file, signature.as_bytes()).map_err(|source| FileError {
        doing: "write",
        path: outbox.join(&signature_file),
        source,
    })?;
    files::write_new(&outbox.join(name.to_string()), csv.as_bytes())?;
    Ok(())
}
