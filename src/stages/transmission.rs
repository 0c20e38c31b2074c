//! Transmission test: a sealed package of invented people goes to a vendor and a signed receipt comes back, before any
//! letter to a real person does.
//!
//! In: a vendor of the configuration. Out: `NAME.zip.pgp` and `NAME.ready` in its inbox, `NAME` with `-test` in it also on
//! a live site. Durable when it returns: the test in a table of its own; no number of a real package is spent, no password
//! is known to anything. The order is that of a delivery: upload, record the offer, give it its name, announce it, record
//! that it is sent. A crash before the offer leaves an upload that the next test writes over, under the same number; after
//! it, the next test goes on with this one.

mod receipts;
mod specimens;

use sha2::{Digest as _, Sha256};

use self::specimens::Specimen;
use super::checkpoint;
use super::outcome::{StageError, StageResult};
use super::site::Vendor;
use super::world::World;
use crate::domain::package_name::{Environment, PackageName};
use crate::domain::request::Format;
use crate::package::digest::Sha256Digest;
use crate::package::name;
use crate::package::openpgp;
use crate::package::ready::ReadyMarker;
use crate::ports::ledger::{TestStatus, VendorTest};
use crate::ports::{Courier, CourierError, Found, Parcel};

pub use receipts::{read_new, read_one};

/// A transmission test that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTest {
    /// The package's name.
    pub name: PackageName,
    /// The form of its letters.
    pub format: Format,
    /// Letters in it; those of the test that it goes on with, if it does.
    pub letters: u32,
    /// The earlier test that was offered and not finished.
    pub unfinished: Option<VendorTest>,
}

/// What a test of this vendor would be now. Without a form, it is the first that the vendor takes.
///
/// # Errors
/// Where there is no such vendor, it does not take the form, no certificate of it can be sealed to, or no invented person
/// is of a kind that it takes.
pub async fn plan(world: &World, code: &str, format: Option<Format>) -> StageResult<PlannedTest> {
    let vendor = vendor(world, code)?;
    if let Some(test) = world.ledger.newest_test(code).await?.filter(|test| test.status == TestStatus::Offered) {
        let name = test.name.parse().map_err(|error| StageError::Alarm(format!("{error}")))?;
        return Ok(PlannedTest { name, format: test.format, letters: test.letters, unfinished: Some(test) });
    }
    let format = chosen(vendor, format)?;
    let now = world.clock.now();
    if openpgp::usable(&vendor.certificates, now).is_empty() {
        let faults = vendor.certificates.iter().filter_map(|certificate| certificate.check_encryption(now).err());
        let faults: Vec<String> = faults.map(|fault| fault.to_string()).collect();
        return Err(StageError::Refused(format!("nothing can be sealed to vendor {code}: {}", faults.join("; "))));
    }
    let number = world.ledger.next_test_number(code).await?;
    let name = PackageName::new(&world.site.code, Environment::Test, code, number)
        .map_err(|error| StageError::Refused(error.to_string()))?;
    let letters = specimens::people(world, vendor, format)?.len();
    Ok(PlannedTest { name, format, letters: u32::try_from(letters).unwrap_or(u32::MAX), unfinished: None })
}

/// Makes the planned test and sends it; gives it as it is then.
///
/// # Errors
/// Where it cannot be made, the vendor cannot be reached, or its inbox has something else under this name.
pub async fn send(world: &World, code: &str, planned: PlannedTest) -> StageResult<VendorTest> {
    let vendor = vendor(world, code)?;
    let courier = world.courier(code)?.as_ref();
    let sent = send_by(world, vendor, courier, planned).await;
    courier.hang_up().await;
    sent
}

async fn send_by(
    world: &World,
    vendor: &Vendor,
    courier: &dyn Courier,
    planned: PlannedTest,
) -> StageResult<VendorTest> {
    if let Some(test) = planned.unfinished {
        return finish(world, courier, &planned.name, &test).await;
    }
    let PlannedTest { name, format, .. } = planned;
    let checkpoint = checkpoint::rider(world).await?;
    let specimen = specimens::seal(world, vendor, &name, format, &checkpoint)?;
    let test = as_made(world, vendor, &name, format, checkpoint, &specimen);
    if test.size_bytes > vendor.package_bytes {
        return Err(StageError::Refused(format!(
            "the test has {} bytes, and package_mib of vendor {} allows {}",
            test.size_bytes, vendor.code, vendor.package_bytes
        )));
    }
    world.ledger.record_test(&test, test.status_at).await?;
    let parcel = parcel(&name, &test);
    match courier.look(&parcel).await.map_err(failed)? {
        Found::Nothing | Found::Unrenamed => {}
        Found::Same | Found::Other { .. } => return Err(taken(&name)),
    }
    courier.upload(&parcel, &specimen.sealed).await.map_err(failed)?;
    world.ledger.record_test_offer(&test.name, world.clock.now()).await?;
    finish(world, courier, &name, &test).await
}

