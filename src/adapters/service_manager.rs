//! What systemd is told of the daemon. Where it did not start us, nothing is said to anybody.

use std::time::Duration;

use sd_notify::NotifyState;

/// The variables by which it is found; what we start must not speak for us.
pub const VARIABLES: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// The work has begun.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is read anew; [`ready`] follows.
pub fn reloading() {
    let now = NotifyState::monotonic_usec_now();
    match now {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The end has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// What is being done, in a line.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// The daemon is alive.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often it wants to hear that: half of the time after which it takes us for dead.
#[must_use]
pub fn alive_every() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

/// Nobody may be listening any more: that is no reason to fail.
fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
