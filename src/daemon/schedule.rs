//! When a job falls due: a cron schedule on the wall clock of a time zone.
//!
//! A schedule is a set of dates and, the same on each, a set of times of day; the `cron` crate says which.
//! Dates are walked on the wall clock, which knows no summer time; only then is each time turned into an instant, by the
//! rule of [`local_time`]: a time that the clocks skip runs when they have jumped, one that they show twice runs the first
//! time, and times that come to one instant run once, under the first of their names. So instants strictly rise. A job
//! that runs every half hour rests for the repeated hour in autumn: its key is the time on the clock, and each has had
//! its run.

use std::convert::Infallible;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;

use super::cron_fields;
use crate::domain::calendar::{FIRST_YEAR, LAST_YEAR};
use crate::domain::local_time;

/// The longest that a zone's clocks have ever been set back, and a little more.
const LONGEST_FOLD: TimeDelta = TimeDelta::hours(25);
/// How many dates in a row are passed over in search of a time: more than ten years of them is never.
const SEARCHED_DAYS: usize = 3660;
/// Times of a schedule are whole seconds, so that nothing falls due between this long before one and the time itself.
const A_MOMENT: TimeDelta = TimeDelta::seconds(1);

/// A schedule that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither five fields nor six.
    #[error(
        "'{text}' has {count} fields; write five, `minute hour day-of-month month day-of-week`, or six with a second first: \
         30 22 * * 1-5"
    )]
    Fields {
        /// The schedule as written.
        text: String,
        /// How many fields it has.
        count: usize,
    },
    /// A nickname.
    #[error("'{text}' is not read, so that the time stands in the file; write '{fields}', or the time that you mean")]
    Nickname {
        /// The schedule as written.
        text: String,
        /// What it stands for.
        fields: &'static str,
    },
    /// Day of month and day of week are both set.
    #[error("'{text}' sets both day of month and day of week, which programs read differently; put * in one of them")]
    BothDays {
        /// The schedule as written.
        text: String,
    },
    /// An item of a field.
    #[error("'{item}' of the field {field} {why}; write {write}")]
    Item {
        /// The field.
        field: &'static str,
        /// The item as written.
        item: String,
        /// What is wrong with it.
        why: &'static str,
        /// What to write.
        write: &'static str,
    },
    /// The library that follows schedules refuses it.
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

impl ScheduledTime {
    /// The time as the ledger keeps it for the key of a run: `2026-11-20T22:30`, and `2026-11-20T22:30:15` where the
    /// schedule names a second.
    #[must_use]
    pub fn key(&self) -> String {
        key(self.local)
    }
}

const KEY_FORMAT: &str = "%Y-%m-%dT%H:%M";
const KEY_FORMAT_WITH_SECOND: &str = "%Y-%m-%dT%H:%M:%S";

/// A local time as the key of a run.
#[must_use]
pub fn key(local: NaiveDateTime) -> String {
    local.format(if local.second() == 0 { KEY_FORMAT } else { KEY_FORMAT_WITH_SECOND }).to_string()
}

/// The local time of a run's key; `None` where it is none.
#[must_use]
pub fn read_key(key: &str) -> Option<NaiveDateTime> {
    [KEY_FORMAT, KEY_FORMAT_WITH_SECOND].iter().find_map(|format| NaiveDateTime::parse_from_str(key, format).ok())
}

/// A cron schedule in a time zone: the same times of day on each of its dates.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: cron::Schedule,
    /// Rising; one at least.
    times_of_day: Vec<NaiveTime>,
    zone: Tz,
}

