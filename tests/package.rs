//! The package before its real readers: GnuPG, unzip, sha256sum, Python; and before hostile writers.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "package/flips.rs"]
mod flips;
#[path = "package/forgeries.rs"]
mod forgeries;
#[path = "package/gnupg.rs"]
mod gnupg;
#[path = "package/hostile_archives.rs"]
mod hostile_archives;
#[path = "package/hostile_packages.rs"]
mod hostile_packages;
#[path = "package/hostile_receipts.rs"]
mod hostile_receipts;
#[path = "package/pull_orders.rs"]
mod pull_orders;
#[path = "package/sample.rs"]
mod sample;
#[path = "package/tools.rs"]
mod tools;
#[path = "package/unpacking.rs"]
mod unpacking;
