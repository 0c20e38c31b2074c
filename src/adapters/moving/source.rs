//! The side that rows come from: a file of SQLite that nobody writes into meanwhile.

use std::path::Path;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use super::Copied;
use super::catalog::{INTAKE, Shape, Table};
use crate::adapters::sqlite::{MOVED, failed, options};
use crate::ports::ledger::LedgerResult;

const READING: &str = "was copied";
/// What the portal is told that still knows the old table.
const TAKEN_ELSEWHERE: &str = "CREATE TRIGGER IF NOT EXISTS mail_requests_are_taken_elsewhere BEFORE INSERT ON mail_requests
    BEGIN SELECT RAISE(ABORT, 'requests are taken on PostgreSQL now; insert them into intake.mail_requests there'); END";

/// A file that rows are read from. Dropped without [`leave`](Self::leave), it stays as it is.
pub struct Source {
    pub(super) connection: SqliteConnection,
    /// The highest id that is there already, where rows up to it are passed over.
    pub(super) pass_over: Option<i64>,
}

impl Source {
    /// The ledger, for reading.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub async fn of_ledger(path: &Path) -> LedgerResult<Self> {
        let connection = options(path).create_if_missing(false).connect().await.map_err(failed("opened its file"))?;
        Ok(Self { connection, pass_over: None })
    }

    /// The portal's table, for reading.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub async fn of_intake(path: &Path) -> LedgerResult<Self> {
        Self::of_ledger(path).await
    }

    /// Keeps everybody else from writing until this ends.
    ///
    /// # Errors
    /// Where somebody writes for longer than is waited.
    pub async fn lock(&mut self) -> LedgerResult<()> {
        self.run("BEGIN IMMEDIATE", "kept others from writing into it").await
    }

    /// Marks the ledger as one that the site has left.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn leave_ledger(mut self) -> LedgerResult<()> {
        self.run(&format!("PRAGMA user_version = {MOVED}"), "was marked as moved").await?;
        self.leave().await
    }

    /// Has the portal's old table refuse requests.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn leave_intake(mut self) -> LedgerResult<()> {
        self.run(TAKEN_ELSEWHERE, "closed the portal's old table").await?;
        self.leave().await
    }

    async fn leave(mut self) -> LedgerResult<()> {
        self.run("COMMIT", "was marked as moved").await?;
        self.connection.close().await.map_err(failed("was marked as moved"))
    }

    async fn run(&mut self, statement: &str, doing: &'static str) -> LedgerResult<()> {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut self.connection)
            .await
            .map_err(failed(doing))?;
        Ok(())
    }

    /// Its tables.
    pub(super) async fn shape(&mut self) -> LedgerResult<Vec<Shape>> {
        let tables: Vec<(String, bool)> = sqlx::query_as(
            "SELECT name, sql NOT LIKE '%WITHOUT ROWID%' FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations' ORDER BY name",
        )
        .fetch_all(&mut self.connection)
        .await
        .map_err(failed(READING))?;
        let mut shapes = Vec::new();
        for (name, has_rowid) in tables {
            // Generated columns are not listed: the other side makes its own.
            let columns: Vec<(String,)> = sqlx::query_as("SELECT name FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut self.connection)
                .await
                .map_err(failed(READING))?;
            shapes.push(Shape { name, columns: columns.into_iter().map(|(column,)| column).collect(), has_rowid });
        }
        Ok(shapes)
    }

    /// How many rows each table has.
    pub(super) async fn counts(&mut self) -> LedgerResult<Vec<Copied>> {
        let mut counts = Vec::new();
        for shape in self.shape().await? {
            let (rows,): (i64,) = sqlx::query_as(AssertSqlSafe(format!("SELECT count(*) FROM \"{}\"", shape.name)))
                .fetch_one(&mut self.connection)
                .await
                .map_err(failed(READING))?;
            counts.push(Copied { table: shape.name, rows: rows.cast_unsigned(), sha256: String::new() });
        }
        Ok(counts)
    }

    /// Entries of the audit log.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn log_size(&mut self) -> LedgerResult<u64> {
        let (size,): (i64,) = sqlx::query_as("SELECT coalesce(max(seq) + 1, 0) FROM audit_entry")
            .fetch_one(&mut self.connection)
            .await
            .map_err(failed(READING))?;
        Ok(size.cast_unsigned())
    }

    /// The highest id that the portal's table ever gave.
    pub(super) async fn last_given_id(&mut self) -> LedgerResult<i64> {
        let (last,): (i64,) = sqlx::query_as(
            "SELECT max(coalesce((SELECT max(id) FROM mail_requests), 0),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = $1), 0))",
        )
        .bind(INTAKE)
        .fetch_one(&mut self.connection)
        .await
        .map_err(failed(READING))?;
        Ok(last)
    }

    /// The query for rows in the order in which they were written, or in that of their keys.
    pub(super) fn rows(&self, table: &Table, is_by_key: bool) -> AssertSqlSafe<String> {
        let columns = listed(table.columns.iter().map(|column| &column.name));
        let order = if table.has_rowid && !is_by_key { "rowid".to_owned() } else { listed(&table.key) };
        let condition = self.pass_over.map_or_else(String::new, |id| format!("WHERE id > {id}"));
        AssertSqlSafe(format!("SELECT {columns} FROM \"{}\" {condition} ORDER BY {order}", table.name))
    }

    /// The key of one row, the first being 0, as [`rows`](Self::rows) gives them; for messages.
    pub(super) async fn key_of(&mut self, table: &Table, row: u64, is_by_key: bool) -> String {
        let found = sqlx::query(AssertSqlSafe(format!("{} LIMIT 1 OFFSET {row}", self.rows(table, is_by_key).0)))
            .fetch_optional(&mut self.connection)
            .await;
        found.ok().flatten().map_or_else(|| format!("number {}", row + 1), |row| key(table, &row))
    }
}

/// The key of a row in words: `seq 12`.
pub(super) fn key(table: &Table, row: &SqliteRow) -> String {
    let value = |column: &String| row.try_get_unchecked::<String, &str>(column).unwrap_or_default();
    table.key.iter().map(|column| format!("{column} {}", value(column))).collect::<Vec<_>>().join(", ")
}

/// Names, as SQL lists them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
