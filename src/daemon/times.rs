//! The times of a job: those of its schedule, less the dates that it skips, with the times that are moved from them.
//!
//! A schedule has the same times of day on each of its dates, so that skipping and moving are about dates alone: a date
//! that is not skipped has runs if the schedule names it, or names a skipped date that is moved to it. A time that is moved
//! to where the job runs anyway is one run with that, and the key of a moved run is the time at which it runs.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::job::{Job, Moved, Skip};
use super::schedule::ScheduledTime;
use crate::domain::calendar::{BusinessCalendar, CalendarError, Closure, FIRST_YEAR, LAST_YEAR};
use crate::domain::holidays::FederalHoliday;
use crate::domain::local_time;

/// How many skipped dates in a row are passed over in search of one to move to, or to list.
const LONGEST_REST_DAYS: usize = 366;
/// How many dates are looked through for times to list: more than ten years without one is never.
const LISTED_DAYS: usize = 3660;

/// Why a job does not run at one of its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipReason(Closure);

impl SkipReason {
    /// The closure of the calendar for which the time is skipped.
    #[must_use]
    pub fn closure(self) -> Closure {
        self.0
    }
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One time of a job, and whether it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTime {
    /// When.
    pub time: ScheduledTime,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a time of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The job runs.
    Runs {
        /// The skipped dates whose times run now, each with why it is skipped.
        also_for: Vec<(NaiveDate, SkipReason)>,
    },
    /// The job does not run.
    Skipped {
        /// Why.
        reason: SkipReason,
        /// The date on which it runs instead, at the same time.
        moved_to: Option<NaiveDate>,
    },
}

impl Job {
    /// The first time after `from` at which the job runs; `None` if there is none in ten years.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn next_run_after(
        &self,
        from: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Option<ScheduledTime>, CalendarError> {
        self.schedule.first_after(from, |date| self.runs_on(date, calendar))
    }

    /// The last time at or before `instant` at which the job was to run; `None` if there is none in ten years.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn latest_run_at_or_before(
        &self,
        instant: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Option<ScheduledTime>, CalendarError> {
        self.schedule.last_until(instant, |date| self.runs_on(date, calendar))
    }

    /// The times at which the job runs on a date of its wall clock.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn runs_on_date(
        &self,
        date: NaiveDate,
        calendar: &BusinessCalendar,
    ) -> Result<Vec<ScheduledTime>, CalendarError> {
        let mut runs = Vec::new();
        if !is_known(date) || !self.runs_on(date, calendar)? {
            return Ok(runs);
        }
        for time in self.times_of(date) {
            if self.latest_run_at_or_before(time.at, calendar)? == Some(time) {
                runs.push(time);
            }
        }
        Ok(runs)
    }

    /// The next `count` times after `from`, those that are skipped among them with the reason.
    ///
    /// # Errors
    /// [`CalendarError`] for dates that the calendar does not know.
    pub fn next_times(
        &self,
        count: usize,
        from: DateTime<Utc>,
        calendar: &BusinessCalendar,
    ) -> Result<Vec<PlannedTime>, CalendarError> {
        let mut planned: Vec<PlannedTime> = Vec::new();
        let Some(first) = local_time::date_at(from, self.schedule.zone()) else { return Ok(planned) };
        let mut last_at = from;
        for date in first.iter_days().take(LISTED_DAYS).filter(|date| is_known(*date)) {
            let Some(fate) = self.fate_of(date, calendar)? else { continue };
            for time in self.times_of(date).filter(|time| time.at > from) {
                if planned.len() == count {
                    return Ok(planned);
                }
                // Times that come to one instant run once.
                if matches!(fate, Fate::Skipped { .. }) || time.at > last_at {
                    last_at = last_at.max(time.at);
                    planned.push(PlannedTime { time, fate: fate.clone() });
                }
            }
        }
        Ok(planned)
    }

    /// What becomes of the times of day on a date; `None` where the job has none.
    fn fate_of(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<Option<Fate>, CalendarError> {
        let is_on = self.schedule.is_on(date);
        if let Some(reason) = self.skip_reason(date, calendar)? {
            let moved_to = self.moved_to(date, calendar)?;
            return Ok(is_on.then_some(Fate::Skipped { reason, moved_to }));
        }
        let also_for = self.moved_here(date, calendar)?;
        Ok((is_on || !also_for.is_empty()).then_some(Fate::Runs { also_for }))
    }

    fn runs_on(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<bool, CalendarError> {
        if self.skip.is_empty() {
            return Ok(self.schedule.is_on(date));
        }
        Ok(matches!(self.fate_of(date, calendar)?, Some(Fate::Runs { .. })))
    }

    fn times_of(&self, date: NaiveDate) -> impl Iterator<Item = ScheduledTime> + '_ {
        let times = self.schedule.times_of_day().iter();
        times.filter_map(move |time| self.schedule.scheduled(date.and_time(*time)))
    }

    /// The date on which the times of a skipped date run instead.
    fn moved_to(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<Option<NaiveDate>, CalendarError> {
        for other in neighbours(date, self.moved) {
            if self.skip_reason(other, calendar)?.is_none() {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// The skipped dates of the schedule whose times run on this date, which is not skipped.
    fn moved_here(
        &self,
        date: NaiveDate,
        calendar: &BusinessCalendar,
    ) -> Result<Vec<(NaiveDate, SkipReason)>, CalendarError> {
        let from = match self.moved {
            Moved::Never => Moved::Never,
            Moved::Before => Moved::After,
            Moved::After => Moved::Before,
        };
        let mut moved = Vec::new();
        for other in neighbours(date, from) {
            let Some(reason) = self.skip_reason(other, calendar)? else { break };
            if self.schedule.is_on(other) {
                moved.push((other, reason));
            }
        }
        moved.sort_by_key(|(date, _)| *date);
        Ok(moved)
    }

    /// Why the job does not run on this date of the wall clock.
    fn skip_reason(&self, date: NaiveDate, calendar: &BusinessCalendar) -> Result<Option<SkipReason>, CalendarError> {
        let skips = |what| self.skip.contains(&what);
        if self.skip.is_empty() {
            return Ok(None);
        }
        let reason = match calendar.closure_on(date)? {
            // A Saturday may be a holiday in itself: a job that runs at weekends but not on holidays rests then.
            Some(Closure::Weekend) if !skips(Skip::Weekends) => FederalHoliday::on(date).map(Closure::Holiday),
            Some(Closure::Weekend) => return Ok(Some(SkipReason(Closure::Weekend))),
            closure => closure,
        };
        Ok(reason.filter(|_| skips(Skip::Holidays)).map(SkipReason))
    }
}

/// The dates before or after a date, nearest first, as far as the calendar goes.
fn neighbours(date: NaiveDate, direction: Moved) -> Box<dyn Iterator<Item = NaiveDate>> {
    let dates: Box<dyn Iterator<Item = NaiveDate>> = match direction {
        Moved::Never => return Box::new(std::iter::empty()),
        Moved::Before => Box::new(date.iter_days().rev()),
        Moved::After => Box::new(date.iter_days()),
    };
    Box::new(dates.skip(1).take(LONGEST_REST_DAYS).take_while(|date| is_known(*date)))
}

fn is_known(date: NaiveDate) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&date.year())
}
