//! The overview: series of nights and of days to come, for people who look at a site in the morning.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::domain::letter::LetterStatus;

/// How long the stages of a night took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NightTimes {
    /// The run.
    pub run: i64,
    /// The job's name.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
    /// Its stages in the order of their start.
    pub stages: Vec<StageTime>,
}

/// How long a stage took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageTime {
    /// Its name.
    pub stage: String,
    /// From its first start to its end, in whole seconds; `None` where it has not ended.
    pub seconds: Option<u64>,
}

/// How many letters of a night are in a state now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NightLetters {
    /// The run that made them.
    pub run: i64,
    /// Where they are.
    pub status: LetterStatus,
    /// How many.
    pub letters: u64,
}

/// Letters on their way that are expected in the same days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// The first day on which they should arrive.
    pub expected_from: NaiveDate,
    /// The last day.
    pub expected_to: NaiveDate,
    /// How many.
    pub letters: u64,
}

/// Passwords that end after the same day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PasswordEnd {
    /// Their last day.
    pub on: NaiveDate,
    /// How many.
    pub passwords: u64,
}

/// A file of requests that was refused, or of which rows were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntakeTrouble {
    /// The ledger's id of it.
    pub file: i64,
    /// Its name.
    pub name: String,
    /// When it was read.
    pub taken_at: DateTime<Utc>,
    /// Its rows.
    pub rows: u64,
    /// Of those, how many were refused.
    pub quarantined: u64,
    /// Why it was refused whole.
    pub refused_because: Option<String>,
}

/// What the ledger tells in series. Each answer is short, however large the ledger is.
#[async_trait]
pub trait OverviewLedger: Send + Sync {
    /// The newest runs that made letters or tried to, oldest first.
    async fn nights(&self, limit: u32) -> LedgerResult<Vec<NightTimes>>;
    /// Where the letters are now that were made by this run and later ones.
    async fn letters_of_nights(&self, from_run: i64) -> LedgerResult<Vec<NightLetters>>;
    /// Letters on their way with a good password, whose last day of arrival is this day or a later one.
    async fn arrivals(&self, from: NaiveDate) -> LedgerResult<Vec<Arrival>>;
    /// How many passwords end on which of these days, both included.
    async fn password_ends(&self, from: NaiveDate, to: NaiveDate) -> LedgerResult<Vec<PasswordEnd>>;
    /// Files of requests that were refused, wholly or in part, after this instant; newest first.
    async fn intake_trouble(&self, after: Option<DateTime<Utc>>, limit: u32) -> LedgerResult<Vec<IntakeTrouble>>;
}
