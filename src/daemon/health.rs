//! Health: what is wrong with the daemon's work, as programs ask for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What kind of thing: `ledger`, `reload`, `missed`, `failed`, `alarm`.
    pub what: &'static str,
    /// The job that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A job as health tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobHealth {
    /// Its name.
    pub job: String,
    /// When it falls due next.
    pub next_at: Option<DateTime<Utc>>,
    /// The last scheduled local time whose run is completed.
    pub last_completed: Option<String>,
}

/// The answer to `/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// `ok` or `failing`.
    pub status: &'static str,
    /// Whether the daemon does its work: it has read the ledger, and is not stopping.
    pub ready: bool,
    /// What it is at: `run nightly 2026-11-20T22:30`, or nothing.
    pub working: Option<String>,
    /// What is wrong.
    pub reasons: Vec<Reason>,
    /// The jobs.
    pub jobs: Vec<JobHealth>,
    /// The version of the program.
    pub version: &'static str,
}

#[derive(Debug, Default)]
struct State {
    is_ready: bool,
    working: Option<String>,
    /// By what they are about, so that each is there once.
    reasons: BTreeMap<(&'static str, Option<String>), Reason>,
    jobs: Vec<JobHealth>,
}

/// Where the daemon writes how it is, and the port reads it.
#[derive(Debug, Default)]
pub struct Board(Mutex<State>);

impl Board {
    /// How the daemon is.
    #[must_use]
    pub fn health(&self) -> Health {
        let state = self.state();
        Health {
            status: if state.reasons.is_empty() { "ok" } else { "failing" },
            ready: state.is_ready,
            working: state.working.clone(),
            reasons: state.reasons.values().cloned().collect(),
            jobs: state.jobs.clone(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Whether the daemon does its work.
    pub fn set_ready(&self, is_ready: bool) {
        self.state().is_ready = is_ready;
    }

    /// What it is at.
    pub fn set_working(&self, working: Option<String>) {
        self.state().working = working;
    }

    /// How its jobs stand.
    pub fn set_jobs(&self, jobs: Vec<JobHealth>) {
        self.state().jobs = jobs;
    }

    /// Writes that something is wrong; whether that is new. What was wrong before keeps its beginning.
    pub fn raise(&self, what: &'static str, job: Option<&str>, message: &str, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        let key = (what, job.map(str::to_owned));
        match state.reasons.get_mut(&key) {
            Some(reason) => {
                message.clone_into(&mut reason.message);
                false
            }
            None => {
                let reason = Reason { what, job: key.1.clone(), message: message.to_owned(), since: now };
                state.reasons.insert(key, reason);
                true
            }
        }
    }

    /// Writes that it is not so any more; whether it was.
    pub fn clear(&self, what: &'static str, job: Option<&str>) -> bool {
        self.state().reasons.remove(&(what, job.map(str::to_owned))).is_some()
    }

    /// Forgets what was wrong with jobs that are there no more.
    pub fn keep_jobs(&self, is_there: impl Fn(&str) -> bool) {
        self.state().reasons.retain(|(_, job), _| job.as_deref().is_none_or(&is_there));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_there_once_with_its_beginning_until_it_is_mended() {
        let board = Board::default();
        let (first, later) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::hours(1));
        assert_eq!(board.health().status, "ok");
        assert!(board.raise("ledger", None, "cannot be read", first));
        assert!(!board.raise("ledger", None, "still not", later));
        assert!(board.raise("failed", Some("nightly"), "exit 3", later));
        let health = board.health();
        assert_eq!((health.status, health.reasons.len()), ("failing", 2));
        let ledger = health.reasons.iter().find(|reason| reason.what == "ledger").unwrap();
        assert_eq!((ledger.message.as_str(), ledger.since), ("still not", first));
        board.keep_jobs(|job| job != "nightly");
        assert!(board.clear("ledger", None) && !board.clear("ledger", None));
        assert_eq!(board.health().status, "ok");
    }
}
