//! The daemon's loop: what is due is run, one run after another, and what fails is tried again.
//!
//! Each turn looks at the clock, the ledger and the agenda anew, so that a clock that was set, a night that was slept
//! through, a run that somebody else started or a ledger that came back is seen by the next turn. Nothing that fails ends
//! the loop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::Receiver;

use super::agenda::{Agenda, DueTimes, LastRuns};
use super::attempt::{Attempt, pause_after};
use super::health::{Board, JobHealth};
use super::job::{CatchUp, Job};
use super::schedule::read_key;
use super::work::{ALARM, End, Start, TRY_AGAIN, Work};
use crate::adapters::service_manager;
use crate::domain::calendar::CalendarError;
use crate::ports::ledger::JobStanding;
use crate::ports::{Clock, Pause};
use crate::stages::night::Stage;
use crate::stages::stop::Stop;

/// The longest that the clock is not looked at.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// After so many looks in a row at a ledger that cannot be read, the alarm is raised.
const LOOKS_UNTIL_ALARM: u32 = 3;
/// The longest that a run may take to stop; then it is left as it is, which the next start mends.
pub const LONGEST_STOP: Duration = Duration::from_secs(90);

/// The daemon.
pub struct Service<'a> {
    /// The site.
    pub work: &'a dyn Work,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How time passes.
    pub pause: Arc<dyn Pause>,
    /// Whether it is to end.
    pub stop: Stop,
    /// Where it writes how it is.
    pub board: Arc<Board>,
    /// Each message asks to read the configuration anew.
    pub reloads: Receiver<()>,
    began_at: DateTime<Utc>,
    attempts: BTreeMap<String, Attempt>,
    failed_looks: u32,
    has_looked: bool,
    /// Runs that an alarm keeps from being started, and times that are not made up for, by job: each is said once.
    said: BTreeMap<(&'static str, String), String>,
}

/// The jobs as they stand now.
struct View {
    agenda: Arc<Agenda>,
    standings: BTreeMap<String, JobStanding>,
    due: DueTimes,
    now: DateTime<Utc>,
}

impl<'a> Service<'a> {
    /// A daemon that has done nothing yet.
    #[must_use]
    pub fn new(
        work: &'a dyn Work,
        clock: Arc<dyn Clock>,
        pause: Arc<dyn Pause>,
        stop: Stop,
        board: Arc<Board>,
        reloads: Receiver<()>,
    ) -> Self {
        Self {
            work,
            began_at: clock.now(),
            clock,
            pause,
            stop,
            board,
            reloads,
            attempts: BTreeMap::new(),
            failed_looks: 0,
            has_looked: false,
            said: BTreeMap::new(),
        }
    }

    /// Works until it is asked to stop.
    pub async fn serve(&mut self) {
        while !self.stop.is_asked() {
            let until = self.turn().await;
            self.rest(until).await;
        }
        self.board.set_ready(false);
    }

    /// Looks, starts the first run that is to be started, and says until when there is nothing to do.
    pub async fn turn(&mut self) -> DateTime<Utc> {
        let now = self.clock.now();
        let view = match self.look(now).await {
            Ok(view) => view,
            Err(why) => return self.ledger_is_away(&why, now).await,
        };
        self.ledger_is_there();
        for (job, run) in self.note_attempts(&view) {
            self.keep_back(&job, &run, &job).await;
        }
        self.note_health(&view);
        self.tell_given_up(&view);
        if self.stop.is_asked() {
            return now;
        }
        let next = self.next_to_start(&view).await;
        match next {
            Some(job) => {
                self.start(&view, &job).await;
                self.clock.now()
            }
            None => self.next_wake(&view),
        }
    }

