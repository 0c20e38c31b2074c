//! Ingest: the vendor's receipts are read, and each letter's dispatch date is recorded.
//!
//! In: files in the vendors' outboxes. Out: dispatch dates, ended letters, and refused files in quarantine. Durable
//! when it returns: each file with all that its lines changed, in one transaction a file. A crash leaves whole files
//! taken or not; those that were not are read again by the next run, and the same file twice changes nothing.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::receipt_rules::{self, Span};
use super::site::Vendor;
use super::world::World;
use crate::domain::receipt::PackageEvent;
use crate::package::name::ReceiptFileName;
use crate::package::openpgp::verify_detached;
use crate::package::receipt::{ReceiptFile, parse_receipt};
use crate::ports::ledger::{JudgedLine, JudgedReceipt, PackageFacts};
use crate::ports::{Courier, CourierError, Setback};

/// The largest receipt that is read.
const RECEIPT_LIMIT_BYTES: u64 = 64 << 20;
/// The largest signature that is read.
const SIGNATURE_LIMIT_BYTES: u64 = 64 << 10;

/// So many files that could not be fetched end the reading: a vendor that is away is not asked for each.
const MOST_FAILURES: u32 = 2;

/// Counts of what was read.
#[derive(Default)]
struct Tally {
    files: u64,
    refused: u64,
    lines: u64,
    held: u64,
    mailed: u64,
}

/// A receipt as it was fetched.
struct Fetched {
    name: ReceiptFileName,
    bytes: Vec<u8>,
    signature: Option<Vec<u8>>,
    sha256: String,
    signature_sha256: String,
}

/// What became of one file.
enum Read {
    Seen,
    Waits(String),
    Taken(JudgedReceipt),
    Refused(String),
    Alarm(String),
}

/// Reads all new receipts.
///
/// # Errors
/// Where ledger or quarantine fail. A vendor that cannot be reached does not stop the others.
pub async fn ingest(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let mut tally = Tally::default();
    for vendor in &world.site.vendors {
        let courier = world.courier(&vendor.code)?.as_ref();
        let names = match courier.list_outbox().await {
            Ok(names) => names,
            Err(error) => {
                setback(&error, format!("vendor {}", vendor.code), &mut outcome);
                continue;
            }
        };
        let mut failures = 0;
        for name in in_order(&names) {
            let signature = names.contains(&name.signature_file());
            match read_one(world, vendor, courier, (name, signature), dry_run, &mut tally, &mut outcome).await? {
                Some(Setback::Stop) => break,
                Some(Setback::Retry) => failures += 1,
                Some(Setback::Hold) | None => {}
            }
            if failures == MOST_FAILURES {
                break;
            }
        }
        courier.hang_up().await;
    }
    for (name, count) in [
        ("files", tally.files),
        ("refused_files", tally.refused),
        ("lines", tally.lines),
        ("held_lines", tally.held),
        ("mailed", tally.mailed),
    ] {
        outcome.record(name, count);
    }
    Ok(outcome)
}

/// The receipts among these names, each package's by number.
fn in_order(names: &[String]) -> Vec<ReceiptFileName> {
    let mut receipts: Vec<ReceiptFileName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    receipts.sort();
    receipts
}

/// What a courier's failure is for people; one that a person mends leaves the stage undone.
fn setback(error: &CourierError, subject: String, outcome: &mut Outcome) {
    outcome.raise(Urgency::from(error), subject, error.message.as_str());
    outcome.is_undone |= error.setback == Setback::Stop;
}

/// Reads a receipt, or says what kept it from that.
async fn read_one(
    world: &World,
    vendor: &Vendor,
    courier: &dyn Courier,
    (name, has_signature): (ReceiptFileName, bool),
    dry_run: bool,
    tally: &mut Tally,
    outcome: &mut Outcome,
) -> StageResult<Option<Setback>> {
    let subject = format!("receipt {name}");
    let fetched = match fetch(courier, name, has_signature).await {
        Ok(fetched) => fetched,
        Err(error) => {
            setback(&error, subject, outcome);
            return Ok(Some(error.setback));
        }
    };
    let read = judge(world, vendor, &fetched).await?;
    if !matches!(read, Read::Seen) {
        tally.files += 1;
    }
    match read {
        Read::Seen => {}
        Read::Waits(message) => outcome.raise(Urgency::Note, subject, message),
        Read::Alarm(message) => outcome.raise(Urgency::Alarm, subject, message),
        Read::Taken(receipt) => take(world, &receipt, dry_run, tally, outcome).await?,
        Read::Refused(reason) => {
            tally.refused += 1;
            outcome.raise(Urgency::Person, subject, format!("refused: {reason}; ask the vendor for a right one"));
            if !dry_run {
                refuse(world, &fetched, &reason).await?;
            }
        }
    }
    Ok(None)
}

