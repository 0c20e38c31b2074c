//! What ends soon: passwords and holds within a week, certificates within a month.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::waiting::Waiting;
use crate::cli::config::Config;
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::package::openpgp::Certificate;
use crate::ports::ledger::KeptKind;
use crate::stages::decision::Desk;

/// Days ahead in which passwords and holds are told.
const DAYS_AHEAD: u64 = 7;
/// Days ahead in which certificates are told: a vendor takes its time with a new one.
const CERTIFICATE_DAYS_AHEAD: u64 = 30;

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// Its last day.
    pub on: NaiveDate,
    /// What ends, and what follows.
    pub what: String,
    /// What to type, where there is something to do.
    pub command: Option<String>,
}

/// What ends soon, by day.
pub(super) async fn soon(desk: &Desk, waiting: &Waiting, config: &Config, at: &Opening) -> CliResult<Vec<Ending>> {
    let (from, to) = (desk.today, after(desk.today, DAYS_AHEAD));
    let mut endings = Vec::new();
    for end in desk.ledger.password_ends(from, to).await? {
        endings.push(Ending { on: end.on, what: passwords(end.passwords), command: None });
    }
    endings.extend(of_holds(waiting, to));
    endings.extend(of_quarantine(desk, to, config, at).await?);
    endings.extend(of_certificates(desk, config, at)?);
    endings.sort_by_key(|ending| ending.on);
    Ok(endings)
}

fn passwords(count: u64) -> String {
    if count == 1 {
        "1 password that was not used ends".to_owned()
    } else {
        format!("{count} passwords that were not used end")
    }
}

/// Holds that end with a withdrawal: requests by day, packages by name.
fn of_holds(waiting: &Waiting, to: NaiveDate) -> Vec<Ending> {
    let mut requests = std::collections::BTreeMap::<NaiveDate, u64>::new();
    for held in &waiting.held {
        *requests.entry(held.withdrawn_after).or_default() += 1;
    }
    let of_requests = requests.into_iter().filter(|(day, _)| *day <= to).map(|(on, count)| {
        let what = if count == 1 { "1 held request is".to_owned() } else { format!("{count} held requests are") };
        let command = Some("letterpost request list --status held".to_owned());
        Ending { on, what: format!("{what} withdrawn after this day, and the portal told"), command }
    });
    let packages = waiting.held_packages.iter().map(|held| &held.package).filter(|held| held.mail_by_on <= to);
    let of_packages = packages.map(|held| {
        let what = format!("held package {} is withdrawn after this day", held.package);
        Ending { on: held.mail_by_on, what, command: Some(super::item::command("batch show", &held.package)) }
    });
    of_requests.chain(of_packages).collect()
}

/// Quarantined files by the day on which they go, so that nobody misses what they meant to look at.
async fn of_quarantine(desk: &Desk, to: NaiveDate, config: &Config, at: &Opening) -> CliResult<Vec<Ending>> {
    let term = TimeDelta::days(desk.site.retention.quarantine_days.into());
    let mut files = std::collections::BTreeMap::<NaiveDate, u64>::new();
    for file in desk.ledger.kept_files(KeptKind::Quarantine).await? {
        *files.entry(desk.site.date_at(file.kept_at + term)?).or_default() += 1;
    }
    let folder = at.paths(config).quarantine.display().to_string();
    Ok(files
        .into_iter()
        .filter(|(day, _)| *day <= to)
        .map(|(on, count)| {
            let what = if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") };
            let command = Some(format!("ls -t {}", super::item::quoted(&folder)));
            Ending { on, what: format!("{what} removed from the quarantine, looked at or not"), command }
        })
        .collect())
}

/// The site's key and its vendors' certificates. A key that cannot be opened here is for `doctor` to tell.
fn of_certificates(desk: &Desk, config: &Config, at: &Opening) -> CliResult<Vec<Ending>> {
    let site_key = at.site_key(config).ok();
    let site = site_key.iter().map(|key| ("the site's key".to_owned(), key.certificate()));
    let vendors = desk.site.vendors.iter().flat_map(|vendor| {
        vendor.certificates.iter().map(|certificate| (format!("a certificate of vendor {}", vendor.code), certificate))
    });
    let mut endings = Vec::new();
    for (whose, certificate) in site.chain(vendors) {
        endings.extend(of_certificate(desk, &whose, certificate, desk.now)?);
    }
    Ok(endings)
}

fn of_certificate(
    desk: &Desk,
    whose: &str,
    certificate: &Certificate,
    now: DateTime<Utc>,
) -> CliResult<Option<Ending>> {
    let Some(end) = certificate.expires_at(now) else { return Ok(None) };
    let on = desk.site.date_at(end)?;
    if on > after(desk.today, CERTIFICATE_DAYS_AHEAD) {
        return Ok(None);
    }
    let verb = if end <= now { "has ended" } else { "ends" };
    let what = format!("{whose} {verb}: {}", certificate.fingerprint());
    Ok(Some(Ending { on, what, command: Some("letterpost doctor".to_owned()) }))
}

fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}
