//! Deliver: sealed packages go to their vendors, each once.
//!
//! In: packages in the spool. Out: packages in the vendor's inbox, and their passwords live. The order makes a second
//! delivery impossible whatever crashes:
//!
//! 1. upload as `NAME.zip.pgp.part`, durably, and check size and digest there;
//! 2. record the offer in the ledger;
//! 3. give it its name; 4. write `NAME.ready`; 5. record the delivery.
//!
//! Only we rename, and only after the offer is recorded. So where an offer is recorded and neither the upload nor the
//! package is there any more, the vendor has taken it, or somebody else moved it: it is not sent again, and the
//! vendor's receipt or a person settles it. Where no offer is recorded, no vendor can have it, and all may be done
//! again. A package that nobody was offered by its last mailing day is withdrawn, and its requests wait again.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};

use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::world::World;
use super::{holds, pull};
use crate::domain::package_name::PackageName;
use crate::package::name;
use crate::package::ready::ReadyMarker;
use crate::package::void::VoidNotice;
use crate::ports::ledger::{LedgerError, Undelivered, UnsentVoid};
use crate::ports::{Courier, CourierError, Found, Parcel, SpoolError};

/// Why one package was not delivered.
enum Trouble {
    /// The vendor cannot be reached: the next run tries again.
    Later(String),
    /// Something is wrong at the vendor: a person looks.
    Alarm(String),
    /// The stage cannot go on at all.
    Stop(StageError),
}

