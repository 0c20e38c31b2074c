//! The ledger on SQLite: one file, one machine, one writer.
//!
//! Every change is one `BEGIN IMMEDIATE` transaction in WAL mode with full synchronous, so it is on the disk when the
//! call returns. Each UPDATE says how many rows it must touch; any other number undoes the whole change.

mod acting;
mod audit;
mod audit_heads;
mod brakes;
mod change;
pub mod copies;
mod corrections;
mod dates;
mod delivery;
mod dispatch;
mod exceptions;
mod figures;
mod forgetting;
mod holds;
mod intake;
mod intake_table;
mod legal_holds;
mod overview;
mod passwords;
mod portal;
mod production;
mod promises;
mod pulls;
mod purges;
mod quotations;
mod receipt_changes;
mod receipts;
mod recent;
mod reconciliation;
mod reports;
mod retention;
mod rows;
mod runs;
mod safekeeping;
mod sealing;
mod serials;
mod sinks;
mod states;
mod taking;
mod templates;
mod terms;
mod vendors;
mod voided;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use acting::Acting;

use crate::audit::entry::instant_text;
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerError, LedgerResult};

pub use intake_table::SqliteIntakeTable;

/// The steps of the schema.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/adapters/sqlite/migrations");
/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections that read while one writes.
const READERS: u32 = 4;

/// The ledger of one site.
#[derive(Clone)]
pub struct SqliteLedger {
    writer: SqlitePool,
    reader: SqlitePool,
    entropy: Arc<dyn Entropy>,
    acting: Acting,
}

/// Whose ledger it is; a ledger of another site is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteMark {
    /// The site's code.
    pub code: String,
    /// `test` or `live`.
    pub environment: String,
    /// The origin of the audit log.
    pub origin: String,
    /// Whether time and chance may be simulated.
    pub is_rehearsal: bool,
}

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
        sqlx::query(
            "INSERT INTO site (only_one, code, environment, origin, made_at, rehearsal) VALUES (1, $1, $2, $3, $4, $5)",
        )
        .bind(&site.code)
        .bind(&site.environment)
        .bind(&site.origin)
        .bind(instant_text(at))
        .bind(site.is_rehearsal)
        .execute(&ledger.writer)
        .await
        .map_err(failed("made itself"))?;
        Ok(ledger)
    }

    /// Opens the ledger of a site.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it belongs to another site.
    pub async fn open(path: &Path, site: &SiteMark, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let ledger = Self::connect(path, false, entropy).await?;
        let found = ledger.site_mark().await?;
        if found == *site || ledger.take_up(site).await? {
            return Ok(ledger);
        }
        if (SiteMark { is_rehearsal: site.is_rehearsal, ..found.clone() }) == *site {
            return Err(LedgerError::NotAllowed(other_time(found.is_rehearsal).to_owned()));
        }
        Err(LedgerError::NotAllowed(format!(
            "the ledger belongs to site '{}' ({}, origin {}) and the configuration is of site '{}' ({}, origin {}); \
             set [ledger] url to this site's own ledger",
            found.code, found.environment, found.origin, site.code, site.environment, site.origin
        )))
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
        let ledger = Self { writer: pool.clone(), reader: pool, entropy, acting: Acting::of_process() };
        if ledger.site_mark().await? == *site {
            return Ok(ledger);
        }
        Err(LedgerError::NotAllowed("the ledger is of another site than the configuration".to_owned()))
    }

    /// Whose ledger it is.
    async fn site_mark(&self) -> LedgerResult<SiteMark> {
        let (code, environment, origin, is_rehearsal) =
            sqlx::query_as("SELECT code, environment, origin, rehearsal FROM site")
                .fetch_one(&self.reader)
                .await
                .map_err(failed("told whose it is"))?;
        Ok(SiteMark { code, environment, origin, is_rehearsal })
    }

    /// Makes the ledger this site's, if nothing was ever recorded in it: a site is made for trying out, and gets its
    /// own code and environment before its first request.
    async fn take_up(&self, site: &SiteMark) -> LedgerResult<bool> {
        let taken = sqlx::query(
            "UPDATE site SET code = $1, environment = $2, origin = $3, rehearsal = $4
             WHERE NOT EXISTS (SELECT 1 FROM audit_entry)",
        )
        .bind(&site.code)
        .bind(&site.environment)
        .bind(&site.origin)
        .bind(site.is_rehearsal)
        .execute(&self.writer)
        .await
        .map_err(failed("took up its site"))?;
        Ok(taken.rows_affected() == 1)
    }

    async fn connect(path: &Path, create: bool, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        if create {
            make_private(path)?;
        }
        let options = options(path).create_if_missing(false);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(failed("opened its file"))?;
        MIGRATIONS.run(&writer).await.map_err(|error| LedgerError::Unavailable {
            doing: "brought its tables up to date",
            reason: error.to_string(),
        })?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(failed("opened its file"))?;
        Ok(Self { writer, reader, entropy, acting: Acting::of_process() })
    }

    /// Closes every connection, so that the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Why a ledger is refused that has the right site's mark and the wrong time.
fn other_time(is_rehearsal: bool) -> &'static str {
    if is_rehearsal {
        "the ledger is a rehearsal's: its time may have been simulated, and nothing real is recorded in it; write \
         rehearsal = true under [site] again, or make a site with 'letterpost init DIR'"
    } else {
        "the ledger is no rehearsal's: what is recorded in it has its real time, and simulated time would backdate what \
         follows; take rehearsal = true out of [site], and rehearse on a site of its own: 'letterpost demo DIR'"
    }
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
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
}

/// Turns what the database said into an error that names what was being done.
fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> LedgerError {
    move |error| LedgerError::Unavailable { doing, reason: error.to_string() }
}
