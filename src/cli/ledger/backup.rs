//! `ledger backup`: a copy of ledger and intake as they are at one moment, checked before it gets its name.
//!
//! The ledger is copied first and the intake after it, so that the intake's copy has every row that the ledger's knows of. Of a
//! ledger on a server PostgreSQL's `pg_dump` makes the copy, with the portal's table where that is there too.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::arguments::BackupArgs;
use super::{DUMP_ENDING, ENDING, dumped, intake_beside};
use crate::adapters::durable::UNFINISHED;
use crate::adapters::keepers::HeadFile;
use crate::adapters::large_files::{self, unfinished, with_ending};
use crate::adapters::postgres::standing;
use crate::adapters::run_lock::RunLock;
use crate::adapters::sqlite::SqliteLedger;
use crate::adapters::{files, sqlite::copies};
use crate::audit::note::VerifierKey;
use crate::cli::config::{Config, Database, Paths};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::log_key;
use crate::cli::open::Opening;
use crate::cli::report::facts;
use crate::ports::HeadKeeper as _;
use crate::ports::ledger::{BackupRecord, KeptKind, NewFile, SafekeepingLedger as _};
use crate::stages::checkpoint;

/// Room that is left besides the copies.
const SPARE_BYTES: u64 = 16 << 20;

/// A copy of a database.
#[derive(Debug, Serialize)]
struct Copied {
    path: String,
    size_bytes: u64,
    sha256: String,
}

/// A backup that was made.
#[derive(Debug, Serialize)]
struct Made {
    #[serde(flatten)]
    ledger: Copied,
    entries: u64,
    root: String,
    intake: Option<Copied>,
}

/// Where the copies go.
struct Plan {
    ledger: PathBuf,
    /// None where there is no intake.
    intake: Option<PathBuf>,
    most_bytes: u64,
}

/// Makes a backup.
pub async fn backup(args: &BackupArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let paths = at.paths(&config);
    let ledger = at.ledger(&config).await?;
    let plan = plan(args, &paths, at).await?;
    if args.dry_run {
        let text = format!("would copy at most {} MiB to {}", (plan.most_bytes >> 20) + 1, plan.ledger.display());
        let would_make = plan.ledger.display().to_string();
        at.report.show(&serde_json::json!({ "would_make": would_make, "most_bytes": plan.most_bytes }), text);
        return Ok(Exit::Done);
    }
    let folder = folder_of(&plan.ledger);
    files::make_folder(folder)?;
    let _lock = RunLock::take(&with_ending(&paths.ledger_file, ".backup-lock"), "a backup")?;
    sweep(&paths.backups)?;
    require_room(folder, plan.most_bytes)?;
    let made = make(&plan, &paths, &config, at).await?;
    ledger
        .record_backup(&BackupRecord {
            made_at: at.clock().now(),
            path: made.ledger.path.clone(),
            sha256: made.ledger.sha256.clone(),
            entries: made.entries,
        })
        .await?;
    let now = at.clock().now();
    ledger.keep_files(&kept(&made).map(|file| (file, now)).collect::<Vec<_>>(), now).await?;
    ledger.close().await;
    at.report.show(&made, describe(&made));
    Ok(Exit::Done)
}

/// A copy takes a file's place; in a server only its owner puts one back.
///
/// # Errors
/// Where the ledger is on a server.
pub(super) fn require_file(paths: &Paths) -> CliResult<()> {
    match &paths.ledger {
        Database::File(_) => Ok(()),
        Database::Server(_) => Err(Failure::usage(
            "the ledger is on PostgreSQL, and its owner puts a backup back with pg_restore: docs/operations.md, 'Backups, and the \
             drill', says the steps",
        )),
    }
}

async fn plan(args: &BackupArgs, paths: &Paths, at: &Opening) -> CliResult<Plan> {
    let (ending, most_bytes) = match &paths.ledger {
        Database::File(file) => (ENDING, copies::most_bytes(file).await?),
        Database::Server(address) => (DUMP_ENDING, standing(address).await?.size_bytes),
    };
    let dated = || format!("letterpost-{}{ending}", at.clock().now().format("%Y-%m-%dT%H%M%SZ"));
    let ledger = args.to.clone().unwrap_or_else(|| paths.backups.join(dated()));
    let mut plan = Plan { most_bytes, ledger, intake: None };
    if let Some(intake) = paths.intake.file().filter(|intake| files::exists(intake)) {
        plan.most_bytes += copies::most_bytes(intake).await?;
        plan.intake = Some(intake_beside(&plan.ledger));
    }
    for file in [Some(&plan.ledger), plan.intake.as_ref()].into_iter().flatten() {
        if files::exists(file) {
            let file = file.display();
            return Err(Failure::usage(format!("{file} is there, and nothing is ever overwritten; name another file")));
        }
    }
    Ok(plan)
}

