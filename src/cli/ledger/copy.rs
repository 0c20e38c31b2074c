//! `ledger copy`: a site's records move from SQLite to PostgreSQL, and the site goes on there.
//!
//! The old log is recomputed first. Then everything is copied and compared in one transaction of the new ledger (`adapters::moving`),
//! the new log is recomputed against the head outside, and only then is the old ledger left. A run that died is simply run again.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::arguments::CopyArgs;
use super::switch;
use crate::adapters::files;
use crate::adapters::keepers::HeadFile;
use crate::adapters::moving::{self, Copied, CopyRecord, Source, State, Target};
use crate::adapters::postgres::{PostgresAddress, bring_up_to_date};
use crate::cli::config::{Config, Database, Paths};
use crate::cli::database;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::log_key;
use crate::cli::open::Opening;
use crate::cli::report::{facts, table};
use crate::ports::HeadKeeper as _;
use crate::ports::ledger::{Ledger, SafekeepingLedger as _};
use crate::stages::checkpoint;

/// What was copied, or would be.
#[derive(Debug, Serialize)]
struct Shown {
    to: String,
    tables: Vec<Copied>,
    rows: u64,
    entries: u64,
    root: String,
    /// Whether the configuration names the new ledger now.
    switched: bool,
    next: String,
}

/// The old log, as it was recomputed.
struct Log {
    entries: u64,
    root: String,
}

/// Copies a site's records.
pub async fn copy(args: &CopyArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let paths = at.paths(&config);
    let Database::File(old) = &paths.ledger else {
        return Err(Failure::usage("the ledger is on PostgreSQL already; there is nothing to copy").plainly());
    };
    let to = address("--to", &args.to)?.within(config.stores.limits);
    let switch = args.switch.as_deref().map(|url| switch::plan(url, at)).transpose()?;
    let intake = paths.intake.file().filter(|file| files::exists(file)).map(PathBuf::from);
    let _lock = at.lock(&config, "ledger copy").await?;
    let log = whole_log(&config, &paths, at).await?;
    let plan = moving::plan(old, intake.as_deref(), &to).await?;
    if let State::Used { table, rows } = &plan.target {
        return Err(Failure::usage(format!(
            "{to} is not empty: its table {table} has {rows} rows, which are no copy of this ledger; nothing was changed, name an \
             empty database"
        ))
        .plainly());
    }
    if args.dry_run {
        let shown = Shown { switched: false, next: would(&plan.target), ..shown(&to, plan.tables, &log) };
        at.report.show(&shown, describe(&shown, true));
        return Ok(Exit::Done);
    }
    bring_up_to_date(&to).await?;
    let tables = carry(old, intake.as_deref(), (&to, &log), &config, at).await?;
    let next = match &switch {
        Some(switch) => {
            switch::make(switch, &config, at).await?;
            format!("the site works on {} now; 'letterpost doctor' looks at all of it", switch.url)
        }
        None => by_hand(&config),
    };
    let shown = Shown { switched: switch.is_some(), next, ..shown(&to, tables, &log) };
    at.report.show(&shown, describe(&shown, false));
    Ok(Exit::Done)
}

/// An address that was typed.
pub(super) fn address(option: &str, url: &str) -> CliResult<PostgresAddress> {
    PostgresAddress::parse(url).map_err(|error| Failure::usage(format!("the address of {option} {error}")).plainly())
}

/// The log of the old ledger, recomputed and held against the head outside. Opening the ledger brings its schema up to date.
async fn whole_log(config: &Config, paths: &Paths, at: &Opening) -> CliResult<Log> {
    let ledger = at.ledger(config).await?;
    let log = verified(ledger.as_ref(), config, paths).await?;
    ledger.close().await;
    log.map_err(|faults| {
        Failure::new(
            Exit::Alarm,
            format!(
                "the log of the ledger is not whole ({faults}), so nothing was copied; run 'letterpost audit verify'"
            ),
        )
    })
}

/// Entries and root, or what is wrong.
async fn verified(ledger: &dyn Ledger, config: &Config, paths: &Paths) -> CliResult<Result<Log, String>> {
    let outside = HeadFile(paths.heads.clone()).last()?;
    let key = log_key::public(&paths.log_key);
    let (entries, root, faults) =
        checkpoint::verify(ledger, &config.site.origin, key.as_ref(), outside.as_deref()).await?;
    let log = Log { entries, root: hex::encode(root) };
    Ok(if faults.is_empty() { Ok(log) } else { Err(faults.join("; ")) })
}

