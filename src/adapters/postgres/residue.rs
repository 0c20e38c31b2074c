//! What erasing leaves behind in the database's files, and when it is gone.

use super::db::Pool;
use super::ledger::failed;
use crate::ports::ledger::LedgerResult;

/// Whether no table of the ledger holds a row that was erased or changed and not yet vacuumed away. The server does that by itself
/// (a login of letterpost may not): this only looks.
///
/// # Errors
/// Where the server cannot be asked.
pub async fn rewrite(writer: &Pool) -> LedgerResult<bool> {
    let (dead,): (i64,) = sqlx::query_as(
        "SELECT CAST(coalesce(sum(n_dead_tup), 0) AS BIGINT) FROM pg_stat_user_tables
         WHERE schemaname IN ('letterpost', 'intake')",
    )
    .fetch_one(writer)
    .await
    .map_err(failed("looked whether erased rows are gone"))?;
    Ok(dead == 0)
}

/// As [`rewrite`]: the portal's table lies in the same database.
///
/// # Errors
/// Where the server cannot be asked.
pub async fn compact(table: &Pool) -> LedgerResult<bool> {
    rewrite(table).await
}
