//! The agency's business days: Monday to Friday, less the days on which federal holidays are kept, with the one-off
//! closures and openings of the configuration.
//!
//! Closures by executive order follow no rule and must be configured. The calendar knows the years from
//! [`FIRST_YEAR`] to [`LAST_YEAR`] and refuses the rest, so that no clock that went astray makes a date.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};

use super::holidays::FederalHoliday;
use super::reckoning::{Counted, NotCounted, Reckoning};

/// The first year that the calendar knows: from 1986 on the eleven rules hold as written.
pub const FIRST_YEAR: i32 = 1986;
/// The last year that the calendar knows: the tables of time zones end with it.
pub const LAST_YEAR: i32 = 2099;

/// A question that the calendar cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The date, or a day that the count needs, lies outside the years that the calendar knows.
    #[error(
        "{date} is outside the years {first} to {last} that the calendar knows; check the clock and the dates given",
        first = FIRST_YEAR,
        last = LAST_YEAR
    )]
    OutsideYears {
        /// The date asked for.
        date: NaiveDate,
    },
    /// The count ran to the end of the calendar.
    #[error(
        "fewer than {wanted} {days} follow {after} before the calendar ends with {last}; check the closed dates",
        last = LAST_YEAR
    )]
    TooFewDays {
        /// The day after which the count began.
        after: NaiveDate,
        /// How many days were wanted.
        wanted: u32,
        /// What was counted.
        days: &'static str,
    },
    /// The configuration says two things of one date.
    #[error("{0} is in both `closed` and `open` of [calendar]; remove it from one of them")]
    ClosedAndOpen(NaiveDate),
}

/// Why the agency does not work on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closure {
    /// A Saturday or Sunday.
    Weekend,
    /// The day on which this federal holiday is kept.
    Holiday(FederalHoliday),
    /// A one-off closure of the configuration.
    Configured,
}

impl fmt::Display for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekend => f.pad("weekend"),
            Self::Holiday(holiday) => holiday.fmt(f),
            Self::Configured => f.pad("closed by configuration"),
        }
    }
}

/// The days on which the agency works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessCalendar {
    closed: BTreeSet<NaiveDate>,
    open: BTreeSet<NaiveDate>,
}

impl BusinessCalendar {
    /// The federal rule with one-off closures and openings (a holiday or Saturday that is worked).
    ///
    /// # Errors
    /// [`CalendarError::ClosedAndOpen`] for a date in both; [`CalendarError::OutsideYears`] for a date that the
    /// calendar does not know, which is most likely mistyped.
    pub fn new(closed: BTreeSet<NaiveDate>, open: BTreeSet<NaiveDate>) -> Result<Self, CalendarError> {
        if let Some(date) = closed.intersection(&open).next() {
            return Err(CalendarError::ClosedAndOpen(*date));
        }
        closed.union(&open).try_for_each(|date| known(*date).map(|_| ()))?;
        Ok(Self { closed, open })
    }

    /// Why the agency does not work on this date; `None` on a business day.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn closure_on(&self, date: NaiveDate) -> Result<Option<Closure>, CalendarError> {
        let date = known(date)?;
        Ok(if self.open.contains(&date) {
            None
        } else if self.closed.contains(&date) {
            Some(Closure::Configured)
        } else if is_weekend(date) {
            Some(Closure::Weekend)
        } else {
            FederalHoliday::observed_on(date).map(Closure::Holiday)
        })
    }

    /// Whether the agency works on this date.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn is_business_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        self.closure_on(date).map(|closure| closure.is_none())
    }

    /// The `count`-th business day after `date`; the date itself is not counted, and 0 gives it back as it is.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`]; [`CalendarError::TooFewDays`] where the calendar ends first.
    pub fn add_business_days(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, CalendarError> {
        walk(date, count, "business days", |day| self.closure_on(day), |_, _| {})
    }

    /// The same day with how it was counted.
    ///
    /// # Errors
    /// As [`BusinessCalendar::add_business_days`].
    pub fn reckon(&self, from: NaiveDate, count: u32) -> Result<Reckoning, CalendarError> {
        let mut not_counted = Vec::new();
        let pass = |on, why: Closure| not_counted.push(NotCounted { on, why: why.into() });
        let result = walk(from, count, "business days", |day| self.closure_on(day), pass)?;
        Ok(Reckoning { calendar: Counted::Business, from, count, not_counted, result })
    }

    /// How many business days lie after `from`, up to and with `to`; 0 where `to` is not after `from`.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn business_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<u32, CalendarError> {
        let (from, to) = (known(from)?, known(to)?);
        from.iter_days()
            .skip(1)
            .take_while(|day| *day <= to)
            .try_fold(0, |count, day| self.is_business_day(day).map(|business| count + u32::from(business)))
    }

    /// This date if it is a business day, or else the first one after it.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`]; [`CalendarError::TooFewDays`] where the calendar ends first.
    pub fn next_business_day_on_or_after(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        if self.is_business_day(date)? { Ok(date) } else { self.add_business_days(date, 1) }
    }
}

