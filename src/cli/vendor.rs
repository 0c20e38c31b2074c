//! `vendor`: the print vendor's side, with the vendor's own key and nothing of the site's but its public certificate.
//!
//! ```text
//! inbox/NAME.zip.pgp + NAME.ready ──► verify ──► a folder to print from        the name goes into the register
//!                                └──► receipt ──► outbox/NAME.receipt-1.csv + .asc
//! ```
//!
//! A register of names outlives every package: a name that stands in it is acknowledged and never printed again.

mod arguments;
mod error;
mod exception;
mod package_file;
mod receipt;
mod receipt_folder;
mod receipt_rows;
mod register;
mod settings;
mod verify;

use clap::Subcommand;

pub use arguments::{LetterEvent, PackageArgs, ReceiptArgs, VerifyArgs};
pub use error::VendorError;
pub use exception::{LetterException, NotAnException};
pub use receipt::{Receipted, receipt};
pub use settings::{PASSPHRASE_VARIABLE, SETTINGS_FILE, VendorSettings};
pub use verify::{Verified, VerifiedLetter, verify};

/// What a print vendor can do.
#[derive(Debug, Clone, Subcommand)]
pub enum VendorCommand {
    /// Check a package before a letter of it is printed; unpack it for the printer
    Verify(VerifyArgs),
    /// Write and sign the next receipt for a package
    Receipt(ReceiptArgs),
}
