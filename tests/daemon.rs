//! The daemon: the schedule is followed whatever becomes of clock, ledger and vendors, and it says how it is.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/night/mod.rs"]
mod night;

#[path = "daemon/alarms.rs"]
mod alarms;
#[path = "daemon/catching_up.rs"]
mod catching_up;
#[path = "daemon/deploying.rs"]
mod deploying;
#[path = "daemon/played.rs"]
mod played;
#[path = "daemon/process.rs"]
mod process;
#[path = "daemon/reloading.rs"]
mod reloading;
#[path = "daemon/surviving.rs"]
mod surviving;
#[path = "daemon/telling.rs"]
mod telling;
#[path = "daemon/working.rs"]
mod working;
