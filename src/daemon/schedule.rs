//! When a job falls due: a cron schedule on the wall clock of a time zone.
//!
//! The `cron` crate walks the days and hours of the wall clock, which knows no summer time; only then is each time
//! turned into an instant, by the rule of [`local_time`]: a time that the clocks skip runs when they have jumped, one
//! that they show twice runs the first time, and times that come to one instant run once. So instants strictly rise.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::cron_fields;
use crate::domain::calendar::{FIRST_YEAR, LAST_YEAR};
use crate::domain::local_time;

/// The longest that a zone's clocks have ever been set back, and a little more.
const LONGEST_FOLD: TimeDelta = TimeDelta::hours(25);

/// A schedule that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither five fields nor six.
    #[error("'{text}' has {count} fields; write five, `{fields}`, or six with seconds first: 30 22 * * 1-5")]
    Fields {
        /// The schedule as written.
        text: String,
        /// How many fields it has.
        count: usize,
        /// The five fields in their order.
        fields: &'static str,
    },
    /// Day of month and day of week are both set.
    #[error("'{text}' sets both day of month and day of week, which programs read differently; put * in one of them")]
    BothDays {
        /// The schedule as written.
        text: String,
    },
    /// An item of the day-of-week field.
    #[error("'{item}' is not a day of the week; write 0 to 7 (0 and 7 are Sunday), SUN to SAT, a range or a list")]
    DayOfWeek {
        /// The item as written.
        item: String,
    },
    /// Another field is wrong.
    #[error("'{text}' is not a cron schedule: {reason}")]
    Syntax {
        /// The schedule as written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No date meets it, such as 30 February.
    #[error("'{text}' never falls due, whatever the year; check its day and month")]
    NeverDue {
        /// The schedule as written.
        text: String,
    },
}

/// One time of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScheduledTime {
    /// The wall-clock time that the schedule names, whether the clocks show it that day or not. With the job's name
    /// it is the key of the run.
    pub local: NaiveDateTime,
    /// The instant at which it falls due.
    pub at: DateTime<Utc>,
}

/// A cron schedule in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: cron::Schedule,
    zone: Tz,
}

impl Schedule {
    /// Reads five fields (minute, hour, day of month, month, day of week) or six with seconds before them.
    ///
    /// Days of the week are 0 to 7, both ends being Sunday, or names.
    ///
    /// # Errors
    /// [`ScheduleError`], also for a schedule that never falls due.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let translated = cron_fields::for_cron_crate(text)?;
        let cron = cron::Schedule::from_str(&translated).map_err(|error| ScheduleError::Syntax {
            text: text.to_owned(),
            reason: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        })?;
        let schedule = Self { cron, zone };
        let is_ever_due = schedule.wall_clock_times(NaiveDateTime::MIN).next().is_some();
        if is_ever_due { Ok(schedule) } else { Err(ScheduleError::NeverDue { text: text.to_owned() }) }
    }

    /// The time zone whose wall clock the schedule follows.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The times strictly after an instant, in order, to the end of the calendar (the year 2099).
    pub fn times_after(&self, instant: DateTime<Utc>) -> impl Iterator<Item = ScheduledTime> + '_ {
        let first = local_time::wall_clock(instant, self.zone).unwrap_or(instant.naive_utc());
        self.distinct_times(first).skip_while(move |time| time.at <= instant)
    }

    /// The last time that fell due at this instant or before it, not before 1986.
    #[must_use]
    pub fn latest_at_or_before(&self, instant: DateTime<Utc>) -> Option<ScheduledTime> {
        let shown = local_time::wall_clock(instant, self.zone).unwrap_or(instant.naive_utc());
        // When clocks were just set back they showed later times before this instant than they show now.
        let latest_shown = clamp(clamp(shown) + LONGEST_FOLD);
        let due = self.times_back_from(latest_shown).find(|time| time.at <= instant)?;
        // Of the times that come to one instant the first names the run, as in `times_after`.
        let same = self.times_back_from(due.local).take_while(|time| time.at == due.at);
        Some(same.last().unwrap_or(due))
    }

    /// The times that the schedule names on a date of its wall clock.
    #[must_use]
    pub fn on_date(&self, date: NaiveDate) -> Vec<ScheduledTime> {
        let eve = date.checked_sub_days(Days::new(1)).unwrap_or(date).and_time(NaiveTime::MIN);
        let from_eve = self.distinct_times(eve.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(eve));
        from_eve.take_while(|time| time.local.date() <= date).filter(|time| time.local.date() == date).collect()
    }

    /// The times after a wall-clock time, one an instant.
    fn distinct_times(&self, after: NaiveDateTime) -> impl Iterator<Item = ScheduledTime> + '_ {
        let mut last_at = None;
        self.wall_clock_times(after).filter_map(|local| self.scheduled(local)).filter(move |time| {
            let is_new = last_at.is_none_or(|last| last < time.at);
            last_at = Some(time.at);
            is_new
        })
    }

    /// The wall-clock times after another, within the years of the calendar, which bound the search.
    fn wall_clock_times(&self, after: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> + '_ {
        let times = self.cron.after(&clamp(after).and_utc()).map(|time| time.naive_utc());
        times.take_while(|local| local.year() <= LAST_YEAR)
    }

    /// The times before a wall-clock time, latest first, within the years of the calendar, which bound the search.
    fn times_back_from(&self, before: NaiveDateTime) -> impl Iterator<Item = ScheduledTime> + '_ {
        let times = self.cron.after(&before.and_utc()).rev().map(|time| time.naive_utc());
        times.take_while(|local| local.year() >= FIRST_YEAR).filter_map(|local| self.scheduled(local))
    }

    fn scheduled(&self, local: NaiveDateTime) -> Option<ScheduledTime> {
        local_time::first_instant(local, self.zone).map(|at| ScheduledTime { local, at })
    }
}

/// A time moved into the years of the calendar, or just outside them: the crate cannot step over the end of time.
fn clamp(time: NaiveDateTime) -> NaiveDateTime {
    let at = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(NaiveTime::MIN));
    match (at(FIRST_YEAR), at(LAST_YEAR + 1)) {
        (Some(first), Some(end)) => time.clamp(first - TimeDelta::seconds(1), end),
        _ => time,
    }
}