/// Copies, compares, recomputes the new log, and leaves the old ledger.
async fn carry(
    old: &Path,
    intake: Option<&Path>,
    (to, log): (&PostgresAddress, &Log),
    config: &Config,
    at: &Opening,
) -> CliResult<Vec<Copied>> {
    let bars = at.report.bars();
    let mut source = Source::of_ledger(old).await?;
    source.lock().await?;
    if source.log_size().await? != log.entries {
        let message = "the ledger was written into while its log was recomputed; nothing was copied, run it again";
        return Err(Failure::new(Exit::TryAgain, message).plainly());
    }
    let mut target = Target::begin(to, at.entropy()).await?;
    let is_resumed = target.state(log.entries).await? == State::Copy;
    let mut tables = moving::carry_ledger(&mut source, &mut target, &bars).await?;
    let mut portal = match intake {
        Some(intake) => Some(Source::of_intake(intake).await?),
        None => None,
    };
    if let Some(portal) = &mut portal {
        // From here on the portal waits.
        portal.lock().await?;
        tables.extend(moving::carry_intake(portal, &mut target, &bars).await?);
    }
    let record = (!is_resumed).then(|| record(&tables, log));
    target.settle(record, at.clock().now()).await?.close().await;
    require_whole(to, config, at).await?;
    if let Some(portal) = portal {
        portal.leave_intake().await?;
    }
    source.leave_ledger().await?;
    Ok(tables)
}

fn record(tables: &[Copied], log: &Log) -> CopyRecord {
    let lines = tables.iter().map(|table| format!("{} {} {}\n", table.table, table.rows, table.sha256));
    CopyRecord {
        entries: log.entries,
        root: log.root.clone(),
        tables: tables.len() as u64,
        rows: rows(tables),
        sha256: hex::encode(Sha256::digest(lines.collect::<String>())),
    }
}

fn rows(tables: &[Copied]) -> u64 {
    tables.iter().map(|table| table.rows).sum()
}

/// Recomputes the log of the new ledger against the head outside.
async fn require_whole(to: &PostgresAddress, config: &Config, at: &Opening) -> CliResult<()> {
    let place = Database::Server(to.clone());
    let ledger = database::ledger(&place, &config.site_mark(), at.entropy(), None).await?;
    let log = verified(ledger.as_ref(), config, &at.paths(config)).await?;
    ledger.close().await;
    log.map(|_| ()).map_err(|faults| {
        let message = format!(
            "the log of the copy is not the one that was kept ({faults}); the old ledger was not left. Drop the new database, \
             and copy into another one"
        );
        Failure::new(Exit::Alarm, message)
    })
}

fn shown(to: &PostgresAddress, tables: Vec<Copied>, log: &Log) -> Shown {
    Shown {
        to: to.to_string(),
        rows: rows(&tables),
        tables,
        entries: log.entries,
        root: log.root.clone(),
        switched: false,
        next: String::new(),
    }
}

fn would(target: &State) -> String {
    match target {
        State::Missing => "would make the schema, then copy and compare every row".to_owned(),
        State::Copy => "it is copied already: would compare every row, and leave the old ledger".to_owned(),
        State::Empty | State::Used { .. } => "would copy and compare every row".to_owned(),
    }
}

/// What a person changes in the configuration.
fn by_hand(config: &Config) -> String {
    let intake =
        if config.stores.intake == Database::File("intake.db".into()) { "" } else { ", and take url out of [intake]" };
    format!(
        "write url = \"postgres://LOGIN@HOST/DATABASE\" under [ledger], with a login of the group letterpost_operator{intake}; \
         the old ledger is not opened any more. Then: letterpost doctor"
    )
}

fn describe(shown: &Shown, dry_run: bool) -> String {
    let lines = shown.tables.iter().filter(|copied| copied.rows > 0);
    let lines = lines.map(|copied| vec![copied.table.clone(), copied.rows.to_string(), copied.sha256.clone()]);
    let lines = table(&["table", "rows", "sha256, the same on both sides"], lines);
    let done = facts(&[
        (if dry_run { "would copy to" } else { "copied to" }, shown.to.clone()),
        ("rows", format!("{} of {} tables", shown.rows, shown.tables.len())),
        ("log", format!("{} entries, root {}", shown.entries, shown.root)),
        ("next", shown.next.clone()),
    ]);
    format!("{lines}\n\n{done}")
}
