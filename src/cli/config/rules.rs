//! `[validity]`, `[calendar]`, `[limits]`, `[retention]`, `[delivery]` and `[alerts]`: the rules of the nights.

use std::time::Duration;

use chrono::NaiveDate;

use super::kind::{count, dates, day, text, truth, whole};
use super::section::Section;
use crate::domain::calendar::{BusinessCalendar, CalendarError};
use crate::domain::limits::RequestLimits;
use crate::domain::postal_days::PostalCalendar;
use crate::domain::validity::{LONGEST_CAP_DAYS, ValidityError, ValidityPolicy};
use crate::stages::site::{Limits, Retention};

/// Days after a request's end until its name and address are erased, where the site says nothing.
const PERSONAL_DAYS: u32 = 90;
/// More letters than any night makes; a larger number is a slip of the finger.
const MOST_LETTERS: u32 = 10_000_000;

/// `[alerts]`: programs with their arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// Run when a night is done: a sign of life.
    pub on_success: Option<Vec<String>>,
    /// Run when a person is needed.
    pub on_alarm: Option<Vec<String>>,
    /// How long either may take.
    pub deadline: Duration,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { on_success: None, on_alarm: None, deadline: Duration::from_secs(30) }
    }
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
        mail_by_business_days: section.or("mail_by_business_days", usual.mail_by_business_days, &whole(0..=10)),
        promised_business_days: section.or("promised_business_days", usual.promised_business_days, &whole(1..=60)),
        shortest_window_business_days: section.or(
            "shortest_window_business_days",
            usual.shortest_window_business_days,
            &whole(0..=LONGEST_CAP_DAYS),
        ),
    };
    if let Err(ValidityError::OutOfBounds { key, longest, .. }) = policy.checked() {
        section.refuse(key, &format!("write a whole number from 1 to {longest}, without quotes"));
    }
    policy
}

/// `[calendar]`.
pub(super) struct Calendars {
    pub(super) business: BusinessCalendar,
    pub(super) postal: PostalCalendar,
    pub(super) vouched_to: Option<NaiveDate>,
}

pub(super) fn calendars(section: &Section<'_>) -> Calendars {
    let closed = section.optional("closed", &dates()).unwrap_or_default();
    let open = section.optional("open", &dates()).unwrap_or_default();
    let key = if closed.is_empty() { "open" } else { "closed" };
    let business = BusinessCalendar::new(closed, open).unwrap_or_else(|error| impossible(section, key, &error));
    let postal = section.optional("postal_closed", &dates()).unwrap_or_default();
    let postal = PostalCalendar::new(postal).unwrap_or_else(|error| impossible(section, "postal_closed", &error));
    let vouched_to = section.optional("vouched_to", &day());
    if let Some(error) = vouched_to.and_then(|day| business.is_business_day(day).err()) {
        section.complain("vouched_to", &format!("cannot be: {error}"));
    }
    Calendars { business, postal, vouched_to }
}

/// Says that a date cannot be, and goes on with the rule alone: the file is refused anyway.
fn impossible<T: Default>(section: &Section<'_>, key: &'static str, error: &CalendarError) -> T {
    section.complain(key, &format!("cannot be: {error}"));
    T::default()
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

/// Addresses are counted over `span_days`, so nobody is forgotten sooner.
pub(super) fn retention(section: &Section<'_>, span_days: u32) -> Retention {
    let personal_days = section.or("personal_days", PERSONAL_DAYS.max(span_days), &whole(1..=3650));
    if personal_days < span_days {
        let remedy = format!(
            "[limits] span_days counts the letters to an address over {span_days} days, which it cannot once that is \
             erased: write {span_days} or more, or a shorter span_days"
        );
        section.refuse("personal_days", &remedy);
    }
    Retention {
        verifier_days: section.or("verifier_days", 30, &whole(0..=3650)),
        spool_days: section.or("spool_days", 90, &whole(0..=3650)),
        personal_days,
        import_days: section.or("import_days", 90, &whole(1..=3650)),
        quarantine_days: section.or("quarantine_days", 30, &whole(1..=3650)),
        receipt_days: section.or("receipt_days", 2190, &whole(30..=36_500)),
        backup_days: section.or("backup_days", 35, &whole(1..=3650)),
        certificate_days: section.or("certificate_days", 10, &whole(0..=365)),
    }
}

/// The longest that one start waits for vendors that cannot be reached.
pub(super) fn retry_minutes(section: &Section<'_>) -> u32 {
    section.or("retry_minutes", 30, &whole(0..=240))
}

pub(super) fn alerts(section: &Section<'_>) -> Alerts {
    let command = || text("").list("a list: the program and its arguments, each between quotes");
    let deadline_seconds = section.or("deadline_seconds", 30, &whole(1..=600));
    Alerts {
        on_success: section.optional("on_success", &command()),
        on_alarm: section.optional("on_alarm", &command()),
        deadline: Duration::from_secs(u64::from(deadline_seconds)),
    }
}
