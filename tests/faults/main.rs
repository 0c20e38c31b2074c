//! Faults at every step of a night. Too long for every build: `cargo test --test faults -- --nocapture`.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "../support/night/mod.rs"]
mod night;
mod syscalls;
