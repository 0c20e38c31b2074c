//! One package on its way to its vendor, and one notice of a number that will never come.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::late;
use super::trouble::Trouble;
use crate::domain::package_name::PackageName;
use crate::package::name;
use crate::package::ready::ReadyMarker;
use crate::package::void::VoidNotice;
use crate::ports::ledger::{Undelivered, UnsentVoid};
use crate::ports::{Courier, CourierError, Found, Parcel};
use crate::stages::outcome::StageError;
use crate::stages::world::World;

/// Where a package is after a try.
pub(super) enum Delivered {
    /// The vendor can take it.
    Yes,
    /// It was offered and is gone: the vendor's receipt will tell.
    AwaitsReceipt(DateTime<Utc>),
    /// It never got its name, and never will, for this reason.
    Withdrawn(String),
    /// The same, and nobody looked into the inbox: what kept us from it, or nothing where it was not tried again.
    WithdrawnUnseen(String, Option<CourierError>),
}

/// Delivers a package, or finds out what became of it.
pub(super) async fn deliver(world: &World, package: &Undelivered) -> Result<Delivered, Trouble> {
    let (_, today) = world.now()?;
    let is_late = late::is_late(package, today);
    if let Some(message) = too_large(world, package)?.filter(|_| !is_late) {
        return Err(Trouble::Person(message));
    }
    let courier = world.courier(&package.vendor)?.as_ref();
    let name = package_name(&package.name)?;
    let sealed = sealed_bytes(world, package).await?;
    let parcel =
        Parcel { file: name::sealed_file(&name), size_bytes: package.size_bytes, sha256: package.sha256.clone() };
    let found = match courier.look(&parcel).await {
        // Whoever was never offered a package cannot have it: its people need not wait until the vendor is back.
        Err(error) if is_late && package.offered_at.is_none() => {
            return Ok(Delivered::WithdrawnUnseen(late::withdraw(world, package).await?, Some(error)));
        }
        found => found?,
    };
    match (package.offered_at, found) {
        (_, Found::Other { what }) => {
            return Err(Trouble::Alarm(format!(
                "the vendor's inbox has another file under this name ({what}; ours has {} bytes and SHA-256 {}); \
                 nothing was sent; find out who wrote it before anything else is sent to this vendor",
                parcel.size_bytes, parcel.sha256
            )));
        }
        (None, Found::Same) => {
            let message = "the vendor's inbox has this package already, and the ledger never offered it; the ledger may \
                           have been set back: run 'letterpost audit verify' before anything else";
            return Err(Trouble::Alarm(message.to_owned()));
        }
        (Some(offered_at), Found::Nothing) => return Ok(Delivered::AwaitsReceipt(offered_at)),
        (Some(offered_at), Found::Unrenamed) if is_late => {
            return late::recall(world, courier, package, &parcel, offered_at).await;
        }
        (Some(offered_at), Found::Same) if is_late => return Err(late::unannounced(package, offered_at)),
        (None, Found::Nothing | Found::Unrenamed) if is_late => {
            return Ok(Delivered::Withdrawn(late::withdraw(world, package).await?));
        }
        (Some(_), Found::Same) => {}
        (Some(offered_at), Found::Unrenamed) => {
            if let Some(recalled) = publish(world, courier, &parcel, package, offered_at).await? {
                return Ok(recalled);
            }
        }
        (None, Found::Nothing | Found::Unrenamed) => {
            courier.upload(&parcel, &sealed).await?;
            let offered_at = world.instant()?;
            world.ledger.record_offer(package.batch_id, offered_at).await?;
            if let Some(recalled) = publish(world, courier, &parcel, package, offered_at).await? {
                return Ok(recalled);
            }
        }
    }
    let marker = ReadyMarker::for_sealed(&name, &sealed, &package.checkpoint)
        .to_json()
        .map_err(|error| Trouble::Stage(StageError::Alarm(error.to_string())))?;
    courier.announce(&name::ready_file(&name), marker.as_bytes()).await?;
    let (now, today) = world.now()?;
    world.ledger.record_delivery(package.batch_id, now, today).await?;
    Ok(Delivered::Yes)
}

/// Gives an offered upload its name, unless its last mailing day ended while it was on its way: then it is recalled.
async fn publish(
    world: &World,
    courier: &dyn Courier,
    parcel: &Parcel,
    package: &Undelivered,
    offered_at: DateTime<Utc>,
) -> Result<Option<Delivered>, Trouble> {
    let (_, today) = world.now()?;
    if late::is_late(package, today) {
        return late::recall(world, courier, package, parcel, offered_at).await.map(Some);
    }
    courier.publish(parcel).await?;
    Ok(None)
}

/// The package's bytes, if they are still those that were recorded.
async fn sealed_bytes(world: &World, package: &Undelivered) -> Result<Vec<u8>, Trouble> {
    let sealed = world.spool.load(&package.spool_object).await?;
    if hex::encode(Sha256::digest(&sealed)) == package.sha256 {
        return Ok(sealed);
    }
    Err(Trouble::Alarm(format!(
        "the spool's file {} is not the one that was recorded; it was changed or damaged and is not sent",
        package.spool_object
    )))
}

/// Tells a vendor that a number will never come, and takes away what an upload of it may have left.
pub(super) async fn send_void(world: &World, void: &UnsentVoid) -> Result<(), Trouble> {
    let courier = world.courier(&void.vendor)?;
    let name = package_name(&void.name)?;
    let notice = VoidNotice { name: name.clone(), reason: void.reason.clone(), at: void.voided_at }
        .sign(&world.press.signing_key, void.voided_at)
        .map_err(|error| Trouble::Stage(StageError::Refused(error.to_string())))?;
    courier.discard(&name::sealed_file(&name)).await?;
    courier.announce(&name::void_file(&name), notice.as_bytes()).await?;
    world.ledger.record_void_sent(void.batch_id, world.instant()?).await?;
    Ok(())
}

/// Why a package is not sent that its vendor has come to take no longer; `None` where it takes it.
fn too_large(world: &World, package: &Undelivered) -> Result<Option<String>, StageError> {
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

pub(in crate::stages) fn package_name(text: &str) -> Result<PackageName, StageError> {
    text.parse()
        .map_err(|error| StageError::Alarm(format!("the ledger has a package of a name that cannot be: {error}")))
}
