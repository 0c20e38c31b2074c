//! `letterpost.toml`: from its text to the settings of a site.
//!
//! A file with anything wrong in it is refused whole, before anything else is done, and every problem is told with its
//! line and what to write. Nothing here reads a file: the text comes in, and paths come out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use chrono::NaiveDate;
use toml::de::DeTable;

mod audit;
mod barcode;
mod courier;
mod daemon;
mod database;
mod decisions;
mod kind;
mod letter;
mod password;
mod paths;
mod problem;
mod production;
mod rules;
mod section;
mod site;
mod spool;
mod stores;
#[cfg(test)]
mod tests;
mod vendor;

pub use audit::{AuditSection, SinkKind, SinkPlace, SinkSection, TimestampSection};
pub use courier::{CourierSection, SftpSection};
pub use database::Database;
pub use password::{EnoughFor, PasswordSection};
pub use paths::{CourierPlace, Paths, VendorPaths};
pub use problem::{ConfigError, Problem};
pub use rules::Alerts;
pub use site::SiteSection;
pub use spool::SpoolPlace;
pub use stores::Stores;
pub use vendor::{Job, Takes, VendorSection};

use crate::domain::calendar::BusinessCalendar;
use crate::domain::package_name::Environment;
use crate::domain::postal_days::PostalCalendar;
use crate::domain::reissue::ReissuePolicy;
use crate::domain::validity::ValidityPolicy;
use crate::letter::{Letterhead, SheetGeometry};
use crate::package::openpgp::Certificate;
use crate::ports::ledger::SiteMark;
use crate::stages::site::{Approval, HoldPolicy, Limits, Retention, Sharing, Site};
use section::{Section, Source, line_of};

/// The environment variable with the passphrase of the site's key, where it has one.
pub const SITE_KEY_PASSPHRASE_VARIABLE: &str = "LETTERPOST_SITE_KEY_PASSPHRASE";

/// The configuration of a site. What can be checked without looking at files has been.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[site]`.
    pub site: SiteSection,
    /// `[ledger]`, `[intake]`, `[folders]`, `[spool]` and `[keys]`.
    pub stores: Stores,
    /// `[letterhead]`.
    pub letterhead: Letterhead,
    /// `[password]`.
    pub password: PasswordSection,
    /// `[validity]`.
    pub validity: ValidityPolicy,
    /// `[calendar]`: the agency's business days.
    pub calendar: BusinessCalendar,
    /// `[calendar]` postal_closed: the days on which mail moves.
    pub postal: PostalCalendar,
    /// `[calendar]` vouched_to.
    pub vouched_to: Option<NaiveDate>,
    /// `[limits]`.
    pub limits: Limits,
    /// `[holds]`.
    pub holds: HoldPolicy,
    /// `[reissue]`.
    pub reissue: ReissuePolicy,
    /// `[approval]`.
    pub approval: Approval,
    /// `[retention]`.
    pub retention: Retention,
    /// `[delivery]` retry_minutes.
    pub retry_minutes: u32,
    /// `[production]`.
    pub sharing: Sharing,
    /// `[audit]`.
    pub audit: AuditSection,
    /// `[alerts]`.
    pub alerts: Alerts,
    /// `[daemon]` listen: where the daemon answers how it is; `None` for nowhere.
    pub listen: Option<SocketAddr>,
    /// `[envelope]`, in points.
    pub geometry: SheetGeometry,
    /// Each `[[vendor]]`, in the order of the file.
    pub vendors: Vec<VendorSection>,
}

