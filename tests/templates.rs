//! The letter in the hands of those who edit it: checked, looked at, approved; all through the binary.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "templates/approving.rs"]
mod approving;
#[path = "templates/checking.rs"]
mod checking;
#[path = "templates/previewing.rs"]
mod previewing;
