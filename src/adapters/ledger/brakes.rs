//! Brakes, and the marks that the clock is held against.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::change::Change;
use super::db::{At, Row};
use super::dialect::hour_of;
use super::exceptions::decided;
use super::rows::{column, instant, maybe_instant, maybe_size, maybe_wall, named};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::brake::BrakeKind;
use crate::ports::ledger::{
    Brake, BrakeEnd, BrakeFinding, BrakeLedger, ClockMark, Decision, LedgerError, LedgerResult, PendingHour,
    PendingSource,
};

const BRAKE: &str = "SELECT brake.*, run.job AS night_job, run.scheduled_for AS night_time
    FROM brake LEFT JOIN run ON run.id = brake.run_id";

#[async_trait]
impl BrakeLedger for SqlLedger {
    async fn engaged_brakes(&self) -> LedgerResult<Vec<Brake>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{BRAKE} WHERE brake.ended_at IS NULL ORDER BY brake.id")))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for engaged brakes"))?;
        rows.iter().map(brake).collect()
    }

    async fn brakes(&self, limit: u32) -> LedgerResult<Vec<Brake>> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{BRAKE} ORDER BY brake.id DESC LIMIT $1")))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed brakes"))?;
        rows.iter().map(brake).collect()
    }

    async fn brake(&self, id: i64) -> LedgerResult<Option<Brake>> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{BRAKE} WHERE brake.id = $1")))
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a brake"))?;
        row.as_ref().map(brake).transpose()
    }

    async fn raise_brake(
        &self,
        finding: &BrakeFinding,
        found: &str,
        run_id: Option<i64>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Brake> {
        let mut change = self.change("raised a brake", at).await?;
        let replace = "UPDATE brake SET ended_at = $1, ended_as = 'replaced' WHERE kind = $2 AND ended_at IS NULL";
        let kind = finding.kind().as_str();
        change.run(sqlx::query(replace).bind(change.at).bind(kind)).await?;
        let (size, clock) = match finding {
            BrakeFinding::Size { letters, allows } => (Some((letters.cast_signed(), allows.cast_signed())), None),
            BrakeFinding::Clock(jump) => (None, Some((At(jump.shown_at), At(jump.right_at)))),
        };
        let (letters, allows) = size.unzip();
        let (shown_at, right_at) = clock.unzip();
        let (id,): (i64,) = sqlx::query_as(
            "INSERT INTO brake (kind, found, run_id, letters, allows, shown_at, right_at, raised_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        )
        .bind(kind)
        .bind(found)
        .bind(run_id)
        .bind(letters)
        .bind(allows)
        .bind(shown_at)
        .bind(right_at)
        .bind(change.at)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
        change.audit(draft("brake.raised", id).with("brake_kind", kind).with("found", found).after("brake", "engaged"));
        change.commit().await?;
        self.brake(id).await?.ok_or_else(|| not_engaged(id))
    }

    async fn brake_is_over(&self, id: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("ended a brake", at).await?;
        end(&mut change, id, BrakeEnd::Over).await?;
        change.audit(draft("brake.over", id).changes("brake", "engaged", "over"));
        change.commit().await
    }

    async fn ask_brake_release(&self, id: i64, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("asked for the release of a brake", at).await?;
        ask(&mut change, id, decision).await?;
        change.audit(decided(draft("brake.release_asked", id).after("release", "asked"), decision));
        change.commit().await
    }

    async fn release_brake(
        &self,
        id: i64,
        decision: &Decision,
        confirmed_by: Option<&str>,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("released a brake", at).await?;
        if confirmed_by.is_none() {
            ask(&mut change, id, decision).await?;
        }
        let statement = sqlx::query(
            "UPDATE brake SET released_at = $1, confirmed_by = $2, ended_at = $1, ended_as = 'released'
             WHERE id = $3 AND ended_at IS NULL AND asked_by = $4",
        )
        .bind(change.at)
        .bind(confirmed_by)
        .bind(id)
        .bind(decision.by.as_deref());
        if change.run(statement).await? != 1 {
            return Err(not_engaged(id));
        }
        // The person says that the clock is right now: what it once showed is not held against it any more.
        let statement = sqlx::query(
            "UPDATE clock_mark SET recorded_at = $1, trusted_at = $1
             WHERE EXISTS (SELECT 1 FROM brake WHERE id = $2 AND kind <> 'size')",
        )
        .bind(change.at)
        .bind(id);
        change.run(statement).await?;
        let draft = decided(draft("brake.released", id).changes("brake", "engaged", "released"), decision);
        change.audit(match confirmed_by {
            Some(second) => draft.with("confirmed_by", second),
            None => draft,
        });
        change.commit().await
    }

    async fn released_night(&self, since: DateTime<Utc>) -> LedgerResult<Option<Brake>> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{BRAKE} WHERE brake.kind = 'size' AND brake.released_at >= $1 AND brake.used_at IS NULL
             ORDER BY brake.id DESC LIMIT 1"
        )))
        .bind(At(since))
        .fetch_optional(&self.reader)
        .await
        .map_err(failed("looked for a released night"))?;
        row.as_ref().map(brake).transpose()
    }

    async fn use_up_release(&self, id: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("used up the release of a night", at).await?;
        let statement =
            sqlx::query("UPDATE brake SET used_at = $1 WHERE id = $2 AND ended_as = 'released' AND used_at IS NULL")
                .bind(change.at)
                .bind(id);
        change.run_one(statement, &format!("brake {id}")).await?;
        change.audit(draft("brake.used", id).changes("brake", "released", "used"));
        change.commit().await
    }

    async fn letters_of_night(&self, run_id: Option<i64>) -> LedgerResult<(u64, u64)> {
        let (claimed, made): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM request WHERE status = 'claimed'),
                 (SELECT CAST(coalesce(sum(letters), 0) AS BIGINT) FROM batch WHERE run_id = $1 AND made_at IS NOT NULL
                     AND status <> 'void')",
        )
        .bind(run_id)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("counted letters"))?;
        Ok((claimed.cast_unsigned(), made.cast_unsigned()))
    }

    async fn letters_made_since(&self, at: DateTime<Utc>) -> LedgerResult<u64> {
        let (letters,): (i64,) =
            sqlx::query_as("SELECT CAST(coalesce(sum(letters), 0) AS BIGINT) FROM batch WHERE made_at >= $1")
                .bind(At(at))
                .fetch_one(&self.reader)
                .await
                .map_err(failed("counted letters"))?;
        Ok(letters.cast_unsigned())
    }

    async fn clock_mark(&self) -> LedgerResult<ClockMark> {
        let row = sqlx::query("SELECT recorded_at, trusted_at FROM clock_mark")
            .fetch_one(&self.reader)
            .await
            .map_err(failed("told when it was last written"))?;
        Ok(ClockMark {
            recorded_at: maybe_instant(&row, "recorded_at")?,
            trusted_at: maybe_instant(&row, "trusted_at")?,
        })
    }

    async fn trust_clock(&self, at: DateTime<Utc>) -> LedgerResult<()> {
        sqlx::query("UPDATE clock_mark SET trusted_at = $1 WHERE trusted_at IS NULL OR trusted_at < $1")
            .bind(At(at))
            .execute(&self.writer)
            .await
            .map_err(failed("recorded that the clock is right"))?;
        Ok(())
    }

    async fn pending_sources(&self, most: u32) -> LedgerResult<Vec<PendingSource>> {
        let rows = sqlx::query(
            "SELECT intake_file.name AS source, count(*) AS pending, min(requested_at) AS first, max(requested_at) AS last
             FROM request JOIN intake_file ON intake_file.id = request.intake_file_id
             WHERE request.status = 'pending' GROUP BY intake_file.id ORDER BY pending DESC, intake_file.id DESC LIMIT $1",
        )
        .bind(i64::from(most))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted pending requests"))?;
        rows.iter()
            .map(|row| {
                Ok(PendingSource {
                    source: column(row, "source")?,
                    pending: column::<i64>(row, "pending")?.cast_unsigned(),
                    first_requested_at: instant(row, "first")?,
                    last_requested_at: instant(row, "last")?,
                })
            })
            .collect()
    }

    async fn pending_hours(&self, most: u32) -> LedgerResult<Vec<PendingHour>> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            hour_of!("requested_at"),
            " AS hour, count(*) AS pending FROM request
             WHERE status = 'pending' GROUP BY 1 ORDER BY pending DESC, hour DESC LIMIT $1"
        ))
        .bind(i64::from(most))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted pending requests"))?;
        rows.iter()
            .map(|row| {
                Ok(PendingHour { hour: column(row, "hour")?, pending: column::<i64>(row, "pending")?.cast_unsigned() })
            })
            .collect()
    }
}

