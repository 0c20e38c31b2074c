//! Many workers on one night: nothing is lost, nothing is made twice, whoever is killed, stopped or cut off.
//!
//! Every site here has its ledger on a private cluster; machines are folders of their own with the same keys and one spool. The
//! waits are bounded: a look each few milliseconds, until the limit of a night.
//!
//! The long one, twenty thousand letters, is not part of a usual run:
//! `cargo test --release --test workers twenty_thousand -- --ignored --nocapture`.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/postgres.rs"]
mod postgres;

#[path = "workers/cut_off.rs"]
mod cut_off;
#[path = "workers/joining.rs"]
mod joining;
#[path = "workers/killed.rs"]
mod killed;
#[path = "workers/locks.rs"]
mod locks;
#[path = "workers/machines.rs"]
mod machines;
