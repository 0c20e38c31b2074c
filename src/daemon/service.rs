//! The daemon's loop: what is due is run, one run after another, and what fails is tried again.
//!
//! Each turn looks at the clock, the ledger and the agenda anew, so that a clock that was set, a night that was slept
//! through, a run that somebody else started or a ledger that came back is seen by the next turn. Nothing that fails ends
//! the loop.

mod running;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::Receiver;

use self::view::{View, is_of_letters, wanted};
use super::attempt::{Attempt, Seen, pause_after};
use super::health::Board;
use super::work::{ALARM, End, TRY_AGAIN, Work};
use crate::adapters::service_manager;
use crate::ports::{Clock, Event, Level, Pause, Plain};
use crate::stages::stop::Stop;

/// The longest that the clock is not looked at.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// After so many looks in a row at a ledger that cannot be read, the alarm is raised.
const LOOKS_UNTIL_ALARM: u32 = 3;

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

    async fn ledger_is_away(&mut self, why: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        self.failed_looks += 1;
        let message = format!("the ledger cannot be read: {why}");
        if self.board.raise("ledger", None, &message, now) {
            self.say(Level::Error, "ledger.away", format!("{message}; looking again until it can"));
            service_manager::status("the ledger cannot be read");
        }
        self.board.set_ready(false);
        if self.failed_looks == LOOKS_UNTIL_ALARM {
            self.tell("", "", &End::without_start(TRY_AGAIN, "", "", &message)).await;
        }
        now + pause_after(self.failed_looks)
    }

    fn ledger_is_there(&mut self) {
        self.failed_looks = 0;
        self.board.set_ready(true);
        if self.board.clear("ledger", None) {
            self.say(Level::Info, "ledger.back", "the ledger can be read again".to_owned());
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
                let seen = Seen { starts: of_the_run.map(|run| run.starts), releases: view.releases };
                if !attempt.seen(seen) {
                    let later = view.due.due.iter().rfind(|due| due.job == job.name).map(|due| due.time.key());
                    let later = later.filter(|run| *run != attempt.run && is_of_letters(&view.agenda, &job.name));
                    kept_back.extend(later.map(|run| (job.name.clone(), run)));
                    continue;
                }
                let message = format!("{}: somebody acted on the alarm of {}; going on", job.name, attempt.run);
                self.attempts.remove(&job.name);
                self.say(Level::Info, "alarm.over", message);
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

    /// Says something, in words of this program's own.
    fn say(&self, level: Level, name: &'static str, message: String) {
        self.work.say(Event::new(level, name).saying(Plain::ours(message)));
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
                 {alarmed}', release its brake, or have the daemon look anew with SIGHUP"
            );
            self.say(Level::Error, "run.kept_back", message.clone());
            self.tell(name, run, &End::without_start(ALARM, name, run, &message)).await;
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
                let message = "configuration and jobs are read anew, and hold from the next run on";
                self.say(Level::Info, "daemon.reloaded", message.to_owned());
            }
            Err(why) => {
                let message = format!("the new configuration is refused, and the one before holds: {why}");
                self.board.clear("reload", None);
                self.board.raise("reload", None, &message, self.clock.now());
                // What is wrong may quote the file: the site has shown it to people.
                let message = "the new configuration is refused, and the one before holds: /health says why";
                self.say(Level::Error, "daemon.reload_refused", message.to_owned());
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
