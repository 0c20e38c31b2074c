//! Brakes: what keeps nights from going on, who let them, and what the ledger knows of the clock.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Decision, LedgerResult};
use crate::domain::brake::{BrakeKind, Jump};
use crate::domain::letter::named;

named! {
    /// Why a brake holds nothing back any more.
    BrakeEnd {
        /// A named person released it.
        Released = "released",
        /// What was found is so no more.
        Over = "over",
        /// More letters were found; the newer brake says how many.
        Replaced = "replaced",
    }
}

/// A brake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brake {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub kind: BrakeKind,
    /// What was found, in words; no names.
    pub found: String,
    /// The night that found it, as job and scheduled time, where a schedule stands behind it.
    pub night: Option<String>,
    /// For the size of a night: the letters that were found.
    pub letters: Option<u64>,
    /// For the size of a night: the letters that a release lets pass, from `raised_at` on.
    pub allows: Option<u64>,
    /// For the clock: what it showed.
    pub shown_at: Option<DateTime<Utc>>,
    /// For the clock: what it should have shown, as far as could be told.
    pub right_at: Option<DateTime<Utc>>,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// Who released it, or asked for it where a second person confirms.
    pub asked_by: Option<String>,
    /// When they said so.
    pub asked_at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
    /// The second person.
    pub confirmed_by: Option<String>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// Since when it holds nothing back any more.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it does not.
    pub ended_as: Option<BrakeEnd>,
    /// For the size of a night: when the night that was released had been made.
    pub used_at: Option<DateTime<Utc>>,
}

/// What a brake is raised for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrakeFinding {
    /// A night has so many letters, and a release lets so many pass.
    Size {
        /// The letters.
        letters: u64,
        /// The most that a release lets pass.
        allows: u64,
    },
    /// The clock is wrong, as far as can be told.
    Clock(Jump),
}

impl BrakeFinding {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> BrakeKind {
        match self {
            Self::Size { .. } => BrakeKind::Size,
            Self::Clock(jump) => jump.kind,
        }
    }
}

/// What the ledger knows of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockMark {
    /// The latest instant that the audit log was written at, a brake's own entries apart.
    pub recorded_at: Option<DateTime<Utc>>,
    /// The last instant at which a night found nothing wrong with the clock.
    pub trusted_at: Option<DateTime<Utc>>,
}

/// Pending requests that came in one file, or by the portal's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingSource {
    /// The file's name.
    pub source: String,
    /// How many of its requests are pending.
    pub pending: u64,
    /// When the first of them was made.
    pub first_requested_at: DateTime<Utc>,
    /// When the last of them was made.
    pub last_requested_at: DateTime<Utc>,
}

/// Pending requests of one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingHour {
    /// The hour's beginning in UTC, as `2026-12-01T22:00Z`.
    pub hour: String,
    /// How many requests of it are pending.
    pub pending: u64,
}

/// What the ledger does for brakes.
#[async_trait]
pub trait BrakeLedger: Send + Sync {
    /// All brakes that hold something back, oldest first.
    async fn engaged_brakes(&self) -> LedgerResult<Vec<Brake>>;
    /// The newest brakes, engaged or not, newest first.
    async fn brakes(&self, limit: u32) -> LedgerResult<Vec<Brake>>;
    /// The brake of this number.
    async fn brake(&self, id: i64) -> LedgerResult<Option<Brake>>;
    /// Raises a brake. One of its kind that is engaged is replaced by it.
    async fn raise_brake(
        &self,
        finding: &BrakeFinding,
        found: &str,
        run_id: Option<i64>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Brake>;
    /// Ends a brake because what was found is so no more.
    async fn brake_is_over(&self, id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Asks for a release that a second person confirms.
    async fn ask_brake_release(&self, id: i64, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Releases a brake, on the word of one person, or of a second one where `confirmed_by` says. A released clock brake
    /// makes `at` the instant that the clock is held against from now on.
    async fn release_brake(
        &self,
        id: i64,
        decision: &Decision,
        confirmed_by: Option<&str>,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// The newest size brake that was released since then and is not used up.
    async fn released_night(&self, since: DateTime<Utc>) -> LedgerResult<Option<Brake>>;
    /// The night that this size brake was released for has been made.
    async fn use_up_release(&self, id: i64, at: DateTime<Utc>) -> LedgerResult<()>;
    /// How many letters are claimed and not made yet, and how many this run has made.
    async fn letters_of_night(&self, run_id: Option<i64>) -> LedgerResult<(u64, u64)>;
    /// How many letters were made since then.
    async fn letters_made_since(&self, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// What the ledger knows of the clock.
    async fn clock_mark(&self) -> LedgerResult<ClockMark>;
    /// Records that a night found nothing wrong with the clock.
    async fn trust_clock(&self, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Where the requests that are pending came from, most first.
    async fn pending_sources(&self, most: u32) -> LedgerResult<Vec<PendingSource>>;
    /// The hours in which the requests that are pending were made, most first.
    async fn pending_hours(&self, most: u32) -> LedgerResult<Vec<PendingHour>>;
}
