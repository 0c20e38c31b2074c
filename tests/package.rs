//! The package before its real readers: GnuPG, unzip, sha256sum, Python; and before hostile writers.
#![allow(clippy::disallowed_methods)] // A test of files writes files.

#[path = "package/gnupg.rs"]
mod gnupg;
#[path = "package/hostile_archives.rs"]
mod hostile_archives;
#[path = "package/hostile_packages.rs"]
mod hostile_packages;
#[path = "package/hostile_receipts.rs"]
mod hostile_receipts;
#[path = "package/sample.rs"]
mod sample;
#[path = "package/tools.rs"]
mod tools;
#[path = "package/unpacking.rs"]
mod unpacking;
