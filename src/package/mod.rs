//! The package, as bytes from values: manifest, job ticket, archive, signature and encryption, receipts, and the
//! check that the vendor makes.
//!
//! ```text
//! letters + manifest + ticket ──► assemble ──► seal ──► NAME.zip.pgp + NAME.ready       the site
//! NAME.zip.pgp ──► open ──► unzip ──► verify ──► letters to print, receipt to write     the vendor
//! NAME.pull-1.json.pgp ──► open ──► pieces to take out                                  the vendor
//! NAME.receipt-1.csv + .asc ──► verify_detached ──► parse_receipt                        the site again
//! ```
//!
//! Nothing here reads a file, a clock or a source of randomness: bytes, instants and random number generators come in
//! as arguments. What is refused is refused with a reason that says what to do.

pub mod archive;
pub mod assemble;
pub mod cell;
pub mod digest;
pub mod file_kind;
pub mod manifest;
pub mod name;
pub mod openpgp;
pub mod pages;
pub mod pull;
pub mod ready;
pub mod receipt;
pub mod receipt_line;
pub mod sums;
pub mod ticket;
pub mod unzip;
pub mod verify;
pub mod void;
