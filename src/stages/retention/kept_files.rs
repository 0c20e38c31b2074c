//! Files that are kept for a term: imports, quarantined files, copies of receipts, certificates and backups.
//!
//! 1. What lies in a folder of letterpost's own and is not on record is taken up: it is kept from now on, or from the day
//!    in its name. So a file that a crash left, or that an older letterpost wrote, is removed a term later.
//! 2. A file whose term is over is removed, if it is the very file that was kept, and then its entry is written. A crash in
//!    between leaves a file on record that is missing; the next run finds that and writes the entry. So no entry tells of
//!    a removal that never was, and no file is forgotten that is there.
//! 3. What cannot be removed is told, and the others go on.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::{Sweep, backups};
use crate::ports::Removal;
use crate::ports::ledger::{KeptFile, KeptKind, NewFile};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::site::Retention;

/// How a name has the instant in it at which a backup was made.
const DATED: &str = "%Y-%m-%dT%H%M%SZ";
/// So many characters does such an instant have.
const DATED_CHARACTERS: usize = 18;
/// What ends the name of a signature.
const SIGNATURE: &str = ".asc";
/// What ends the name of a copy of the intake, beside that of the ledger.
const INTAKE_COPY: &str = ".intake.db";
/// Why a file is left that has other bytes than those that were kept.
const CHANGED: &str = "it has other bytes than those that were kept";
/// Why a link or folder is left.
const NO_FILE: &str = "it is no plain file under the path that was recorded";

/// Days for which files of a kind are kept.
fn term_days(terms: &Retention, kind: KeptKind) -> u32 {
    match kind {
        KeptKind::Import => terms.import_days,
        KeptKind::Quarantine => terms.quarantine_days,
        // A certificate is evidence of the same pieces as a receipt.
        KeptKind::Receipt | KeptKind::Certificate => terms.receipt_days,
        KeptKind::Backup => terms.backup_days,
    }
}

/// What a stage's outcome calls files of a kind that were removed.
fn counted_as(kind: KeptKind) -> &'static str {
    match kind {
        KeptKind::Import => "imports_removed",
        KeptKind::Quarantine => "quarantined_removed",
        KeptKind::Receipt => "receipts_removed",
        KeptKind::Certificate => "certificates_removed",
        KeptKind::Backup => "backups_removed",
    }
}

/// Removes every file whose term is over.
pub(super) async fn remove(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    for kind in KeptKind::ALL {
        of_kind(sweep, *kind, outcome).await?;
    }
    Ok(())
}

async fn of_kind(sweep: &Sweep<'_>, kind: KeptKind, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, dry_run, .. } = *sweep;
    if !dry_run {
        take_up(sweep, kind, outcome).await?;
    }
    let term = TimeDelta::days(term_days(&world.site.retention, kind).into());
    let mut due = world.ledger.spent_files(kind, now - term).await?;
    if kind == KeptKind::Backup {
        due = backups::without_the_newest(world, due, outcome).await?;
    }
    let mut removed = 0;
    for file in &due {
        let due_on = world.site.date_at(file.kept_at + term)?;
        removed += u64::from(dry_run || remove_one(sweep, file, due_on, outcome).await?);
    }
    outcome.record(counted_as(kind), removed);
    Ok(())
}

/// Removes a file; says whether it is not there any more.
async fn remove_one(sweep: &Sweep<'_>, file: &KeptFile, due_on: NaiveDate, outcome: &mut Outcome) -> StageResult<bool> {
    let Sweep { world, now, .. } = *sweep;
    let (kind, path) = (file.file.kind, file.file.path.as_str());
    let subject = format!("{kind} kept since {}", world.site.date_at(file.kept_at)?);
    let place = world.files.place(kind, path);
    match world.files.remove(kind, path, &file.file.sha256) {
        Err(error) => outcome.raise(Urgency::Person, subject, error.to_string()),
        Ok(removal @ (Removal::Removed | Removal::Missing)) => {
            world.ledger.file_removed(file, due_on, removal == Removal::Removed, now).await?;
            return Ok(true);
        }
        Ok(Removal::Changed(_)) => {
            world.ledger.file_left(file, due_on, CHANGED, now).await?;
            outcome.raise(urgency_of_change(kind), subject, format!("{place}: {CHANGED}; {}", after_change(kind)));
        }
        Ok(Removal::NotAFile) => {
            world.ledger.file_left(file, due_on, NO_FILE, now).await?;
            outcome.raise(Urgency::Person, subject, format!("{place}: {NO_FILE}; {}", after_change(KeptKind::Import)));
        }
    }
    Ok(false)
}

