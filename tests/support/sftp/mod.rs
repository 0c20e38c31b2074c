//! A vendor with a real SFTP server: OpenSSH's, on this machine, and a wire to it that can be cut.

#![allow(dead_code, reason = "each test file uses its own part of this")]

mod cutter;
mod sshd;

pub use cutter::{Cut, Cutter};
pub use sshd::{Server, lead_by_sftp};