    async fn look(&self, now: DateTime<Utc>) -> Result<View, String> {
        let agenda = self.work.agenda();
        let no_calendar = |error: CalendarError| error.to_string();
        let latest = agenda.latest(now).map_err(no_calendar)?;
        let up_to: Vec<(String, String)> = latest.into_iter().map(|(job, time)| (job.to_owned(), time.key())).collect();
        let standings = self.work.standings(&up_to).await?;
        let last_runs: LastRuns = standings
            .iter()
            .filter_map(|(job, standing)| Some((job.clone(), read_key(standing.last_run.as_deref()?)?)))
            .collect();
        let due = agenda.due(&last_runs, now).map_err(no_calendar)?;
        Ok(View { agenda, standings, due, now })
    }

    async fn ledger_is_away(&mut self, why: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        self.failed_looks += 1;
        let message = format!("the ledger cannot be read: {why}");
        if self.board.raise("ledger", None, &message, now) {
            self.work.say(&format!("{message}; looking again until it can"));
            service_manager::status("the ledger cannot be read");
        }
        self.board.set_ready(false);
        if self.failed_looks == LOOKS_UNTIL_ALARM {
            self.work.tell("", "", &End::without_start(TRY_AGAIN, "", "", &message)).await;
        }
        now + pause_after(self.failed_looks)
    }

    fn ledger_is_there(&mut self) {
        self.failed_looks = 0;
        self.board.set_ready(true);
        if self.board.clear("ledger", None) {
            self.work.say("the ledger can be read again");
        }
    }

    /// Brings the attempts up to date with what is due and what is unfinished; gives the runs that make or
    /// deliver letters, and are due while their job's own alarm stands.
    fn note_attempts(&mut self, view: &View) -> Vec<(String, String)> {
        let mut kept_back = Vec::new();
        let is_first = !std::mem::replace(&mut self.has_looked, true);
        self.attempts.retain(|job, _| view.agenda.jobs().iter().any(|known| known.name == *job));
        for job in view.agenda.jobs() {
            let standing = view.standings.get(&job.name).cloned().unwrap_or_default();
            if let Some(attempt) = self.attempts.get_mut(&job.name).filter(|attempt| attempt.is_alarmed()) {
                let of_the_run = standing.unfinished.iter().find(|run| run.scheduled_for == attempt.run);
                if !attempt.seen(of_the_run.map(|run| run.starts)) {
                    let later = view.due.due.iter().rfind(|due| due.job == job.name).map(|due| due.time.key());
                    let later = later.filter(|run| *run != attempt.run && is_of_letters(&view.agenda, &job.name));
                    kept_back.extend(later.map(|run| (job.name.clone(), run)));
                    continue;
                }
                self.work.say(&format!("{}: somebody acted on the alarm of {}; going on", job.name, attempt.run));
                self.attempts.remove(&job.name);
            }
            match wanted(job, &standing, view, is_first) {
                Some((run, due_at)) => {
                    let is_known = self.attempts.get(&job.name).is_some_and(|attempt| attempt.run == run);
                    if !is_known {
                        self.attempts.insert(job.name.clone(), Attempt::new(run, due_at, job.deadline, view.now));
                    }
                }
                None => {
                    let is_over =
                        |attempt: &Attempt| !standing.unfinished.iter().any(|run| run.scheduled_for == attempt.run);
                    if self.attempts.get(&job.name).is_some_and(is_over) {
                        self.attempts.remove(&job.name);
                    }
                }
            }
        }
        kept_back
    }

