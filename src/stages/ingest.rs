//! Ingest: the vendor's receipts are read, and each letter's dispatch date is recorded.
//!
//! In: files in the vendors' outboxes. Out: dispatch dates, ended letters, packages that are closed, and refused files
//! in quarantine. Durable when it returns: each file with all that its lines changed, in one transaction a file, a copy
//! of it, and each closing in a transaction of its own. A crash leaves whole files taken or not; those that were not are read again by the
//! next run, and the same file twice changes nothing. A package that could be closed is closed by the next run.

mod copies;
mod lines;
mod strangers;
mod telling;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use self::lines::Judged;
use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::reconcile;
use super::reissue;
use super::site::Vendor;
use super::transmission;
use super::world::World;
use crate::domain::package_name::Environment;
use crate::domain::receipt::PackageEvent;
use crate::domain::reconciliation::{Terms, check_date};
use crate::package::name::ReceiptFileName;
use crate::package::openpgp::verify_detached_by_any;
use crate::package::receipt::{MAX_RECEIPT_BYTES, ReceiptFile, parse_receipt};
use crate::ports::ledger::{LetterChange, PackageFacts, VendorTest, Verdict};
use crate::ports::{Courier, CourierError, Event, Setback};

/// The largest receipt that is read.
const RECEIPT_LIMIT_BYTES: u64 = MAX_RECEIPT_BYTES as u64;
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
    /// In a dry run, the package of the last receipt as it would be now.
    rehearsed: Option<(String, PackageFacts)>,
}

/// A receipt as it was fetched.
struct Fetched {
    name: ReceiptFileName,
    bytes: Vec<u8>,
    /// It is too large, or no plain file: nothing of it was read.
    is_unread: bool,
    signature: Option<Vec<u8>>,
    sha256: String,
    signature_sha256: String,
}

impl Fetched {
    /// By what it is known again: the digests of the file and of its signature.
    fn digests(&self) -> (String, String) {
        (self.sha256.clone(), self.signature_sha256.clone())
    }
}

/// What became of one file.
enum Read {
    Seen,
    Waits {
        batch_id: i64,
        message: String,
    },
    Taken(Box<Judged>),
    Refused(String),
    /// The vendor took a package that it said it did not have: refused, and told as an alarm.
    Forsworn(String),
    Alarm(String),
}

