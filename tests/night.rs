//! A whole night through the front door: what is printed, for whom, and what each printed password is good for.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;
#[path = "support/portal.rs"]
mod portal;

#[path = "night/barcodes.rs"]
mod barcodes;
#[path = "night/layouts.rs"]
mod layouts;
#[path = "night/misprints.rs"]
mod misprints;
#[path = "night/pages.rs"]
mod pages;
#[path = "night/retention.rs"]
mod retention;
#[path = "night/second_request.rs"]
mod second_request;
#[path = "night/verdicts.rs"]
mod verdicts;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
