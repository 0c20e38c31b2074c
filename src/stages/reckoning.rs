//! How each date of a letter was counted, for people who ask why.
//!
//! The counting is done again by the functions that gave the dates, under today's configuration. What was recorded stays: where
//! the two differ, the configuration has changed since, and that is said.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::address::DeliveryZone;
use crate::domain::calendar::{BusinessCalendar, CalendarError};
use crate::domain::local_time;
use crate::domain::postal_days::PostalCalendar;
use crate::domain::print_days::PrintSchedule;
use crate::domain::reckoning::{Counted, NotCounted, Reckoning, day_text};
use crate::domain::validity::{
    EndTerm, FASTEST_POSTAL_DAYS, SLOWEST_POSTAL_DAYS, ValidityPolicy, ValidityWindow, cap_on, use_by_on,
};
use crate::ports::ledger::LetterDates;

/// The rules by which dates are counted now.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The agency's days.
    pub calendar: &'a BusinessCalendar,
    /// The postal service's.
    pub postal: &'a PostalCalendar,
    /// The lengths.
    pub validity: &'a ValidityPolicy,
    /// Where dates are dates.
    pub time_zone: Tz,
    /// The print days of the letter's vendor, if the configuration still has it.
    pub prints: Option<&'a PrintSchedule>,
}

/// A date of a letter with how it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReckonedDate {
    /// Which date: the name of its field.
    pub date: &'static str,
    /// As it is recorded.
    pub on: NaiveDate,
    /// The days that are counted; of a password's end those that decided.
    pub calendar: Counted,
    /// The day after which the count begins; none where hours are counted.
    pub from: Option<NaiveDate>,
    /// How many days are counted.
    pub count: u32,
    /// The days that did not count.
    pub not_counted: Vec<NotCounted>,
    /// Of a last day of use, the rule that gave it.
    pub decided_by: Option<EndTerm>,
    /// As it is counted now; none where today's configuration has no answer.
    pub reckoned_on: Option<NaiveDate>,
    /// Whether the two are the same.
    pub agrees: bool,
    /// The same in words.
    pub text: String,
}

/// Every date of a letter, in the order of its way.
#[must_use]
pub fn reckon(rules: &Rules<'_>, dates: &LetterDates) -> Vec<ReckonedDate> {
    let mut all = vec![promised(rules, dates), planned(rules, dates)];
    all.extend(dates.mail_by_on.map(|on| {
        let count = rules.validity.mail_by_business_days;
        counted("mail_by_on", on, Counted::Business, rules.calendar.reckon(dates.planned_mail_on, count))
    }));
    all.push(use_by(rules, dates));
    let mailed_on = dates.dispatched_on.unwrap_or(dates.planned_mail_on);
    let postal = |count| rules.postal.reckon(mailed_on, count);
    all.push(counted("expected_from", dates.expected_from, Counted::Postal, postal(FASTEST_POSTAL_DAYS)));
    all.push(counted("expected_to", dates.expected_to, Counted::Postal, postal(SLOWEST_POSTAL_DAYS)));
    all.push(match dates.dispatched_on {
        Some(mailed_on) => end_after_mailing(rules, dates, mailed_on),
        None => end_before_mailing(rules, dates),
    });
    all
}

fn promised(rules: &Rules<'_>, dates: &LetterDates) -> ReckonedDate {
    let reckoning = date_of(rules, dates.requested_at)
        .and_then(|requested_on| rules.calendar.reckon(requested_on, rules.validity.promised_business_days));
    counted("promised_by_on", dates.promised_by_on, Counted::Business, reckoning)
}

fn planned(rules: &Rules<'_>, dates: &LetterDates) -> ReckonedDate {
    let reckoning =
        rules.prints.ok_or_else(|| format!("the configuration has no vendor {} any more", dates.vendor)).and_then(
            |prints| prints.reckon(dates.minted_at, rules.calendar, rules.time_zone).map_err(|error| error.to_string()),
        );
    counted("planned_mail_on", dates.planned_mail_on, Counted::Print, reckoning)
}

/// The printed day: the window after the planned mailing or the cap, whichever comes first.
fn use_by(rules: &Rules<'_>, dates: &LetterDates) -> ReckonedDate {
    let zone = zone(dates);
    let window = rules.calendar.reckon(dates.planned_mail_on, rules.validity.window(zone));
    let cap = cap_on(rules.validity, zone, dates.minted_at, rules.time_zone);
    let both = window.and_then(|window| cap.map(|cap| (window, cap)));
    last_day("use_by_on", dates.use_by_on, both, |window, cap| {
        let (on, term) = use_by_on(window.result, cap);
        let text = match term {
            EndTerm::Cap => format!("{}; {}", cap_text(rules, dates), would_end(window)),
            _ => format!("{window}; not past the cap, {}", day_text(cap)),
        };
        (on, term, text)
    })
}

/// Until a receipt says that it was mailed, a password lives to its cap.
fn end_before_mailing(rules: &Rules<'_>, dates: &LetterDates) -> ReckonedDate {
    let cap = cap_on(rules.validity, zone(dates), dates.minted_at, rules.time_zone);
    let hours = Reckoning {
        calendar: Counted::Hours,
        from: dates.planned_mail_on,
        count: cap_days(rules, dates),
        not_counted: Vec::new(),
        result: dates.cap_on,
    };
    last_day("expires_on", dates.expires_on, cap.map(|cap| (hours, cap)), |_, cap| {
        (cap, EndTerm::Cap, format!("{}, until a receipt says when it was mailed", cap_text(rules, dates)))
    })
}

