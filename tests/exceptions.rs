//! The exceptions that a person handles, through the front door: what each decision does at each stage of a letter's
//! way, and what it leaves alone.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

#[path = "exceptions/cancel.rs"]
mod cancel;
#[path = "exceptions/correct.rs"]
mod correct;
#[path = "exceptions/desk.rs"]
mod desk;
#[path = "exceptions/holds.rs"]
mod holds;
#[path = "exceptions/package_holds.rs"]
mod package_holds;
#[path = "exceptions/policy.rs"]
mod policy;
#[path = "exceptions/pull.rs"]
mod pull;
#[path = "exceptions/reissue.rs"]
mod reissue;
#[path = "exceptions/returned.rs"]
mod returned;
