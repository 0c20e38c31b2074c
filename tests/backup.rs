//! The ledger is kept safe: rehearsals apart from it, backups of it, what happens when an older one is put back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that starts processes and reads files, and may fail loudly"
)]

#[path = "support/night/site.rs"]
#[allow(dead_code, reason = "it is made for tests of whole nights")]
mod night;
#[path = "support/nightly.rs"]
mod nightly;

#[path = "backup/backups.rs"]
mod backups;
#[path = "backup/doctoring.rs"]
mod doctoring;
#[path = "backup/drill.rs"]
mod drill;
#[path = "backup/kills.rs"]
mod kills;
#[path = "backup/lost.rs"]
mod lost;
#[path = "backup/older.rs"]
mod older;
#[path = "backup/rehearsals.rs"]
mod rehearsals;
#[path = "backup/restoring.rs"]
mod restoring;
