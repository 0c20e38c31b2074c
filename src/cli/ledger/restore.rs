//! `ledger restore`: a backup is put in the ledger's place.
//!
//! 1. The backup is checked, and copied beside the ledger under a passing name.
//! 2. The present ledger's log is folded into its file, and the file gets a second name under which it stays.
//! 3. The copy takes the ledger's name in one step.
//!
//! A kill before step 3 leaves the old ledger in its place, and after it the new one; never neither. What is left under
//! the passing name is written anew by the next try.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::arguments::RestoreArgs;
use super::{backup, intake_beside};
use crate::adapters::keepers::HeadFile;
use crate::adapters::sqlite::{SqliteLedger, copies};
use crate::adapters::{files, large_files, large_files::with_ending};
use crate::cli::config::{Config, Paths};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::log_key;
use crate::cli::open::Opening;
use crate::cli::report::facts;
use crate::ports::HeadKeeper as _;
use crate::ports::ledger::{AuditLedger as _, SafekeepingLedger as _};
use crate::stages::checkpoint;
use crate::stages::log_key::read_outside;

/// What ends the name of a copy that is on its way into the ledger's place.
const PASSING: &str = ".restoring";

/// What a backup holds, and what it lacks.
#[derive(Debug, Serialize)]
struct Held {
    backup: String,
    size_bytes: u64,
    sha256: String,
    entries: u64,
    root: String,
    /// Entries that the head outside covers and the backup has not.
    lacks_entries: u64,
}

/// What was done, or would be.
#[derive(Debug, Serialize)]
struct Restored {
    #[serde(flatten)]
    held: Held,
    ledger: String,
    /// Where the ledger is that was there before.
    kept: Option<String>,
    /// The intake that was put back.
    intake: Option<String>,
    next: String,
}

/// Puts a backup in place.
pub async fn restore(args: &RestoreArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let paths = at.paths(&config);
    backup::require_file(&paths)?;
    let _lock = at.lock(&config, "ledger restore").await?;
    let held = check(&args.file, &paths, &config, at).await?;
    backup::require_room(paths.ledger_file.parent().unwrap_or(Path::new(".")), held.size_bytes)?;
    let is_there = files::exists(&paths.ledger_file);
    let kept = kept_path(&paths.ledger_file, at);
    let intake = intake_to_restore(&args.file, &paths).await?;
    if !args.dry_run {
        put_in_place(&args.file, &held, &paths, &kept, at).await?;
        if let Some(intake) = &intake {
            place_copy(intake, &paths.intake_file, at)?;
        }
        // An older schema is brought up to date now, so that a fault of it is told now.
        at.ledger(&config).await?.close().await;
    }
    let next = next_step(&held);
    let restored = Restored {
        ledger: paths.ledger_file.display().to_string(),
        kept: is_there.then(|| kept.display().to_string()),
        intake: intake.map(|_| paths.intake_file.display().to_string()),
        next,
        held,
    };
    at.report.show(&restored, describe(&restored, args.dry_run));
    Ok(if restored.held.lacks_entries == 0 { Exit::Done } else { Exit::Person })
}

/// Whether the file is a whole backup of this site, of the log that was kept.
async fn check(file: &Path, paths: &Paths, config: &Config, at: &Opening) -> CliResult<Held> {
    if !files::exists(file) {
        return Err(Failure::usage(format!("there is no file {}; name a backup", file.display())));
    }
    if files::exists(&with_ending(file, "-wal")) {
        return Err(Failure::usage(format!(
            "{} has a file '-wal' beside it: it is a database at work and no backup; take one that 'letterpost ledger \
             backup' made",
            file.display()
        )));
    }
    let copy = SqliteLedger::open_copy(file, &config.site_mark(), at.entropy()).await?;
    let outside = HeadFile(paths.heads.clone()).last()?;
    let (origin, key) = (&config.site.origin, log_key::public(&paths.log_key));
    let told = match &outside {
        Some(note) => read_outside(&copy, origin, key.as_ref(), note).await?.ok(),
        None => None,
    };
    let entries = copy.log_size().await?;
    let outside_size = told.map_or(0, |checkpoint| checkpoint.size);
    // A head beyond the backup is what it lacks, and no fault of it.
    let reached = outside.filter(|_| outside_size <= entries);
    let (entries, root, faults) = checkpoint::verify(&copy, origin, key.as_ref(), reached.as_deref()).await?;
    copy.close().await;
    if !faults.is_empty() {
        let message = format!(
            "{} does not hold the log that was kept: {}; nothing was changed, take another backup",
            file.display(),
            faults.join("; ")
        );
        return Err(Failure::new(Exit::Alarm, message));
    }
    let (size_bytes, sha256) = large_files::digest(file)?;
    Ok(Held {
        backup: file.display().to_string(),
        size_bytes,
        sha256,
        entries,
        root: hex::encode(root),
        lacks_entries: outside_size.saturating_sub(entries),
    })
}

