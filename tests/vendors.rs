//! Several print vendors at once: who prints what, how large a package is, and what is said of a letter that none takes.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "vendors/routing.rs"]
mod routing;
#[path = "vendors/second.rs"]
mod second;
#[path = "vendors/size.rs"]
mod size;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
