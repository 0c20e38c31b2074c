//! What an operator sees of a site: the log, and the report of the night.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "report/browser.rs"]
mod browser;
#[path = "report/large.rs"]
mod large;
#[path = "report/log.rs"]
mod log;
#[path = "report/morning.rs"]
mod morning;
#[path = "report/page.rs"]
mod page;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
