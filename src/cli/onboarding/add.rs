//! `vendor add`: everything is read, compared and tried first; then files are written, and the configuration last.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::arguments::AddArgs;
use super::identity::{self, ServerKeys, ShownCertificate, grouped, listed};
use super::{handover, section};
use crate::adapters::files;
use crate::adapters::host_keys::HostKey;
use crate::cli::config::{Config, VendorSection};
use crate::cli::decisions::person;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::domain::package_name::is_code;
use crate::domain::request::{Format, Language};
use crate::domain::routing::{ABROAD, Kind, Profile, route};
use crate::ports::ledger::OnboardingStep;

/// What is written, and what is told.
struct Plan {
    files: Vec<(PathBuf, Vec<u8>)>,
    section: String,
    configuration: String,
    steps: Vec<(OnboardingStep, String)>,
    shown: Shown,
}

#[derive(Serialize)]
struct Shown {
    vendor: String,
    written: bool,
    certificate: ShownCertificate,
    host_keys: Vec<String>,
    site_fingerprint: String,
    handover: String,
    files: Vec<String>,
    section: String,
    next: Vec<String>,
}

/// Takes a vendor on.
pub async fn add(args: &AddArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    require_new_code(args, &config)?;
    let by = person(args.by.as_deref())?;
    let (certificate, shown) = identity::certificate(args, at)?;
    let keys = identity::server_keys(args).await?;
    if let Some(ServerKeys { confirmed, shown: keys }) = &keys
        && confirmed.is_empty()
    {
        return Ok(ask_to_confirm(args, &shown, keys, at));
    }
    let confirmed = keys.map(|keys| keys.confirmed).unwrap_or_default();
    let armored = certificate.to_armored().map_err(|error| Failure::new(Exit::TryAgain, error))?;
    let mut plan = plan(args, &config, at, (shown, armored), &confirmed, &by)?;
    if args.dry_run {
        at.report.show(&plan.shown, describe(&plan.shown, &plan.section));
        return Ok(Exit::Done);
    }
    let _lock = at.lock(&config, "vendor add").await?;
    write(&plan, &config, &args.code, at).await?;
    plan.shown.written = true;
    at.report.show(&plan.shown, describe(&plan.shown, ""));
    Ok(Exit::Done)
}

fn require_new_code(args: &AddArgs, config: &Config) -> CliResult<()> {
    let code = &args.code;
    if !is_code(code) {
        return Err(Failure::usage(format!("'{code}' is no code: write one to eight lower-case letters and digits")));
    }
    if config.vendors.iter().any(|vendor| vendor.code == *code) {
        return Err(Failure::usage(format!(
            "the configuration has a [[vendor]] {code} already, and codes are never used again; see 'letterpost vendor list'"
        )));
    }
    Ok(())
}

/// Shows the keys of a server that nobody has confirmed yet.
fn ask_to_confirm(args: &AddArgs, certificate: &ShownCertificate, keys: &[HostKey], at: &Opening) -> Exit {
    let fingerprints: Vec<&str> = keys.iter().map(|key| key.fingerprint.as_str()).collect();
    let shown = serde_json::json!({
        "vendor": args.code, "written": false, "certificate": certificate, "host_keys": fingerprints
    });
    let text = format!(
        "{}\n\nthe server {} shows\n{}\n\nnothing was written. Compare with the vendor by telephone, then run the same with \
         --host-key-fingerprint and the fingerprint of the key that is the vendor's",
        describe_certificate(certificate),
        args.sftp_host.as_deref().unwrap_or_default(),
        listed(keys)
    );
    at.report.show(&shown, text);
    if args.dry_run { Exit::Done } else { Exit::Person }
}

fn plan(
    args: &AddArgs,
    config: &Config,
    at: &Opening,
    (certificate, armored): (ShownCertificate, String),
    host_keys: &[HostKey],
    by: &str,
) -> CliResult<Plan> {
    let folder = at.folder();
    let keys = config.stores.site_key.parent().unwrap_or(Path::new("")).to_owned();
    let (certificate_file, known_hosts) =
        (keys.join(format!("{}.asc", args.code)), keys.join(format!("{}.hosts", args.code)));
    let site = handover::site_certificate(config, at)?;
    let handover_folder = match &args.handover {
        Some(named) => named.clone(),
        None => folder.join(format!("for-{}", args.code)),
    };
    let mut new = vec![(folder.join(&certificate_file), armored.into_bytes())];
    if !host_keys.is_empty() {
        let lines: String = host_keys.iter().map(|key| format!("{}\n", key.line(&args.code))).collect();
        new.push((folder.join(&known_hosts), lines.into_bytes()));
    }
    new.extend(handover::files_for(args, config, &site, &handover_folder)?);
    require_free(&new)?;
    let section = section::section(args, &certificate_file, &known_hosts);
    let configuration = section::appended(&files::read_text(&at.config_path)?, &section);
    // The whole of it is read again, as the next night will read it.
    let with_it = Config::from_toml(&configuration).map_err(|error| {
        Failure::usage(format!(
            "nothing was written, for the configuration would be wrong with this vendor in it:\n{error}"
        ))
    })?;
    let fingerprints: Vec<String> = host_keys.iter().map(|key| key.fingerprint.clone()).collect();
    let compared = if certificate.compared { "compared" } else { "not compared" };
    let mut steps = vec![
        (OnboardingStep::Added, format!("by {by}")),
        (OnboardingStep::Certificate, format!("{} {compared}", certificate.fingerprint)),
        (OnboardingStep::Handover, site.fingerprint()),
    ];
    if !fingerprints.is_empty() {
        steps.push((OnboardingStep::HostKey, fingerprints.join(" ")));
    }
    let mut next = next(args, &certificate, &site.fingerprint(), &handover_folder);
    if !gets_letters(&with_it, &args.code) {
        next.push(format!(
            "no letter goes to {} as it is, for vendors before it in the configuration take all that it takes: move its \
             [[vendor]] up, or let them take less",
            args.code
        ));
    }
    let shown = Shown {
        vendor: args.code.clone(),
        written: false,
        next,
        certificate,
        host_keys: fingerprints,
        site_fingerprint: site.fingerprint(),
        handover: handover_folder.display().to_string(),
        files: new.iter().map(|(path, _)| path.display().to_string()).collect(),
        section: section.trim().to_owned(),
    };
    Ok(Plan { files: new, section, configuration, steps, shown })
}

