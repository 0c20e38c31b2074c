//! Delivery to a real SFTP server, OpenSSH's, and over a wire that is cut; packages whose last mailing day is over, and
//! deliveries that are in doubt.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/night/mod.rs"]
mod killed;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;
#[path = "support/sftp/mod.rs"]
mod server;

#[path = "sftp/cuts.rs"]
mod cuts;
#[path = "sftp/doubts.rs"]
mod doubts;
#[path = "sftp/late.rs"]
mod late;
#[path = "sftp/night.rs"]
mod night;
#[path = "sftp/refusals.rs"]
mod refusals;
#[path = "sftp/rooms.rs"]
mod rooms;
#[path = "sftp/speed.rs"]
mod speed;
#[path = "sftp/waits.rs"]
mod waits;
