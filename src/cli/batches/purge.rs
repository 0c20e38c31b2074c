//! A package's end at its vendor, as `batch show` tells it.

use chrono::NaiveDate;
use serde::Serialize;

use super::purged::copy_name;
use crate::cli::config::Config;
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::cli::report::or_dash;
use crate::ports::KeptFiles as _;
use crate::ports::ledger::{KeptKind, Purge, TermLedger};
use crate::stages::purges::certificate_due_on;
use crate::stages::site::Site;

/// What is known of a package's end.
#[derive(Serialize)]
pub(super) struct PurgeShown {
    #[serde(flatten)]
    purge: Purge,
    /// The last day on which the certificate is in time.
    certificate_due_on: Option<NaiveDate>,
    /// Where the certificate's copy lies.
    certificate_copy: Option<String>,
    /// Whether the day is over and no certificate came.
    is_overdue: bool,
}

/// What is known of a package's end.
pub(super) async fn of(
    ledger: &(impl TermLedger + ?Sized),
    site: &Site,
    package: &str,
    config: &Config,
    at: &Opening,
) -> CliResult<Option<PurgeShown>> {
    let Some(purge) = ledger.purge(package).await? else { return Ok(None) };
    let certificate_due_on = certificate_due_on(site, &purge).filter(|_| purge.offered_at.is_some());
    let today = site.date_at(at.clock().now())?;
    let files = at.site_files(config);
    let copy = purge.certificate.as_ref().map(copy_name).filter(|name| files.has(KeptKind::Certificate, name));
    Ok(Some(PurgeShown {
        is_overdue: purge.purged_on.is_none() && certificate_due_on.is_some_and(|day| today > day),
        certificate_copy: copy.map(|name| files.place(KeptKind::Certificate, &name)),
        certificate_due_on,
        purge,
    }))
}

impl PurgeShown {
    /// For people.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let Purge { purge_by_on, purged_on, certificate, .. } = &self.purge;
        let mut facts = vec![("destroy by", or_dash(*purge_by_on)), ("destroyed", or_dash(*purged_on))];
        if let Some(certificate) = certificate {
            let signed = certificate.signed_by.as_ref().map_or("not signed".to_owned(), |by| format!("signed by {by}"));
            let recorded = format!("{}, {signed}, recorded by {}", certificate.file_name, certificate.recorded_by);
            facts.push(("certificate", recorded));
            facts.push(("its copy", or_dash(self.certificate_copy.as_ref())));
        } else if let Some(day) = self.certificate_due_on {
            let overdue = if self.is_overdue { "overdue: none came by" } else { "due by" };
            facts.push(("certificate", format!("{overdue} {day}")));
        }
        facts
    }
}
