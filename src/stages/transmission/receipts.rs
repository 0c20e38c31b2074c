//! Receipts of transmission tests: signed by the vendor, about these bytes, and about no letter but these.

use sha2::{Digest as _, Sha256};

use crate::domain::receipt::PackageEvent;
use crate::letter::preview::samples;
use crate::package::name::ReceiptFileName;
use crate::package::openpgp::verify_detached_by_any;
use crate::package::receipt::{MAX_RECEIPT_BYTES, parse_receipt};
use crate::ports::ledger::{TestReceipt, TestStatus, VendorTest};
use crate::ports::{Courier, CourierError, Setback};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::site::Vendor;
use crate::stages::world::World;

/// The largest signature that is read.
const SIGNATURE_LIMIT_BYTES: u64 = 64 << 10;

/// Reads the receipts of a test that lie in its vendor's outbox and were not read before.
///
/// # Errors
/// Where the vendor cannot be reached or the ledger fails.
pub async fn read_new(world: &World, test: &VendorTest, outcome: &mut Outcome) -> StageResult<()> {
    let vendor = world.site.vendor(&test.vendor)?;
    let courier = world.courier(&test.vendor)?.as_ref();
    let names = courier.list_outbox().await.map_err(super::failed)?;
    let mut receipts: Vec<ReceiptFileName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    receipts.sort();
    for name in receipts.into_iter().filter(|name| name.package.to_string() == test.name) {
        let has_signature = names.contains(&name.signature_file());
        if read_one(world, vendor, courier, test, (&name, has_signature), false, outcome).await?.is_some() {
            break;
        }
    }
    courier.hang_up().await;
    Ok(())
}

/// Reads one receipt of a test, if it was not read before, or says what kept it from that.
///
/// # Errors
/// Where ledger or quarantine fail.
pub async fn read_one(
    world: &World,
    vendor: &Vendor,
    courier: &dyn Courier,
    test: &VendorTest,
    (name, has_signature): (&ReceiptFileName, bool),
    dry_run: bool,
    outcome: &mut Outcome,
) -> StageResult<Option<Setback>> {
    let subject = format!("receipt {name} of a transmission test");
    let fetched = match fetch(courier, name, has_signature).await {
        Ok(fetched) => fetched,
        Err(error) => {
            outcome.raise_plainly(Urgency::from(&error), subject, error.message.as_str());
            outcome.is_undone |= error.setback == Setback::Stop;
            return Ok(Some(error.setback));
        }
    };
    let receipt = judge(world, vendor, test, name, &fetched);
    if world.ledger.is_known_test_receipt(&test.name, &receipt).await? {
        return Ok(None);
    }
    match &receipt.verdict {
        Ok(true) => outcome.raise_plainly(Urgency::Note, subject, format!("vendor {} took the test", vendor.code)),
        Ok(false) => {
            let message = format!("vendor {} refused the test; ask why, and send another", vendor.code);
            outcome.raise_plainly(Urgency::Person, subject, message);
        }
        Err(reason) => {
            outcome.raise(Urgency::Person, subject, format!("refused: {reason}; ask the vendor for a right one"));
        }
    }
    if dry_run {
        return Ok(None);
    }
    if let (Err(reason), Some(bytes)) = (&receipt.verdict, &fetched.bytes) {
        let kept = format!("{name}.{}", receipt.sha256.get(..12).unwrap_or_default());
        world.quarantine.keep(&kept, bytes)?;
        world.quarantine.keep(&format!("{kept}.reason.txt"), format!("{name}: {reason}\n").as_bytes())?;
    }
    world.ledger.take_test_receipt(&test.name, &receipt, world.clock.now()).await?;
    Ok(None)
}

/// A receipt as it was fetched; no bytes where it is too large or no plain file.
struct Fetched {
    bytes: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
}

async fn fetch(courier: &dyn Courier, name: &ReceiptFileName, has_signature: bool) -> Result<Fetched, CourierError> {
    let bytes = courier.fetch(&name.to_string(), MAX_RECEIPT_BYTES as u64).await?.bytes;
    let signature =
        if has_signature { courier.fetch(&name.signature_file(), SIGNATURE_LIMIT_BYTES).await?.bytes } else { None };
    Ok(Fetched { bytes, signature })
}

fn judge(world: &World, vendor: &Vendor, test: &VendorTest, name: &ReceiptFileName, fetched: &Fetched) -> TestReceipt {
    let digest = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|it| hex::encode(Sha256::digest(it))).unwrap_or_default();
    TestReceipt {
        file_name: name.to_string(),
        sha256: digest(&fetched.bytes),
        signature_sha256: digest(&fetched.signature),
        verdict: verdict(world, vendor, test, name, fetched),
    }
}

/// Whether the vendor took the test; the error says why the receipt is none.
fn verdict(
    world: &World,
    vendor: &Vendor,
    test: &VendorTest,
    name: &ReceiptFileName,
    fetched: &Fetched,
) -> Result<bool, String> {
    let bytes = fetched.bytes.as_ref().ok_or("it is too large or no plain file, and was not read")?;
    match &fetched.signature {
        Some(signature) => {
            verify_detached_by_any(bytes, signature, &vendor.certificates, world.clock.now())
                .map_err(|error| error.to_string())?;
        }
        None if vendor.unsigned_receipts => {}
        None => return Err(format!("it has no signature: {} is missing", name.signature_file())),
    }
    if test.vendor != vendor.code {
        return Err(format!("the test went to vendor {}, not to {}", test.vendor, vendor.code));
    }
    if test.status == TestStatus::Made {
        return Err("the test was never offered to a vendor".to_owned());
    }
    let receipt = parse_receipt(bytes).map_err(|error| error.to_string())?;
    let theirs = receipt.package_row.sha256.to_string();
    if theirs != test.sha256 {
        return Err(format!("it speaks of a package with SHA-256 {theirs}, and ours is {}", test.sha256));
    }
    if let Some(held) = receipt.held_lines.first() {
        return Err(format!("line {}: {}", held.line_number, held.reason));
    }
    let is_ours = |letter| (1..=test.letters).any(|sequence| samples::letter_id_of(sequence) == Some(letter));
    if let Some(line) = receipt.letter_rows.iter().find(|line| !is_ours(line.letter_id)) {
        return Err(format!("line {}: letter {} is none of the test's", line.line_number, line.letter_id));
    }
    Ok(receipt.package_row.event == PackageEvent::Accepted)
}
