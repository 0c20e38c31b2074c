//! Where a site's records lie: how requests get there, and how much there is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Serialize;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::people::{COLUMNS, Row};
use crate::postgres;
use crate::site::mib;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LedgerKind {
    Sqlite,
    Postgres,
}

impl fmt::Display for LedgerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The records of one site.
pub enum Store {
    /// Ledger and intake table, each a file.
    Sqlite { ledger: PathBuf, intake: PathBuf },
    /// A database of the bench's own cluster.
    Postgres { address: String },
}

impl Store {
    /// In files of the site's folder.
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite { ledger: folder.join("letterpost.db"), intake: folder.join("intake.db") }
    }

    /// In a new database.
    pub fn postgres() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        postgres::keep_what_is_committed();
        let name = format!("night_{}", MADE.fetch_add(1, Ordering::Relaxed));
        Self::Postgres { address: postgres::empty_database(&name) }
    }

    /// What `demo` is told of it.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::Sqlite { .. } => Vec::new(),
            Self::Postgres { address } => vec!["--ledger".into(), address.clone()],
        }
    }

    /// Lays requests into the portal's table, as a portal would, in one transaction.
    pub fn insert(&self, rows: impl Iterator<Item = Row>) {
        match self {
            Self::Sqlite { intake, .. } => run(insert_into(intake, rows)),
            Self::Postgres { address } => run(copy_into(address, rows)),
        }
    }

    /// MiB of the ledger.
    pub fn ledger_mib(&self) -> f64 {
        match self {
            Self::Sqlite { ledger, .. } => mib(ledger) + mib(&ledger.with_extension("db-wal")),
            Self::Postgres { address } => run(mib_of(address, "SELECT pg_database_size(current_database())")),
        }
    }

    /// MiB that the database has written to its log so far; `None` where it is a file that the processes write themselves.
    pub fn log_mib(&self) -> Option<f64> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres { address } => {
                Some(run(mib_of(address, "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::BIGINT")))
            }
        }
    }
}

async fn insert_into(intake: &Path, rows: impl Iterator<Item = Row>) {
    let options = SqliteConnectOptions::new().filename(intake);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let statement =
        format!("INSERT INTO mail_requests ({}) VALUES (?{})", COLUMNS.join(", "), ", ?".repeat(COLUMNS.len() - 1));
    let mut transaction = connection.begin().await.unwrap();
    for row in rows {
        let insert = row.into_iter().fold(sqlx::query(sqlx::AssertSqlSafe(statement.as_str())), |insert, cell| {
            insert.bind(Some(cell).filter(|cell| !cell.is_empty()))
        });
        insert.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
}

async fn copy_into(address: &str, rows: impl Iterator<Item = Row>) {
    let mut connection = PgConnection::connect(address).await.unwrap();
    let statement = format!("COPY intake.mail_requests ({}) FROM STDIN WITH (FORMAT csv)", COLUMNS.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await.unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.for_each(|row| writer.write_record(row).unwrap());
    copy.send(writer.into_inner().unwrap()).await.unwrap();
    copy.finish().await.unwrap();
    connection.close().await.unwrap();
}

async fn mib_of(address: &str, bytes: &'static str) -> f64 {
    let mut connection = PgConnection::connect(address).await.unwrap();
    let (bytes,): (i64,) = sqlx::query_as(bytes).fetch_one(&mut connection).await.unwrap();
    bytes as f64 / f64::from(1 << 20)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
