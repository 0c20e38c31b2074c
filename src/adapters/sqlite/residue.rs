//! What erasing leaves behind in the file and its log, and how it goes.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::db::Pool;
use super::ledger::failed;
use super::{BUSY_TIMEOUT, copies};
use crate::ports::ledger::LedgerResult;

/// Whether what is deleted or changed is overwritten at once: here with zeros (`secure_delete`).
pub const IS_OVERWRITTEN: bool = true;

/// How long the emptying of the log of the portal's table waits for those who read it.
const COMPACTION_WAIT: Duration = Duration::from_secs(2);
/// What it is doing, for errors.
const REWRITING: &str = "wrote its files anew";
/// How long the emptying of the log waits for those who read it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Writes every page anew and empties the write-ahead log. `false` where somebody else is at work on the ledger.
///
/// # Errors
/// Where the file cannot be written.
pub async fn rewrite(writer: &Pool) -> LedgerResult<bool> {
    let mut writer = writer.acquire().await.map_err(failed(REWRITING))?;
    set_patience(&mut writer, PATIENCE).await?;
    let rewritten: Result<i64, sqlx::Error> = async {
        sqlx::query("VACUUM").execute(&mut *writer).await?;
        let (busy, ..): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await?;
        Ok(busy)
    }
    .await;
    set_patience(&mut writer, BUSY_TIMEOUT).await?;
    match rewritten {
        Ok(busy) => Ok(busy == 0),
        Err(error) if copies::is_busy(&error) => Ok(false),
        Err(error) => Err(failed(REWRITING)(error)),
    }
}

/// How long this connection waits for others.
async fn set_patience(writer: &mut SqliteConnection, patience: Duration) -> LedgerResult<()> {
    let sql = format!("PRAGMA busy_timeout = {}", patience.as_millis());
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(writer).await.map_err(failed(REWRITING))?;
    Ok(())
}

/// Writes the file of the portal's table anew; whether that could be done: not while others read it.
///
/// # Errors
/// Where the file cannot be written.
pub async fn compact(table: &Pool) -> LedgerResult<bool> {
    match vacuum(table).await {
        Err(error) if copies::is_busy(&error) => Ok(false),
        emptied => emptied.map_err(failed("wrote the portal's table anew")),
    }
}

/// Writes the file anew and empties its log, if nobody reads it; whether that could be done. While it waits for
/// readers, no portal can insert, so it does not wait as long as others do. What VACUUM writes on its way stays in
/// memory, since a temporary file would keep the names of those who wait.
async fn vacuum(table: &Pool) -> sqlx::Result<bool> {
    let mut connection = table.acquire().await?;
    let timeout = |wait: Duration| format!("PRAGMA busy_timeout = {}", wait.as_millis());
    sqlx::raw_sql(sqlx::AssertSqlSafe(timeout(COMPACTION_WAIT))).execute(&mut *connection).await?;
    let vacuumed = sqlx::raw_sql("PRAGMA temp_store = MEMORY; VACUUM").execute(&mut *connection).await;
    let folded = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(timeout(BUSY_TIMEOUT))).execute(&mut *connection).await?;
    let (busy, ..): (i64, i64, i64) = vacuumed.and(folded)?;
    Ok(busy == 0)
}
