//! What a portal does, as `docs/portal-guide.md` tells it: by calls of the library and by commands.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

#[path = "portal/calls.rs"]
mod calls;
#[path = "portal/guide.rs"]
mod guide;
#[path = "portal/recipe.rs"]
mod recipe;
#[path = "portal/server.rs"]
mod server;