/// Whether a date is a Saturday or Sunday.
pub(super) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The date, if the calendar knows its year.
pub(super) fn known(date: NaiveDate) -> Result<NaiveDate, CalendarError> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) { Ok(date) } else { Err(CalendarError::OutsideYears { date }) }
}

/// The `wanted`-th day after `after` of those that `closure` gives no reason against; `pass` hears of every day that is
/// passed over. The end of the calendar bounds the walk.
pub(super) fn walk<C>(
    after: NaiveDate,
    wanted: u32,
    days: &'static str,
    closure: impl Fn(NaiveDate) -> Result<Option<C>, CalendarError>,
    mut pass: impl FnMut(NaiveDate, C),
) -> Result<NaiveDate, CalendarError> {
    let mut day = known(after)?;
    let mut missing = wanted;
    while missing > 0 {
        let next = day.succ_opt().and_then(|next| known(next).ok());
        day = next.ok_or(CalendarError::TooFewDays { after, wanted, days })?;
        match closure(day)? {
            Some(why) => pass(day, why),
            None => missing -= 1,
        }
    }
    Ok(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar(closed: &[&str], open: &[&str]) -> Result<BusinessCalendar, CalendarError> {
        BusinessCalendar::new(closed.iter().map(|d| date(d)).collect(), open.iter().map(|d| date(d)).collect())
    }

    #[test]
    fn configuration_overrules_the_federal_rule() {
        let calendar = calendar(&["2026-12-24"], &["2026-11-11", "2026-12-19"]).unwrap();
        assert_eq!(calendar.closure_on(date("2026-12-24")), Ok(Some(Closure::Configured)));
        assert_eq!(calendar.is_business_day(date("2026-11-11")), Ok(true));
        assert_eq!(calendar.is_business_day(date("2026-12-19")), Ok(true));
        assert_eq!(calendar.add_business_days(date("2026-12-18"), 5), Ok(date("2026-12-28")));
    }

    #[test]
    fn the_reason_of_a_closure_reads_as_people_say_it() {
        let calendar = BusinessCalendar::default();
        let reason = |day| calendar.closure_on(date(day)).unwrap().map(|closure| closure.to_string());
        assert_eq!(reason("2026-11-26").as_deref(), Some("Thanksgiving Day"));
        assert_eq!(reason("2026-11-28").as_deref(), Some("weekend"));
        assert_eq!(reason("2026-11-27"), None);
    }

    #[test]
    fn a_contradiction_or_a_mistyped_year_is_refused() {
        assert_eq!(calendar(&["2026-12-24"], &["2026-12-24"]), Err(CalendarError::ClosedAndOpen(date("2026-12-24"))));
        assert_eq!(calendar(&["0226-12-24"], &[]), Err(CalendarError::OutsideYears { date: date("0226-12-24") }));
    }

    #[test]
    fn a_calendar_that_is_closed_for_ever_gives_an_error() {
        let first = date("2099-06-01");
        let closed = first.iter_days().take_while(|day| day.year() <= LAST_YEAR).collect();
        let calendar = BusinessCalendar::new(closed, BTreeSet::new()).unwrap();
        let refused = Err(CalendarError::TooFewDays { after: first, wanted: 1, days: "business days" });
        assert_eq!(calendar.next_business_day_on_or_after(first), refused);
    }

    #[test]
    fn dates_outside_the_known_years_are_refused_without_a_panic() {
        let calendar = BusinessCalendar::default();
        for day in [NaiveDate::MIN, NaiveDate::MAX, date("1985-12-31"), date("2100-01-01")] {
            let refused = CalendarError::OutsideYears { date: day };
            assert_eq!(calendar.is_business_day(day), Err(refused.clone()));
            assert_eq!(calendar.add_business_days(day, 3), Err(refused.clone()));
            assert_eq!(calendar.business_days_between(day, date("2026-01-02")), Err(refused.clone()));
            assert_eq!(calendar.business_days_between(date("2026-01-02"), day), Err(refused));
        }
        assert!(calendar.add_business_days(date("2026-01-02"), u32::MAX).is_err());
    }
}
