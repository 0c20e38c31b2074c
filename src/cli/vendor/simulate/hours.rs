//! The stand-in's working hours: what is meant by "a print day later".

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday, WeekdaySet};
use chrono_tz::Tz;

use crate::cli::vendor::error::VendorError;
use crate::domain::calendar::BusinessCalendar;
use crate::domain::local_time::{date_at, first_instant};
use crate::domain::postal_days::PostalCalendar;
use crate::domain::print_days::PrintSchedule;

/// When the presses start on a print day.
const PRINTS_AT: NaiveTime = time(8);
/// When the trays leave for the postal service on a print day.
const MAILS_AT: NaiveTime = time(17);
/// When the postal service brings back what it cannot deliver.
const COMES_BACK_AT: NaiveTime = time(11);
/// The longest delay in print days; more would find no calendar to count in.
const MOST_PRINT_DAYS: u32 = 1_000;
/// The longest delay in minutes: two years.
const MOST_MINUTES: u32 = 2 * 366 * 24 * 60;

const fn time(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// So many minutes.
    Minutes(u32),
    /// Until so many print days later; 0 is the print day that can still be made.
    PrintDays(u32),
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || format!("'{text}' is not a delay: write minutes as 90m, hours as 2h, or print days as 1d");
        let unit = text.chars().last().ok_or_else(refused)?;
        let digits = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let count: u32 = digits.and_then(|digits| digits.parse().ok()).ok_or_else(refused)?;
        match unit {
            'm' if count <= MOST_MINUTES => Ok(Self::Minutes(count)),
            'h' if count <= MOST_MINUTES / 60 => Ok(Self::Minutes(count * 60)),
            'd' if count <= MOST_PRINT_DAYS => Ok(Self::PrintDays(count)),
            _ => Err(refused()),
        }
    }
}

/// The weekdays of a list such as `mon,wed,fri`.
///
/// # Errors
/// Says which word is no weekday.
pub fn weekdays(text: &str) -> Result<WeekdaySet, String> {
    let mut set = WeekdaySet::EMPTY;
    for word in text.split(',') {
        let day: Weekday = word.trim().parse().map_err(|_| format!("'{word}' is not a weekday: write mon,tue,wed"))?;
        set.insert(day);
    }
    Ok(set)
}

/// When a shop works.
#[derive(Debug, Clone)]
pub struct Hours {
    schedule: PrintSchedule,
    calendar: BusinessCalendar,
    zone: Tz,
}

impl Hours {
    /// A shop that prints on these weekdays, but on no federal holiday, what it had before the cut-off.
    ///
    /// # Errors
    /// Where no weekday is named.
    pub fn new(weekdays: WeekdaySet, cut_off: NaiveTime, zone: Tz) -> Result<Self, VendorError> {
        let schedule = PrintSchedule::new(weekdays, cut_off, 0).map_err(impossible)?;
        Ok(Self { schedule, calendar: BusinessCalendar::default(), zone })
    }

    /// The date where the site is.
    pub fn date(&self, at: DateTime<Utc>) -> Result<NaiveDate, VendorError> {
        date_at(at, self.zone).ok_or_else(|| impossible(format!("{at} is no date")))
    }

    /// When what came at `from` is on paper: on the first print day whose cut-off it made, or some print days later.
    pub fn prints_at(&self, from: DateTime<Utc>, delay: Delay) -> Result<DateTime<Utc>, VendorError> {
        let Delay::PrintDays(days) = delay else { return self.after(from, delay) };
        let first = self.schedule.planned_mail_on(from, &self.calendar, self.zone).map_err(impossible)?;
        let cut_off_at = self.schedule.cut_off_at(first, self.zone).map_err(impossible)?;
        let day = self.print_day_after(first, days)?;
        Ok(self.at(day, PRINTS_AT)?.max(cut_off_at).max(from))
    }

    /// When what was printed at `from` is handed to the postal service: the same day, or some print days later.
    pub fn mails_at(&self, from: DateTime<Utc>, delay: Delay) -> Result<DateTime<Utc>, VendorError> {
        let Delay::PrintDays(days) = delay else { return self.after(from, delay) };
        let day = self.print_day_after(self.date(from)?, days)?;
        Ok(self.at(day, MAILS_AT)?.max(from))
    }

    /// So much later: minutes by the clock; print days at the same time of day.
    pub fn after(&self, from: DateTime<Utc>, delay: Delay) -> Result<DateTime<Utc>, VendorError> {
        match delay {
            Delay::Minutes(minutes) => Ok(from + TimeDelta::minutes(minutes.into())),
            Delay::PrintDays(0) => Ok(from),
            Delay::PrintDays(days) => {
                let time = from.with_timezone(&self.zone).time();
                Ok(self.at(self.print_day_after(self.date(from)?, days)?, time)?.max(from))
            }
        }
    }

    /// When a letter that was mailed on this date comes back.
    pub fn comes_back_at(&self, mailed_on: NaiveDate, postal_days: u32) -> Result<DateTime<Utc>, VendorError> {
        let day = PostalCalendar::default().add_postal_days(mailed_on, postal_days).map_err(impossible)?;
        self.at(day, COMES_BACK_AT)
    }

    /// Whether a date is past.
    pub fn is_over(&self, date: NaiveDate, now: DateTime<Utc>) -> Result<bool, VendorError> {
        Ok(self.date(now)? > date)
    }

    fn at(&self, day: NaiveDate, time: NaiveTime) -> Result<DateTime<Utc>, VendorError> {
        first_instant(day.and_time(time), self.zone).ok_or_else(|| impossible(format!("{day} is too far off")))
    }

    /// The `count`-th print day after a date; 0 gives it back as it is.
    fn print_day_after(&self, date: NaiveDate, count: u32) -> Result<NaiveDate, VendorError> {
        let mut day = date;
        for _ in 0..count {
            day = self.next_print_day(day)?;
        }
        Ok(day)
    }

    /// The first print day after a date. The calendar's last year ends the search.
    fn next_print_day(&self, date: NaiveDate) -> Result<NaiveDate, VendorError> {
        let mut day = date;
        loop {
            day = day.succ_opt().ok_or_else(|| impossible(format!("there is no print day after {date}")))?;
            if self.schedule.is_print_day(day, &self.calendar).map_err(impossible)? {
                return Ok(day);
            }
        }
    }
}

fn impossible(reason: impl ToString) -> VendorError {
    VendorError::Usage(reason.to_string())
}
