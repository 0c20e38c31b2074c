//! The audit log: what its entries say and who they name, how it grows, and how its heads are signed.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "each test file uses its own part of this")]
#[path = "ledger/book.rs"]
mod book;

#[path = "support/nightly.rs"]
mod nightly;

#[path = "audit_log/entries.rs"]
mod entries;
#[path = "audit_log/growing.rs"]
mod growing;
#[path = "audit_log/keys.rs"]
mod keys;
#[path = "audit_log/outside.rs"]
mod outside;
