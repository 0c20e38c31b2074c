//! The ledger by itself: what its constraints forbid, what its guards undo, and what its log gives away.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "ledger/audit_log.rs"]
mod audit_log;
#[path = "ledger/book.rs"]
mod book;
#[path = "ledger/letters.rs"]
mod letters;
#[path = "ledger/portal.rs"]
mod portal;
#[path = "ledger/serials.rs"]
mod serials;
#[path = "ledger/set_back.rs"]
mod set_back;
#[path = "ledger/tampering.rs"]
mod tampering;
#[path = "ledger/upgrading.rs"]
mod upgrading;
#[path = "ledger/views.rs"]
mod views;

#[path = "support/night/mod.rs"]
mod night;