impl Config {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong; a text that is no TOML has one problem.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let document = DeTable::parse(text).map_err(|error| not_toml(text, &error))?;
        let source = Source::new(text);
        let config = Section::read_document(&source, document.get_ref(), Self::read);
        source.result(config)
    }

    fn read(document: &Section<'_>) -> Option<Self> {
        let site = document.section("site", SiteSection::read);
        // Where the environment is not known, the file is refused anyway; a test site is not told the rules of a live one.
        let is_live = site.as_ref().is_some_and(|site| site.environment == Environment::Live);
        let letterhead = document.section("letterhead", letter::letterhead);
        let stores = Stores::read(document, is_live);
        let password = document.section("password", |section| PasswordSection::read(section, is_live));
        let validity = document.section("validity", rules::validity);
        let calendars = document.section("calendar", rules::calendars);
        let limits = document.section("limits", rules::limits);
        let holds = document.section("holds", decisions::holds);
        let reissue = document.section("reissue", decisions::reissue);
        let approval = document.section("approval", decisions::approval);
        let span_days = limits.requests.span_days;
        let retention = document.section("retention", |section| rules::retention(section, span_days));
        let retry_minutes = document.section("delivery", rules::retry_minutes);
        let sharing = document.section("production", production::sharing);
        let audit = document.section("audit", |section| AuditSection::read(section, &stores.heads));
        let alerts = document.section("alerts", rules::alerts);
        let listen = document.section("daemon", daemon::listen);
        let geometry = document.section("envelope", letter::geometry);
        let vendors = vendors(document, is_live);
        Some(Self {
            site: site?,
            stores,
            letterhead: letterhead?,
            password,
            validity,
            calendar: calendars.business,
            postal: calendars.postal,
            vouched_to: calendars.vouched_to,
            limits,
            holds,
            reissue,
            approval,
            retention,
            retry_minutes,
            sharing,
            audit: audit?,
            alerts,
            listen,
            geometry,
            vendors: vendors?,
        })
    }

    /// The mark by which a ledger knows whose it is.
    #[must_use]
    pub fn site_mark(&self) -> SiteMark {
        SiteMark {
            code: self.site.code.clone(),
            environment: self.site.environment.to_string(),
            origin: self.site.origin.clone(),
            is_rehearsal: self.site.is_rehearsal,
        }
    }

    /// The site of the stages, with the vendors' certificates by vendor code.
    ///
    /// # Errors
    /// Where a vendor has no certificate among them.
    pub fn site(&self, mut certificates: BTreeMap<String, Vec<Certificate>>) -> Result<Site, ConfigError> {
        let mut vendors = Vec::new();
        let mut problems = Vec::new();
        for vendor in &self.vendors {
            match certificates.remove(&vendor.code).filter(|certificates| !certificates.is_empty()) {
                Some(certificates) => vendors.push(vendor.vendor(certificates)),
                None => problems.push(no_certificate(vendor)),
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError::new(problems));
        }
        Ok(Site {
            name: self.site.name.clone(),
            code: self.site.code.clone(),
            environment: self.site.environment,
            origin: self.site.origin.clone(),
            time_zone: self.site.time_zone,
            zone_names: self.site.zone_names.clone(),
            calendar: self.calendar.clone(),
            postal: self.postal.clone(),
            vouched_to: self.vouched_to,
            validity: self.validity,
            verifier_cost: self.password.cost,
            failures_until_locked: self.password.failures_until_locked,
            holds: self.holds,
            reissue: self.reissue,
            approval: self.approval,
            retention: self.retention,
            limits: self.limits,
            sharing: self.sharing,
            contact: self.site.contact.clone(),
            vendors,
        })
    }

    /// What every letter says of its sender.
    #[must_use]
    pub fn letterhead(&self) -> Letterhead {
        self.letterhead.clone()
    }

    /// Sheet, fold and envelope.
    #[must_use]
    pub fn geometry(&self) -> SheetGeometry {
        self.geometry.clone()
    }
}

/// Every vendor, if all can be read. No two have the same code: packages and receipts are told apart by it.
fn vendors(document: &Section<'_>, is_live: bool) -> Option<Vec<VendorSection>> {
    let mut codes = BTreeSet::new();
    let vendors = document.sections("vendor", |section| {
        let vendor = VendorSection::read(section, is_live);
        if let Some(vendor) = &vendor
            && !codes.insert(vendor.code.clone())
        {
            section.refuse("code", "another [[vendor]] has this code already; give each its own");
        }
        vendor
    });
    vendors.into_iter().collect()
}

fn not_toml(text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map(|span| line_of(text, span.start));
    let message = format!("this is not TOML: {}; check quotes, brackets and equals signs", error.message());
    ConfigError::new(vec![Problem { line, message }])
}

fn no_certificate(vendor: &VendorSection) -> Problem {
    let VendorSection { code, certificates, .. } = vendor;
    let files: Vec<String> = certificates.iter().map(|file| format!("'{}'", file.display())).collect();
    let message = format!(
        "[[vendor]] {code} certificate: {} has not been read; put the vendor's certificate there",
        files.join(", ")
    );
    Problem { line: None, message }
}
