//! Ahead: what vendors and the spool have of which the ledger does not know. Where there is any, a newer ledger was lost
//! or an older one put back, and whatever were minted now could get a name that a vendor has seen.
//!
//! Names are enough. A package's number is taken in the ledger before a file of it exists anywhere, and its offer is
//! recorded before the vendor can have it. So a number that is not known, or a package that was given away and that the
//! ledger has not offered, was written by a later state of this ledger, or by somebody else; both need a person.

use std::collections::BTreeMap;

use super::outcome::StageResult;
use super::site::Vendor;
use super::world::World;
use crate::package::file_kind::{FileKind, package_of_file};
use crate::ports::CourierError;
use crate::ports::ledger::KnownNumber;

/// Files that are told of each place.
const FEW_FILES: usize = 3;

/// A package that somebody has and the ledger does not know so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// Its vendor's code.
    pub vendor: String,
    /// Its number.
    pub number: u32,
    /// The file that tells of it.
    pub file: String,
    /// Where that file is, as "the inbox".
    pub place: &'static str,
}

/// A place where files of packages lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Spool,
    Inbox,
    Outbox,
}

/// What the spool has.
///
/// # Errors
/// Where spool or ledger cannot be read.
pub async fn in_spool(world: &World) -> StageResult<Vec<Ahead>> {
    let files = world.spool.list().await?;
    let mut found = Vec::new();
    for vendor in &world.site.vendors {
        let known = world.ledger.known_numbers(&vendor.code).await?;
        found.extend(ahead(world, vendor, Place::Spool, &files, &known));
    }
    Ok(found)
}

/// What a vendor has, or why it could not be asked.
///
/// # Errors
/// Where the ledger cannot be read, or the configuration has no way to the vendor.
pub async fn at_vendor(world: &World, vendor: &Vendor) -> StageResult<Result<Vec<Ahead>, CourierError>> {
    let courier = world.courier(&vendor.code)?;
    let listed = match courier.list_inbox().await {
        Ok(inbox) => courier.list_outbox().await.map(|outbox| (inbox, outbox)),
        Err(error) => Err(error),
    };
    let (inbox, outbox) = match listed {
        Ok(listed) => listed,
        Err(error) => return Ok(Err(error)),
    };
    let known = world.ledger.known_numbers(&vendor.code).await?;
    let mut found = ahead(world, vendor, Place::Inbox, &inbox, &known);
    found.extend(ahead(world, vendor, Place::Outbox, &outbox, &known));
    Ok(Ok(found))
}

/// The files of one place that are ahead of the ledger.
fn ahead(
    world: &World,
    vendor: &Vendor,
    place: Place,
    files: &[String],
    known: &BTreeMap<u32, KnownNumber>,
) -> Vec<Ahead> {
    let is_ours = |file: &String| {
        let (name, kind) = package_of_file(file)?;
        let ours = world.site.package_name(&vendor.code, name.number()).ok()?;
        (name == ours).then_some((name.number(), kind))
    };
    let told = files.iter().filter_map(|file| Some((file, is_ours(file)?)));
    told.filter(|(file, (number, kind))| is_ahead(place, file, *kind, known.get(number).copied()))
        .map(|(file, (number, _))| Ahead {
            vendor: vendor.code.clone(),
            number,
            file: file.clone(),
            place: match place {
                Place::Spool => "the spool",
                Place::Inbox => "the inbox",
                Place::Outbox => "the outbox",
            },
        })
        .collect()
}

/// Whether a file says more of its package than the ledger knows.
fn is_ahead(place: Place, file: &str, kind: FileKind, known: Option<KnownNumber>) -> bool {
    let is_spooled = matches!(kind, FileKind::Spooled { .. });
    if is_spooled != (place == Place::Spool) {
        return false;
    }
    match (known, kind) {
        (None, _) => true,
        // A crash leaves a file of the attempt that the ledger knows, or of an earlier one.
        (Some(KnownNumber::Making { attempt }), FileKind::Spooled { attempt: found }) => found > attempt,
        (Some(KnownNumber::Making { .. }), _) => true,
        // An upload has its temporary name before the offer is recorded.
        (Some(KnownNumber::Sealed), FileKind::Sealed) => !file.ends_with(".part"),
        (Some(KnownNumber::Sealed), kind) => kind != FileKind::Void && !is_spooled,
        (Some(KnownNumber::Offered | KnownNumber::Void | KnownNumber::Test), _) => false,
    }
}

/// What was found, for a person.
#[must_use]
pub fn tell(found: &[Ahead]) -> String {
    let files: Vec<String> = found.iter().take(FEW_FILES).map(|it| format!("{} in {}", it.file, it.place)).collect();
    let more = found.len().saturating_sub(files.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}: the ledger never gave them away, so it may have been set back", files.join(", "))
}

/// What to do about it.
pub const REMEDY: &str = "put the newest backup back ('letterpost ledger restore FILE'); where it is lost, 'letterpost \
                          ledger accept-loss'; a file that somebody else put there, have moved away";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_gave_away_is_not_ahead_of_it() {
        let making = Some(KnownNumber::Making { attempt: 2 });
        let (sealed, offered) = (Some(KnownNumber::Sealed), Some(KnownNumber::Offered));
        for (place, file, known, expected) in [
            (Place::Inbox, "eba-acme-000001.zip.pgp", None, true),
            (Place::Inbox, "eba-acme-000001.void", None, true),
            (Place::Outbox, "eba-acme-000001.receipt-1.csv.asc", None, true),
            (Place::Spool, "eba-acme-000001.1", None, true),
            (Place::Inbox, "eba-acme-000001.1", None, false),
            (Place::Spool, "eba-acme-000001.ready", None, false),
            (Place::Spool, "eba-acme-000001.2", making, false),
            (Place::Spool, "eba-acme-000001.2.part", making, false),
            (Place::Spool, "eba-acme-000001.3", making, true),
            (Place::Inbox, "eba-acme-000001.zip.pgp.part", making, true),
            (Place::Inbox, "eba-acme-000001.zip.pgp.part", sealed, false),
            (Place::Inbox, "eba-acme-000001.zip.pgp", sealed, true),
            (Place::Inbox, "eba-acme-000001.ready", sealed, true),
            (Place::Outbox, "eba-acme-000001.receipt-1.csv", sealed, true),
            (Place::Spool, "eba-acme-000001.4", sealed, false),
            (Place::Outbox, "eba-acme-000001.receipt-1.csv", offered, false),
            (Place::Outbox, "eba-acme-000001.receipt-9.csv", Some(KnownNumber::Void), false),
            (Place::Inbox, "eba-test-acme-000001.zip.pgp", Some(KnownNumber::Test), false),
        ] {
            let (_, kind) = package_of_file(file).unwrap();
            assert_eq!(is_ahead(place, file, kind, known), expected, "{file} {place:?} {known:?}");
        }
    }
}
