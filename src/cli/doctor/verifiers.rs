//! What a verifier costs, and for which passwords that is enough.

use crate::cli::config::{EnoughFor, PasswordSection};
use crate::stages::preflight::Checked;

/// The cost in force. A live site has no other than a good one.
pub(super) fn check(password: &PasswordSection) -> Checked {
    let (what, cost) = ("verifiers", password.cost);
    match password.enough_for() {
        EnoughFor::Chosen => {
            Checked::good(what, format!("{cost}; enough also for passwords that people choose (OWASP)"))
        }
        EnoughFor::Random => Checked::good(
            what,
            format!("{cost}; enough for passwords that are random and end within weeks (preset \"random-secret\")"),
        ),
        EnoughFor::Nothing => Checked::note(
            what,
            format!("{cost}; enough for no password that is mailed"),
            "remove the cost from [password], or set preset = \"random-secret\"; a live site refuses this one",
        ),
    }
}
