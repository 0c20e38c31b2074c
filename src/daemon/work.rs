//! What the daemon needs of its site: the command line gives it, so that a daemon's start is the same as anybody's.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::agenda::Agenda;
use crate::ports::Event;
use crate::ports::ledger::JobStanding;
use crate::stages::night::NightReport;

/// The exit status of what is to be tried again.
pub const TRY_AGAIN: u8 = 3;
/// The exit status of an integrity alarm.
pub const ALARM: u8 = 4;

/// How a start ended.
#[derive(Debug)]
pub enum Start {
    /// Another start of the job is at work or waits; what it wrote of itself.
    Elsewhere(String),
    /// It worked, or tried to.
    Ended(End),
}

/// What a start came to.
#[derive(Debug)]
pub struct End {
    /// Its exit status, 0 to 5.
    pub exit: u8,
    /// Whether the next start goes on with something.
    pub is_undone: bool,
    /// Its runs, in order.
    pub reports: Vec<NightReport>,
    /// Whether what a report says of its failure are words of this program's own.
    pub is_failure_ours: bool,
}

impl End {
    /// What is told where there was no start: a run that is not begun, or no run at all.
    #[must_use]
    pub fn without_start(exit: u8, job: &str, run: &str, message: &str) -> Self {
        let report = NightReport {
            job: job.to_owned(),
            scheduled_for: run.to_owned(),
            status: "failed",
            resumed: false,
            stages: Vec::new(),
            failure: Some(message.to_owned()),
        };
        Self { exit, is_undone: true, reports: vec![report], is_failure_ours: true }
    }
}

/// What a look at the ledger finds.
#[derive(Debug, Clone, Default)]
pub struct Standings {
    /// Where each job stands.
    pub jobs: BTreeMap<String, JobStanding>,
    /// How many brakes were ever released.
    pub releases: u64,
}

/// The site as the daemon works it.
#[async_trait]
pub trait Work: Send + Sync {
    /// The jobs and the calendar that are in force.
    fn agenda(&self) -> Arc<Agenda>;
    /// Where jobs stand in the ledger, each looking at scheduled times up to the one named.
    ///
    /// # Errors
    /// Why the ledger cannot be read.
    async fn standings(&self, up_to: &[(String, String)]) -> Result<Standings, String>;
    /// Starts a job for a scheduled time, as `run` does.
    async fn start(&self, job: &str, run: &str) -> Start;
    /// Calls the site's own command for how a start ended.
    async fn tell(&self, job: &str, run: &str, end: &End);
    /// Reads configuration and jobs anew, and takes them if they are good.
    ///
    /// # Errors
    /// What is wrong with them; what was in force stays so.
    async fn reload(&self) -> Result<(), String>;
    /// Says something, in words of this program's own.
    fn say(&self, event: Event);
}
