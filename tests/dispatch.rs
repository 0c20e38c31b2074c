//! Dispatch records: from the intake file to the receipt line and back, with totals that tie, by the report alone.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/print_vendor.rs"]
mod print_vendor;

#[path = "dispatch/statement.rs"]
mod statement;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// Tuesday evening, when the trays have left.
const TUESDAY_EVENING: &str = "2026-03-03T18:00:00-05:00";
