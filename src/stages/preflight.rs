//! Preflight: whether a night can be finished, asked before anything is claimed.
//!
//! Each check says what it found and, where it fails, what to do. `doctor` shows them all; a production run goes on
//! only if none fails.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ahead;
use super::brakes;
use super::calendar_reach;
use super::checkpoint::witness;
use super::log_key;
use super::outcome::{StageError, StageResult};
use super::site::{AgencyBarcode, ImbMode, Vendor};
use super::world::World;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::{Frontier, Hash, leaf_hash};
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
    /// What was found.
    pub message: String,
    /// What to do; empty where nothing needs doing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl Checked {
    /// It is fit.
    #[must_use]
    pub fn good(check: impl Into<String>, message: impl Into<String>) -> Self {
        Self { check: check.into(), finding: Finding::Good, message: message.into(), remedy: String::new() }
    }

    /// It is fit, and something should be done about it all the same.
    #[must_use]
    pub fn note(check: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { finding: Finding::Note, remedy: remedy.into(), ..Self::good(check, message) }
    }

    /// It is not fit.
    #[must_use]
    pub fn bad(check: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { finding: Finding::Bad, ..Self::note(check, message, remedy) }
    }

    /// It is what must never be.
    #[must_use]
    pub fn alarm(check: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { finding: Finding::Alarm, ..Self::note(check, message, remedy) }
    }

    /// What was found and what to do, on one line.
    #[must_use]
    pub fn told(&self) -> String {
        format!("{}: {}; {}", self.check, self.message, self.remedy)
    }
}

/// Goes on only if every check lets it.
///
/// # Errors
/// [`StageError::Alarm`] where the log is not the one we left, [`StageError::Refused`] where the site is not fit.
pub async fn require(world: &World) -> StageResult<()> {
    let checks = check_site(world).await?;
    let told = |finding| {
        let told: Vec<String> = checks.iter().filter(|checked| checked.finding == finding).map(Checked::told).collect();
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
        let what = format!("brake {}", brake.id);
        checks.push(if brakes::clock::is_over(&brake, world.clock.now()) {
            Checked::note(what, brake.found, "nothing: the clock was set since, and the next start ends it")
        } else {
            let remedy = brakes::remedy(&brake);
            Checked::alarm(what, brake.found, remedy)
        });
    }
    checks.extend(check_site(world).await?);
    Ok(checks)
}

/// The clock must not show an instant before the last that was recorded, nor one long after the last night.
async fn check_clock(world: &World) -> StageResult<Checked> {
    let now = world.clock.now();
    Ok(match brakes::clock::against_ledger(world, now).await? {
        Some(wrong) => Checked::alarm(
            "clock",
            wrong.found(),
            "set the machine's clock; if it is right as it is, start a run: it engages a brake, which a named person releases",
        ),
        None => Checked::good("clock", format!("shows {}", now.format("%Y-%m-%d %H:%M:%S UTC"))),
    })
}

