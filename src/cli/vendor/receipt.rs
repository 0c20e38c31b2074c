//! `vendor receipt`: says what became of a package and of its letters, and signs it.
//!
//! Durable when it returns: the package's name in the register, the signature and the receipt in the outbox, in this
//! order. A crash leaves no receipt without its signature; the command is then given again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use rand08::{CryptoRng, RngCore};
use serde::Serialize;

use super::arguments::ReceiptArgs;
use super::error::VendorError;
use super::package_file::{Keys, PackageFile, date_in};
use super::pulls::read_order;
use super::receipt_folder;
use super::receipt_rows::plan;
use super::register::{self, Register};
use super::settings::VendorSettings;
use crate::domain::letter::LetterId;
use crate::domain::package_name::PackageName;
use crate::domain::receipt::{PackageEvent, ReceiptEvent};
use crate::package::digest::Sha256Digest;
use crate::package::name::ReceiptFileName;
use crate::package::openpgp::sign_detached;
use crate::package::receipt::{PackageRow, parse_receipt, write_receipt};
use crate::package::receipt_line::ReceiptLine;
use crate::package::ticket::JobTicket;
use crate::ports::Clock;

/// A receipt that was written or, in a dry run, would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipted {
    /// The package.
    pub package: PackageName,
    /// Of the sealed package, as the receipt says it.
    pub sha256: Sha256Digest,
    /// The receipt's number, from 1.
    pub number: u32,
    /// Whether the package was accepted or refused.
    pub event: PackageEvent,
    /// The date of its rows.
    pub event_on: NaiveDate,
    /// How many rows of letters there are.
    pub letter_rows: u64,
    /// Of these, how many have each event.
    pub events: BTreeMap<&'static str, u64>,
    /// The receipt's file.
    pub file: PathBuf,
    /// Its signature's file.
    pub signature_file: PathBuf,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The receipt itself, in a dry run.
    pub csv: Option<String>,
    /// What a person should know or do besides.
    pub notes: Vec<String>,
}

/// What the receipt will say.
struct Draft {
    event: PackageEvent,
    event_on: NaiveDate,
    lines: Vec<ReceiptLine>,
    notes: Vec<String>,
}

/// Writes the next receipt for a package.
///
/// # Errors
/// [`VendorError`]; its exit status is 5 where the package must not be printed, so that nothing can be said of letters.
pub fn receipt<R: CryptoRng + RngCore>(
    args: &ReceiptArgs,
    clock: &dyn Clock,
    rng: &mut R,
) -> Result<Receipted, VendorError> {
    let common = &args.common;
    let settings = VendorSettings::find(&common.settings, &common.package)?;
    let outbox = settings.require_outbox()?;
    let keys = Keys::read(&settings)?;
    let at = clock.now();
    let file = PackageFile::read(&common.package, settings.code.as_deref())?;
    let draft = match &args.refuse {
        Some(reason) => draft_refusal(args, reason, &file, at)?,
        None => draft_report(args, &settings, &keys, &file, at)?,
    };
    let register_path = settings.require_register()?;
    let _lock = if args.dry_run { None } else { Some(register::lock(register_path, "vendor receipt")?) };
    let mut register = Register::read(register_path)?;
    let seen = register.has(&file.name, file.sha256)?;
    receipt_folder::check_agrees(outbox, &file.name, draft.event)?;
    let csv = write_csv(&draft, file.sha256)?;
    let name = receipt_folder::next_name(outbox, &file.name, args.number)?;
    let mut receipted = describe(&draft, &file, outbox, &name);
    if args.dry_run {
        receipted.csv = Some(csv);
        receipted.dry_run = true;
        return Ok(receipted);
    }
    let signature = sign_detached(csv.as_bytes(), &keys.own, at, rng).map_err(|source| VendorError::Key {
        path: settings.secret_key.clone().unwrap_or_default(),
        source,
        advice: "",
    })?;
    if !seen {
        register.add(&file.name, file.sha256)?;
    }
    receipt_folder::write(outbox, &name, &csv, &signature)?;
    Ok(receipted)
}

/// A refusal needs no good package: it is what to say of a bad one.
fn draft_refusal(
    args: &ReceiptArgs,
    reason: &str,
    file: &PackageFile,
    at: DateTime<Utc>,
) -> Result<Draft, VendorError> {
    if let Ok(Some(marker)) = file.read_marker() {
        // Bytes that the site did not mean cannot be refused in its name; they are fetched again.
        marker.check(&file.name, &file.sealed).map_err(|source| file.mistaken(source))?;
    }
    let event_on = event_on(args, date_in(args.common.settings.time_zone, at)?)?;
    let notes = vec![format!("tell the site why, a receipt has no place for it: {reason}")];
    Ok(Draft { event: PackageEvent::Refused, event_on, lines: Vec::new(), notes })
}