fn urgency_of_change(kind: KeptKind) -> Urgency {
    match kind {
        KeptKind::Quarantine | KeptKind::Backup => Urgency::Note,
        KeptKind::Import | KeptKind::Receipt | KeptKind::Certificate => Urgency::Person,
    }
}

/// What becomes of a file that is left, and who acts.
fn after_change(kind: KeptKind) -> &'static str {
    match kind {
        KeptKind::Import => {
            "it is left, and not looked at again; remove it by hand if it holds what should be forgotten"
        }
        KeptKind::Quarantine | KeptKind::Backup => "where it lies in a folder of the site's own, it is kept anew",
        KeptKind::Receipt | KeptKind::Certificate => {
            "it is no evidence as it stands: hold it against the digest in the log, and ask the vendor for the file"
        }
    }
}

/// Takes up what lies where files of this kind are kept and is not on record.
async fn take_up(sweep: &Sweep<'_>, kind: KeptKind, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, .. } = *sweep;
    let found = match world.files.found(kind) {
        Ok(found) => found,
        Err(error) => {
            outcome.raise(Urgency::Person, format!("files of kind {kind}"), error.to_string());
            return Ok(());
        }
    };
    let kept = world.ledger.kept_files(kind).await?;
    let known: std::collections::BTreeSet<&str> = kept.iter().map(|file| file.file.path.as_str()).collect();
    let mut new = Vec::new();
    for path in found.iter().filter(|path| !known.contains(path.as_str())) {
        let digests = (world.files.digest(kind, path)?, world.files.digest(kind, &belongs_to(path))?);
        let (Some(sha256), of_sha256) = digests else { continue };
        let of_sha256 = of_sha256.unwrap_or_else(|| sha256.clone());
        let kept_at = dated(path).filter(|_| kind == KeptKind::Backup).map_or(now, |at| at.min(now));
        new.push((NewFile { kind, path: path.clone(), sha256, of_sha256 }, kept_at));
    }
    if !new.is_empty() {
        world.ledger.keep_files(&new, now).await?;
    }
    Ok(())
}

/// The file beside this one that it belongs to; the file itself where it belongs to no other.
fn belongs_to(path: &str) -> String {
    match (path.strip_suffix(SIGNATURE), path.strip_suffix(INTAKE_COPY)) {
        (Some(signed), _) => signed.to_owned(),
        (_, Some(stem)) => format!("{stem}.db"),
        _ => path.to_owned(),
    }
}

/// The last instant in a name.
fn dated(path: &str) -> Option<DateTime<Utc>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let starts = name.char_indices().map(|(start, _)| start).rev();
    let mut texts = starts.filter_map(|start| name.get(start..start + DATED_CHARACTERS));
    texts.find_map(|text| NaiveDateTime::parse_from_str(text, DATED).ok()).map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_as_old_as_its_name_says() {
        for (path, at) in [
            ("/b/letterpost-2026-03-02T043000Z.db", Some("2026-03-02T04:30:00Z")),
            ("/b/letterpost-2026-03-02T043000Z.intake.db", Some("2026-03-02T04:30:00Z")),
            ("/s/letterpost.db.replaced-2026-12-31T235959Z-2-wal", Some("2026-12-31T23:59:59Z")),
            ("/2026-03-02T043000Z/mine.db", None),
            ("/b/letterpost-2026-13-02T043000Z.db", None),
            ("/b/é.db", None),
        ] {
            assert_eq!(dated(path), at.map(|at| at.parse().unwrap()), "{path}");
        }
    }

    #[test]
    fn signatures_and_intakes_belong_to_what_lies_beside_them() {
        assert_eq!(belongs_to("a.receipt-1.csv.0123456789ab.asc"), "a.receipt-1.csv.0123456789ab");
        assert_eq!(belongs_to("/b/letterpost-1.intake.db"), "/b/letterpost-1.db");
        assert_eq!(belongs_to("a.csv.refused"), "a.csv.refused");
    }
}
