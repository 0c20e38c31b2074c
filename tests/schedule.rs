//! Jobs and their times, through the front of the library and against other programs' reckoning.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "the small functions of a test fail as the test does, and tests read files"
)]

#[path = "schedule/against_croner.rs"]
mod against_croner;
#[path = "support/nightly.rs"]
mod nightly;

#[path = "schedule/agenda.rs"]
mod agenda;
#[path = "schedule/asleep.rs"]
mod asleep;
#[path = "schedule/clock_changes.rs"]
mod clock_changes;
#[path = "schedule/every_date.rs"]
mod every_date;
#[path = "schedule/listing.rs"]
mod listing;
#[path = "schedule/outages.rs"]
mod outages;
#[path = "schedule/reading.rs"]
mod reading;
#[path = "schedule/skips.rs"]
mod skips;
#[path = "schedule/thanksgiving.rs"]
mod thanksgiving;

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::America::New_York;
use letterpost::daemon::job::{Job, JobError};
use letterpost::daemon::schedule::{Schedule, ScheduledTime};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn new_york(text: &str) -> Schedule {
    Schedule::parse(text, New_York).unwrap()
}

/// The times after an instant as "scheduled local time -> time on the clock with its offset".
fn shown(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let line = |time: ScheduledTime| {
        format!("{} -> {}", time.local.format("%m-%d %H:%M"), time.at.with_timezone(&New_York).format("%H:%M%:z"))
    };
    schedule.times_after(utc(after)).take(count).map(line).collect()
}

/// A job with these lines in place of or beside the usual ones.
fn job(lines: &[&str]) -> Result<Job, JobError> {
    let usual =
        ["name = \"night\"", "schedule = \"30 22 * * *\"", "time_zone = \"America/New_York\"", "stages = [\"ingest\"]"];
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let mut text = String::new();
    for line in usual.iter().filter(|line| !lines.iter().any(|other| key(other) == key(line))).chain(lines) {
        writeln!(text, "{line}").unwrap();
    }
    Job::from_toml(&text)
}
