//! `vendor list`: each vendor of the configuration, and how far it has been taken on.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::cli::config::{CourierPlace, VendorPaths, VendorSection};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::{Opening, read_certificate};
use crate::cli::report::facts;
use crate::ports::ledger::{OnboardingStep, StepDone, TestStatus, VendorLedger, VendorTest, VendorTraffic};

#[derive(Serialize)]
struct Shown {
    code: String,
    name: String,
    languages: Vec<String>,
    formats: Vec<String>,
    countries: Vec<String>,
    way: String,
    certificates: Vec<ShownFile>,
    steps: BTreeMap<&'static str, StepDone>,
    test: Option<VendorTest>,
    #[serde(flatten)]
    traffic: VendorTraffic,
    next: Option<String>,
}

/// A certificate's file, with what is in it or what is wrong with it.
#[derive(Serialize)]
struct ShownFile {
    file: String,
    fingerprint: Option<String>,
    algorithms: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    fault: Option<String>,
}

/// Shows the vendors.
pub async fn list(at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let paths = at.paths(&config).vendors;
    let mut vendors = Vec::new();
    for vendor in &config.vendors {
        vendors.push(shown(vendor, paths.get(&vendor.code), ledger.as_ref(), at).await?);
    }
    let text: Vec<String> = vendors.iter().map(describe).collect();
    let text = if text.is_empty() { "none".to_owned() } else { text.join("\n\n") };
    at.report.show(&vendors, text);
    Ok(Exit::Done)
}

async fn shown(
    vendor: &VendorSection,
    paths: Option<&VendorPaths>,
    ledger: &(impl VendorLedger + ?Sized),
    at: &Opening,
) -> CliResult<Shown> {
    let steps = ledger.onboarding(&vendor.code).await?;
    let test = ledger.newest_test(&vendor.code).await?;
    let now = at.clock().now();
    let files = paths.map(|paths| paths.certificates.as_slice()).unwrap_or_default();
    let certificates: Vec<ShownFile> = files.iter().map(|path| certificate(path, now)).collect();
    let words = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<String>>();
    Ok(Shown {
        code: vendor.code.clone(),
        name: vendor.name.clone(),
        languages: words(&mut vendor.takes.languages.iter().map(ToString::to_string)),
        formats: words(&mut vendor.takes.formats.iter().map(ToString::to_string)),
        countries: words(&mut vendor.takes.countries.iter().cloned()),
        way: way(paths),
        next: next(vendor, &certificates, &steps, test.as_ref()),
        steps: steps.into_iter().map(|(step, done)| (step.as_str(), done)).collect(),
        certificates,
        test,
        traffic: ledger.traffic(&vendor.code).await?,
    })
}

/// How packages get there.
fn way(paths: Option<&VendorPaths>) -> String {
    match paths.map(|paths| &paths.courier) {
        Some(CourierPlace::Folder { inbox, .. }) => format!("folder {}", inbox.display()),
        Some(CourierPlace::Sftp(place)) => format!("SFTP to {} port {}, {}", place.host, place.port, place.inbox),
        None => String::new(),
    }
}

fn certificate(path: &Path, now: DateTime<Utc>) -> ShownFile {
    let file = path.display().to_string();
    match read_certificate(path) {
        Err(failure) => {
            ShownFile { file, fingerprint: None, algorithms: None, expires_at: None, fault: Some(failure.message) }
        }
        Ok(certificate) => ShownFile {
            file,
            fingerprint: Some(certificate.fingerprint()),
            algorithms: Some(certificate.algorithms(now)),
            expires_at: certificate.expires_at(now),
            fault: certificate.check_encryption(now).err().map(|fault| fault.to_string()),
        },
    }
}

/// What is to be done next; `None` where the vendor has answered a test.
fn next(
    vendor: &VendorSection,
    certificates: &[ShownFile],
    steps: &BTreeMap<OnboardingStep, StepDone>,
    test: Option<&VendorTest>,
) -> Option<String> {
    let code = &vendor.code;
    if certificates.iter().all(|certificate| certificate.fault.is_some()) {
        return Some("ask the vendor for a certificate that can be sealed to".to_owned());
    }
    match test.map(|test| test.status) {
        Some(TestStatus::Sent) => Some(format!("when its receipt is there: letterpost vendor test {code} --check")),
        _ if steps.contains_key(&OnboardingStep::TestReceipted) => None,
        _ => Some(format!("letterpost vendor test {code}")),
    }
}

fn describe(vendor: &Shown) -> String {
    let step = |step: OnboardingStep| {
        vendor.steps.get(step.as_str()).map(|done| format!("{} at {}", done.detail, done.at)).unwrap_or_default()
    };
    let everywhere = if vendor.countries.is_empty() { "everywhere".to_owned() } else { vendor.countries.join(", ") };
    let takes = format!("{}; {}; {everywhere}", vendor.formats.join(", "), vendor.languages.join(", "));
    let test = vendor.test.as_ref().map(|test| format!("{} {} since {}", test.name, test.status, test.status_at));
    let traffic = &vendor.traffic;
    let last = traffic.last_delivered_at.map(|at| format!(", the last at {at}")).unwrap_or_default();
    let receipt = traffic.last_receipt.as_ref().zip(traffic.last_receipt_at);
    let mut lines = vec![("takes", takes), ("way", vendor.way.clone())];
    lines.extend(vendor.certificates.iter().map(|file| ("certificate", describe_certificate(file))));
    lines.extend([
        ("added", step(OnboardingStep::Added)),
        ("taken", step(OnboardingStep::Certificate)),
        ("host key", step(OnboardingStep::HostKey)),
        ("key export", step(OnboardingStep::Handover)),
        ("last test", test.unwrap_or_default()),
        ("answered", step(OnboardingStep::TestReceipted)),
        ("packages", format!("{}{last}", traffic.packages)),
        ("last receipt", receipt.map(|(name, at)| format!("{name} at {at}")).unwrap_or_default()),
        ("next", vendor.next.clone().unwrap_or_default()),
    ]);
    let lines = facts(&lines).lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    format!("{}  {}\n{lines}", vendor.code, vendor.name)
}

fn describe_certificate(file: &ShownFile) -> String {
    let ShownFile { file, fingerprint, algorithms, expires_at, fault } = file;
    if let Some(fault) = fault {
        return format!("{file}: {fault}");
    }
    let end = expires_at.map_or_else(|| "no end".to_owned(), |end| format!("until {end}"));
    format!("{} ({}), {end}", fingerprint.as_deref().unwrap_or_default(), algorithms.as_deref().unwrap_or_default())
}
