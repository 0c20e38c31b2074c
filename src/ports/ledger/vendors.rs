//! Vendors: how far each has been taken on, and the transmission tests that went to it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::LedgerResult;
use crate::domain::letter::named;
use crate::domain::request::Format;

named! {
    /// A step of taking a vendor on.
    OnboardingStep {
        /// It stands in the configuration.
        Added = "added",
        /// Its certificate was taken.
        Certificate = "certificate",
        /// The key of its server was confirmed.
        HostKey = "host-key",
        /// The site's certificate was made ready for it.
        Handover = "handover",
        /// It was sent a transmission test.
        TestSent = "test-sent",
        /// It answered one.
        TestReceipted = "test-receipted",
    }
}

/// When a step was done last, and what there is to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDone {
    /// When.
    pub at: DateTime<Utc>,
    /// A fingerprint, a name of a package, or another particular.
    pub detail: String,
}

named! {
    /// Where a transmission test is.
    TestStatus {
        /// Sealed, and nobody was offered it.
        Made = "made",
        /// About to get its name at the vendor.
        Offered = "offered",
        /// The vendor can take it.
        Sent = "sent",
        /// The vendor took it.
        Accepted = "accepted",
        /// The vendor refused it.
        Refused = "refused",
    }
}

/// A transmission test: a sealed package of invented people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VendorTest {
    /// The package's name.
    pub name: String,
    /// The vendor's code.
    pub vendor: String,
    /// Its number among the vendor's tests; on a site that is not live, among all its packages.
    pub number: u32,
    /// The form of its letters.
    pub format: Format,
    /// Where it is.
    pub status: TestStatus,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// Letters in it.
    pub letters: u32,
    /// Sheets in it.
    pub sheets: u32,
    /// The length of the sealed file.
    pub size_bytes: u64,
    /// SHA-256 of the sealed file, in hexadecimal.
    pub sha256: String,
    /// The head of the audit log that rides along.
    pub checkpoint: String,
    /// The fingerprint of the site's key.
    pub sealed_by: String,
    /// The fingerprints of the certificates that it is encrypted to, with a space between.
    pub sealed_to: String,
}

/// A receipt of a transmission test that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReceipt {
    /// The file's name.
    pub file_name: String,
    /// Its SHA-256 in hexadecimal; empty where it was not read.
    pub sha256: String,
    /// The SHA-256 of its signature; empty where there was none.
    pub signature_sha256: String,
    /// Whether the vendor took the package, or why the receipt is refused.
    pub verdict: Result<bool, String>,
}

/// What has gone to a vendor and come back so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VendorTraffic {
    /// Packages that it could take.
    pub packages: u64,
    /// When it could take the last one.
    pub last_delivered_at: Option<DateTime<Utc>>,
    /// The last receipt that was taken from it.
    pub last_receipt: Option<String>,
    /// When.
    pub last_receipt_at: Option<DateTime<Utc>>,
}

/// What the ledger does for vendors.
#[async_trait]
pub trait VendorLedger: Send + Sync {
    /// Records that steps of taking a vendor on were done, each with a detail.
    async fn record_steps(
        &self,
        vendor: &str,
        steps: &[(OnboardingStep, String)],
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// The steps that were done for a vendor, each as it was done last.
    async fn onboarding(&self, vendor: &str) -> LedgerResult<BTreeMap<OnboardingStep, StepDone>>;
    /// What has gone to a vendor and come back.
    async fn traffic(&self, vendor: &str) -> LedgerResult<VendorTraffic>;
    /// The number of the vendor's next transmission test: that of the last one, where nobody was offered it.
    async fn next_test_number(&self, vendor: &str) -> LedgerResult<u32>;
    /// The last transmission test of a vendor.
    async fn newest_test(&self, vendor: &str) -> LedgerResult<Option<VendorTest>>;
    /// A transmission test by its name.
    async fn vendor_test(&self, name: &str) -> LedgerResult<Option<VendorTest>>;
    /// Records a transmission test that was sealed, in the place of one of its number that nobody was offered.
    async fn record_test(&self, test: &VendorTest, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records that a transmission test is about to get its name at the vendor.
    async fn record_test_offer(&self, name: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Records that the vendor can take a transmission test.
    async fn record_test_sent(&self, name: &str, at: DateTime<Utc>) -> LedgerResult<()>;
    /// Whether a receipt of a transmission test was looked at before.
    async fn is_known_test_receipt(&self, name: &str, receipt: &TestReceipt) -> LedgerResult<bool>;
    /// Records a receipt of a transmission test with what was found.
    async fn take_test_receipt(&self, name: &str, receipt: &TestReceipt, at: DateTime<Utc>) -> LedgerResult<()>;
}
