//! The days on which a vendor prints and mails, and the hour by which a package must be there to make one.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, WeekdaySet};
use chrono_tz::Tz;

use super::calendar::{BusinessCalendar, CalendarError, known};
use super::local_time;
use super::reckoning::{Counted, NotCounted, Reckoning, Why};

/// No vendor asks for its packages longer before the print day; more is most likely a mistake of units.
const LONGEST_LEAD_DAYS: u32 = 14;
/// A print day further off than this is none: the password would have ended long before.
const SEARCHED_DAYS: usize = 366;

/// A schedule of print days that cannot be, or that has no print day to offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintScheduleError {
    /// No weekday is named.
    #[error("the vendor has no print day; name at least one weekday in its print days")]
    NoWeekday,
    /// The cut-off lies too long before the print day.
    #[error("the cut-off is {0} days before the print day; write 0 to {LONGEST_LEAD_DAYS}")]
    CutOffTooEarly(u32),
    /// Every print day of the coming year is closed.
    #[error(
        "no print day of the vendor is a business day in the year after {0}; check its print days, its closed dates and \
         [calendar]"
    )]
    NoPrintDay(NaiveDate),
    /// The calendar has no answer.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// When a vendor prints, as its contract says, in the site's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintSchedule {
    weekdays: WeekdaySet,
    cut_off: NaiveTime,
    cut_off_days_before: u32,
    closed: BTreeSet<NaiveDate>,
}

impl PrintSchedule {
    /// A vendor that prints on `weekdays` what was delivered before `cut_off`, `cut_off_days_before` calendar days
    /// before the print day (0: on the print day itself).
    ///
    /// # Errors
    /// [`PrintScheduleError::NoWeekday`] and [`PrintScheduleError::CutOffTooEarly`].
    pub fn new(weekdays: WeekdaySet, cut_off: NaiveTime, cut_off_days_before: u32) -> Result<Self, PrintScheduleError> {
        if weekdays.is_empty() {
            return Err(PrintScheduleError::NoWeekday);
        }
        if cut_off_days_before > LONGEST_LEAD_DAYS {
            return Err(PrintScheduleError::CutOffTooEarly(cut_off_days_before));
        }
        Ok(Self { weekdays, cut_off, cut_off_days_before, closed: BTreeSet::new() })
    }

    /// The same vendor, closed on these dates: its own holidays.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`] for a date that the calendar does not know, which is most likely mistyped.
    pub fn closed_on(self, closed: BTreeSet<NaiveDate>) -> Result<Self, CalendarError> {
        closed.iter().try_for_each(|date| known(*date).map(|_| ()))?;
        Ok(Self { closed, ..self })
    }

    /// Why the vendor does not print on this date; `None` on a print day. A print day that falls on a holiday is
    /// skipped, not moved.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn off_on(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<Option<Why>, CalendarError> {
        let closure = calendar.closure_on(date)?.map(Why::from);
        let vendor = self.closed.contains(&date).then_some(Why::VendorClosed);
        let weekday = (!self.weekdays.contains(date.weekday())).then_some(Why::NotAPrintDay);
        Ok(closure.or(vendor).or(weekday))
    }

    /// Whether the vendor prints on this date: one of its weekdays, a business day, and none of its own holidays.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn is_print_day(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<bool, CalendarError> {
        self.off_on(date, calendar).map(|off| off.is_none())
    }

    /// The instant before which a package must be delivered to make the print day.
    ///
    /// # Errors
    /// [`CalendarError::OutsideYears`].
    pub fn cut_off_at(&self, print_day: NaiveDate, site_zone: Tz) -> Result<DateTime<Utc>, CalendarError> {
        print_day
            .checked_sub_days(Days::new(u64::from(self.cut_off_days_before)))
            .and_then(|day| local_time::first_instant(day.and_time(self.cut_off), site_zone))
            .ok_or(CalendarError::OutsideYears { date: print_day })
    }

    /// The first print day that a package delivered at `now` makes: its cut-off is still ahead.
    ///
    /// # Errors
    /// [`PrintScheduleError::NoPrintDay`] if there is none within a year; [`CalendarError::OutsideYears`].
    pub fn planned_mail_on(
        &self,
        now: DateTime<Utc>,
        calendar: &BusinessCalendar,
        site_zone: Tz,
    ) -> Result<NaiveDate, PrintScheduleError> {
        self.search(now, calendar, site_zone, |_, _| {}).map(|(_, print_day)| print_day)
    }

    /// The same day with how it was found.
    ///
    /// # Errors
    /// As [`PrintSchedule::planned_mail_on`].
    pub fn reckon(
        &self,
        now: DateTime<Utc>,
        calendar: &BusinessCalendar,
        site_zone: Tz,
    ) -> Result<Reckoning, PrintScheduleError> {
        let mut not_counted = Vec::new();
        let (from, result) =
            self.search(now, calendar, site_zone, |on, why| not_counted.push(NotCounted { on, why }))?;
        Ok(Reckoning { calendar: Counted::Print, from, count: 1, not_counted, result })
    }

    /// The day on which the search begins, and the first print day from it on whose cut-off is ahead; `pass` hears of
    /// every day that is passed over.
    fn search(
        &self,
        now: DateTime<Utc>,
        calendar: &BusinessCalendar,
        site_zone: Tz,
        mut pass: impl FnMut(NaiveDate, Why),
    ) -> Result<(NaiveDate, NaiveDate), PrintScheduleError> {
        let outside = CalendarError::OutsideYears { date: now.date_naive() };
        let today = local_time::date_at(now, site_zone).ok_or(outside)?;
        for day in today.iter_days().take(SEARCHED_DAYS) {
            match self.off_on(day, calendar)? {
                Some(why) => pass(day, why),
                None if now < self.cut_off_at(day, site_zone)? => return Ok((today, day)),
                None => pass(day, Why::CutOffPassed),
            }
        }
        Err(PrintScheduleError::NoPrintDay(today))
    }

    /// Whether a package must be made at `now` to make the print day planned for it, because no later run still can.
    ///
    /// `next_run_at` is when the next run can be relied on to have delivered: its scheduled time and, with it, the
    /// time that a run takes; `None` if no run follows. Minting on the last chance keeps passwords young.
    ///
    /// # Errors
    /// As [`PrintSchedule::planned_mail_on`].
    pub fn is_last_chance(
        &self,
        now: DateTime<Utc>,
        next_run_at: Option<DateTime<Utc>>,
        calendar: &BusinessCalendar,
        site_zone: Tz,
    ) -> Result<bool, PrintScheduleError> {
        let print_day = self.planned_mail_on(now, calendar, site_zone)?;
        let cut_off_at = self.cut_off_at(print_day, site_zone)?;
        Ok(!next_run_at.is_some_and(|next| now < next && next < cut_off_at))
    }
}
