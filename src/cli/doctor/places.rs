//! Files and folders: rights and room.

use std::path::Path;

use super::OTHERS_MASK;
use crate::adapters::files;
use crate::cli::config::{CourierPlace, Paths};
use crate::stages::preflight::Checked;

/// Less room than this is worth a note: a night of a hundred thousand letters and its ledger.
const ROOM_BYTES: u64 = 2 << 30;
/// With less than this a night is not begun.
const LEAST_ROOM_BYTES: u64 = 64 << 20;

/// Whether nobody but its owner can read a file.
pub(super) fn check_rights(what: &str, path: &Path, is_live: bool) -> Checked {
    let shown = path.display();
    match files::mode(path) {
        Err(error) => {
            let remedy = match what {
                "file of the log's key" => {
                    "bring it back from where you keep it; a site that never had one makes one with 'letterpost audit key rotate'"
                }
                "ledger" => "put the newest backup in its place: 'letterpost ledger restore FILE'",
                _ => "put the file back from where you keep it, or mend its path in the configuration",
            };
            Checked::bad(what, error.to_string(), remedy)
        }
        Ok(mode) if mode & OTHERS_MASK == 0 => Checked::good(what, shown.to_string()),
        Ok(mode) => {
            let message = format!("{shown} can be read by others (mode {mode:o})");
            let remedy = format!("run 'chmod 600 {shown}'");
            if is_live { Checked::bad(what, message, remedy) } else { Checked::note(what, message, remedy) }
        }
    }
}

/// Whether the folders are there.
pub(super) fn check_folders(paths: &Paths) -> Vec<Checked> {
    let heads = paths.heads.parent().unwrap_or(Path::new(".")).to_owned();
    let ours = [("spool", &paths.spool), ("quarantine", &paths.quarantine), ("jobs", &paths.jobs), ("heads", &heads)];
    let mut checks: Vec<Checked> = ours
        .into_iter()
        .map(|(what, path)| match files::list(path, "") {
            Ok(_) => Checked::good(what, path.display().to_string()),
            Err(error) => Checked::bad(what, error.to_string(), "make the folder or mend its rights"),
        })
        .collect();
    for (code, vendor) in &paths.vendors {
        if let CourierPlace::Folder { inbox, outbox } = &vendor.courier {
            checks.push(check_vendor_folder(format!("inbox of vendor {code}"), inbox));
            checks.push(check_vendor_folder(format!("outbox of vendor {code}"), outbox));
        }
    }
    checks
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
    let places = [("room in the spool", &paths.spool), ("room for the ledger", &paths.ledger)];
    let found = places.into_iter().filter_map(|(what, path)| files::room_bytes(path).map(|room| (what, room)));
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