fn draft(kind: &'static str, id: i64) -> Draft {
    Draft::new(kind).with("brake", id.cast_unsigned())
}

fn not_engaged(id: i64) -> LedgerError {
    LedgerError::NotAllowed(format!(
        "brake {id} holds nothing back, so there is nothing to release; 'letterpost brake list' shows those that do"
    ))
}

/// Records who wants a brake released, and why; the last one who says so stands.
async fn ask(change: &mut Change, id: i64, decision: &Decision) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE brake SET asked_by = $1, asked_at = $2, reason = $3 WHERE id = $4 AND ended_at IS NULL AND $1 IS NOT NULL",
    )
    .bind(decision.by.as_deref())
    .bind(change.at)
    .bind(&decision.reason)
    .bind(id);
    if change.run(statement).await? == 1 { Ok(()) } else { Err(not_engaged(id)) }
}

async fn end(change: &mut Change, id: i64, how: BrakeEnd) -> LedgerResult<()> {
    let statement = sqlx::query("UPDATE brake SET ended_at = $1, ended_as = $2 WHERE id = $3 AND ended_at IS NULL")
        .bind(change.at)
        .bind(how.as_str())
        .bind(id);
    change.run_one(statement, &format!("brake {id}")).await
}

fn brake(row: &Row) -> LedgerResult<Brake> {
    Ok(Brake {
        id: column(row, "id")?,
        kind: named(row, "kind", BrakeKind::from_name)?,
        found: column(row, "found")?,
        night: column::<Option<String>>(row, "night_job")?
            .zip(maybe_wall(row, "night_time")?)
            .map(|(job, time)| format!("{job} for {time}")),
        letters: maybe_size(row, "letters")?,
        allows: maybe_size(row, "allows")?,
        shown_at: maybe_instant(row, "shown_at")?,
        right_at: maybe_instant(row, "right_at")?,
        raised_at: instant(row, "raised_at")?,
        asked_by: column(row, "asked_by")?,
        asked_at: maybe_instant(row, "asked_at")?,
        reason: column(row, "reason")?,
        confirmed_by: column(row, "confirmed_by")?,
        released_at: maybe_instant(row, "released_at")?,
        ended_at: maybe_instant(row, "ended_at")?,
        ended_as: match column::<Option<String>>(row, "ended_as")? {
            Some(_) => Some(named(row, "ended_as", BrakeEnd::from_name)?),
            None => None,
        },
        used_at: maybe_instant(row, "used_at")?,
    })
}
