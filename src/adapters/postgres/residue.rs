//! What erasing leaves behind in the server's files, and how it goes.
//!
//! An old row's bytes stay in a table's file after VACUUM, so the tables of people are written anew (`write_anew`, migration 0016).
//! That leaves an old row out only where nobody may still see it: so it begins when every transaction has ended that was under way.

use std::time::Duration;

use super::db::Pool;
use super::ledger::failed;
use crate::ports::ledger::LedgerResult;

/// Whether what is deleted or changed is overwritten at once: here the old row stays until its table is written anew.
pub const IS_OVERWRITTEN: bool = false;

/// What it is doing, for errors.
const REWRITING: &str = "wrote its tables anew";
/// The ledger's tables in which something is erased.
const TABLES: [&str; 5] = ["intake_file", "letter", "quarantined_row", "request", "run_stage"];
/// The portal's table.
const MAIL_REQUESTS: [&str; 1] = ["mail_requests"];
/// How often it is looked whether others have ended, and the longest that they are waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const MOST_LOOKS: u32 = 30;
/// What the server says where others are at work on a table: lock_not_available, deadlock_detected.
const BUSY: [&str; 2] = ["55P03", "40P01"];
/// The longest that others keep a table, and that one may take.
const TERMS: &str = "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '2h'";

/// Writes the tables of people anew. `false` where somebody else is at work on the ledger.
///
/// # Errors
/// Where the server refuses.
pub async fn rewrite(writer: &Pool) -> LedgerResult<bool> {
    write_all(writer, &TABLES).await.map_err(failed(REWRITING))
}

/// Writes the portal's table anew. `false` where somebody else is at work on it.
///
/// # Errors
/// Where the server refuses.
pub async fn compact(table: &Pool) -> LedgerResult<bool> {
    write_all(table, &MAIL_REQUESTS).await.map_err(failed("wrote the portal's table anew"))
}

async fn write_all(pool: &Pool, tables: &[&str]) -> sqlx::Result<bool> {
    if !have_others_ended(pool).await? {
        return Ok(false);
    }
    for table in tables {
        match write_one(pool, table).await {
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| BUSY.contains(&&*code)) => {
                return Ok(false);
            }
            written => written?,
        }
    }
    Ok(true)
}

async fn write_one(pool: &Pool, table: &str) -> sqlx::Result<()> {
    let mut writing = pool.begin().await?;
    sqlx::raw_sql(TERMS).execute(&mut *writing).await?;
    sqlx::query("SELECT write_anew($1)").bind(table).execute(&mut *writing).await?;
    writing.commit().await
}

/// Whether every transaction has ended that was under way in this database: what was erased before is seen by nobody then.
/// Who holds which transaction is known to everybody, what it does is not.
async fn have_others_ended(pool: &Pool) -> sqlx::Result<bool> {
    let others: Vec<(String,)> = sqlx::query_as(
        "SELECT virtualtransaction FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'virtualxid' AND datname = current_database() AND pid <> pg_backend_pid()
         UNION ALL SELECT gid FROM pg_prepared_xacts WHERE database = current_database()",
    )
    .fetch_all(pool)
    .await?;
    let others: Vec<String> = others.into_iter().map(|(other,)| other).collect();
    for _ in 0..MOST_LOOKS {
        let (is_there,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'virtualxid' AND virtualtransaction = ANY ($1))
                 OR EXISTS (SELECT 1 FROM pg_prepared_xacts WHERE gid = ANY ($1))",
        )
        .bind(&others)
        .fetch_one(pool)
        .await?;
        if !is_there {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(false)
}
