//! The spool: one suite on a folder and on a bucket of a real S3 server; nights with a bucket; servers that are away, slow,
//! careless or not ours.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/sftp/cutter.rs"]
#[allow(dead_code, reason = "not all that can happen to a wire happens here")]
mod cutter;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;
#[path = "support/s3/mod.rs"]
mod s3;

#[path = "spool/nights.rs"]
mod nights;
#[path = "spool/suite.rs"]
mod suite;
#[path = "spool/sweeps.rs"]
mod sweeps;
#[path = "spool/troubles.rs"]
mod troubles;
