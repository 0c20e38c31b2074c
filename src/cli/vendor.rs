//! `vendor`: the print vendor's side, with the vendor's own key and nothing of the site's but its certificate.
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
mod marks;
mod package_file;
mod pulls;
mod receipt;
mod receipt_folder;
mod receipt_rows;
mod register;
mod settings;
pub mod simulate;
mod site_certificates;
mod verify;

use clap::Subcommand;

pub use arguments::{LetterEvent, PackageArgs, PullsArgs, ReceiptArgs, SettingsArgs, SimulateArgs, VerifyArgs};
pub use error::VendorError;
pub use exception::{LetterException, NotAnException};
pub use marks::MarkError;
pub use pulls::{Pulls, pulls};
pub use receipt::{Receipted, receipt};
pub use settings::{PASSPHRASE_VARIABLE, SETTINGS_FILE, VendorSettings};
pub use verify::{Verified, VerifiedLetter, verify};

/// What a print vendor can do.
#[derive(Debug, Clone, Subcommand)]
pub enum VendorCommand {
    /// Check a package before a letter of it is printed; unpack it for the printer.
    ///
    /// What is checked: the ready marker, the signature of the site's key, the ticket, the sums, the manifest, the
    /// pages with their inserter's marks, printed ids and barcodes, and whether the name is new.
    ///
    /// By itself it only looks. `--take` writes the name into the register and refuses a name that stands there
    /// already: such a package was taken before and is acknowledged, never printed again.
    ///
    /// Exit status: 0 it may be printed; 5 it must not be; 2 settings or usage; 3 a file could not be read or
    /// written.
    Verify(VerifyArgs),
    /// Read pull orders: letters that the agency wants taken out before they are mailed.
    ///
    /// What is checked: the signature of the site's key, and that the order is the one that its file is named after. It
    /// changes nothing; `vendor receipt --pulled-by ORDER` reports the letters.
    ///
    /// Exit status: 0 they are the site's; 5 one must not be followed; 2 settings or usage; 3 a file could not be read.
    Pulls(PullsArgs),
    /// Write and sign the next receipt for a package.
    ///
    /// It goes into the outbox as NAME.receipt-1.csv, -2 and so on, its signature beside it.
    ///
    /// The package is checked first, as by `verify`, and its name goes into the register. Without more, every letter is
    /// reported as printed and mailed today. The row on the package itself is always there.
    ///
    /// Exit status: 0 written; 5 the package must not be printed; 2 settings or usage; 3 a file could not be read or
    /// written.
    Receipt(ReceiptArgs),
    /// Play a print vendor, to rehearse with: take packages away, work on them, report.
    ///
    /// It prints nothing. Each piece has a fate that the seed gives; receipts come as from a vendor, by the calendar of
    /// its print days, late, lost or wrong where that is asked for. It can be stopped and started: it remembers what it
    /// took, what became of each piece, and what it has still to say. Use it where nothing real is mailed.
    ///
    /// Exit status: 0 it ended as asked; 2 settings or usage; 3 a file could not be read or written, or another one works
    /// in its folder.
    Simulate(Box<SimulateArgs>),
}