fn draft_report(
    args: &ReceiptArgs,
    settings: &VendorSettings,
    keys: &Keys,
    file: &PackageFile,
    at: DateTime<Utc>,
) -> Result<Draft, VendorError> {
    let zone = args.common.settings.time_zone;
    let package = file.check(keys, settings.code.as_deref(), args.common.without_ready, at)?.package;
    let event_on = event_on(args, date_in(zone, at)?)?;
    let made_on = date_in(zone, package.ticket.made_at)?;
    if event_on < made_on {
        return Err(VendorError::Usage(format!("{event_on} is before {made_on}, when the package was made")));
    }
    let pulled = pulled_by(args, settings, keys, &file.name, at)?;
    let lines = plan(args, &pulled, &package.rows, package.ticket.remake, event_on)?;
    let notes = lateness(&package.ticket, &lines, event_on).into_iter().collect();
    Ok(Draft { event: PackageEvent::Accepted, event_on, lines, notes })
}

/// The letters that the pull orders name.
fn pulled_by(
    args: &ReceiptArgs,
    settings: &VendorSettings,
    keys: &Keys,
    package: &PackageName,
    at: DateTime<Utc>,
) -> Result<BTreeSet<LetterId>, VendorError> {
    let mut letters = BTreeSet::new();
    for path in &args.pulled_by {
        let (order, _) = read_order(path, keys, settings.code.as_deref(), at)?;
        if order.package != *package {
            let file = path.display();
            return Err(VendorError::Usage(format!("{file} is an order about {}, not about {package}", order.package)));
        }
        letters.extend(order.letters);
    }
    Ok(letters)
}

fn event_on(args: &ReceiptArgs, today: NaiveDate) -> Result<NaiveDate, VendorError> {
    match args.on.filter(|on| *on > today) {
        Some(on) => Err(VendorError::Usage(format!("{on} has not come, today is {today}; report what has happened"))),
        None => Ok(args.on.unwrap_or(today)),
    }
}

/// Late mail is reported as it happened; the person who reports it should know.
fn lateness(ticket: &JobTicket, lines: &[ReceiptLine], event_on: NaiveDate) -> Option<String> {
    let mails = lines.iter().any(|line| line.event == ReceiptEvent::Mailed);
    let late = mails && event_on > ticket.mail_by_on;
    late.then(|| {
        format!("mailed after {}, the last day that the ticket allows; tell {}", ticket.mail_by_on, ticket.contact)
    })
}

/// The receipt's text, read back as the site reads it.
fn write_csv(draft: &Draft, sha256: Sha256Digest) -> Result<String, VendorError> {
    let package_row = PackageRow { event: draft.event, event_on: draft.event_on, sha256 };
    let csv = write_receipt(&package_row, &draft.lines);
    match parse_receipt(csv.as_bytes()) {
        Ok(_) => Ok(csv),
        Err(error) => Err(VendorError::Usage(format!("the site would refuse this receipt: {error}"))),
    }
}

fn describe(draft: &Draft, file: &PackageFile, outbox: &Path, name: &ReceiptFileName) -> Receipted {
    let mut events = BTreeMap::new();
    for line in &draft.lines {
        *events.entry(line.event.as_str()).or_default() += 1;
    }
    Receipted {
        package: file.name.clone(),
        sha256: file.sha256,
        number: name.number,
        event: draft.event,
        event_on: draft.event_on,
        letter_rows: draft.lines.len() as u64,
        events,
        file: outbox.join(name.to_string()),
        signature_file: outbox.join(name.signature_file()),
        dry_run: false,
        csv: None,
        notes: draft.notes.clone(),
    }
}

impl Receipted {
    /// For people: the receipt itself in a dry run, or else where it is and what it says.
    #[must_use]
    pub fn to_text(&self) -> String {
        if let Some(csv) = &self.csv {
            return csv.clone();
        }
        let counts: Vec<String> = self.events.iter().map(|(event, count)| format!("{count} {event}")).collect();
        let counts = if counts.is_empty() { "no letters".to_owned() } else { counts.join(", ") };
        let mut text = format!(
            "{}: package {} on {}; {counts}\nsigned in {}\n",
            self.file.display(),
            self.event,
            self.event_on,
            self.signature_file.display()
        );
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}