/// Everything that a production run needs.
async fn check_site(world: &World) -> StageResult<Vec<Checked>> {
    let now = world.clock.now();
    let mut checks = vec![check_log_key(world), check_outside_head(world).await?];
    checks.extend(witness::check(world).await?);
    checks.push(check_spool(world).await?);
    for vendor in &world.site.vendors {
        checks.push(check_vendor_files(world, vendor).await?);
    }
    // A connection that is not used while letters are made only gives the server something to cut.
    world.hang_up().await;
    checks.push(calendar_reach::check(&world.site, now));
    checks.push(check_site_key(world.press.signing_key.certificate(), now));
    for vendor in &world.site.vendors {
        checks.extend(check_certificates(vendor, now));
        checks.push(check_print_days(world, vendor, now));
        checks.extend(check_serials(world, vendor).await?);
        checks.extend(check_transmission(world, vendor).await?);
    }
    if world.site.vendors.is_empty() {
        checks.push(Checked::bad("vendors", "there is none", "add a [[vendor]] to the configuration"));
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
            Checked::good(what, "no run has kept a head yet")
        } else {
            Checked::alarm(
                what,
                format!("the ledger kept a head of {size} entries and the file of heads outside it is gone"),
                "find out who removed it; 'letterpost audit verify', and then 'letterpost checkpoint', writes it anew",
            )
        });
    };
    let Checkpoint { size, root, .. } = match log_key::outside(world, &outside).await? {
        Ok(checkpoint) => checkpoint,
        Err(why) => {
            return Ok(Checked::alarm(
                what,
                format!("the head outside is not of this site's log: {why}"),
                "find out who wrote it, and put this site's own file of heads back",
            ));
        }
    };
    let known = world.ledger.heads().await?.into_iter().find(|head| head.size == size).map(|head| head.root);
    let found = match known {
        Some(found) => Some(found),
        None => root_at(world, size).await?,
    };
    Ok(match found {
        None => Checked::alarm(
            what,
            format!(
                "the head outside covers {size} entries, and the ledger has {}: an older ledger was put back",
                world.ledger.log_size().await?
            ),
            "bring the newest back before anything is sent, or letters may go out twice: 'letterpost ledger restore FILE'; \
             where it is lost, 'letterpost ledger accept-loss'",
        ),
        Some(found) if found == root => Checked::good(what, format!("agree on {size} entries")),
        Some(_) => Checked::alarm(
            what,
            format!("they differ within the first {size} entries: the ledger's history was changed"),
            "keep both and find out who changed it",
        ),
    })
}

/// The head outside, in its file or in a sink, that covers most beyond what the ledger has.
///
/// # Errors
/// Where ledger or heads cannot be read.
pub async fn head_beyond(world: &World) -> StageResult<Option<(u64, Hash)>> {
    let entries = world.ledger.log_size().await?;
    let told = match world.heads.last()? {
        Some(note) => log_key::outside(world, &note).await?.ok().map(|told| (told.size, told.root)),
        None => None,
    };
    let mut beyond = witness::beyond(world, entries).await?;
    beyond.extend(told.filter(|(size, _)| *size > entries));
    Ok(beyond.into_iter().max_by_key(|(size, _)| *size))
}

/// A night ends with a signed head, and its packages carry the one before.
fn check_log_key(world: &World) -> Checked {
    let what = "key of the audit log";
    match &world.log_key {
        Ok(key) => Checked::good(what, key.verifier().label()),
        Err(why) => {
            let (found, remedy) = why.split_once("; ").unwrap_or((why, ""));
            Checked::bad(what, found, remedy)
        }
    }
}

