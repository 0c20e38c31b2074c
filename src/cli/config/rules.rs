//! `[validity]`, `[calendar]`, `[limits]`, `[retention]`, `[delivery]` and `[alerts]`: the rules of the nights.

use super::kind::{count, dates, text, truth, whole};
use super::section::Section;
use crate::domain::calendar::{BusinessCalendar, CalendarError};
use crate::domain::limits::RequestLimits;
use crate::domain::validity::{ValidityError, ValidityPolicy};
use crate::stages::site::Limits;

/// More letters than any night makes; a larger number is a slip of the finger.
const MOST_LETTERS: u32 = 10_000_000;

/// `[alerts]`: programs with their arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    /// Run when a night is done: a sign of life.
    pub on_success: Option<Vec<String>>,
    /// Run when a person is needed.
    pub on_alarm: Option<Vec<String>>,
}

pub(super) fn validity(section: &Section<'_>) -> ValidityPolicy {
    let usual = ValidityPolicy::default();
    let policy = ValidityPolicy {
        window_business_days: section.or("window_business_days", usual.window_business_days, &count()),
        window_business_days_outside: section.or(
            "window_business_days_outside",
            usual.window_business_days_outside,
            &count(),
        ),
        cap_days: section.or("cap_days", usual.cap_days, &count()),
        cap_days_outside: section.or("cap_days_outside", usual.cap_days_outside, &count()),
    };
    if let Err(ValidityError::OutOfBounds { key, longest, .. }) = policy.checked() {
        section.refuse(key, &format!("write a whole number from 1 to {longest}, without quotes"));
    }
    policy
}

pub(super) fn calendar(section: &Section<'_>) -> BusinessCalendar {
    let closed = section.optional("closed", &dates()).unwrap_or_default();
    let open = section.optional("open", &dates()).unwrap_or_default();
    let key = if closed.is_empty() { "open" } else { "closed" };
    BusinessCalendar::new(closed, open).unwrap_or_else(|error: CalendarError| {
        section.complain(key, &format!("cannot be: {error}"));
        BusinessCalendar::default()
    })
}

pub(super) fn limits(section: &Section<'_>) -> Limits {
    Limits {
        letters_a_night: section.or("letters_a_night", 150_000, &whole(1..=MOST_LETTERS)).into(),
        times_the_usual_night: section.or("times_the_usual_night", 3, &whole(0..=1000)).into(),
        longest_gap_days: section.optional("longest_gap_days", &whole(0..=366)),
        requests: RequestLimits {
            letters_an_account: section.or("letters_an_account", 4, &whole(0..=1000)),
            letters_an_address: section.or("letters_an_address", 4, &whole(0..=100_000)),
            span_days: section.or("span_days", 30, &whole(1..=365)),
            hold_supplied_addresses: section.or("hold_supplied_addresses", false, &truth()),
            hold_addresses_newer_than_days: section.or("hold_addresses_newer_than_days", 0, &whole(0..=3650)),
        },
    }
}

pub(super) fn verifier_days(section: &Section<'_>) -> u32 {
    section.or("verifier_days", 30, &whole(0..=3650))
}

/// The longest that one start waits for vendors that cannot be reached.
pub(super) fn retry_minutes(section: &Section<'_>) -> u32 {
    section.or("retry_minutes", 30, &whole(0..=240))
}

pub(super) fn alerts(section: &Section<'_>) -> Alerts {
    let command = || text("").list("a list: the program and its arguments, each between quotes");
    Alerts {
        on_success: section.optional("on_success", &command()),
        on_alarm: section.optional("on_alarm", &command()),
    }
}
