//! Whole copies of a database: made while others read and write it, and checked before they are trusted.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use super::{STEPS, SqliteLedger, failed, options};
use crate::adapters::steps::migrator;
use crate::ports::ledger::{LedgerError, LedgerResult, SiteMark};
use crate::ports::{Entropy, Progress};

/// How often the growth of a copy is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Faults of a damaged file that are told.
const FEW_FAULTS: usize = 3;

/// The most bytes that a copy of a database has.
///
/// # Errors
/// Where it cannot be read.
pub async fn most_bytes(path: &Path) -> LedgerResult<u64> {
    let mut database = reader(path).await?;
    let (pages, page_bytes): (i64, i64) =
        sqlx::query_as("SELECT page_count, page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(&mut database)
            .await
            .map_err(failed("told its size"))?;
    Ok(pages.cast_unsigned().saturating_mul(page_bytes.cast_unsigned()))
}

/// Writes the database as it is at one moment into an empty file, whoever reads and writes it meanwhile.
///
/// # Errors
/// Where it cannot be read, or the disk refuses.
pub async fn copy_into(from: &Path, into: &Path, progress: &dyn Progress) -> LedgerResult<()> {
    let most = most_bytes(from).await?;
    let mut database = reader(from).await?;
    progress.begin("copying", most);
    let mut seen = 0;
    let copy = sqlx::query("VACUUM INTO $1").bind(into.to_string_lossy().into_owned()).execute(&mut database);
    tokio::pin!(copy);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let copied = loop {
        tokio::select! {
            copied = &mut copy => break copied,
            _ = looks.tick() => {
                let grown = std::fs::metadata(into).map_or(seen, |file| file.len());
                progress.advance(grown.saturating_sub(seen));
                seen = grown.max(seen);
            }
        }
    };
    progress.end();
    copied.map(|_| ()).map_err(failed("was copied"))
}

/// Folds a database's log into its file and closes it, so that the file is the whole of it. Whether that could be done:
/// not while another program is at work on it.
///
/// # Errors
/// Where it cannot be opened: it is damaged.
pub async fn fold(path: &Path) -> LedgerResult<bool> {
    let folded: Result<(i64, i64, i64), sqlx::Error> = async {
        let mut database = options(path).connect().await?;
        let folded = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut database).await?;
        database.close().await?;
        Ok(folded)
    }
    .await;
    match folded {
        Ok((busy, ..)) => Ok(busy == 0),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(failed("opened its file")(error)),
    }
}

/// SQLITE_BUSY, with its extended codes.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// A database that is read as it lies, without a log beside it.
async fn reader(path: &Path) -> LedgerResult<SqliteConnection> {
    options(path).read_only(true).connect().await.map_err(failed("opened its file to copy it"))
}

/// The settings under which a copy is read: nothing beside it is looked at or made.
fn copy_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).pragma("trusted_schema", "OFF")
}

/// Whether a file is an undamaged database.
///
/// # Errors
/// Says what is wrong with it.
pub async fn require_whole(path: &Path) -> LedgerResult<()> {
    let found: Result<Vec<(String,)>, sqlx::Error> = async {
        let mut copy = copy_options(path).connect().await?;
        sqlx::query_as("SELECT integrity_check FROM pragma_integrity_check").fetch_all(&mut copy).await
    }
    .await;
    let faults = match found {
        Ok(rows) => rows.into_iter().map(|(fault,)| fault).filter(|fault| fault != "ok").collect(),
        Err(error) => vec![error.to_string()],
    };
    if faults.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = faults.into_iter().take(FEW_FAULTS).collect();
    Err(damaged(path, &told.join("; ")))
}

fn damaged(path: &Path, why: &str) -> LedgerError {
    LedgerError::NotAllowed(format!("{} is damaged or no ledger ({why}); take another backup", path.display()))
}

impl SqliteLedger {
    /// Opens a copy of a site's ledger to read it: nothing in it is changed, its schema neither.
    ///
    /// # Errors
    /// Where it is damaged, another site's, or of a newer schema than this program knows.
    pub async fn open_copy(path: &Path, site: &SiteMark, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        require_whole(path).await?;
        let connect = SqlitePoolOptions::new().connect_with(copy_options(path));
        let reader = connect.await.map_err(|error| damaged(path, &error.to_string()))?;
        require_schema(path, &reader).await?;
        let copy = Self::behind(reader.clone(), reader, entropy);
        let found = copy.site_mark().await?;
        if found == *site {
            return Ok(copy);
        }
        Err(LedgerError::NotAllowed(format!(
            "{} is a ledger of site '{}' ({}, origin {}, rehearsal {}), and the configuration is of site '{}' ({}, origin \
             {}, rehearsal {}); take a backup of this site's own ledger",
            path.display(),
            found.code,
            found.environment,
            found.origin,
            found.is_rehearsal,
            site.code,
            site.environment,
            site.origin,
            site.is_rehearsal
        )))
    }
}

/// A newer program's ledger is not for this one; an older one is brought up to date when it is opened.
async fn require_schema(path: &Path, copy: &SqlitePool) -> LedgerResult<()> {
    let versions: Vec<(i64,)> = sqlx::query_as("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(copy)
        .await
        .map_err(|error| damaged(path, &error.to_string()))?;
    let known: BTreeSet<i64> = migrator(STEPS).iter().map(|migration| migration.version).collect();
    match versions.into_iter().map(|(version,)| version).find(|version| !known.contains(version)) {
        None => Ok(()),
        Some(version) => Err(LedgerError::NotAllowed(format!(
            "{} was written by a newer letterpost (its schema has step {version}); use that one",
            path.display()
        ))),
    }
}