    fn note_health(&self, view: &View) {
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

    fn tell_given_up(&mut self, view: &View) {
        for given_up in &view.due.given_up {
            let (first, last) = (given_up.first.key(), given_up.last.key());
            let span = if first == last { first } else { format!("{first} to {last}") };
            if self.is_news("given up", &given_up.job, &last) {
                self.work.say(&format!("{}: missed, and not made up for as its catch_up says: {span}", given_up.job));
            }
        }
    }

    fn is_news(&mut self, what: &'static str, job: &str, run: &str) -> bool {
        self.said.insert((what, job.to_owned()), run.to_owned()).as_deref() != Some(run)
    }

    /// The job that is started now: the oldest run that waits and that no alarm keeps back.
    async fn next_to_start(&mut self, view: &View) -> Option<String> {
        let alarmed = self.attempts.iter().find(|(_, attempt)| attempt.is_alarmed()).map(|(job, _)| job.clone());
        let is_ripe = |attempt: &Attempt| attempt.next_at(view.now).is_some_and(|at| at <= view.now);
        let mut ripe: Vec<(DateTime<Utc>, String)> = self
            .attempts
            .iter()
            .filter(|(_, attempt)| is_ripe(attempt))
            .map(|(job, attempt)| (attempt.due_at, job.clone()))
            .collect();
        ripe.sort();
        for (_, name) in ripe {
            match (&alarmed, self.attempts.get(&name)) {
                (Some(alarmed), Some(attempt)) if is_of_letters(&view.agenda, &name) => {
                    let run = attempt.run.clone();
                    self.keep_back(&name, &run, alarmed).await;
                }
                _ => return Some(name),
            }
        }
        None
    }

    /// A run that makes or delivers letters is not begun while an alarm stands.
    async fn keep_back(&mut self, name: &str, run: &str, alarmed: &str) {
        if self.is_news("kept back", name, run) {
            let message = format!(
                "{name} for {run} is not started while the alarm of {alarmed} stands: mend what it says, then 'letterpost run \
                 {alarmed}', or have the daemon look anew with SIGHUP"
            );
            self.work.say(&message);
            self.work.tell(name, run, &End::without_start(ALARM, name, run, &message)).await;
        }
    }

    async fn start(&mut self, view: &View, name: &str) {
        let Some(run) = self.attempts.get(name).map(|attempt| attempt.run.clone()) else { return };
        self.board.set_working(Some(format!("run {name} {run}")));
        service_manager::status(&format!("running {name} for {run}"));
        let work = self.work;
        let started = self.watched(work.start(name, &run)).await;
        self.board.set_working(None);
        service_manager::status("waiting");
        match started {
            // It did not stop in time; that it is unfinished is on record.
            None => {
                self.work.say(&format!("{name} for {run} did not stop in time and is left; the next start goes on"))
            }
            Some(Start::Elsewhere(holder)) => self.found_elsewhere(name, &run, &holder),
            Some(Start::Ended(end)) => self.ended(view, name, &run, &end).await,
        }
    }

    fn found_elsewhere(&mut self, name: &str, run: &str, holder: &str) {
        if self.is_news("elsewhere", name, run) {
            self.work.say(&format!("{name} for {run}: another start is at work or waits ({holder})"));
        }
        let now = self.clock.now();
        if let Some(attempt) = self.attempts.get_mut(name) {
            attempt.elsewhere(now, TimeDelta::from_std(LONGEST_REST).unwrap_or_default());
        }
    }

    async fn ended(&mut self, view: &View, name: &str, run: &str, end: &End) {
        let now = self.clock.now();
        if !end.is_undone {
            self.attempts.remove(name);
            self.work.tell(name, run, end).await;
            return;
        }
        if self.stop.is_asked() {
            return;
        }
        let deadline =
            view.agenda.jobs().iter().find(|job| job.name == name).map(|job| job.deadline).unwrap_or_default();
        // A configuration that was read anew meanwhile has forgotten what was tried.
        let attempt = self
            .attempts
            .entry(name.to_owned())
            .or_insert_with(|| Attempt::new(run.to_owned(), view.now, deadline, view.now));
        let is_news = attempt.failed(end.exit, now);
        let (failures, next_at, is_alarmed) = (attempt.failures, attempt.next_at(now), attempt.is_alarmed());
        let then = match next_at {
            Some(next_at) => format!("it is started again at {}", next_at.format("%H:%M:%S UTC")),
            None if is_alarmed => "a person acts first".to_owned(),
            None => format!("the next run of {name} goes on with it"),
        };
        let message = format!("{name} for {run} ended with {} after {failures} starts; {then}", end.exit);
        let what = if is_alarmed { "alarm" } else { "failed" };
        self.board.raise(what, Some(name), &message, view.now);
        self.work.say(&message);
        if is_news {
            self.work.tell(name, run, end).await;
        }
    }

    /// Waits for a start, and meanwhile shows that the daemon is alive and reads its configuration anew where that is
    /// asked. `None` where it was to stop and did not in time.
    async fn watched(&mut self, start: impl Future<Output = Start>) -> Option<Start> {
        tokio::pin!(start);
        let stop = self.stop.clone();
        let too_long = async {
            stop.asked().await;
            // How long somebody waits for us is real time.
            tokio::time::sleep(LONGEST_STOP).await;
        };
        tokio::pin!(too_long);
        let beat = service_manager::alive_every().unwrap_or(LONGEST_REST);
        loop {
            tokio::select! {
                started = &mut start => return Some(started),
                () = &mut too_long => return None,
                () = tokio::time::sleep(beat) => service_manager::alive(),
                Some(()) = self.reloads.recv() => self.reload().await,
            }
        }
    }

    /// Lets time pass until then, but never long.
    async fn rest(&mut self, until: DateTime<Utc>) {
        service_manager::alive();
        let most = service_manager::alive_every().unwrap_or(LONGEST_REST).min(LONGEST_REST);
        let length = (until - self.clock.now()).to_std().unwrap_or_default().min(most);
        let (pause, stop) = (Arc::clone(&self.pause), self.stop.clone());
        tokio::select! {
            () = pause.pause(length) => {}
            () = stop.asked() => {}
            Some(()) = self.reloads.recv() => self.reload().await,
        }
    }

    /// Reads the configuration anew. Whoever asks has looked into what is wrong: alarms and what was given up are taken up.
    async fn reload(&mut self) {
        service_manager::reloading();
        match self.work.reload().await {
            Ok(()) => {
                self.board.clear("reload", None);
                self.work.say("configuration and jobs are read anew, and hold from the next run on");
            }
            Err(why) => {
                let message = format!("the new configuration is refused, and the one before holds: {why}");
                self.board.clear("reload", None);
                self.board.raise("reload", None, &message, self.clock.now());
                self.work.say(&message);
            }
        }
        self.attempts.clear();
        self.said.clear();
        self.has_looked = false;
        service_manager::ready();
    }

    fn next_wake(&self, view: &View) -> DateTime<Utc> {
        // What is ripe and was not started is kept back.
        let is_to_come = |at: &DateTime<Utc>| *at > view.now;
        let retries = self.attempts.values().filter_map(|attempt| attempt.next_at(view.now)).filter(is_to_come);
        let next = view.agenda.next_wake(view.now).ok().flatten();
        let far = view.now + TimeDelta::from_std(LONGEST_REST).unwrap_or_default();
        retries.chain(next).min().unwrap_or(far)
    }
}

/// The run of a job that is to be done: the first that is due, or one that was begun and can still be gone on with. On the
/// first look that is any, unless the job makes up for nothing: nobody was there to go on with it before.
fn wanted(job: &Job, standing: &JobStanding, view: &View, is_first: bool) -> Option<(String, DateTime<Utc>)> {
    let due = view.due.due.iter().find(|due| due.job == job.name);
    let begun = standing.unfinished.last().and_then(|run| {
        let time = job.schedule.scheduled(read_key(&run.scheduled_for)?)?;
        let is_in_time = view.now <= time.at + job.deadline;
        (is_in_time || (is_first && job.catch_up != CatchUp::None)).then(|| (run.scheduled_for.clone(), time.at))
    });
    due.map(|due| (due.time.key(), due.time.at)).or(begun)
}

/// Whether a job makes letters or hands them over.
fn is_of_letters(agenda: &Agenda, name: &str) -> bool {
    let job = agenda.jobs().iter().find(|job| job.name == name);
    job.is_some_and(|job| job.stages.iter().any(|stage| matches!(stage, Stage::Produce | Stage::Deliver)))
}