async fn fetch(courier: &dyn Courier, name: ReceiptFileName, has_signature: bool) -> Result<Fetched, CourierError> {
    let file = courier.fetch(&name.to_string(), RECEIPT_LIMIT_BYTES).await?;
    let signature_name = name.signature_file();
    let signature =
        if has_signature { courier.fetch(&signature_name, SIGNATURE_LIMIT_BYTES).await?.bytes } else { None };
    let bytes = file.bytes.ok_or_else(|| {
        CourierError::hold(format!(
            "larger than {RECEIPT_LIMIT_BYTES} bytes; it is not read: ask the vendor for a right one"
        ))
    })?;
    let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    let signature_sha256 = signature.as_deref().map(digest).unwrap_or_default();
    Ok(Fetched { sha256: digest(&bytes), signature_sha256, name, bytes, signature })
}

/// Decides what becomes of a file; changes nothing.
async fn judge(world: &World, vendor: &Vendor, fetched: &Fetched) -> StageResult<Read> {
    let file_name = fetched.name.to_string();
    let digests = (fetched.sha256.clone(), fetched.signature_sha256.clone());
    if world.ledger.seen_receipts(&file_name).await?.contains(&digests) {
        return Ok(Read::Seen);
    }
    if let Err(reason) = check_signature(world, vendor, fetched) {
        return Ok(Read::Refused(reason));
    }
    let package = fetched.name.package.to_string();
    let Some(facts) = world.ledger.package_facts(&package).await? else {
        return Ok(Read::Refused(format!("this site never made a package {package}")));
    };
    if let Some(known) = facts.taken.get(&fetched.name.number) {
        let same = *known == fetched.sha256;
        return Ok(if same { Read::Seen } else { Read::Alarm(replaced(&fetched.name)) });
    }
    let receipt = match parse_receipt(&fetched.bytes) {
        Ok(receipt) => receipt,
        Err(error) => return Ok(Read::Refused(error.to_string())),
    };
    if let Err(reason) = check_package(vendor, &facts, &receipt) {
        return Ok(Read::Refused(reason));
    }
    let missing = (1..fetched.name.number).find(|number| !facts.taken.contains_key(number));
    if let Some(number) = missing {
        return Ok(Read::Waits(format!("receipt {number} of this package has not come; it waits for that one")));
    }
    judge_lines(world, facts, receipt, fetched, file_name).map(Read::Taken)
}

fn replaced(name: &ReceiptFileName) -> String {
    format!(
        "receipt {} of package {} was taken before with other bytes; a receipt is never changed: ask the vendor which \
         of the two is right, and for a new one under the next number",
        name.number, name.package
    )
}

fn check_signature(world: &World, vendor: &Vendor, fetched: &Fetched) -> Result<(), String> {
    match &fetched.signature {
        None if vendor.unsigned_receipts => Ok(()),
        None => Err(format!("it has no signature: {} is missing", fetched.name.signature_file())),
        Some(signature) => verify_detached(&fetched.bytes, signature, &vendor.certificate, world.clock.now())
            .map(|_| ())
            .map_err(|error| error.to_string()),
    }
}

/// Whether the receipt speaks of this package, as this vendor has it.
fn check_package(vendor: &Vendor, facts: &PackageFacts, receipt: &ReceiptFile) -> Result<(), String> {
    if facts.vendor != vendor.code {
        return Err(format!("the package went to vendor {}, not to {}", facts.vendor, vendor.code));
    }
    let ours = facts
        .sha256
        .as_deref()
        .filter(|_| matches!(facts.status.as_str(), "sealed" | "delivered" | "accepted" | "refused"));
    let Some(ours) = ours.filter(|_| facts.offered_at.is_some()) else {
        return Err(format!("the package is {} and was never offered to a vendor", facts.status));
    };
    let theirs = receipt.package_row.sha256.to_string();
    if theirs != ours {
        return Err(format!("it speaks of a package with SHA-256 {theirs}, and ours is {ours}"));
    }
    let accepted = receipt.package_row.event == PackageEvent::Accepted;
    if (facts.status == "accepted" && !accepted) || (facts.status == "refused" && accepted) {
        return Err(format!(
            "the package was {} by an earlier receipt, and now {}",
            facts.status, receipt.package_row.event
        ));
    }
    Ok(())
}

