//! Workers: who makes packages of one night, on one machine or many, and who of them is still there.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{ClaimedBatch, LedgerResult};

/// Shows, as long as it is held, that its owner is at work. It ends with the process, whatever ends that.
pub trait Life: Send + Sync + std::fmt::Debug {}

/// A production that was judged by the brakes and began, and that workers may join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Production {
    /// Who leads it: unique to its start.
    pub owner: String,
    /// The run of a job, if it is one.
    pub run_id: Option<i64>,
    /// When the next run will come, if one is scheduled.
    pub next_run_at: Option<DateTime<Utc>>,
    /// What must be the same with whoever joins: a digest by what it is of.
    pub likeness: BTreeMap<String, String>,
}

/// A package that somebody else is making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OthersPackage {
    /// Its name.
    pub package: String,
    /// Which try this is.
    pub attempt: u32,
    /// Who makes it.
    pub owner: String,
}

/// What one worker made of a production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeBy {
    /// Who.
    pub owner: String,
    /// Names of packages, in order.
    pub packages: Vec<String>,
    /// Letters in them.
    pub letters: u64,
}

/// What the ledger does so that workers share a night.
#[async_trait]
pub trait WorkerLedger: Send + Sync {
    /// Shows that this owner is at work. Once it was shown and is so no more, it records no package.
    async fn live(&self, owner: &str) -> LedgerResult<Box<dyn Life>>;
    /// Takes over the first unfinished package whose owner is gone, under a new attempt; `None` where there is none.
    async fn take_over_next(&self, owner: &str, at: DateTime<Utc>) -> LedgerResult<Option<ClaimedBatch>>;
    /// The packages that others claimed and did not finish, whether they are at work or gone.
    async fn unfinished_of_others(&self, owner: &str) -> LedgerResult<Vec<OthersPackage>>;
    /// Opens a production: workers may join it as long as its owner is at work.
    async fn open_production(&self, production: &Production, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Joins a production, if it is open still.
    async fn join_production(&self, owner: &str, production: &Production, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Ends a production, or a worker's part of one: nobody claims within it any more.
    async fn end_production(&self, owner: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// The production that is open, if one is.
    async fn present_production(&self) -> LedgerResult<Option<Production>>;
    /// What those made who joined a production.
    async fn made_by_others(&self, owner: &str) -> LedgerResult<Vec<MadeBy>>;
    /// Counts what is recorded from now on to this run, which another process began.
    fn work_within(&self, run_id: Option<i64>);
    /// Lets a quarter of a second pass: what others do takes real time, on a site under a simulated clock too.
    async fn wait_for_others(&self);
}
