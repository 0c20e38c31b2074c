//! What a look finds: where the jobs stand, what is due, and what of it is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Service;
use crate::daemon::agenda::{Agenda, DueTimes, LastRuns};
use crate::daemon::health::JobHealth;
use crate::daemon::job::{CatchUp, Job};
use crate::daemon::schedule::read_key;
use crate::daemon::work::Standings;
use crate::domain::calendar::CalendarError;
use crate::ports::Level;
use crate::ports::ledger::JobStanding;
use crate::stages::night::Stage;

/// The jobs as they stand now.
pub(super) struct View {
    pub(super) agenda: Arc<Agenda>,
    pub(super) standings: BTreeMap<String, JobStanding>,
    pub(super) releases: u64,
    pub(super) due: DueTimes,
    pub(super) now: DateTime<Utc>,
}

impl Service<'_> {
    pub(super) async fn look(&self, now: DateTime<Utc>) -> Result<View, String> {
        let agenda = self.work.agenda();
        let no_calendar = |error: CalendarError| error.to_string();
        let latest = agenda.latest(now).map_err(no_calendar)?;
        let up_to: Vec<(String, String)> = latest.into_iter().map(|(job, time)| (job.to_owned(), time.key())).collect();
        let Standings { jobs: standings, releases } = self.work.standings(&up_to).await?;
        let last_runs: LastRuns = standings
            .iter()
            .filter_map(|(job, standing)| Some((job.clone(), read_key(standing.last_run.as_deref()?)?)))
            .collect();
        let due = agenda.due(&last_runs, now).map_err(no_calendar)?;
        Ok(View { agenda, standings, releases, due, now })
    }

    pub(super) fn note_health(&self, view: &View) {
        let mut jobs = Vec::new();
        for job in view.agenda.jobs() {
            let standing = view.standings.get(&job.name).cloned().unwrap_or_default();
            let next = job.next_run_after(view.now, view.agenda.calendar()).ok().flatten();
            self.note_missed(job, &standing, view);
            match self.attempts.get(&job.name) {
                None => {
                    self.board.clear("failed", Some(&job.name));
                    self.board.clear("alarm", Some(&job.name));
                }
                Some(attempt) if !attempt.is_alarmed() => {
                    self.board.clear("alarm", Some(&job.name));
                }
                Some(_) => {}
            }
            jobs.push(JobHealth {
                job: job.name.clone(),
                next_at: next.map(|time| time.at),
                last_completed: standing.last_completed,
            });
        }
        self.board.keep_jobs(|name| jobs.iter().any(|job| job.job == name));
        self.board.set_jobs(jobs);
    }

    /// Whether the last run that had to be over by now is.
    fn note_missed(&self, job: &Job, standing: &JobStanding, view: &View) {
        let must_be_over = job.latest_run_at_or_before(view.now - job.deadline, view.agenda.calendar()).ok().flatten();
        // A job that never ran has missed nothing before somebody watched over it.
        let is_missed = |key: &str, at: DateTime<Utc>| {
            standing.last_completed.as_deref().is_none_or(|last| last < key)
                && (standing.last_run.is_some() || self.began_at <= at)
        };
        match must_be_over.map(|time| (time.key(), time.at)).filter(|(key, at)| is_missed(key, *at)) {
            Some((key, at)) => {
                let message = format!(
                    "the run of {} for {key} was to be over and is not completed: see 'letterpost report night', then start \
                     it by hand",
                    job.name
                );
                self.board.raise("missed", Some(&job.name), &message, at + job.deadline);
            }
            None => {
                self.board.clear("missed", Some(&job.name));
            }
        }
    }

    pub(super) fn tell_given_up(&mut self, view: &View) {
        for given_up in &view.due.given_up {
            let (first, last) = (given_up.first.key(), given_up.last.key());
            let span = if first == last { first } else { format!("{first} to {last}") };
            if self.is_news("given up", &given_up.job, &last) {
                let message = format!("{}: missed, and not made up for as its catch_up says: {span}", given_up.job);
                self.say(Level::Warning, "run.missed", message);
            }
        }
    }
}

/// The run of a job that is to be done: the first that is due, or one that was begun and can still be gone on with. On the
/// first look that is any, unless the job makes up for nothing: nobody was there to go on with it before.
pub(super) fn wanted(
    job: &Job,
    standing: &JobStanding,
    view: &View,
    is_first: bool,
) -> Option<(String, DateTime<Utc>)> {
    let due = view.due.due.iter().find(|due| due.job == job.name);
    let begun = standing.unfinished.last().and_then(|run| {
        let time = job.schedule.scheduled(read_key(&run.scheduled_for)?)?;
        let is_in_time = view.now <= time.at + job.deadline;
        (is_in_time || (is_first && job.catch_up != CatchUp::None)).then(|| (run.scheduled_for.clone(), time.at))
    });
    due.map(|due| (due.time.key(), due.time.at)).or(begun)
}

/// Whether a job makes letters or hands them over.
pub(super) fn is_of_letters(agenda: &Agenda, name: &str) -> bool {
    let job = agenda.jobs().iter().find(|job| job.name == name);
    job.is_some_and(|job| job.stages.iter().any(|stage| matches!(stage, Stage::Produce | Stage::Deliver)))
}