fn judge_lines(
    world: &World,
    facts: PackageFacts,
    receipt: ReceiptFile,
    fetched: &Fetched,
    file_name: String,
) -> StageResult<JudgedReceipt> {
    let (now, today) = world.now()?;
    let offered_on = world.site.date_at(facts.offered_at.unwrap_or(now))?;
    let span = Span { offered_on, today };
    let accepted = receipt.package_row.event == PackageEvent::Accepted;
    let mut letters = facts.letters;
    if accepted {
        letters.values_mut().for_each(receipt_rules::accept);
    }
    let mut lines = BTreeMap::new();
    for line in &receipt.letter_rows {
        let verdict = if accepted {
            receipt_rules::judge(&world.site, &mut letters, line, span)?
        } else {
            Err("the vendor refused the package, so nothing happened to its letters".to_owned())
        };
        let judged = JudgedLine {
            line: line.line_number as u64,
            letter: line.letter_id.to_string(),
            event: line.event.to_string(),
            event_on: line.event_on.to_string(),
            verdict: verdict.map(|change| (line.letter_id, line.event, change)),
        };
        lines.insert(judged.line, judged);
    }
    for held in receipt.held_lines {
        let line = held.line_number as u64;
        let letter = held.text.chars().take(200).collect();
        let blank = String::new;
        lines.insert(
            line,
            JudgedLine { line, letter, event: blank(), event_on: blank(), verdict: Err(held.reason.to_string()) },
        );
    }
    Ok(JudgedReceipt {
        file_name,
        sha256: fetched.sha256.clone(),
        signature_sha256: fetched.signature_sha256.clone(),
        batch_id: facts.batch_id,
        number: fetched.name.number,
        accepted,
        lines: lines.into_values().collect(),
    })
}

async fn take(
    world: &World,
    receipt: &JudgedReceipt,
    dry_run: bool,
    tally: &mut Tally,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let facts = world.ledger.package_facts(package_of(&receipt.file_name)).await?;
    let letters = facts.map(|facts| facts.letters).unwrap_or_default();
    for line in &receipt.lines {
        tally.lines += 1;
        match &line.verdict {
            Err(reason) => {
                tally.held += 1;
                let subject = format!("receipt {} line {}", receipt.file_name, line.line);
                outcome.raise(Urgency::Person, subject, format!("held: {reason}; ask the vendor"));
            }
            Ok((letter_id, event, change)) => {
                tally.mailed += u64::from(matches!(change, crate::ports::ledger::LetterChange::Mailed { .. }));
                if receipt_rules::is_mailed_in_vain(letters.get(letter_id), *event) {
                    let message = "the vendor mailed this letter, and its password was revoked before; tell the person \
                                   to use the newer letter, or reissue";
                    outcome.raise(Urgency::Alarm, format!("letter {letter_id}"), message);
                }
            }
        }
    }
    if !receipt.accepted {
        let message = "the vendor refused the package: its passwords are revoked; ask why, then reissue its letters";
        outcome.raise(Urgency::Person, format!("package {}", package_of(&receipt.file_name)), message);
    }
    if !dry_run {
        let (now, today) = world.now()?;
        world.ledger.take_receipt(receipt, now, today).await?;
    }
    Ok(())
}

/// The package's name in a receipt's file name.
fn package_of(file_name: &str) -> &str {
    file_name.split('.').next().unwrap_or_default()
}

async fn refuse(world: &World, fetched: &Fetched, reason: &str) -> Result<(), StageError> {
    let kept = format!("{}.{}", fetched.name, fetched.sha256.get(..12).unwrap_or_default());
    world.quarantine.keep(&kept, &fetched.bytes)?;
    world.quarantine.keep(&format!("{kept}.reason.txt"), format!("{}: {reason}\n", fetched.name).as_bytes())?;
    let digests = (fetched.sha256.as_str(), fetched.signature_sha256.as_str());
    world.ledger.refuse_receipt(&fetched.name.to_string(), digests, reason, world.clock.now()).await?;
    Ok(())
}
