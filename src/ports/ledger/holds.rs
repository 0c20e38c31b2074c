//! Holds: requests and packages that wait for a person, and releases that wait for a second one.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{Decision, LedgerResult};

/// A request that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRequest {
    /// The portal's id of it.
    pub reference: String,
    /// Why.
    pub reason: String,
    /// Since when, requests whose place it took included.
    pub held_at: DateTime<Utc>,
    /// The day by which a person acts.
    pub act_by_on: NaiveDate,
}

/// A package that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldPackage {
    /// Its name.
    pub package: String,
    /// Letters in it.
    pub letters: u32,
    /// Why.
    pub hold_reason: String,
    /// Who holds it.
    pub held_by: String,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// The day by which a person acts.
    pub act_by_on: NaiveDate,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
}

/// What is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<'a> {
    /// A request, by the portal's id.
    Request(&'a str),
    /// A package, by its name.
    Package(&'a str),
}

/// A release that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedRelease {
    /// The request or package.
    pub subject: String,
    /// Why it should be released.
    pub reason: String,
    /// The first person.
    pub asked_by: String,
    /// When they asked.
    pub asked_at: DateTime<Utc>,
}

/// What the ledger does for holds.
#[async_trait]
pub trait HoldLedger: Send + Sync {
    /// All requests that are held.
    async fn held_requests(&self) -> LedgerResult<Vec<HeldRequest>>;
    /// Withdraws held requests on which nobody acted, each with its reason. All or none.
    async fn withdraw_held(&self, requests: &[(String, String)], at: DateTime<Utc>) -> LedgerResult<()>;
    /// Holds a package that no vendor was offered.
    async fn hold_package(
        &self,
        package: &str,
        decision: &Decision,
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// All packages that are held.
    async fn held_packages(&self) -> LedgerResult<Vec<HeldPackage>>;
    /// Lets a held request or package go on, on the word of one person, or of a second one where `confirmed_by` says.
    async fn release(
        &self,
        held: Held<'_>,
        decision: &Decision,
        confirmed_by: Option<&str>,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Asks for a release that a second person confirms.
    async fn ask_release(&self, held: Held<'_>, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()>;
    /// The newest release that was asked for since the present hold began, not confirmed.
    async fn asked_release(&self, held: Held<'_>) -> LedgerResult<Option<AskedRelease>>;
    /// Releases that wait for a second person.
    async fn asked_releases(&self) -> LedgerResult<Vec<AskedRelease>>;
}
