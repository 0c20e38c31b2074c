//! Purges: the vendor's word that it destroyed a package, which is due some days after the day that the ticket gave it.

use chrono::{Days, NaiveDate};

use super::decision::{Desk, Planned, Step};
use super::outcome::StageResult;
use super::site::Site;
use crate::package::openpgp::{Certificate, OpenPgpError, most_telling, verify_detached};
use crate::ports::ledger::{Ledger, Purge};

/// The last day on which a package's certificate is in time; `None` where no day is known or the vendor gives none.
#[must_use]
pub fn certificate_due_on(site: &Site, purge: &Purge) -> Option<NaiveDate> {
    let gives_none = site.vendors.iter().any(|vendor| vendor.code == purge.vendor && !vendor.purge_certificates);
    let purge_by_on = purge.purge_by_on.filter(|_| !gives_none)?;
    purge_by_on.checked_add_days(Days::new(site.retention.certificate_days.into()))
}

/// Packages whose certificate is overdue, the longest first.
///
/// # Errors
/// Where the ledger fails.
pub async fn overdue(site: &Site, ledger: &dyn Ledger, today: NaiveDate) -> StageResult<Vec<Purge>> {
    let mut found = ledger.unpurged(today).await?;
    found.retain(|purge| certificate_due_on(site, purge).is_some_and(|due_on| today > due_on));
    Ok(found)
}

/// What a certificate is about.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The certificate's SHA-256 in hexadecimal.
    pub sha256: &'a str,
    /// The day on which the packages were destroyed.
    pub purged_on: NaiveDate,
}

/// What becomes of packages that a certificate names, and which of them are recorded.
#[derive(Debug, Clone, Default)]
pub struct PurgePlan {
    /// Each, in the order in which they were named.
    pub steps: Vec<Planned>,
    /// Those that are recorded.
    pub packages: Vec<String>,
    /// The vendor of them all.
    pub vendor: Option<String>,
}

/// Judges each package that a certificate names.
///
/// # Errors
/// Where the ledger fails.
pub async fn plan(desk: &Desk, packages: &[String], claim: &Claim<'_>) -> StageResult<PurgePlan> {
    let mut plan = PurgePlan::default();
    for package in packages {
        let subject = format!("package {package}");
        let Some(purge) = desk.ledger.purge(package).await? else {
            let why = "there is none of this name; 'letterpost batch list' shows all";
            plan.steps.push(Planned::new(Step::Refused, subject, why));
            continue;
        };
        let (step, message) = judge(desk, &plan, &purge, claim)?;
        if step == Step::Do {
            plan.packages.push(package.clone());
            plan.vendor.get_or_insert(purge.vendor);
        }
        plan.steps.push(Planned::new(step, subject, message));
    }
    Ok(plan)
}

fn judge(desk: &Desk, plan: &PurgePlan, purge: &Purge, claim: &Claim<'_>) -> StageResult<(Step, String)> {
    let refused = |why: String| Ok((Step::Refused, why));
    if plan.packages.contains(&purge.package) {
        return Ok((Step::Known, "it was named before".to_owned()));
    }
    if let Some(earlier) = &purge.certificate {
        let on = purge.purged_on.unwrap_or(claim.purged_on);
        if earlier.sha256 == claim.sha256 && on == claim.purged_on {
            return Ok((Step::Known, format!("this certificate is on record, destroyed on {on}")));
        }
        let file = &earlier.file_name;
        return refused(format!(
            "another certificate is on record, {file}, destroyed on {on}; it is kept as it was recorded"
        ));
    }
    if let Some(vendor) = plan.vendor.as_ref().filter(|vendor| **vendor != purge.vendor) {
        let other = &purge.vendor;
        return refused(format!(
            "it is with vendor {other} and the first one with {vendor}; each vendor certifies its own"
        ));
    }
    let Some(offered_at) = purge.offered_at else {
        return refused("no vendor was ever offered it".to_owned());
    };
    let offered_on = desk.site.date_at(offered_at)?;
    if claim.purged_on < offered_on {
        return refused(format!(
            "the vendor has it since {offered_on}, and cannot have destroyed it on {}",
            claim.purged_on
        ));
    }
    let late = purge.purge_by_on.filter(|day| claim.purged_on > *day);
    let late = late.map(|day| format!(", after {day}, the day that its ticket gave")).unwrap_or_default();
    Ok((Step::Do, format!("destroyed by vendor {} on {}{late}", purge.vendor, claim.purged_on)))
}

/// The fingerprint of the certificate under which a signature is good.
///
/// # Errors
/// Where it is good under none of them.
pub fn signer(
    content: &[u8],
    signature: &[u8],
    certificates: &[Certificate],
    desk: &Desk,
) -> Result<String, OpenPgpError> {
    let mut faults = Vec::new();
    for certificate in certificates {
        match verify_detached(content, signature, certificate, desk.now) {
            Ok(_) => return Ok(certificate.fingerprint()),
            Err(fault) => faults.push(fault),
        }
    }
    Err(most_telling(faults))
}
