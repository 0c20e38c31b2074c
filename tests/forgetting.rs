//! Forgetting people: who is erased and when, what is left in the files of a site, and what a legal hold keeps.
//!
//! A quarter is played through the front door on a site with people whose names nobody else has, so that they can be looked for
//! in every byte of every file: before they are forgotten they are found, or the search could not fail.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/copying.rs"]
mod copying;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/spellings.rs"]
mod spellings;

#[path = "forgetting/again.rs"]
mod again;
#[path = "forgetting/files.rs"]
mod files;
#[path = "forgetting/killed.rs"]
mod killed;
#[path = "forgetting/legal_hold.rs"]
mod legal_hold;
#[path = "forgetting/quarter.rs"]
mod quarter;
#[path = "forgetting/rows.rs"]
mod rows;
#[path = "forgetting/when.rs"]
mod when;
