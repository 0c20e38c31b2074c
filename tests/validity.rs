//! How long a password lives, seen from outside: on which nights it is minted, what the page promises, what a receipt
//! moves, and what becomes of a package that no vendor got in time.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

#[path = "validity/late.rs"]
mod late;
#[path = "validity/late_minting.rs"]
mod late_minting;
#[path = "validity/promises.rs"]
mod promises;
#[path = "validity/receipts.rs"]
mod receipts;
#[path = "validity/reckoning.rs"]
mod reckoning;
#[path = "validity/undelivered.rs"]
mod undelivered;
#[path = "validity/vouching.rs"]
mod vouching;
#[path = "validity/zones.rs"]
mod zones;
