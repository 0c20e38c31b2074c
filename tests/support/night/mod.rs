//! A night under attack: a site that can be copied, a vendor that takes what it sees, and the questions asked after.

// Each test of the nights uses a part of this.
#![allow(dead_code, unused_imports)]

mod aftermath;
mod chance;
mod site;
mod vendor;

pub use aftermath::{Aftermath, examine, ledger};
pub use chance::Chance;
pub use site::{Ended, NIGHT_LIMIT, NOW, NightSite, Started, start, wait_until};
pub use vendor::{Manner, Taken, Vendor};
