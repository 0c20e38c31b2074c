//! Files and folders: rights and room.

use std::path::Path;

use super::modes::Service;
use crate::adapters::files;
use crate::cli::config::{CourierPlace, Paths};
use crate::stages::preflight::Checked;

/// Less room than this is worth a note: a night of a hundred thousand letters and its ledger.
const ROOM_BYTES: u64 = 2 << 30;
/// With less than this a night is not begun.
const LEAST_ROOM_BYTES: u64 = 64 << 20;

/// Whether the folders are there, and those with packages and refused files the service's alone.
pub(super) fn check_folders(paths: &Paths, service: Service) -> Vec<Checked> {
    let heads = paths.heads.parent().unwrap_or(Path::new(".")).to_owned();
    let mut checks = Vec::new();
    checks.extend(paths.spool.folder().map(|folder| service.check_folder("spool", folder)));
    checks.extend([
        service.check_folder("quarantine", &paths.quarantine),
        check_folder("jobs", &paths.jobs),
        check_folder("heads", &heads),
    ]);
    // The first file that is kept in one makes it.
    let kept = [
        ("folder of the backups", &paths.backups),
        ("folder of the receipts", &paths.receipts),
        ("folder of the certificates", &paths.certificates),
    ];
    for (what, folder) in kept.into_iter().filter(|(_, folder)| files::exists(folder)) {
        checks.push(service.check_folder(what, folder));
    }
    for (code, vendor) in &paths.vendors {
        if let CourierPlace::Folder { inbox, outbox } = &vendor.courier {
            checks.push(check_vendor_folder(format!("inbox of vendor {code}"), inbox));
            checks.push(check_vendor_folder(format!("outbox of vendor {code}"), outbox));
        }
    }
    checks
}

fn check_folder(what: &str, path: &Path) -> Checked {
    match files::list(path, "") {
        Ok(_) => Checked::good(what, path.display().to_string()),
        Err(error) => Checked::bad(what, error.to_string(), "make the folder or mend its rights"),
    }
}

/// A vendor that cannot be reached now may be there when the night comes to it.
fn check_vendor_folder(what: String, path: &Path) -> Checked {
    match files::list(path, "") {
        Ok(_) => Checked::good(what, path.display().to_string()),
        Err(error) => {
            Checked::note(what, error.to_string(), "make the folder, or mount the vendor's share, before the night")
        }
    }
}

/// Whether the disks have room.
pub(super) fn check_room(paths: &Paths) -> Vec<Checked> {
    let places =
        [("room in the spool", paths.spool.folder()), ("room for the ledger", Some(paths.ledger_file.as_path()))];
    let places = places.into_iter().filter_map(|(what, path)| Some((what, path?)));
    let found = places.filter_map(|(what, path)| files::room_bytes(path).map(|room| (what, room)));
    found.map(|(what, room)| judge_room(what, room)).collect()
}

fn judge_room(what: &str, room_bytes: u64) -> Checked {
    let message = format!("{} MiB free", room_bytes >> 20);
    match room_bytes {
        room if room < LEAST_ROOM_BYTES => Checked::bad(
            what,
            message,
            format!("make room: a night is not begun with less than {} MiB", LEAST_ROOM_BYTES >> 20),
        ),
        room if room < ROOM_BYTES => Checked::note(
            what,
            message,
            format!("make room: a large night and its ledger need {} MiB", ROOM_BYTES >> 20),
        ),
        _ => Checked::good(what, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::preflight::Finding;

    #[test]
    fn little_room_is_told_and_too_little_stops_a_night() {
        for (mib, finding) in [(63, Finding::Bad), (64, Finding::Note), (2047, Finding::Note), (2048, Finding::Good)] {
            let checked = judge_room("room in the spool", mib << 20);
            assert_eq!(checked.finding, finding, "{mib} MiB");
            assert_eq!(checked.remedy.is_empty(), finding == Finding::Good);
        }
    }
}
