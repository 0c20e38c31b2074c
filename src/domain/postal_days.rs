//! The days on which the United States Postal Service delivers letters: Monday to Saturday, less the holidays
//! themselves.
//!
//! A Sunday holiday stops the mail on the Monday after it. A Saturday holiday stops it on that Saturday only: mail
//! moves on the Friday on which offices are closed. So these days are not the agency's, and an agency's own closures
//! do not touch them.

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{CalendarError, count_days, known};
use super::holidays::FederalHoliday;

/// Whether letters are delivered on this date.
///
/// # Errors
/// [`CalendarError::OutsideYears`].
pub fn is_postal_day(date: NaiveDate) -> Result<bool, CalendarError> {
    let date = known(date)?;
    let is_holiday = FederalHoliday::on(date).or_else(|| FederalHoliday::moved_from_sunday_to(date)).is_some();
    Ok(date.weekday() != Weekday::Sun && !is_holiday)
}

/// The `count`-th postal day after `date`; the date itself is not counted, and 0 gives it back as it is.
///
/// # Errors
/// [`CalendarError::OutsideYears`]; [`CalendarError::TooFewDays`] where the calendar ends first.
pub fn add_postal_days(date: NaiveDate, count: u32) -> Result<NaiveDate, CalendarError> {
    count_days(date, count, "postal days", is_postal_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saturday_holiday_stops_saturday_and_a_sunday_holiday_monday() {
        let postal = |day: &str| is_postal_day(day.parse().unwrap());
        assert_eq!(postal("2026-07-03"), Ok(true));
        assert_eq!(postal("2026-07-04"), Ok(false));
        assert_eq!(postal("2026-07-06"), Ok(true));
        assert_eq!(postal("2027-07-03"), Ok(true));
        assert_eq!(postal("2027-07-05"), Ok(false));
    }
}