/// The root over the first `size` entries; `None` where there are fewer.
pub(super) async fn root_at(world: &World, size: u64) -> StageResult<Option<Hash>> {
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

/// The spool must have no package of which the ledger does not know.
async fn check_spool(world: &World) -> StageResult<Checked> {
    let (what, found) = ("packages in the spool", ahead::in_spool(world).await?);
    Ok(if found.is_empty() {
        Checked::good(what, "none that the ledger does not know")
    } else {
        Checked::alarm(what, ahead::tell(&found), ahead::REMEDY)
    })
}

/// Nor may a vendor. One that cannot be asked now stops nobody: it is asked again before anything goes to it.
async fn check_vendor_files(world: &World, vendor: &Vendor) -> StageResult<Checked> {
    let what = format!("packages at vendor {}", vendor.code);
    Ok(match ahead::at_vendor(world, vendor).await? {
        Ok(found) if found.is_empty() => Checked::good(what, "none that the ledger does not know"),
        Ok(found) => Checked::alarm(what, ahead::tell(&found), ahead::REMEDY),
        Err(error) => Checked::note(
            what,
            format!("not seen: {error}"),
            "mend the way to it; letters are made, and it is asked again before anything goes to it",
        ),
    })
}

fn check_site_key(certificate: &Certificate, now: DateTime<Utc>) -> Checked {
    match certificate.check(now) {
        Ok(()) => shown_key("site key", certificate, now, true),
        Err(error) => Checked::bad(
            "site key",
            error.to_string(),
            "change the site's key (docs/operations.md) and send vendors its certificate, or put the right one back",
        ),
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
        Err(error) if fit.is_empty() => Checked::bad(
            &what,
            error.to_string(),
            format!("ask vendor {} for a certificate that can be encrypted to, and name it in [[vendor]]", vendor.code),
        ),
        Err(error) => {
            Checked::note(&what, format!("{error}; it is left out"), "take it out of certificates in [[vendor]]")
        }
    };
    vendor.certificates.iter().map(check).collect()
}

/// A key that is fit, with its end. That it ends soon is worth a note, unless another one goes on.
fn shown_key(what: &str, certificate: &Certificate, now: DateTime<Utc>, is_last: bool) -> Checked {
    match certificate.expires_at(now) {
        Some(end) if is_last && ends_soon(certificate, now) => {
            let message = format!("{} ends at {end}", certificate.fingerprint());
            Checked::note(what, message, "get a new one in time, and have both known for a while: docs/operations.md")
        }
        Some(end) => Checked::good(what, format!("{} until {}", certificate.fingerprint(), end.date_naive())),
        None => Checked::good(what, certificate.fingerprint()),
    }
}

fn ends_soon(certificate: &Certificate, now: DateTime<Utc>) -> bool {
    certificate.expires_at(now).is_some_and(|end| (end - now).num_days() < KEY_NOTICE_DAYS)
}

fn check_print_days(world: &World, vendor: &Vendor, now: DateTime<Utc>) -> Checked {
    let what = format!("print days of vendor {}", vendor.code);
    match vendor.print_schedule.planned_mail_on(now, &world.site.calendar, world.site.time_zone) {
        Ok(day) => Checked::good(what, format!("a package made now is mailed on {day}")),
        Err(error) => Checked::bad(
            what,
            error.to_string(),
            "mend the print days of its [[vendor]], or the closed days of [calendar]",
        ),
    }
}

/// Whether the serial numbers of a vendor's barcodes last.
async fn check_serials(world: &World, vendor: &Vendor) -> StageResult<Option<Checked>> {
    let ImbMode::Agency(AgencyBarcode { serials, .. }) = vendor.imb else { return Ok(None) };
    let (_, today) = world.now()?;
    let usage = serials.usage(&world.ledger.serials_in_use(serials.mailer_id(), today).await?, today);
    let what = format!("mailer id {} of vendor {}", serials.mailer_id(), vendor.code);
    Ok(Some(match usage.note() {
        Some(note) => Checked::note(what, note, "serial numbers: get another mailer id, or widen the range in time"),
        None => Checked::good(what, usage.to_string()),
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
        return Ok(Some(Checked::good(what, format!("{} at {}", step.detail, step.at))));
    }
    let traffic = world.ledger.traffic(&vendor.code).await?;
    Ok(Some(match traffic.last_receipt {
        Some(receipt) => Checked::good(what, format!("none, and {receipt} was taken from it")),
        None => {
            let code = &vendor.code;
            let remedy = format!(
                "run 'letterpost vendor test {code}' and, when its receipt is there, 'letterpost vendor test {code} \
                 --check', before letters go to it"
            );
            Checked::note(what, "it never answered one", remedy)
        }
    }))
}

/// A live site mints only for a version of the letter that somebody approved.
async fn check_stationery(world: &World) -> StageResult<Checked> {
    let version = world.press.stationery.template_version();
    let approval = world.ledger.template_approval(Some(version)).await?;
    let version = format!("version {}", version.get(..SHOWN_VERSION).unwrap_or(version));
    let what = "templates and fonts";
    Ok(match approval {
        Some(approval) => {
            let on = world.site.date_at(approval.approved_at)?;
            Checked::good(what, format!("{version}, approved by {} on {on}", approval.approved_by))
        }
        None if world.site.environment == Environment::Live => Checked::bad(
            what,
            format!("{version}, nobody has approved it"),
            "look at it with 'letterpost template preview', then run 'letterpost template approve --by NAME'",
        ),
        None => Checked::good(what, format!("{version}, not approved (needed only on a live site)")),
    })
}