/// Whether any letter would be routed to a vendor: of each form and language, to each country that is named and to one
/// that is not.
fn gets_letters(config: &Config, code: &str) -> bool {
    let profiles: Vec<Profile> = config.vendors.iter().map(VendorSection::profile).collect();
    let named = profiles.iter().flat_map(|profile| profile.countries.iter().cloned()).filter(|code| code != ABROAD);
    let countries: BTreeSet<String> = named.chain(["US", "AQ"].map(str::to_owned)).collect();
    let kinds = Format::ALL.iter().flat_map(|format| Language::ALL.iter().map(move |language| (*format, *language)));
    kinds
        .flat_map(|(format, language)| {
            countries.iter().map(move |country| Kind { format, language, country: country.clone() })
        })
        .any(|kind| route(&kind, &profiles) == Ok(code))
}

/// No file is ever written over: one that is there must be the same.
fn require_free(new: &[(PathBuf, Vec<u8>)]) -> CliResult<()> {
    for (path, bytes) in new {
        if files::read_if_there(path)?.is_some_and(|there| there != *bytes) {
            return Err(Failure::usage(format!(
                "{} is there with other content, and nothing is overwritten; move it away first; nothing was written",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Files first, then the ledger, the configuration last: only with it there is a vendor. Whatever a crash leaves, the same
/// command goes on from it.
async fn write(plan: &Plan, config: &Config, code: &str, at: &Opening) -> CliResult<()> {
    let ledger = at.ledger(config).await?;
    for (path, bytes) in &plan.files {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            files::make_folder(folder)?;
        }
        if files::read_if_there(path)?.is_none() {
            files::write_new(path, bytes)?;
        }
    }
    ledger.record_steps(code, &plan.steps, at.clock().now()).await?;
    files::rewrite(&at.config_path, plan.configuration.as_bytes())?;
    ledger.close().await;
    Ok(())
}

fn next(args: &AddArgs, certificate: &ShownCertificate, site: &str, handover: &Path) -> Vec<String> {
    let code = &args.code;
    let mut next = Vec::new();
    if !certificate.compared {
        next.push(format!(
            "call the vendor, and have it read the fingerprint of its certificate: {}",
            grouped(&certificate.fingerprint)
        ));
    }
    next.push(format!(
        "send the vendor {}, and read it the fingerprint of the site's certificate: {}",
        handover.display(),
        grouped(site)
    ));
    next.push("letterpost doctor".to_owned());
    next.push(format!("letterpost vendor test {code}"));
    next.push(format!("when the vendor has answered: letterpost vendor test {code} --check"));
    next
}

fn describe_certificate(certificate: &ShownCertificate) -> String {
    let ShownCertificate { fingerprint, user_id, algorithms, expires_at, compared } = certificate;
    let end = expires_at.map_or_else(|| "has no end".to_owned(), |end| format!("ends at {end}"));
    let compared = if *compared { "the one that you gave" } else { "not compared yet" };
    format!("certificate of {user_id}\n  {}  ({compared})\n  {algorithms}; {end}", grouped(fingerprint))
}

fn describe(shown: &Shown, section: &str) -> String {
    let (verb, would) = if shown.written { ("added", "") } else { ("would add", "would ") };
    let mut text = format!("{verb} vendor {}\n{}", shown.vendor, describe_certificate(&shown.certificate));
    if !shown.host_keys.is_empty() {
        text.push_str(&format!("\nserver's key {}", shown.host_keys.join(" ")));
    }
    let written = if shown.written { "wrote" } else { "write" };
    text.push_str(&format!("\n{would}{written} {}", shown.files.join(", ")));
    if !section.is_empty() {
        text.push_str(&format!("\n{would}add to the configuration:\n{section}"));
    }
    text.push_str("\n\nNext:");
    for (place, step) in shown.next.iter().enumerate() {
        text.push_str(&format!("\n  {}. {step}", place + 1));
    }
    text
}
