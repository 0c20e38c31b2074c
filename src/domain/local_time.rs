//! From a wall clock to an instant and back, where clocks skip an hour in spring and repeat one in autumn.
//!
//! A time that the clock skips stands for the first instant after the gap; a time that it shows twice stands for
//! the earlier of the two. Instants from 1970 to 2100 are served, which is how far the zone tables reach; beyond
//! them every function gives nothing.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 2100;
/// Longer than any offset from UTC and any gap put together, so that a search this wide encloses every gap.
const WIDEST_JUMP: TimeDelta = TimeDelta::hours(48);

/// What the clocks of a zone show at an instant.
#[must_use]
pub fn wall_clock(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    within(at.naive_utc()).map(|_| at.with_timezone(&zone).naive_local())
}

/// The date in a zone at an instant.
#[must_use]
pub fn date_at(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    wall_clock(at, zone).map(|local| local.date())
}

/// The first instant at which the clocks of a zone show this time or, where they skip it, a later one.
#[must_use]
pub fn first_instant(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&within(local)?) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.to_utc()),
        MappedLocalTime::None => end_of_gap(local, zone),
    }
}

/// How often the clocks of a zone show a time on its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Once, as nearly every time.
    Once,
    /// Never: they skip it.
    Never,
    /// Twice: they are set back over it.
    Twice,
}

/// How often the clocks of a zone show this time.
#[must_use]
pub fn shown(local: NaiveDateTime, zone: Tz) -> Option<Shown> {
    Some(match zone.from_local_datetime(&within(local)?) {
        MappedLocalTime::Single(_) => Shown::Once,
        MappedLocalTime::Ambiguous(..) => Shown::Twice,
        MappedLocalTime::None => Shown::Never,
    })
}

/// The instant at which a date is over in a zone: the midnight after it, the later one where midnight comes twice.
#[must_use]
pub fn day_ends_at(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = date.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&within(midnight)?) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(_, at) => Some(at.to_utc()),
        MappedLocalTime::None => end_of_gap(midnight, zone),
    }
}

fn within(time: NaiveDateTime) -> Option<NaiveDateTime> {
    Some(time).filter(|time| (FIRST_YEAR..=LAST_YEAR).contains(&time.year()))
}

/// The instant at which the clocks jump over `local`, found by halving: before it they show less, from it on more.
fn end_of_gap(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let as_utc = DateTime::from_timestamp(local.and_utc().timestamp(), 0)?;
    let mut before = as_utc.checked_sub_signed(WIDEST_JUMP)?;
    let mut after = as_utc.checked_add_signed(WIDEST_JUMP)?;
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&zone).naive_local() < local {
            before = middle;
        } else {
            after = middle;
        }
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Pacific};

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_skipped_time_is_the_instant_after_the_gap() {
        assert_eq!(first_instant(local("2027-03-14T02:30:00"), America::New_York), utc("2027-03-14T07:00:00Z"));
        assert_eq!(first_instant(local("2027-03-14T02:00:00"), America::New_York), utc("2027-03-14T07:00:00Z"));
        // Samoa left out the whole of 30 December 2011.
        assert_eq!(first_instant(local("2011-12-30T12:00:00"), Pacific::Apia), utc("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn a_repeated_time_is_the_earlier_instant() {
        assert_eq!(first_instant(local("2027-11-07T01:30:00"), America::New_York), utc("2027-11-07T05:30:00Z"));
    }

    #[test]
    fn a_day_ends_when_its_last_midnight_has_come() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(day_ends_at(day("2027-11-07"), America::New_York), utc("2027-11-08T05:00:00Z"));
        // Havana shows midnight to one o'clock twice on 7 November 2027.
        assert_eq!(day_ends_at(day("2027-11-06"), America::Havana), utc("2027-11-07T05:00:00Z"));
        // Santiago had no midnight on 8 September 2024: the clocks went from 24:00 to 01:00.
        assert_eq!(day_ends_at(day("2024-09-07"), America::Santiago), utc("2024-09-08T04:00:00Z"));
    }

    #[test]
    fn far_years_give_nothing_and_no_panic() {
        assert_eq!(wall_clock(DateTime::<Utc>::MAX_UTC, America::New_York), None);
        assert_eq!(wall_clock(DateTime::<Utc>::MIN_UTC, America::New_York), None);
        assert_eq!(first_instant(NaiveDateTime::MAX, America::New_York), None);
        assert_eq!(day_ends_at(NaiveDate::MAX, America::New_York), None);
        assert_eq!(day_ends_at(NaiveDate::MIN, America::New_York), None);
    }
}
