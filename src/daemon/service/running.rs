//! One start: it is waited for and watched, and what became of it is noted and told.

use std::time::Duration;

use chrono::TimeDelta;

use super::view::View;
use super::{LONGEST_REST, Service};
use crate::adapters::service_manager;
use crate::daemon::attempt::Attempt;
use crate::daemon::work::{End, Start};
use crate::ports::Level;

/// The longest that a run may take to stop; then it is left as it is, which the next start mends.
const LONGEST_STOP: Duration = Duration::from_secs(90);

impl Service<'_> {
    pub(super) async fn start(&mut self, view: &View, name: &str) {
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
                let message = format!("{name} for {run} did not stop in time and is left; the next start goes on");
                self.say(Level::Warning, "run.left", message);
            }
            Some(Start::Elsewhere(holder)) => self.found_elsewhere(name, &run, &holder),
            Some(Start::Ended(end)) => self.ended(view, name, &run, &end).await,
        }
    }

    fn found_elsewhere(&mut self, name: &str, run: &str, holder: &str) {
        if self.is_news("elsewhere", name, run) {
            let message = format!("{name} for {run}: another start is at work or waits ({holder})");
            self.say(Level::Info, "run.elsewhere", message);
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
            self.tell(name, run, end).await;
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
        self.say(if is_alarmed { Level::Error } else { Level::Warning }, "run.undone", message);
        if is_news {
            self.tell(name, run, end).await;
        }
    }

    /// Calls the site's own command, which may take a while, and shows that the daemon is alive.
    pub(super) async fn tell(&self, job: &str, run: &str, end: &End) {
        let told = self.work.tell(job, run, end);
        tokio::pin!(told);
        let beat = service_manager::alive_every().unwrap_or(LONGEST_REST);
        loop {
            tokio::select! {
                () = &mut told => return,
                () = tokio::time::sleep(beat) => service_manager::alive(),
            }
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
}
