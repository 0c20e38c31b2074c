//! What a run to come will make for a vendor, and why not. Pure; a run itself decides by the same rule.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::domain::calendar::{BusinessCalendar, Closure};
use crate::domain::local_time;
use crate::domain::print_days::{PrintSchedule, PrintScheduleError};
use crate::stages::site::Mint;

/// What a run makes for one vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// Letters, printed on this day.
    Mints {
        /// The print day.
        print_on: NaiveDate,
    },
    /// Nothing: the first day that could be made is none of the vendor's, and a later run still makes the first one that
    /// is.
    NoPrintDay {
        /// That first day.
        day: NaiveDate,
        /// Why the agency and its vendors do not work then; `None` where it is only not a weekday of the vendor's.
        closure: Option<Closure>,
    },
    /// Nothing: a later run still makes the print day.
    LaterRun {
        /// The print day.
        print_on: NaiveDate,
    },
}

/// What a run at an instant makes for a vendor, where the next run that delivers can be relied on to be done by
/// `next_delivery_by`.
///
/// # Errors
/// [`PrintScheduleError`] where the vendor has no print day in the year after, or the calendar does not know the date.
pub fn forecast(
    at: DateTime<Utc>,
    next_delivery_by: Option<DateTime<Utc>>,
    (schedule, mint): (&PrintSchedule, Mint),
    calendar: &BusinessCalendar,
    zone: Tz,
) -> Result<Forecast, PrintScheduleError> {
    let print_on = schedule.planned_mail_on(at, calendar, zone)?;
    if mint == Mint::EveryRun || schedule.is_last_chance(at, next_delivery_by, calendar, zone)? {
        return Ok(Forecast::Mints { print_on });
    }
    let mut day = local_time::date_at(at, zone).unwrap_or(print_on);
    while day < print_on && schedule.cut_off_at(day, zone)? <= at {
        day = day.checked_add_days(Days::new(1)).unwrap_or(print_on);
    }
    if day == print_on {
        return Ok(Forecast::LaterRun { print_on });
    }
    Ok(Forecast::NoPrintDay { day, closure: calendar.closure_on(day)? })
}
