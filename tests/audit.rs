//! What an auditor is promised: every change of the log is found, given one checkpoint from outside; and proofs hold, by code of
//! this house and of none.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "audit/attacks.rs"]
mod attacks;
#[path = "audit/copied.rs"]
mod copied;
#[path = "audit/guide.rs"]
mod guide;
#[path = "audit/on_site.rs"]
mod on_site;
#[path = "audit/proofs.rs"]
mod proofs;

#[path = "support/night/mod.rs"]
mod night;
