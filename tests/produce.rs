//! Production with several batches under way at once: what stops one of them leaves nothing half done.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Two of the supports copy folders, each by its own mention of the same few lines.
#![allow(clippy::duplicate_mod)]

#[path = "support/inside.rs"]
mod inside;
#[path = "support/nightly.rs"]
mod nightly;

#[path = "produce/under_way.rs"]
mod under_way;
