//! Production: batches, and the letters in them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::LedgerResult;
use crate::domain::imb::Imb;
use crate::domain::letter::LetterId;
use crate::domain::package_size::Measured;
use crate::domain::request::{Format, Recipient};
use crate::domain::routing::Kind;
use crate::package::ticket::Remake;

/// Pending requests that were routed to one vendor and can share its packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The vendor's code.
    pub vendor: String,
    /// The form of letter: one package is one kind of piece.
    pub format: Format,
    /// The letters, all of this form.
    pub kinds: Vec<Kind>,
    /// The most letters in a package.
    pub limit: u32,
}

/// A request in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The ledger's id of the request.
    pub request_id: i64,
    /// The portal's id of it.
    pub reference: String,
    /// The account.
    pub username: String,
    /// Who the letter goes to.
    pub recipient: Recipient,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
}

/// A batch that its owner is making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedBatch {
    /// The ledger's id.
    pub batch_id: i64,
    /// The vendor's code.
    pub vendor: String,
    /// The package's name.
    pub name: String,
    /// Its number.
    pub number: u32,
    /// The form of its letters.
    pub format: Format,
    /// Who makes it.
    pub owner: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The head of the audit log that rides along.
    pub checkpoint: String,
    /// The requests, in the order of the package.
    pub members: Vec<Member>,
}

/// A letter with its verifier, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintedLetter {
    /// Its id.
    pub letter_id: LetterId,
    /// The request that it answers.
    pub request_id: i64,
    /// The portal's id of that.
    pub reference: String,
    /// The account.
    pub username: String,
    /// Its place in the package, from 1.
    pub sequence: u32,
    /// Its language.
    pub language: String,
    /// Whether it goes outside the contiguous United States.
    pub outside: bool,
    /// Printed sides.
    pub pages: u32,
    /// Pieces of paper.
    pub sheets: u32,
    /// SHA-256 of its pages, in hexadecimal.
    pub sha256: String,
    /// Which templates and fonts made it.
    pub template_version: String,
    /// What is kept of its password.
    pub verifier: String,
    /// The day on which the vendor should mail it.
    pub planned_mail_on: NaiveDate,
    /// The last day that its password may ever have.
    pub cap_on: NaiveDate,
    /// The printed last day.
    pub use_by_on: NaiveDate,
    /// The first day on which it should arrive.
    pub expected_from: NaiveDate,
    /// The last day on which it should arrive.
    pub expected_to: NaiveDate,
    /// Its barcode, where the agency makes it.
    pub imb: Option<Imb>,
}

/// A package that lies sealed in the spool, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBatch {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The day on which the vendor should mail it.
    pub mail_on: NaiveDate,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
    /// The day by which the vendor has destroyed its copies.
    pub purge_by_on: NaiveDate,
    /// Who may make a spoiled letter of it again.
    pub remake: Remake,
    /// The spool's name of it.
    pub spool_object: String,
    /// The length of the sealed file.
    pub size_bytes: u64,
    /// SHA-256 of the sealed file, in hexadecimal.
    pub sha256: String,
    /// The fingerprint of the site's key.
    pub sealed_by: String,
    /// The fingerprints of the certificates that it is encrypted to.
    pub sealed_to: Vec<String>,
    /// The letters, in the order of the package.
    pub letters: Vec<MintedLetter>,
}

/// What the ledger does for production.
#[async_trait]
pub trait ProductionLedger: Send + Sync {
    /// The batches that somebody claimed and nobody finished.
    async fn unfinished_batches(&self) -> LedgerResult<Vec<i64>>;
    /// Takes over an unfinished batch under a new attempt.
    async fn take_over(&self, batch_id: i64, owner: &str, at: DateTime<Utc>) -> LedgerResult<ClaimedBatch>;
    /// How many requests of each kind are pending.
    async fn pending_kinds(&self) -> LedgerResult<Vec<(Kind, u64)>>;
    /// How many letters each of the last completed nights had, newest first.
    async fn recent_nights(&self, nights: u32) -> LedgerResult<Vec<u64>>;
    /// Claims pending requests for a new batch; `None` where none is pending. `name` gives the package's name for
    /// its number.
    async fn claim(
        &self,
        lane: &Lane,
        name: &(dyn Fn(u32) -> String + Sync),
        owner: &str,
        checkpoint: &str,
        run_id: Option<i64>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Option<ClaimedBatch>>;
    /// Takes members out of a batch and holds their requests.
    async fn hold_members(
        &self,
        batch: &ClaimedBatch,
        held: &[(i64, String)],
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Takes members out of a batch; their requests are pending again.
    async fn put_back_members(&self, batch: &ClaimedBatch, members: &[i64], at: DateTime<Utc>) -> LedgerResult<()>;
    /// What the newest packages of a vendor and a form came to.
    async fn measured_packages(&self, vendor: &str, format: Format, most: u32) -> LedgerResult<Vec<Measured>>;
    /// Holds every pending request of these kinds for the reason beside each, and gives their references with it.
    async fn hold_unserved(
        &self,
        unserved: &[(Kind, String)],
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<Vec<(String, String)>>;
    /// Gives up a batch that was left empty: its number becomes a void notice.
    async fn void_empty(&self, batch: &ClaimedBatch, reason: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records a sealed package, its letters and their verifiers, if the batch is still the owner's.
    async fn commit(&self, batch: &ClaimedBatch, sealed: &SealedBatch) -> LedgerResult<()>;
    /// The spool's names of all packages that were recorded and are kept, and of those that somebody who is at work may record
    /// under the attempt that is theirs; all of one moment.
    async fn objects_in_use(&self) -> LedgerResult<BTreeSet<String>>;
}