impl Schedule {
    /// Reads a schedule of five fields, `minute hour day-of-month month day-of-week`, days of the week as Unix has them, or of
    /// six with a second first.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn parse(text: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let cron = cron::Schedule::from_str(&cron_fields::for_cron_crate(text)?).map_err(|error| {
            let reason = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            ScheduleError::Syntax { text: text.to_owned(), reason }
        })?;
        let after = |local: NaiveDateTime| cron.after(&local.and_utc()).map(|time| time.naive_utc());
        let first = clamp(NaiveDateTime::MIN);
        let first = after(first).next().map(|first| first.date()).filter(|first| is_in_calendar(*first));
        let first = first.ok_or_else(|| ScheduleError::NeverDue { text: text.to_owned() })?;
        let on_first = after(first.and_time(NaiveTime::MIN) - A_MOMENT).take_while(|local| local.date() == first);
        let times_of_day = on_first.map(|local| local.time()).collect();
        Ok(Self { cron, times_of_day, zone })
    }

    /// The time zone whose wall clock the schedule follows.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The times of day, rising, which are the same on each date.
    #[must_use]
    pub fn times_of_day(&self) -> &[NaiveTime] {
        &self.times_of_day
    }

    /// Whether the schedule names this date of the wall clock.
    #[must_use]
    pub fn is_on(&self, date: NaiveDate) -> bool {
        self.times_of_day.first().is_some_and(|time| self.cron.includes(date.and_time(*time).and_utc()))
    }

    /// When a wall-clock time falls due; `None` outside the years of the zone tables.
    #[must_use]
    pub fn scheduled(&self, local: NaiveDateTime) -> Option<ScheduledTime> {
        local_time::first_instant(local, self.zone).map(|at| ScheduledTime { local, at })
    }

    /// The times strictly after an instant, in order, to the end of the calendar (the year 2099).
    pub fn times_after(&self, instant: DateTime<Utc>) -> impl Iterator<Item = ScheduledTime> + '_ {
        std::iter::successors(self.next_after(instant), |time| self.next_after(time.at))
    }

    /// The last time that fell due at this instant or before it, not before 1986.
    #[must_use]
    pub fn latest_at_or_before(&self, instant: DateTime<Utc>) -> Option<ScheduledTime> {
        let Ok(latest) = self.last_until::<Infallible>(instant, |date| Ok(self.is_on(date)));
        latest
    }

    fn next_after(&self, instant: DateTime<Utc>) -> Option<ScheduledTime> {
        let Ok(next) = self.first_after::<Infallible>(instant, |date| Ok(self.is_on(date)));
        next
    }

    /// The first time of day strictly after an instant, on the dates that a rule takes; `None` where it takes none of the
    /// next ten years.
    pub(super) fn first_after<E>(
        &self,
        instant: DateTime<Utc>,
        mut takes: impl FnMut(NaiveDate) -> Result<bool, E>,
    ) -> Result<Option<ScheduledTime>, E> {
        let shown = clamp(local_time::wall_clock(instant, self.zone).unwrap_or(instant.naive_utc()));
        for date in shown.date().iter_days().take(SEARCHED_DAYS).filter(|date| is_in_calendar(*date)) {
            // What the clocks have shown has been due.
            let ahead = self.times_of_day.iter().map(|time| date.and_time(*time)).filter(|local| *local > shown);
            let next = ahead.filter_map(|local| self.scheduled(local)).find(|time| time.at > instant);
            if next.is_some() && takes(date)? {
                return Ok(next);
            }
        }
        Ok(None)
    }

    /// The last time of day at or before an instant, on the dates that a rule takes; `None` where it took none of the ten
    /// years before.
    pub(super) fn last_until<E>(
        &self,
        instant: DateTime<Utc>,
        mut takes: impl FnMut(NaiveDate) -> Result<bool, E>,
    ) -> Result<Option<ScheduledTime>, E> {
        let latest_shown = self.latest_shown(instant);
        for date in latest_shown.date().iter_days().rev().take(SEARCHED_DAYS).filter(|date| is_in_calendar(*date)) {
            let back = self.times_of_day.iter().rev().map(|time| date.and_time(*time));
            let back = back.filter(|local| *local <= latest_shown).filter_map(|local| self.scheduled(local));
            let Some(last) = { back }.find(|time| time.at <= instant) else { continue };
            if takes(date)? {
                // Of the times that come to one instant the first names the run.
                return self.first_after(last.at - A_MOMENT, takes);
            }
        }
        Ok(None)
    }

    /// The latest time that the clocks have shown by an instant: more than they show now, if they were set back.
    fn latest_shown(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        let shown = local_time::wall_clock(instant, self.zone).unwrap_or(instant.naive_utc());
        let is_repeated = local_time::first_instant(shown, self.zone).is_some_and(|first| first < instant);
        if is_repeated { clamp(clamp(shown) + LONGEST_FOLD) } else { clamp(shown) }
    }
}

fn is_in_calendar(date: NaiveDate) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&date.year())
}

/// A time moved into the years of the calendar, or just outside them: the crate cannot step over the end of time.
fn clamp(time: NaiveDateTime) -> NaiveDateTime {
    let at = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(NaiveTime::MIN));
    match (at(FIRST_YEAR), at(LAST_YEAR + 1)) {
        (Some(first), Some(end)) => time.clamp(first - A_MOMENT, end),
        _ => time,
    }
}
