//! Taking a print vendor on: what is written and what is refused, and the transmission test, on a site of either kind.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[allow(unused_imports, reason = "the tests of deliveries use all of it")]
#[path = "support/sftp/mod.rs"]
mod server;
#[allow(dead_code, reason = "the tests of packages use all of it")]
#[path = "package/tools.rs"]
mod tools;

#[path = "onboarding/adding.rs"]
mod adding;
#[path = "onboarding/live.rs"]
mod live;
#[path = "onboarding/sftp.rs"]
mod sftp;
#[path = "onboarding/testing.rs"]
mod testing;
#[path = "onboarding/west.rs"]
mod west;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
