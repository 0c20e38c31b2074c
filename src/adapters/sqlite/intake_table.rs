//! The table `mail_requests`, into which a portal inserts requests.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use super::copies::is_busy;
use super::rows::column;
use super::{BUSY_TIMEOUT, failed, make_private, options};
use crate::domain::request::{AddressBasis, NewRequest, RawRequest, Recipient};
use crate::ports::ledger::LedgerResult;
use crate::ports::{IntakeTable, TableRow};

/// How long the emptying of the table's log waits for those who read it.
const COMPACTION_WAIT: Duration = Duration::from_secs(2);

/// The portal's table.
pub struct SqliteIntakeTable {
    pool: SqlitePool,
}

impl SqliteIntakeTable {
    /// Opens the table, making file and table where there are none.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub async fn open(path: &Path) -> LedgerResult<Self> {
        make_private(path)?;
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options(path))
            .await
            .map_err(failed("opened the portal's table"))?;
        sqlx::raw_sql(include_str!("intake.sql")).execute(&pool).await.map_err(failed("made the portal's table"))?;
        Ok(Self { pool })
    }

    /// Lays a request into the table, where the next night finds it.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn hand_over(&self, request: &NewRequest) -> LedgerResult<()> {
        let Recipient { full_name, address, language, format } = &request.recipient;
        sqlx::query(
            "INSERT INTO mail_requests (reference, username, full_name, address_line_1, address_line_2, city, state,
                 postal_code, country, second_factor, language, format, requested_at, address_basis, address_since)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(&request.reference)
        .bind(&request.username)
        .bind(full_name)
        .bind(&address.address_line_1)
        .bind(&address.address_line_2)
        .bind(&address.city)
        .bind(&address.state)
        .bind(&address.postal_code)
        .bind(&address.country)
        .bind(request.second_factor.as_str())
        .bind(language.as_str())
        .bind(format.as_str())
        .bind(request.requested_at.to_rfc3339())
        .bind(request.address_basis.map(AddressBasis::as_str))
        .bind(request.address_since.map(|date| date.to_string()))
        .execute(&self.pool)
        .await
        .map_err(failed("took a request into the portal's table"))?;
        Ok(())
    }

    /// The newest row of a reference.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn newest_row(&self, reference: &str) -> LedgerResult<Option<i64>> {
        let (row,): (Option<i64>,) = sqlx::query_as("SELECT max(id) FROM mail_requests WHERE reference = $1")
            .bind(reference)
            .fetch_one(&self.pool)
            .await
            .map_err(failed("looked into the portal's table"))?;
        Ok(row)
    }

    /// Writes the file anew and empties its log, if nobody reads it; whether that could be done. While it waits for
    /// readers, no portal can insert, so it does not wait as long as others do. What VACUUM writes on its way stays in
    /// memory, since a temporary file would keep the names of those who wait.
    async fn vacuum(&self) -> sqlx::Result<bool> {
        let mut connection = self.pool.acquire().await?;
        let timeout = |wait: Duration| format!("PRAGMA busy_timeout = {}", wait.as_millis());
        sqlx::raw_sql(sqlx::AssertSqlSafe(timeout(COMPACTION_WAIT))).execute(&mut *connection).await?;
        let vacuumed = sqlx::raw_sql("PRAGMA temp_store = MEMORY; VACUUM").execute(&mut *connection).await;
        let folded = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(timeout(BUSY_TIMEOUT))).execute(&mut *connection).await?;
        let (busy, ..): (i64, i64, i64) = vacuumed.and(folded)?;
        Ok(busy == 0)
    }

    /// Closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl IntakeTable for SqliteIntakeTable {
    async fn rows_after(&self, last_id: i64, limit: u32) -> LedgerResult<Vec<TableRow>> {
        let rows = sqlx::query("SELECT * FROM mail_requests WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(last_id)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("read the portal's table"))?;
        rows.iter()
            .map(|row| {
                let request = RawRequest {
                    reference: column(row, "reference")?,
                    username: column(row, "username")?,
                    full_name: column(row, "full_name")?,
                    address_line_1: column(row, "address_line_1")?,
                    address_line_2: column(row, "address_line_2")?,
                    city: column(row, "city")?,
                    state: column(row, "state")?,
                    postal_code: column(row, "postal_code")?,
                    country: column(row, "country")?,
                    phone: None,
                    second_factor: column(row, "second_factor")?,
                    language: column(row, "language")?,
                    format: column(row, "format")?,
                    requested_at: column(row, "requested_at")?,
                    address_basis: column(row, "address_basis")?,
                    address_since: column(row, "address_since")?,
                };
                Ok(TableRow { id: column(row, "id")?, request })
            })
            .collect()
    }

    async fn delete_rows(&self, after: i64, through: i64) -> LedgerResult<()> {
        sqlx::query("DELETE FROM mail_requests WHERE id > $1 AND id <= $2")
            .bind(after)
            .bind(through)
            .execute(&self.pool)
            .await
            .map_err(failed("deleted rows of the portal's table"))?;
        Ok(())
    }

    async fn compact(&self) -> LedgerResult<bool> {
        match self.vacuum().await {
            Err(error) if is_busy(&error) => Ok(false),
            emptied => emptied.map_err(failed("wrote the portal's table anew")),
        }
    }
}
