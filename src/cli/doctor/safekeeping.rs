//! Backups and heads: how old the last backup is, who can read and write them, and whether one disk takes all with it.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};

use super::modes::Service;
use crate::adapters::files;
use crate::cli::config::Paths;
use crate::cli::exit::CliResult;
use crate::ports::ledger::BackupRecord;
use crate::stages::preflight::{Checked, Finding};
use crate::stages::world::World;

/// A ledger that works every night and was not copied for so long lacks a night.
pub(in crate::cli) const MOST_AGE: Duration = Duration::hours(36);
/// Rights to change a file that nobody but its owner may have.
const OTHERS_WRITE: u32 = 0o022;

/// Every check of backups and heads.
pub(super) async fn check(paths: &Paths, world: &World, is_live: bool) -> CliResult<Vec<Checked>> {
    let last = world.ledger.last_backup().await?;
    let mut checks = vec![judge_age(last.as_ref(), world.clock.now()), check_heads(&paths.heads)];
    for (what, path) in [("disk of the heads", &paths.heads), ("disk of the backups", &paths.backups)] {
        checks.extend(check_disk(what, path, &paths.ledger_file));
    }
    checks.extend(check_copies(&paths.backups, Service::of(&paths.ledger_file, is_live)));
    Ok(checks)
}

fn judge_age(last: Option<&BackupRecord>, now: DateTime<Utc>) -> Checked {
    let what = "last backup";
    let remedy = "run 'letterpost ledger backup' every night, and keep the copy on another machine";
    match last {
        None => Checked::note(what, "none was made", remedy),
        Some(last) if now - last.made_at > MOST_AGE => {
            Checked::note(what, format!("{}, of {}", last.path, last.made_at), remedy)
        }
        Some(last) => Checked::good(what, format!("{}, of {}", last.path, last.made_at)),
    }
}

/// Whoever can write the heads can hide that an older ledger was put back.
fn check_heads(heads: &Path) -> Checked {
    let what = "file of heads";
    let shown = heads.display();
    match files::mode(heads) {
        Err(_) if !files::exists(heads) => Checked::good(what, "none yet; the first night makes it"),
        Err(error) => Checked::note(what, error.to_string(), "mend the rights of the file and its folder"),
        Ok(mode) if mode & OTHERS_WRITE == 0 => Checked::good(what, shown.to_string()),
        Ok(mode) => Checked::note(
            what,
            format!("{shown} can be written by others (mode {mode:o})"),
            format!("run 'chmod go-w {shown}'"),
        ),
    }
}

/// What lies on the ledger's disk is lost or set back with it.
fn check_disk(what: &str, path: &Path, ledger: &Path) -> Option<Checked> {
    let place = if files::exists(path) { path } else { path.parent()? };
    Some(if files::is_on_one_disk(place, ledger)? {
        let remedy = format!("put {} on another disk, or copy it to another machine every night", path.display());
        Checked::note(what, "the ledger's: whoever loses one loses both", remedy)
    } else {
        Checked::good(what, "not the ledger's")
    })
}

/// Copies of the ledger hold what it holds.
fn check_copies(folder: &Path, service: Service) -> Vec<Checked> {
    let copies: Vec<_> =
        ["db", "dump"].iter().flat_map(|ending| files::list(folder, ending).unwrap_or_default()).collect();
    let open: Vec<Checked> = copies
        .iter()
        .map(|path| service.check_file("backups", path))
        .filter(|checked| checked.finding > Finding::Good)
        .collect();
    match (open.is_empty(), copies.len()) {
        (true, 0) => Vec::new(),
        (true, count) => vec![Checked::good("backups", format!("{count} files, their owner's alone"))],
        (false, _) => open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_old_when_it_lacks_a_night() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = BackupRecord {
            made_at: at("2026-03-03T04:00:00Z"),
            path: "kept.db".to_owned(),
            sha256: "0".repeat(64),
            entries: 3,
        };
        for (last, now, finding) in [
            (None, "2026-03-03T04:00:00Z", Finding::Note),
            (Some(&last), "2026-03-04T16:00:00Z", Finding::Good),
            (Some(&last), "2026-03-04T16:00:01Z", Finding::Note),
        ] {
            let checked = judge_age(last, at(now));
            assert_eq!(checked.finding, finding, "{now}");
            assert_eq!(checked.remedy.is_empty(), finding == Finding::Good);
        }
    }
}
