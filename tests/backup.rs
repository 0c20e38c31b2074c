//! The ledger is kept safe: rehearsals apart from it, backups of it, what happens when an older one is put back.

#[path = "support/nightly.rs"]
mod nightly;

#[path = "backup/rehearsals.rs"]
mod rehearsals;