fn end_after_mailing(rules: &Rules<'_>, dates: &LetterDates, mailed_on: NaiveDate) -> ReckonedDate {
    let window = rules.calendar.reckon(mailed_on, rules.validity.window(zone(dates)));
    let read_on = date_of(rules, dates.recorded_at.unwrap_or(dates.minted_at));
    let both = window.and_then(|window| read_on.map(|read_on| (window, read_on)));
    last_day("expires_on", dates.expires_on, both, |window, read_on| {
        // One that was read after the end moved nothing: the password had ended with its cap.
        let (on, term) = if read_on > dates.cap_on {
            (dates.cap_on, EndTerm::Cap)
        } else {
            stored(dates).end(window.result, read_on)
        };
        let text = match term {
            EndTerm::Window => format!("{window}; not past the cap, {}", day_text(dates.cap_on)),
            EndTerm::Printed => {
                format!("the printed day, which is never taken back; {}", would_end(window))
            }
            EndTerm::Cap => format!("{}; {}", cap_text(rules, dates), would_end(window)),
            EndTerm::ReceiptRead => {
                format!("the day on which its mailing was recorded, and never before it; {}", would_end(window))
            }
        };
        (on, term, text)
    })
}

/// The dates as they are recorded.
fn stored(dates: &LetterDates) -> ValidityWindow {
    ValidityWindow {
        planned_mail_on: dates.planned_mail_on,
        cap_on: dates.cap_on,
        use_by_on: dates.use_by_on,
        expires_on: dates.expires_on,
    }
}

fn zone(dates: &LetterDates) -> DeliveryZone {
    if dates.outside { DeliveryZone::Outside } else { DeliveryZone::Contiguous }
}

fn date_of(rules: &Rules<'_>, at: DateTime<Utc>) -> Result<NaiveDate, CalendarError> {
    local_time::date_at(at, rules.time_zone).ok_or(CalendarError::OutsideYears { date: at.date_naive() })
}

fn cap_days(rules: &Rules<'_>, dates: &LetterDates) -> u32 {
    u32::try_from(rules.validity.cap(zone(dates)).num_days()).unwrap_or_default()
}

/// `the cap, the last day that is over 21 days of 24 hours after Mon 2 Mar 2026 22:30`.
fn cap_text(rules: &Rules<'_>, dates: &LetterDates) -> String {
    let days = cap_days(rules, dates);
    let minted = dates.minted_at.with_timezone(&rules.time_zone).format("%a %-d %b %Y %H:%M");
    format!("the cap, the last day that is over {days} days of 24 hours after {minted}")
}

/// What the window after the mailing would have given.
fn would_end(window: &Reckoning) -> String {
    format!("the window would end on {}, {window}", day_text(window.result))
}

/// A date that one calendar gives.
fn counted(
    date: &'static str,
    on: NaiveDate,
    calendar: Counted,
    reckoning: Result<Reckoning, impl Display>,
) -> ReckonedDate {
    match reckoning {
        Ok(reckoning) => {
            let text = reckoning.to_string();
            line(date, on, reckoning, None, text)
        }
        Err(error) => unknown(date, on, calendar, &error.to_string()),
    }
}

/// A last day of use, which one of several rules gives.
fn last_day<T: Copy>(
    date: &'static str,
    on: NaiveDate,
    reckoned: Result<(Reckoning, T), CalendarError>,
    decide: impl FnOnce(&Reckoning, T) -> (NaiveDate, EndTerm, String),
) -> ReckonedDate {
    match reckoned {
        Ok((window, other)) => {
            let (result, term, text) = decide(&window, other);
            line(date, on, Reckoning { result, ..window }, Some(term), text)
        }
        Err(error) => unknown(date, on, Counted::Business, &error.to_string()),
    }
}

fn line(date: &'static str, on: NaiveDate, reckoning: Reckoning, term: Option<EndTerm>, how: String) -> ReckonedDate {
    let Reckoning { calendar, from, count, not_counted, result } = reckoning;
    let agrees = on == result;
    let text = if agrees {
        format!("{}: {how}", day_text(on))
    } else {
        format!("{}, as recorded; by today's configuration {}: {how}", day_text(on), day_text(result))
    };
    let from = Some(from).filter(|_| calendar != Counted::Hours);
    ReckonedDate {
        date,
        on,
        calendar,
        from,
        count,
        not_counted,
        decided_by: term,
        reckoned_on: Some(result),
        agrees,
        text,
    }
}

fn unknown(date: &'static str, on: NaiveDate, calendar: Counted, why: &str) -> ReckonedDate {
    ReckonedDate {
        date,
        on,
        calendar,
        from: None,
        count: 0,
        not_counted: Vec::new(),
        decided_by: None,
        reckoned_on: None,
        agrees: false,
        text: format!("{}, as recorded; it cannot be counted by today's configuration: {why}", day_text(on)),
    }
}