impl From<CourierError> for Trouble {
    fn from(error: CourierError) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<StageError> for Trouble {
    fn from(error: StageError) -> Self {
        Self::Stop(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Stop(error.into())
    }
}

impl From<SpoolError> for Trouble {
    fn from(error: SpoolError) -> Self {
        Self::Stop(error.into())
    }
}

/// Where a package is after a try.
enum Delivered {
    /// The vendor can take it.
    Yes,
    /// It was offered and is gone: the vendor's receipt will tell.
    AwaitsReceipt(DateTime<Utc>),
}

/// Delivers what is sealed, and tells vendors which numbers will never come.
///
/// # Errors
/// Where ledger or spool fail. A vendor that cannot be reached does not stop the others.
pub async fn deliver(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let (_, today) = world.now()?;
    let packages = world.ledger.undelivered().await?;
    if dry_run {
        let due = packages.iter().filter(|package| package.hold_reason.is_none());
        let names: Vec<&str> = due.map(|package| package.name.as_str()).collect();
        outcome.record("would_deliver", names);
        pull::plan_sending(world, &mut outcome).await?;
        return Ok(outcome);
    }
    world.progress.begin("deliver", packages.len() as u64);
    let mut delivered = Vec::new();
    for package in &packages {
        if is_stale(package, today) {
            withdraw(world, package, &mut outcome).await?;
        } else if package.hold_reason.is_some() {
            holds::keep_back(package, today, &mut outcome);
        } else if let Some(message) = too_large(world, package)? {
            outcome.raise(Urgency::Person, format!("package {}", package.name), message);
        } else {
            match deliver_one(world, package).await {
                Ok(Delivered::Yes) => delivered.push(package.name.clone()),
                Ok(Delivered::AwaitsReceipt(offered_at)) => raise_awaiting(&mut outcome, package, offered_at),
                Err(trouble) => raise(&mut outcome, &package.name, trouble)?,
            }
        }
        world.progress.advance(1);
    }
    world.progress.end();
    for void in world.ledger.unsent_voids().await? {
        if let Err(trouble) = send_void(world, &void).await {
            raise(&mut outcome, &void.name, trouble)?;
        }
    }
    pull::send_all(world, &mut outcome).await?;
    outcome.record("delivered", delivered);
    Ok(outcome)
}

async fn deliver_one(world: &World, package: &Undelivered) -> Result<Delivered, Trouble> {
    let courier = world.courier(&package.vendor)?.as_ref();
    let name = package_name(&package.name)?;
    let sealed = sealed_bytes(world, package)?;
    let parcel =
        Parcel { file: name::sealed_file(&name), size_bytes: package.size_bytes, sha256: package.sha256.clone() };
    let found = courier.look(&parcel).await?;
    match (package.offered_at, found) {
        (_, Found::Other { sha256 }) => {
            return Err(Trouble::Alarm(format!(
                "the vendor's inbox has another file under this name (SHA-256 {sha256}, ours is {}); nothing was sent; \
             find out who wrote it before anything else is sent to this vendor",
                parcel.sha256
            )));
        }
        (Some(offered_at), Found::Nothing) => return Ok(Delivered::AwaitsReceipt(offered_at)),
        (None, Found::Same) => return Err(Trouble::Alarm(
            "the vendor's inbox has this package already, and the ledger never offered it; the ledger may have been \
             set back: run 'letterpost audit verify' before anything else"
                .to_owned(),
        )),
        (Some(_), Found::Same) => {}
        (offered_at, Found::Nothing | Found::Unrenamed) => {
            offer(world, courier, &parcel, package, &sealed, offered_at).await?
        }
    }
    let marker = ReadyMarker::for_sealed(&name, &sealed, &package.checkpoint)
        .to_json()
        .map_err(|error| Trouble::Stop(StageError::Alarm(error.to_string())))?;
    courier.announce(&name::ready_file(&name), marker.as_bytes()).await?;
    let (now, today) = world.now()?;
    world.ledger.record_delivery(package.batch_id, now, today).await?;
    Ok(Delivered::Yes)
}

/// Uploads, records the offer, and only then gives the upload its name.
async fn offer(
    world: &World,
    courier: &dyn Courier,
    parcel: &Parcel,
    package: &Undelivered,
    sealed: &[u8],
    offered_at: Option<DateTime<Utc>>,
) -> Result<(), Trouble> {
    if offered_at.is_none() {
        courier.upload(parcel, sealed).await?;
        world.ledger.record_offer(package.batch_id, world.clock.now()).await?;
    }
    courier.publish(parcel).await?;
    Ok(())
}

/// The package's bytes, if they are still those that were recorded.
fn sealed_bytes(world: &World, package: &Undelivered) -> Result<Vec<u8>, Trouble> {
    let sealed = world.spool.load(&package.spool_object)?;
    if hex::encode(Sha256::digest(&sealed)) == package.sha256 {
        return Ok(sealed);
    }
    Err(Trouble::Alarm(format!(
        "the spool's file {} is not the one that was recorded; it was changed or damaged and is not sent",
        package.spool_object
    )))
}

fn is_stale(package: &Undelivered, today: NaiveDate) -> bool {
    package.offered_at.is_none() && today > package.mail_by_on
}

/// Why a package is not sent that its vendor has come to take no longer; `None` where it takes it.
fn too_large(world: &World, package: &Undelivered) -> StageResult<Option<String>> {
    let vendor = world.site.vendor(&package.vendor)?;
    if package.offered_at.is_some() || package.size_bytes <= vendor.package_bytes {
        return Ok(None);
    }
    Ok(Some(format!(
        "it has {} bytes, and package_mib of vendor {} allows {}: it is not sent; raise that if the vendor agrees; after {} \
         it is withdrawn, and its letters are made again in smaller packages",
        package.size_bytes, vendor.code, vendor.package_bytes, package.mail_by_on
    )))
}

async fn withdraw(world: &World, package: &Undelivered, outcome: &mut Outcome) -> StageResult<()> {
    let (now, today) = world.now()?;
    let held = if package.hold_reason.is_some() { ", and held" } else { "" };
    let reason = format!("not delivered by {}, the last day to mail it{held}", package.mail_by_on);
    world.ledger.void_package(package.batch_id, &reason, now, today).await?;
    world.spool.remove(&package.spool_object)?;
    let message = format!("{reason}: withdrawn; its {} requests wait for the next run", package.letters);
    outcome.raise(Urgency::Person, format!("package {}", package.name), message);
    Ok(())
}

async fn send_void(world: &World, void: &UnsentVoid) -> Result<(), Trouble> {
    let courier = world.courier(&void.vendor)?;
    let name = package_name(&void.name)?;
    let notice = VoidNotice { name: name.clone(), reason: void.reason.clone(), at: void.voided_at }
        .sign(&world.press.signing_key, void.voided_at)
        .map_err(|error| Trouble::Stop(StageError::Refused(error.to_string())))?;
    courier.announce(&name::void_file(&name), notice.as_bytes()).await?;
    world.ledger.record_void_sent(void.batch_id, world.clock.now()).await?;
    Ok(())
}

pub(super) fn package_name(text: &str) -> Result<PackageName, StageError> {
    text.parse()
        .map_err(|error| StageError::Alarm(format!("the ledger has a package of a name that cannot be: {error}")))
}

fn raise_awaiting(outcome: &mut Outcome, package: &Undelivered, offered_at: DateTime<Utc>) {
    let message = format!(
        "it was offered at {offered_at} and is gone from the inbox, so the vendor may have taken it: it is not sent \
         again; its passwords become good with the vendor's receipt; if none comes, ask the vendor and then run \
         'letterpost batch settle {}'",
        package.name
    );
    outcome.raise(Urgency::Note, format!("package {}", package.name), message);
}

fn raise(outcome: &mut Outcome, name: &str, trouble: Trouble) -> StageResult<()> {
    let subject = format!("package {name}");
    match trouble {
        Trouble::Later(message) => outcome.raise(Urgency::Retry, subject, message),
        Trouble::Alarm(message) => outcome.raise(Urgency::Alarm, subject, message),
        Trouble::Stop(error) => return Err(error),
    }
    Ok(())
}
