//! What the daemon asks the ledger: where its jobs stand, and the figures that are watched.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{LedgerResult, SinkStanding};

/// A run that was started and not completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedRun {
    /// The scheduled local time.
    pub scheduled_for: String,
    /// How often it was started.
    pub starts: u32,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobStanding {
    /// The last scheduled time that has a run, of those that were asked for.
    pub last_run: Option<String>,
    /// The last scheduled time whose run is completed, of those.
    pub last_completed: Option<String>,
    /// Runs that were not completed, oldest first.
    pub unfinished: Vec<UnfinishedRun>,
}

/// How a job went of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFigures {
    /// Its name.
    pub job: String,
    /// When a run of it was last completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// When its newest start began and was over, and its exit status.
    pub last_start: Option<(DateTime<Utc>, DateTime<Utc>, u8)>,
}

/// How many wait for a person, in time and overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HoldFigures {
    /// Their day to act is not over.
    pub in_time: u64,
    /// It is.
    pub overdue: u64,
}

/// What is watched. No name, no address, no id of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Each job that ever ran.
    pub jobs: Vec<JobFigures>,
    /// Letters by vendor and state.
    pub letters: Vec<(String, String, u64)>,
    /// Requests by state.
    pub requests: Vec<(String, u64)>,
    /// When the oldest request was made that waits for a letter.
    pub oldest_pending_at: Option<DateTime<Utc>>,
    /// Requests that a person decides about.
    pub held_requests: HoldFigures,
    /// Packages that a person keeps back.
    pub held_packages: HoldFigures,
    /// Brakes that are engaged, by kind.
    pub brakes: Vec<(String, u64)>,
    /// When the oldest package was delivered of which a piece has no final receipt yet.
    pub oldest_unreceipted_at: Option<DateTime<Utc>>,
    /// How far each sink of the configuration is; the ledger is asked for each.
    pub sinks: Vec<SinkStanding>,
}

/// What the ledger does for the daemon; nothing here changes anything.
#[async_trait]
pub trait FigureLedger: Send + Sync {
    /// Where a job stands, looking at scheduled local times up to `up_to`.
    async fn job_standing(&self, job: &str, up_to: &str) -> LedgerResult<JobStanding>;
    /// How many brakes were ever released.
    async fn releases(&self) -> LedgerResult<u64>;
    /// What is watched, as of this date of the site.
    async fn figures(&self, today: NaiveDate) -> LedgerResult<Figures>;
}
