//! The ledger on PostgreSQL from outside: a site's way there, and the way to its server.
// A test starts servers and reads files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "postgres/answers.rs"]
mod answers;
#[path = "postgres/copying.rs"]
mod copying;
#[path = "postgres/doors.rs"]
mod doors;
#[path = "postgres/nights.rs"]
mod nights;
#[path = "postgres/proving.rs"]
mod proving;
#[path = "postgres/proxy.rs"]
mod proxy;
#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/sites.rs"]
mod sites;