/// The copies, as they are kept for their term.
fn kept(made: &Made) -> impl Iterator<Item = NewFile> {
    [Some(&made.ledger), made.intake.as_ref()].into_iter().flatten().map(|copied| NewFile {
        kind: KeptKind::Backup,
        path: files::named_in_full(Path::new(&copied.path)).display().to_string(),
        sha256: copied.sha256.clone(),
        of_sha256: made.ledger.sha256.clone(),
    })
}

/// Removes what backups that died left in the folder of backups.
fn sweep(folder: &Path) -> CliResult<()> {
    if !files::exists(folder) {
        return Ok(());
    }
    let unfinished = [ENDING, DUMP_ENDING].map(|ending| format!("{ending}{UNFINISHED}"));
    for name in files::names(folder)?.iter().filter(|name| unfinished.iter().any(|ending| name.ends_with(ending))) {
        files::remove(&folder.join(name))?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses to begin what cannot be finished.
pub(super) fn require_room(folder: &Path, most_bytes: u64) -> CliResult<()> {
    let needed = most_bytes.saturating_add(SPARE_BYTES);
    match files::room_bytes(folder) {
        Some(room) if room < needed => Err(Failure::new(
            Exit::TryAgain,
            format!(
                "{} has {} MiB free, and the copy needs up to {} MiB; make room, or choose another disk",
                folder.display(),
                room >> 20,
                (needed >> 20) + 1
            ),
        )),
        _ => Ok(()),
    }
}

/// Copies, checks, and only then gives the copies their names.
async fn make(plan: &Plan, paths: &Paths, config: &Config, at: &Opening) -> CliResult<Made> {
    // Read first: while the copy is made, a night may keep a head that the copy does not reach.
    let outside = HeadFile(paths.heads.clone()).last()?;
    let key = log_key::public(&paths.log_key);
    let told = (key.as_ref(), outside.as_deref());
    let (entries, root) = match &paths.ledger {
        Database::File(file) => {
            copy(file, &plan.ledger, at).await?;
            check(&unfinished(&plan.ledger), config, told, at).await?
        }
        Database::Server(address) => {
            let ledger = at.ledger(config).await?;
            dumped::dump(ledger.as_ref(), address, &config.site.origin, told, &unfinished(&plan.ledger)).await?
        }
    };
    if let Some(intake) = &plan.intake {
        copy(&paths.intake_file, intake, at).await?;
        copies::require_whole(&unfinished(intake)).await?;
    }
    let intake = plan.intake.as_deref().map(settle).transpose()?;
    Ok(Made { ledger: settle(&plan.ledger)?, entries, root, intake })
}

async fn copy(from: &Path, to: &Path, at: &Opening) -> CliResult<()> {
    let part = unfinished(to);
    large_files::make_empty(&part)?;
    copies::copy_into(from, &part, &at.report.bars()).await?;
    Ok(large_files::sync(&part)?)
}

/// Recomputes the log that a copy holds, against its own heads and the one outside.
async fn check(
    copy: &Path,
    config: &Config,
    (key, outside): (Option<&VerifierKey>, Option<&str>),
    at: &Opening,
) -> CliResult<(u64, String)> {
    let opened = SqliteLedger::open_copy(copy, &config.site_mark(), at.entropy()).await?;
    let (entries, root, faults) = checkpoint::verify(&opened, &config.site.origin, key, outside).await?;
    opened.close().await;
    if faults.is_empty() {
        return Ok((entries, hex::encode(root)));
    }
    let (copy, faults) = (copy.display(), faults.join("; "));
    let message = format!(
        "the copy {copy} does not hold the log that was kept ({faults}), so it was not made a backup; run 'letterpost audit \
         verify'"
    );
    Err(Failure::new(Exit::Alarm, message))
}

fn settle(path: &Path) -> CliResult<Copied> {
    let part = unfinished(path);
    let (size_bytes, sha256) = large_files::digest(&part)?;
    files::move_new(&part, path)?;
    Ok(Copied { path: path.display().to_string(), size_bytes, sha256 })
}

fn describe(made: &Made) -> String {
    let intake = made.intake.as_ref();
    facts(&[
        ("backup", made.ledger.path.clone()),
        ("size", format!("{} bytes", made.ledger.size_bytes)),
        ("sha256", made.ledger.sha256.clone()),
        ("log", format!("{} entries, root {}", made.entries, made.root)),
        ("intake", intake.map_or_else(String::new, |intake| intake.path.clone())),
        ("its size", intake.map_or_else(String::new, |intake| format!("{} bytes", intake.size_bytes))),
        ("its sha256", intake.map_or_else(String::new, |intake| intake.sha256.clone())),
    ])
}
