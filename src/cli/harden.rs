//! Keeps what the process knows out of core dumps.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::report::Report;

/// Switches core dumps off. A system that does not let us is told of, and `doctor` checks it again.
pub fn harden(report: &Report) {
    let no_core = Rlimit { current: Some(0), maximum: Some(0) };
    let limited = setrlimit(Resource::Core, no_core).is_ok();
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok();
    if !limited && !hidden {
        report.say("core dumps cannot be switched off; a crash may write passwords to the disk");
    }
}

/// Whether this process can leave a core dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dumps {
    /// It cannot.
    Off,
    /// Not in a file; a program that the system gives dumps to can have one.
    LimitedOnly,
    /// It can.
    On,
}

/// Whether this process can leave a core dump.
#[must_use]
pub fn dumps() -> Dumps {
    if rustix::process::dumpable_behavior().is_ok_and(|behavior| behavior == DumpableBehavior::NotDumpable) {
        Dumps::Off
    } else if rustix::process::getrlimit(Resource::Core).current == Some(0) {
        Dumps::LimitedOnly
    } else {
        Dumps::On
    }
}