/// Reads all new receipts.
///
/// # Errors
/// Where ledger or quarantine fail. A vendor that cannot be reached does not stop the others.
pub async fn ingest(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let mut tally = Tally::default();
    let mut unheard = BTreeSet::new();
    for vendor in &world.site.vendors {
        let courier = world.courier(&vendor.code)?.as_ref();
        let names = match courier.list_outbox().await {
            Ok(names) => names,
            Err(error) => {
                setback(&error, format!("vendor {}", vendor.code), &mut outcome);
                unheard.insert(vendor.code.clone());
                continue;
            }
        };
        strangers::refuse(world, &names, dry_run, &mut outcome).await?;
        let present: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mut failures = 0;
        for name in in_order(&names) {
            let signature = present.contains(name.signature_file().as_str());
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
    reissue::by_policy(world, &unheard, dry_run, &mut outcome).await?;
    reconcile::reconcile_open(world, dry_run, &mut outcome).await?;
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
    outcome.raise_plainly(Urgency::from(error), subject, error.message.as_str());
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
    if let Some(test) = transmission_test(world, &name).await? {
        return transmission::read_one(world, vendor, courier, &test, (&name, has_signature), dry_run, outcome).await;
    }
    let subject = format!("receipt {name}");
    let fetched = match fetch(courier, name, has_signature).await {
        Ok(fetched) => fetched,
        Err(error) => {
            setback(&error, subject, outcome);
            return Ok(Some(error.setback));
        }
    };
    let read = judge(world, vendor, &fetched, tally.rehearsed.as_ref()).await?;
    if !matches!(read, Read::Seen) {
        tally.files += 1;
    }
    match read {
        Read::Seen if dry_run => {}
        Read::Seen => copies::keep_if_lacking(world, &fetched).await?,
        Read::Waits { batch_id, message } => {
            outcome.raise_plainly(Urgency::Note, subject, message);
            if !dry_run {
                let name = &fetched.name;
                world.ledger.receipt_waits(batch_id, name.number, &name.to_string(), world.instant()?).await?;
            }
        }
        Read::Alarm(message) => outcome.raise_plainly(Urgency::Alarm, subject, message),
        Read::Taken(judged) => take(world, *judged, fetched, dry_run, tally, outcome).await?,
        Read::Refused(reason) => {
            tally.refused += 1;
            outcome.raise(Urgency::Person, subject, format!("refused: {reason}; ask the vendor for a right one"));
            if !dry_run {
                refuse(world, &fetched, &reason).await?;
            }
        }
        Read::Forsworn(reason) => {
            tally.refused += 1;
            outcome.raise_plainly(
                Urgency::Alarm,
                subject,
                format!("{reason}; have them stopped and destroyed before they are mailed"),
            );
            if !dry_run {
                refuse(world, &fetched, &reason).await?;
            }
        }
    }
    Ok(None)
}

/// The transmission test that a receipt is of. Only names with `-test` can be of one.
async fn transmission_test(world: &World, name: &ReceiptFileName) -> StageResult<Option<VendorTest>> {
    if name.package.environment() != Environment::Test {
        return Ok(None);
    }
    Ok(world.ledger.vendor_test(&name.package.to_string()).await?)
}

async fn fetch(courier: &dyn Courier, name: ReceiptFileName, has_signature: bool) -> Result<Fetched, CourierError> {
    let file = courier.fetch(&name.to_string(), RECEIPT_LIMIT_BYTES).await?;
    let signature_name = name.signature_file();
    let signature =
        if has_signature { courier.fetch(&signature_name, SIGNATURE_LIMIT_BYTES).await?.bytes } else { None };
    let is_unread = file.bytes.is_none();
    let bytes = file.bytes.unwrap_or_default();
    let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    let signature_sha256 = signature.as_deref().map(digest).unwrap_or_default();
    let sha256 = if is_unread { String::new() } else { digest(&bytes) };
    Ok(Fetched { sha256, signature_sha256, name, bytes, is_unread, signature })
}

/// Decides what becomes of a file; changes nothing.
async fn judge(
    world: &World,
    vendor: &Vendor,
    fetched: &Fetched,
    rehearsed: Option<&(String, PackageFacts)>,
) -> StageResult<Read> {
    let file_name = fetched.name.to_string();
    if world.ledger.seen_receipts(&file_name).await?.contains(&fetched.digests()) {
        return Ok(Read::Seen);
    }
    if fetched.is_unread {
        let reason = format!("it is larger than {RECEIPT_LIMIT_BYTES} bytes or no plain file, and was not read");
        return Ok(Read::Refused(reason));
    }
    if let Err(reason) = check_signature(world, vendor, fetched) {
        return Ok(Read::Refused(reason));
    }
    let package = fetched.name.package.to_string();
    let facts = match rehearsed.filter(|(name, _)| *name == package) {
        Some((_, facts)) => Some(facts.clone()),
        None => world.ledger.package_facts(&package).await?,
    };
    let Some(facts) = facts else {
        return Ok(Read::Refused(format!("this site never made a package {package}")));
    };
    if let Some((known, _)) = facts.taken.get(&fetched.name.number) {
        let same = *known == fetched.sha256;
        return Ok(if same { Read::Seen } else { Read::Alarm(replaced(&fetched.name)) });
    }
    let receipt = match parse_receipt(&fetched.bytes) {
        Ok(receipt) => receipt,
        Err(error) => return Ok(Read::Refused(error.to_string())),
    };
    if let Some(number) = replayed(&facts, &receipt, fetched) {
        return Ok(Read::Refused(format!(
            "it is receipt {number} once more, with its signature, under another number"
        )));
    }
    if let Some(reason) = forsworn(vendor, &facts, &receipt) {
        return Ok(Read::Forsworn(reason));
    }
    let terms = reconcile::terms(&world.site, Some(vendor), facts.offered_at, facts.mail_by_on, facts.remake)?;
    if let Err(reason) = check_package(vendor, &facts, &receipt, &terms, world.now()?.1) {
        return Ok(Read::Refused(reason));
    }
    let missing = (1..fetched.name.number).find(|number| !facts.taken.contains_key(number));
    if let Some(number) = missing {
        let message = format!("receipt {number} of this package has not come; it waits for that one");
        return Ok(Read::Waits { batch_id: facts.batch_id, message });
    }
    lines::judge(world, facts, receipt, &terms, fetched).map(|judged| Read::Taken(Box::new(judged)))
}

fn replaced(name: &ReceiptFileName) -> String {
    format!(
        "receipt {} of package {} was taken before with other bytes; a receipt is never changed: ask the vendor which \
         of the two is right, and for a new one under the next number",
        name.number, name.package
    )
}

/// The number under which this very file was taken already. Its signature does not cover its name, so whoever can write
/// to the outbox could give it another. A receipt without letters says nothing that could be said twice.
fn replayed(facts: &PackageFacts, receipt: &ReceiptFile, fetched: &Fetched) -> Option<u32> {
    let digests = fetched.digests();
    let mut same = facts.taken.iter().filter(|(_, taken)| **taken == digests);
    (receipt.trailer.letter_rows > 0).then(|| same.next().map(|(number, _)| *number)).flatten()
}

fn check_signature(world: &World, vendor: &Vendor, fetched: &Fetched) -> Result<(), String> {
    match &fetched.signature {
        None if vendor.unsigned_receipts => Ok(()),
        None => Err(format!("it has no signature: {} is missing", fetched.name.signature_file())),
        Some(signature) => verify_detached_by_any(&fetched.bytes, signature, &vendor.certificates, world.clock.now())
            .map(|_| ())
            .map_err(|error| error.to_string()),
    }
}

/// Why a receipt that takes a package is an alarm: the package was withdrawn after it had been offered, on the vendor's word
/// that it did not have it, and its letters were made anew.
fn forsworn(vendor: &Vendor, facts: &PackageFacts, receipt: &ReceiptFile) -> Option<String> {
    let is_ours =
        facts.vendor == vendor.code && facts.sha256.as_deref() == Some(&*receipt.package_row.sha256.to_string());
    let was_withdrawn = facts.status == "void" && facts.offered_at.is_some();
    (is_ours && was_withdrawn && receipt.package_row.event == PackageEvent::Accepted).then(|| {
        "the vendor has taken a package that was withdrawn because it did not have it: its letters were made anew, their \
         passwords are no good, and two letters may reach each of these people"
            .to_owned()
    })
}

/// Whether the receipt speaks of this package, as this vendor has it.
fn check_package(
    vendor: &Vendor,
    facts: &PackageFacts,
    receipt: &ReceiptFile,
    terms: &Terms,
    today: NaiveDate,
) -> Result<(), String> {
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
    check_date(receipt.package_row.event_on, terms, today).map_err(|fault| format!("its package row: {}", fault.reason))
}

async fn take(
    world: &World,
    judged: Judged,
    fetched: Fetched,
    dry_run: bool,
    tally: &mut Tally,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let receipt = &judged.receipt;
    let (mut held, mut mailed) = (0, 0);
    for line in &receipt.lines {
        match &line.verdict {
            Verdict::Held(_) => held += 1,
            Verdict::Taken { change, .. } => mailed += u64::from(matches!(change, LetterChange::Mailed { .. })),
        }
    }
    let lines = receipt.lines.len() as u64;
    (tally.lines, tally.held, tally.mailed) = (tally.lines + lines, tally.held + held, tally.mailed + mailed);
    let event = Event::info("receipt.taken").of("receipt", &receipt.file_name).of("package", &judged.package);
    let event = event.count("lines", lines).count("held_lines", held).count("mailed", mailed);
    telling::tell(&judged, outcome);
    if dry_run {
        tally.rehearsed = Some((judged.package, judged.facts));
    } else {
        copies::keep(world, &fetched)?;
        // Its lines are what is needed from here on, and the largest receipts must fit into little memory.
        drop(fetched);
        let (now, today) = world.now()?;
        world.ledger.take_receipt(receipt, now, today).await?;
        world.log.note(event);
    }
    Ok(())
}

async fn refuse(world: &World, fetched: &Fetched, reason: &str) -> Result<(), StageError> {
    let (name, package) = (fetched.name.to_string(), fetched.name.package.to_string());
    world.log.note(Event::warning("receipt.refused").of("receipt", &name).of("package", &package));
    let digest = if fetched.is_unread { "unread" } else { fetched.sha256.get(..12).unwrap_or_default() };
    let kept = format!("{}.{digest}", fetched.name);
    if !fetched.is_unread {
        world.quarantine.keep(&kept, &fetched.bytes)?;
    }
    world.quarantine.keep(&format!("{kept}.reason.txt"), format!("{}: {reason}\n", fetched.name).as_bytes())?;
    let digests = (fetched.sha256.as_str(), fetched.signature_sha256.as_str());
    world.ledger.refuse_receipt(&fetched.name.to_string(), digests, reason, world.instant()?).await?;
    Ok(())
}