/// A dated name that is free, for the database that is there now.
fn kept_path(database: &Path, at: &Opening) -> PathBuf {
    let dated = format!(".replaced-{}", at.clock().now().format("%Y-%m-%dT%H%M%SZ"));
    let mut kept = with_ending(database, &dated);
    let mut count = 1;
    while files::exists(&kept) || has_log(&kept) {
        count += 1;
        kept = with_ending(database, &format!("{dated}-{count}"));
    }
    kept
}

/// The intake's copy beside the backup, where there is no intake.
async fn intake_to_restore(file: &Path, paths: &Paths) -> CliResult<Option<PathBuf>> {
    let copy = intake_beside(file);
    if files::exists(&paths.intake_file) || !files::exists(&copy) {
        return Ok(None);
    }
    copies::require_whole(&copy).await?;
    Ok(Some(copy))
}

async fn put_in_place(file: &Path, held: &Held, paths: &Paths, kept: &Path, at: &Opening) -> CliResult<()> {
    let is_readable = files::exists(&paths.ledger_file) && fold(&paths.ledger_file, at).await?;
    let passing = with_ending(&paths.ledger_file, PASSING);
    large_files::copy(file, &passing)?;
    if large_files::digest(&passing)? != (held.size_bytes, held.sha256.clone()) {
        return Err(Failure::new(
            Exit::TryAgain,
            format!("{} does not read back as it was written; nothing was changed, check the disk", passing.display()),
        ));
    }
    set_aside(&paths.ledger_file, kept, is_readable)?;
    Ok(large_files::take_place(&passing, &paths.ledger_file)?)
}

/// Folds the present ledger's log into its file, so that the file is the whole of it. Whether it could be read at all.
async fn fold(ledger: &Path, at: &Opening) -> CliResult<bool> {
    match copies::fold(ledger).await {
        Ok(true) if has_log(ledger) => Err(in_use(ledger)),
        Ok(true) => Ok(true),
        Ok(false) => Err(in_use(ledger)),
        Err(error) => {
            at.report.say(format!("the present ledger cannot be opened, and is kept as it is: {error}"));
            Ok(false)
        }
    }
}

/// Whether the ledger has its log beside it: another program has it open.
fn has_log(ledger: &Path) -> bool {
    files::exists(&with_ending(ledger, "-wal"))
}

/// Gives the present ledger a second name, and leaves nothing beside it that could be taken for the new one's log. What lies
/// beside a ledger that cannot be read, or is gone, is kept with it.
fn set_aside(ledger: &Path, kept: &Path, is_readable: bool) -> CliResult<()> {
    if is_readable && has_log(ledger) {
        return Err(in_use(ledger));
    }
    if files::exists(ledger) {
        large_files::link_new(ledger, kept)?;
    }
    keep_log(ledger, kept)
}

/// Moves what lies beside a database away from its name.
fn keep_log(database: &Path, kept: &Path) -> CliResult<()> {
    for ending in ["-wal", "-shm"] {
        let beside = with_ending(database, ending);
        if files::exists(&beside) {
            files::move_new(&beside, &with_ending(kept, ending))?;
        }
    }
    Ok(())
}

fn in_use(ledger: &Path) -> Failure {
    let message = format!(
        "another program has {} open; stop the daemon and whatever else asks the ledger, and run it again; nothing was \
         changed",
        ledger.display()
    );
    Failure::new(Exit::TryAgain, message)
}

/// Puts a checked copy where nothing is.
fn place_copy(copy: &Path, place: &Path, at: &Opening) -> CliResult<()> {
    keep_log(place, &kept_path(place, at))?;
    let passing = with_ending(place, PASSING);
    large_files::copy(copy, &passing)?;
    Ok(files::move_new(&passing, place)?)
}

fn next_step(held: &Held) -> String {
    match held.lacks_entries {
        0 => "'letterpost doctor' says whether vendors or the spool have more than it knows".to_owned(),
        lacks => format!(
            "it lacks the last {lacks} entries that the head outside covers: nothing is minted until a newer backup is put \
             back; where none is left, 'letterpost ledger accept-loss' is the way on"
        ),
    }
}

fn describe(restored: &Restored, dry_run: bool) -> String {
    let Held { backup, size_bytes, sha256, entries, root, .. } = &restored.held;
    let would = |done: &'static str, would: &'static str| if dry_run { would } else { done };
    facts(&[
        (would("restored", "would restore"), backup.clone()),
        ("size", format!("{size_bytes} bytes")),
        ("sha256", sha256.clone()),
        ("log", format!("{entries} entries, root {root}")),
        ("to", restored.ledger.clone()),
        (would("kept the old as", "would keep the old as"), restored.kept.clone().unwrap_or_default()),
        ("intake put back", restored.intake.clone().unwrap_or_default()),
        ("next", restored.next.clone()),
    ])
}