/// Goes on with a test whose offer is recorded.
async fn finish(
    world: &World,
    courier: &dyn Courier,
    name: &PackageName,
    test: &VendorTest,
) -> StageResult<VendorTest> {
    let parcel = parcel(name, test);
    match courier.look(&parcel).await.map_err(failed)? {
        Found::Other { .. } => return Err(taken(name)),
        Found::Unrenamed => {
            courier.publish(&parcel).await.map_err(failed)?;
            announce(courier, name, test).await?;
        }
        Found::Same => announce(courier, name, test).await?,
        // Only the vendor can have taken it.
        Found::Nothing => {}
    }
    world.ledger.record_test_sent(&test.name, world.clock.now()).await?;
    let sent = world.ledger.vendor_test(&test.name).await?;
    sent.ok_or_else(|| StageError::Retry(format!("transmission test {name} is gone from the ledger")))
}

async fn announce(courier: &dyn Courier, name: &PackageName, test: &VendorTest) -> StageResult<()> {
    let marker = ReadyMarker {
        name: name.clone(),
        file: name::sealed_file(name),
        size: test.size_bytes,
        sha256: test.sha256.parse::<Sha256Digest>().map_err(|error| StageError::Alarm(error.to_string()))?,
        checkpoint: test.checkpoint.clone(),
    };
    let marker = marker.to_json().map_err(|error| StageError::Alarm(error.to_string()))?;
    courier.announce(&name::ready_file(name), marker.as_bytes()).await.map_err(failed)
}

fn as_made(
    world: &World,
    vendor: &Vendor,
    name: &PackageName,
    format: Format,
    checkpoint: String,
    specimen: &Specimen,
) -> VendorTest {
    VendorTest {
        name: name.to_string(),
        vendor: vendor.code.clone(),
        number: name.number(),
        format,
        status: TestStatus::Made,
        status_at: world.clock.now(),
        letters: specimen.letters,
        sheets: specimen.sheets,
        size_bytes: specimen.sealed.len() as u64,
        sha256: hex::encode(Sha256::digest(&specimen.sealed)),
        checkpoint,
        sealed_by: world.press.signing_key.certificate().fingerprint(),
        sealed_to: specimen.sealed_to.join(" "),
    }
}

fn parcel(name: &PackageName, test: &VendorTest) -> Parcel {
    Parcel { file: name::sealed_file(name), size_bytes: test.size_bytes, sha256: test.sha256.clone() }
}

fn vendor<'a>(world: &'a World, code: &str) -> StageResult<&'a Vendor> {
    let known = || world.site.vendors.iter().map(|vendor| vendor.code.as_str()).collect::<Vec<_>>().join(", ");
    let found = world.site.vendors.iter().find(|vendor| vendor.code == code);
    found.ok_or_else(|| StageError::Refused(format!("the configuration has no [[vendor]] {code}; known: {}", known())))
}

fn chosen(vendor: &Vendor, format: Option<Format>) -> StageResult<Format> {
    let takes = &vendor.takes.formats;
    match format.or_else(|| takes.first().copied()) {
        Some(format) if takes.contains(&format) => Ok(format),
        _ => {
            let takes: Vec<&str> = takes.iter().map(|format| format.as_str()).collect();
            Err(StageError::Refused(format!("vendor {} takes {}", vendor.code, takes.join(", "))))
        }
    }
}

/// What a courier's failure is for a person who waits at the terminal.
fn failed(error: CourierError) -> StageError {
    if error.is_alarm { StageError::Alarm(error.message) } else { StageError::Retry(error.message) }
}

fn taken(name: &PackageName) -> StageError {
    StageError::Alarm(format!(
        "the vendor's inbox has another file under the name of {name}; nothing was sent; find out who wrote it before \
         anything else is sent to this vendor"
    ))
}
