//! Preflight: whether a night can be finished, asked before anything is claimed.
//!
//! Each check says what it found and, where it fails, what to do. `doctor` shows them all; a production run goes on
//! only if none fails.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::brakes;
use super::calendar_reach;
use super::checkpoint::read_note;
use super::outcome::{StageError, StageResult};
use super::site::{AgencyBarcode, ImbMode, Vendor};
use super::world::World;
use crate::audit::merkle::{Frontier, leaf_hash};
use crate::domain::letter::named;
use crate::domain::package_name::Environment;
use crate::package::openpgp::{self, Certificate};
use crate::ports::ledger::OnboardingStep;

/// Days before a key's end in which it is worth a note.
const KEY_NOTICE_DAYS: i64 = 30;
/// The most characters of a version that people are shown.
const SHOWN_VERSION: usize = 16;

named! {
    /// How a check came out.
    Finding {
        /// Fit.
        Good = "good",
        /// Fit, and soon not.
        Note = "note",
        /// Not fit.
        Bad = "bad",
        /// What must never be.
        Alarm = "alarm",
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was checked.
    pub check: String,
    /// How it came out.
    pub finding: Finding,
    /// What was found and, where it is bad, what to do.
    pub message: String,
}

impl Checked {
    /// A finding.
    #[must_use]
    pub fn new(check: impl Into<String>, finding: Finding, message: impl Into<String>) -> Self {
        Self { check: check.into(), finding, message: message.into() }
    }
}

/// Goes on only if every check lets it.
///
/// # Errors
/// [`StageError::Alarm`] where the log is not the one we left, [`StageError::Refused`] where the site is not fit.
pub async fn require(world: &World) -> StageResult<()> {
    let checks = check_site(world).await?;
    let told = |finding| {
        let told: Vec<String> = checks
            .iter()
            .filter(|checked| checked.finding == finding)
            .map(|checked| format!("{}: {}", checked.check, checked.message))
            .collect();
        (!told.is_empty()).then(|| told.join("\n"))
    };
    match (told(Finding::Alarm), told(Finding::Bad)) {
        (Some(alarm), _) => Err(StageError::Alarm(format!("nothing was minted. {alarm}"))),
        (None, Some(bad)) => Err(StageError::Refused(format!("nothing was minted. {bad}"))),
        (None, None) => Ok(()),
    }
}

/// Everything that a night needs: a clock that can be right, no brake, and what production needs.
///
/// # Errors
/// Where ledger or disk cannot be read.
pub async fn check(world: &World) -> StageResult<Vec<Checked>> {
    let mut checks = vec![check_clock(world).await?];
    for brake in world.ledger.engaged_brakes().await? {
        let is_over = brakes::clock::is_over(&brake, world.clock.now());
        let (finding, remedy) = match is_over {
            true => (Finding::Note, "the clock was set since: the next start ends it".to_owned()),
            false => (Finding::Alarm, brakes::remedy(&brake)),
        };
        checks.push(Checked::new(format!("brake {}", brake.id), finding, format!("{}; {remedy}", brake.found)));
    }
    checks.extend(check_site(world).await?);
    Ok(checks)
}

/// The clock must not show an instant before the last that was recorded, nor one long after the last night.
async fn check_clock(world: &World) -> StageResult<Checked> {
    let now = world.clock.now();
    Ok(match brakes::clock::against_ledger(world, now).await? {
        Some(wrong) => Checked::new("clock", Finding::Alarm, wrong.found()),
        None => Checked::new("clock", Finding::Good, format!("shows {}", now.format("%Y-%m-%d %H:%M:%S UTC"))),
    })
}

/// Everything that a production run needs.
async fn check_site(world: &World) -> StageResult<Vec<Checked>> {
    let now = world.clock.now();
    let mut checks = vec![check_outside_head(world).await?, calendar_reach::check(&world.site, now)];
    checks.push(check_site_key(world.press.signing_key.certificate(), now));
    for vendor in &world.site.vendors {
        checks.extend(check_certificates(vendor, now));
        checks.push(check_print_days(world, vendor, now));
        checks.extend(check_serials(world, vendor).await?);
        checks.extend(check_transmission(world, vendor).await?);
    }
    if world.site.vendors.is_empty() {
        checks.push(Checked::new("vendors", Finding::Bad, "there is none; add a [[vendor]] to the configuration"));
    }
    checks.push(check_stationery(world).await?);
    Ok(checks)
}

/// The log must reach at least as far as the head outside says, and be the same up to there.
async fn check_outside_head(world: &World) -> StageResult<Checked> {
    let what = "ledger against the head kept outside";
    let Some(outside) = world.heads.last()? else {
        let size = world.ledger.heads().await?.last().map_or(0, |head| head.size);
        return Ok(if size == 0 {
            Checked::new(what, Finding::Good, "no run has kept a head yet")
        } else {
            Checked::new(
                what,
                Finding::Alarm,
                format!(
                    "the ledger kept a head of {size} entries and the file of heads outside it is gone; find out who removed \
                 it; 'letterpost audit verify', and then 'letterpost checkpoint', writes it anew"
                ),
            )
        });
    };
    let Some((size, root)) = read_note(&world.site.origin, &outside) else {
        return Ok(Checked::new(
            what,
            Finding::Alarm,
            "the head outside is not of this site's log; find out who wrote it",
        ));
    };
    let known = world.ledger.heads().await?.into_iter().find(|head| head.size == size).map(|head| head.root);
    let found = match known {
        Some(found) => Some(found),
        None => root_at(world, size).await?,
    };
    Ok(match found {
        None => Checked::new(
            what,
            Finding::Alarm,
            format!(
                "the head outside covers {size} entries, and the ledger has {}: an older ledger was put back; bring the \
             newest back before anything is sent, or letters may go out twice",
                world.ledger.log_size().await?
            ),
        ),
        Some(found) if found == root => Checked::new(what, Finding::Good, format!("agree on {size} entries")),
        Some(_) => Checked::new(
            what,
            Finding::Alarm,
            format!(
                "they differ within the first {size} entries: the ledger's history was changed; keep both and find out who"
            ),
        ),
    })
}

/// The root over the first `size` entries; `None` where there are fewer.
async fn root_at(world: &World, size: u64) -> StageResult<Option<crate::audit::merkle::Hash>> {
    let mut frontier = Frontier::new();
    while frontier.size() < size {
        let portion = u32::try_from((size - frontier.size()).min(10_000)).unwrap_or(10_000);
        let entries = world.ledger.entries(frontier.size(), portion).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        entries.iter().for_each(|kept| frontier.append(leaf_hash(&kept.entry)));
    }
    Ok(Some(frontier.root()))
}

fn check_site_key(certificate: &Certificate, now: DateTime<Utc>) -> Checked {
    match certificate.check(now) {
        Ok(()) => shown_key("site key", certificate, now, true),
        Err(error) => Checked::new("site key", Finding::Bad, error.to_string()),
    }
}

/// Whether packages can be sealed to the vendor. One certificate that has ended beside a good one is left out, and no more.
fn check_certificates(vendor: &Vendor, now: DateTime<Utc>) -> Vec<Checked> {
    let what = format!("certificate of vendor {}", vendor.code);
    let fit: Vec<&Certificate> = openpgp::usable(&vendor.certificates, now);
    let lasts = |certificate: &&Certificate| !ends_soon(certificate, now);
    let is_last = !fit.iter().any(lasts);
    let check = |certificate: &Certificate| match certificate.check_encryption(now) {
        Ok(()) => shown_key(&what, certificate, now, is_last),
        Err(error) if fit.is_empty() => Checked::new(&what, Finding::Bad, error.to_string()),
        Err(error) => Checked::new(&what, Finding::Note, format!("{error}; it is left out")),
    };
    vendor.certificates.iter().map(check).collect()
}

/// A key that is fit, with its end. That it ends soon is worth a note, unless another one goes on.
fn shown_key(what: &str, certificate: &Certificate, now: DateTime<Utc>, is_last: bool) -> Checked {
    match certificate.expires_at(now) {
        Some(end) if is_last && ends_soon(certificate, now) => {
            Checked::new(what, Finding::Note, format!("{} ends at {end}; get a new one", certificate.fingerprint()))
        }
        Some(end) => {
            Checked::new(what, Finding::Good, format!("{} until {}", certificate.fingerprint(), end.date_naive()))
        }
        None => Checked::new(what, Finding::Good, certificate.fingerprint()),
    }
}

fn ends_soon(certificate: &Certificate, now: DateTime<Utc>) -> bool {
    certificate.expires_at(now).is_some_and(|end| (end - now).num_days() < KEY_NOTICE_DAYS)
}

fn check_print_days(world: &World, vendor: &Vendor, now: DateTime<Utc>) -> Checked {
    let what = format!("print days of vendor {}", vendor.code);
    match vendor.print_schedule.planned_mail_on(now, &world.site.calendar, world.site.time_zone) {
        Ok(day) => Checked::new(what, Finding::Good, format!("a package made now is mailed on {day}")),
        Err(error) => Checked::new(what, Finding::Bad, error.to_string()),
    }
}

/// Whether the serial numbers of a vendor's barcodes last.
async fn check_serials(world: &World, vendor: &Vendor) -> StageResult<Option<Checked>> {
    let ImbMode::Agency(AgencyBarcode { serials, .. }) = vendor.imb else { return Ok(None) };
    let (_, today) = world.now()?;
    let usage = serials.usage(&world.ledger.serials_in_use(serials.mailer_id(), today).await?, today);
    let what = format!("mailer id {} of vendor {}", serials.mailer_id(), vendor.code);
    Ok(Some(match usage.note() {
        Some(note) => Checked::new(what, Finding::Note, note),
        None => Checked::new(what, Finding::Good, usage.to_string()),
    }))
}

/// Whether a live site has seen a receipt of this vendor, of a test or of a package, before it relies on it.
async fn check_transmission(world: &World, vendor: &Vendor) -> StageResult<Option<Checked>> {
    if world.site.environment != Environment::Live {
        return Ok(None);
    }
    let what = format!("transmission test of vendor {}", vendor.code);
    let steps = world.ledger.onboarding(&vendor.code).await?;
    if let Some(step) = steps.get(&OnboardingStep::TestReceipted) {
        return Ok(Some(Checked::new(what, Finding::Good, format!("{} at {}", step.detail, step.at))));
    }
    let traffic = world.ledger.traffic(&vendor.code).await?;
    Ok(Some(match traffic.last_receipt {
        Some(receipt) => Checked::new(what, Finding::Good, format!("none, and {receipt} was taken from it")),
        None => {
            let code = &vendor.code;
            let message = format!(
                "it never answered one: run 'letterpost vendor test {code}' and, when its receipt is there, \
                 'letterpost vendor test {code} --check', before letters go to it"
            );
            Checked::new(what, Finding::Note, message)
        }
    }))
}

/// A live site mints only for a version of the letter that somebody approved.
async fn check_stationery(world: &World) -> StageResult<Checked> {
    let version = world.press.stationery.template_version();
    let approval = world.ledger.template_approval(Some(version)).await?;
    let version = format!("version {}", version.get(..SHOWN_VERSION).unwrap_or(version));
    let (finding, approval) = match approval {
        Some(approval) => {
            let on = world.site.date_at(approval.approved_at)?;
            (Finding::Good, format!("approved by {} on {on}", approval.approved_by))
        }
        None if world.site.environment == Environment::Live => (
            Finding::Bad,
            "nobody has approved it; look at it with 'letterpost template preview', then run 'letterpost template \
             approve --by NAME'"
                .to_owned(),
        ),
        None => (Finding::Good, "not approved (needed only on a live site)".to_owned()),
    };
    Ok(Checked::new("templates and fonts", finding, format!("{version}, {approval}")))
}
