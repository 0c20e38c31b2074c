//! What each place outside has had of the checkpoints.

use super::db::Row;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::rows::{column, instant, maybe_instant};
use super::{SqlLedger, failed};
use crate::ports::ledger::{KeptNote, LedgerResult, SinkLedger, SinkStanding};

#[async_trait]
impl SinkLedger for SqlLedger {
    async fn notes_for_sink(&self, code: &str, limit: u32) -> LedgerResult<Vec<KeptNote>> {
        let rows = sqlx::query(
            "SELECT size, note, taken_at FROM audit_head WHERE note IS NOT NULL
             AND size > coalesce((SELECT has_size FROM checkpoint_sink WHERE code = $1), -1) ORDER BY size LIMIT $2",
        )
        .bind(code)
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for checkpoints that a sink has not had"))?;
        rows.iter().map(kept_note).collect()
    }

    async fn newest_note(&self) -> LedgerResult<Option<KeptNote>> {
        let row = sqlx::query(
            "SELECT size, note, taken_at FROM audit_head WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1",
        )
        .fetch_optional(&self.reader)
        .await
        .map_err(failed("looked for the newest checkpoint"))?;
        row.as_ref().map(kept_note).transpose()
    }

    async fn record_sent(&self, code: &str, size: u64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded what a sink has had", at).await?;
        let statement = sqlx::query(
            "INSERT INTO checkpoint_sink (code, has_size, had_at, tried_at) VALUES ($1, $2, $3, $3) ON CONFLICT (code)
             DO UPDATE SET has_size = excluded.has_size, had_at = excluded.had_at, tried_at = excluded.tried_at,
                 failure = NULL",
        )
        .bind(code)
        .bind(size.cast_signed())
        .bind(change.at);
        change.run_one(statement, "the sinks").await?;
        change.commit().await
    }

    async fn record_not_sent(&self, code: &str, why: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that a sink failed", at).await?;
        let statement = sqlx::query(
            "INSERT INTO checkpoint_sink (code, tried_at, failure) VALUES ($1, $2, $3) ON CONFLICT (code)
             DO UPDATE SET tried_at = excluded.tried_at, failure = excluded.failure",
        )
        .bind(code)
        .bind(change.at)
        .bind(why);
        change.run_one(statement, "the sinks").await?;
        change.commit().await
    }

    async fn sink_standing(&self, code: &str) -> LedgerResult<SinkStanding> {
        let row = sqlx::query(
            "SELECT sink.has_size, sink.had_at, sink.failure, count(head.size) AS behind, min(head.taken_at) AS behind_since
             FROM (SELECT $1 AS code) AS asked LEFT JOIN checkpoint_sink AS sink ON sink.code = asked.code
             LEFT JOIN audit_head AS head ON head.note IS NOT NULL AND head.size > coalesce(sink.has_size, -1)
             GROUP BY sink.has_size, sink.had_at, sink.failure",
        )
        .bind(code)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("looked how far a sink is"))?;
        Ok(SinkStanding {
            code: code.to_owned(),
            has_size: column::<Option<i64>>(&row, "has_size")?.map(i64::cast_unsigned),
            had_at: maybe_instant(&row, "had_at")?,
            behind: column::<i64>(&row, "behind")?.cast_unsigned(),
            behind_since: maybe_instant(&row, "behind_since")?,
            failure: column(&row, "failure")?,
        })
    }

    async fn is_of_lost_log(&self, size: u64) -> LedgerResult<bool> {
        let (is_lost,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM loss WHERE $1 <= outside_size OR (outside_size IS NULL AND $1 > entries))",
        )
        .bind(size.cast_signed())
        .fetch_one(&self.reader)
        .await
        .map_err(failed("looked for losses"))?;
        Ok(is_lost)
    }
}

fn kept_note(row: &Row) -> LedgerResult<KeptNote> {
    Ok(KeptNote {
        size: column::<i64>(row, "size")?.cast_unsigned(),
        note: column(row, "note")?,
        taken_at: instant(row, "taken_at")?,
    })
}
