//! The agenda: which scheduled times are due, given what has run, and when anything falls due next. Pure: no clock, no
//! ledger.
//!
//! The ledger knows the last scheduled time of each job that has a run; the agenda gives those after it, up to now, by
//! the job's `catch_up`. A run on record is dealt with, however it ended: starts of the same time find it. So nothing is
//! due twice, and nothing that passed while nobody watched is lost without being named.
//!
//! A time is *missed* once its run could no longer be over in time: when its deadline has passed. Until then it is only
//! late, and runs whatever `catch_up` says. Of several times that wait, `none` and `last` run the latest, which does what
//! the others would have done: `none` if it is not missed, `last` in any case. `all` runs each in order. A job with no run on
//! record is new, and has missed nothing: its latest time runs if it is not missed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::job::{CatchUp, Job};
use super::schedule::ScheduledTime;
use crate::domain::calendar::{BusinessCalendar, CalendarError};
use crate::stages::night::Stage;

/// The most times of a job that `all` makes up for; those before them are given up, and named.
pub const MOST_CAUGHT_UP: usize = 31;
/// Times are whole minutes: nothing falls due between this long before one and the time itself.
const A_MOMENT: TimeDelta = TimeDelta::seconds(1);

/// By the name of the job, the last scheduled time that has a run: of those up to [`Agenda::latest`], no later one.
pub type LastRuns = BTreeMap<String, NaiveDateTime>;

/// A scheduled time that is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The job.
    pub job: String,
    /// The time; its local time is the key of the run.
    pub time: ScheduledTime,
    /// Whether it was missed: the deadline of its run has passed.
    pub is_missed: bool,
}

/// Scheduled times of a job that are not made up for, from the first to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The job.
    pub job: String,
    /// The first of them.
    pub first: ScheduledTime,
    /// The last of them, or the same.
    pub last: ScheduledTime,
}

impl std::fmt::Display for GivenUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, last) = (self.first.key(), self.last.key());
        match first == last {
            true => write!(f, "the time {first} of {} has passed, and is not made up for", self.job),
            false => write!(f, "the times {first} to {last} of {} have passed, and are not made up for", self.job),
        }
    }
}

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueTimes {
    /// To be run, one after another in this order: by instant, jobs of one instant in the order of the agenda.
    pub due: Vec<Due>,
    /// Not to be run. They are given again until the job has its next run.
    pub given_up: Vec<GivenUp>,
}

/// The jobs of a site and its calendar.
#[derive(Debug, Clone)]
pub struct Agenda {
    jobs: Vec<Job>,
    calendar: BusinessCalendar,
}

impl Agenda {
    /// An agenda of these jobs, no two of one name.
    #[must_use]
    pub fn new(jobs: Vec<Job>, calendar: BusinessCalendar) -> Self {
        Self { jobs, calendar }
    }

    /// The jobs.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The calendar by which dates are skipped.
    #[must_use]
    pub fn calendar(&self) -> &BusinessCalendar {
        &self.calendar
    }

    /// The latest time of each job at or before `now`. What has run after it, because a clock was wrong or somebody asked
    /// for a date to come, says nothing about what is due: look for the last run no later than this.
    ///
    /// # Errors
    /// [`CalendarError`] for a clock that shows a date outside the calendar.
    pub fn latest(&self, now: DateTime<Utc>) -> Result<Vec<(&str, ScheduledTime)>, CalendarError> {
        let mut latest = Vec::new();
        for job in &self.jobs {
            latest.extend(job.latest_run_at_or_before(now, &self.calendar)?.map(|time| (job.name.as_str(), time)));
        }
        Ok(latest)
    }

    /// What is due at `now`, given the last run of each job; a job without one is new.
    ///
    /// # Errors
    /// [`CalendarError`] for a clock that shows a date outside the calendar.
    pub fn due(&self, last_runs: &LastRuns, now: DateTime<Utc>) -> Result<DueTimes, CalendarError> {
        let mut all = DueTimes::default();
        for job in &self.jobs {
            let last_run = last_runs.get(&job.name).and_then(|local| job.schedule.scheduled(*local));
            let (due, given_up) = self.due_of(job, last_run, now)?;
            all.due.extend(due);
            all.given_up.extend(given_up);
        }
        all.due.sort_by_key(|due| due.time.at);
        Ok(all)
    }

    /// The next instant after `now` at which a job falls due; `None` if none does in ten years.
    ///
    /// # Errors
    /// [`CalendarError`] for a clock that shows a date outside the calendar.
    pub fn next_wake(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let next = self.next_of(now, |_| true)?;
        Ok(next.into_iter().map(|(_, time)| time.at).min())
    }

    /// When the next run after `now` that makes letters and hands them over can be relied on to be done: its deadline
    /// later. What it still delivers in time need not be made before. `None` if there is none.
    ///
    /// # Errors
    /// [`CalendarError`] for a clock that shows a date outside the calendar.
    pub fn next_delivery_by(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let makes = |job: &Job| [Stage::Produce, Stage::Deliver].iter().all(|stage| job.stages.contains(stage));
        let next = self.next_of(now, makes)?;
        Ok(next.into_iter().map(|(job, time)| time.at + job.deadline).min())
    }

    /// The next time of each job of a kind.
    fn next_of(
        &self,
        now: DateTime<Utc>,
        is_meant: impl Fn(&Job) -> bool,
    ) -> Result<Vec<(&Job, ScheduledTime)>, CalendarError> {
        let mut next = Vec::new();
        for job in self.jobs.iter().filter(|job| is_meant(job)) {
            next.extend(job.next_run_after(now, &self.calendar)?.map(|time| (job, time)));
        }
        Ok(next)
    }

    /// The times of one job after its last run: to be run, in order, and given up.
    fn due_of(
        &self,
        job: &Job,
        last_run: Option<ScheduledTime>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Due>, Option<GivenUp>), CalendarError> {
        let is_missed = |time: ScheduledTime| now - time.at > job.deadline;
        let most = if job.catch_up == CatchUp::All && last_run.is_some() { MOST_CAUGHT_UP } else { 1 };
        let makes_up = job.catch_up != CatchUp::None && last_run.is_some();
        let mut due = Vec::new();
        let mut waiting = job.latest_run_at_or_before(now, &self.calendar)?;
        while let Some(time) = waiting.filter(|time| last_run.is_none_or(|last| last.at < time.at)) {
            if due.len() == most || (is_missed(time) && !makes_up) {
                break;
            }
            due.push(Due { job: job.name.clone(), time, is_missed: is_missed(time) });
            waiting = job.latest_run_at_or_before(time.at - A_MOMENT, &self.calendar)?;
        }
        due.reverse();
        let given_up = match last_run {
            Some(last_run) => self.given_up(job, last_run, waiting)?,
            None => None,
        };
        Ok((due, given_up))
    }

    /// The times after the last run, up to the last one that is not made up for.
    fn given_up(
        &self,
        job: &Job,
        last_run: ScheduledTime,
        last: Option<ScheduledTime>,
    ) -> Result<Option<GivenUp>, CalendarError> {
        let Some(last) = last.filter(|last| last_run.at < last.at) else { return Ok(None) };
        let first = job.next_run_after(last_run.at, &self.calendar)?.unwrap_or(last);
        Ok(Some(GivenUp { job: job.name.clone(), first, last }))
    }
}
