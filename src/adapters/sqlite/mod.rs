//! The ledger on SQLite: one file, one machine, one writer.
//!
//! Every change is one `BEGIN IMMEDIATE` transaction in WAL mode with full synchronous, so it is on the disk when the
//! call returns.

pub mod copies;
mod db;
mod dialect;
mod intake_table;
#[path = "../ledger/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each database")]
mod ledger;
mod life;
mod residue;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

pub(in crate::adapters) use self::ledger::failed;
use crate::adapters::steps::{Step, migrator, steps};
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerError, LedgerResult, SiteMark};

pub use ledger::PortalTable as SqliteIntakeTable;
pub use ledger::SqlLedger as SqliteLedger;

/// The steps of the schema.
pub(in crate::adapters) const STEPS: &[Step] = steps![
    "0001_ledger",
    "0002_barcode",
    "0003_template_approval",
    "0004_reconciliation",
    "0005_exceptions",
    "0007_vendors",
    "0008_retention",
    "0009_starts",
    "0010_brakes",
    "0011_safekeeping",
    "0012_reading_days",
    "0013_overview",
    "0014_audit",
    "0015_checkpoint_sinks",
    "0016_dispatch",
    "0017_forgetting",
    "0018_terms",
    "0020_receipt_lines",
    "0021_workers",
    "0022_cheaper_rules",
];
/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// In the header of a ledger (`user_version`) that its site has left for PostgreSQL.
pub(in crate::adapters) const MOVED: i64 = 0x4D4F_5645;
/// The writer's cache, in KiB where it is negative, and after how many pages of its log they go to the file itself: with less, rows
/// of a large night are read and written over and over.
const WRITER_CACHE: &str = "-16384";
const CHECKPOINT_PAGES: &str = "16000";
/// Connections that read while one writes.
const READERS: u32 = 4;

impl SqliteLedger {
    /// Makes a new ledger for a site.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub async fn create(
        path: &Path,
        site: &SiteMark,
        at: DateTime<Utc>,
        entropy: Arc<dyn Entropy>,
    ) -> LedgerResult<Self> {
        let ledger = Self::connect(path, true, entropy).await?;
        ledger.give_to(site, at).await?;
        Ok(ledger)
    }

    /// Opens the ledger of a site.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it belongs to another site.
    pub async fn open(path: &Path, site: &SiteMark, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let ledger = Self::connect(path, false, entropy).await?;
        ledger.of_site(site).await
    }

    /// Opens the ledger of a site for reading alone: nothing of it is changed, not even its write-ahead log when this closes.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it belongs to another site.
    pub async fn open_to_read(path: &Path, site: &SiteMark, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options(path).read_only(true).create_if_missing(false))
            .await
            .map_err(failed("opened its file"))?;
        require_not_moved(path, &pool).await?;
        let ledger = Self::behind(pool.clone(), pool, entropy);
        if ledger.site_mark().await? == *site {
            return Ok(ledger);
        }
        Err(LedgerError::NotAllowed("the ledger is of another site than the configuration".to_owned()))
    }

    async fn connect(path: &Path, create: bool, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        if create {
            make_private(path)?;
        }
        let options = options(path).create_if_missing(false);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(writing(path).create_if_missing(false))
            .await
            .map_err(failed("opened its file"))?;
        require_not_moved(path, &writer).await?;
        migrator(STEPS).run(&writer).await.map_err(|error| LedgerError::Unavailable {
            doing: "brought its tables up to date",
            reason: error.to_string(),
        })?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(failed("opened its file"))?;
        Ok(Self::behind(writer, reader, entropy))
    }
}

/// Refuses a ledger that was copied to PostgreSQL: what is recorded in it would be missing there.
async fn require_not_moved(path: &Path, ledger: &SqlitePool) -> LedgerResult<()> {
    let (mark,): (i64,) = sqlx::query_as("SELECT user_version FROM pragma_user_version")
        .fetch_one(ledger)
        .await
        .map_err(failed("opened its file"))?;
    if mark != MOVED {
        return Ok(());
    }
    Err(LedgerError::NotAllowed(format!(
        "{} was copied to PostgreSQL by 'letterpost ledger copy', and the site goes on there: write that address as url under \
         [ledger]; if the copy is lost and nothing was done on it, put the newest backup back: 'letterpost ledger restore FILE'",
        path.display()
    )))
}

/// Makes the empty file of a database, for its owner only from the first moment on; SQLite gives its log the same rights.
/// A file that is there stays as it is.
fn make_private(path: &Path) -> LedgerResult<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(LedgerError::Unavailable { doing: "made its file", reason: error.to_string() })
        }
        _ => Ok(()),
    }
}

/// The settings under which every connection works. What is deleted is overwritten with zeros, in the ledger as in the
/// portal's table.
pub(in crate::adapters) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
}

/// As a writer opens it: what a package changes stays in memory until it is committed.
fn writing(path: &Path) -> SqliteConnectOptions {
    options(path)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        // A reader may sort more than there is memory for.
        .pragma("temp_store", "MEMORY")
}
