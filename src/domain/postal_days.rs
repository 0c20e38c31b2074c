//! The days on which the United States Postal Service delivers letters: Monday to Saturday, less the holidays
//! themselves and the days on which it was ordered to rest.
//!
//! A Sunday holiday stops the mail on the Monday after it. A Saturday holiday stops it on that Saturday only: mail
//! moves on the Friday on which offices are closed. So these days are not the agency's, and an agency's own closures
//! do not touch them. A national day of mourning follows no rule and must be configured.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{CalendarError, known, walk};
use super::holidays::FederalHoliday;
use super::reckoning::{Counted, NotCounted, Reckoning, Why};

/// The days on which mail moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostalCalendar {
    closed: BTreeSet<NaiveDate>,
}

impl PostalCalendar {
    /// The rule, with dates on which no mail moves beside it.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`] for a date that the calendar does not know, which is most likely mistyped.
    pub fn new(closed: BTreeSet<NaiveDate>) -> Result<Self, CalendarError> {
        closed.iter().try_for_each(|date| known(*date).map(|_| ()))?;
        Ok(Self { closed })
    }

    /// Why no letters are delivered on this date; `None` on a postal day.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn closure_on(&self, date: NaiveDate) -> Result<Option<Why>, CalendarError> {
        let date = known(date)?;
        if self.closed.contains(&date) {
            return Ok(Some(Why::Configured));
        }
        let holiday = FederalHoliday::on(date).or_else(|| FederalHoliday::moved_from_sunday_to(date));
        let sunday = (date.weekday() == Weekday::Sun).then_some(Why::Sunday);
        Ok(holiday.map(Why::Holiday).filter(|_| sunday.is_none()).or(sunday))
    }

    /// Whether letters are delivered on this date.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn is_postal_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        self.closure_on(date).map(|closure| closure.is_none())
    }

    /// The `count`-th postal day after `date`; the date itself is not counted, and 0 gives it back as it is.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`]; [`CalendarError::TooFewDays`] where the calendar ends first.
    pub fn add_postal_days(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, CalendarError> {
        walk(date, count, "postal days", |day| self.closure_on(day), |_, _| {})
    }

    /// The same day with how it was counted.
    ///
    /// # Errors
    /// As [`PostalCalendar::add_postal_days`].
    pub fn reckon(&self, from: NaiveDate, count: u32) -> Result<Reckoning, CalendarError> {
        let mut not_counted = Vec::new();
        let pass = |on, why| not_counted.push(NotCounted { on, why });
        let result = walk(from, count, "postal days", |day| self.closure_on(day), pass)?;
        Ok(Reckoning { calendar: Counted::Postal, from, count, not_counted, result })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_saturday_holiday_stops_saturday_and_a_sunday_holiday_monday() {
        let postal = |day: &str| PostalCalendar::default().is_postal_day(date(day));
        assert_eq!(postal("2026-07-03"), Ok(true));
        assert_eq!(postal("2026-07-04"), Ok(false));
        assert_eq!(postal("2026-07-06"), Ok(true));
        assert_eq!(postal("2027-07-03"), Ok(true));
        assert_eq!(postal("2027-07-05"), Ok(false));
    }

    #[test]
    fn a_day_of_mourning_stops_the_mail_where_it_is_configured() {
        // Thursday 9 January 2025: no regular mail was delivered.
        let mourning = PostalCalendar::new([date("2025-01-09")].into()).unwrap();
        assert_eq!(mourning.closure_on(date("2025-01-09")), Ok(Some(Why::Configured)));
        assert_eq!(mourning.add_postal_days(date("2025-01-08"), 1), Ok(date("2025-01-10")));
        assert_eq!(PostalCalendar::default().add_postal_days(date("2025-01-08"), 1), Ok(date("2025-01-09")));
        let refused = CalendarError::OutsideYears { date: date("0225-01-09") };
        assert_eq!(PostalCalendar::new([date("0225-01-09")].into()), Err(refused));
    }
}
