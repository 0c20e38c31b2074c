//! Series of nights and of days to come.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::db::{At, On, Row};
use super::dialect::stage_place;
use super::rows::{column, count, date, instant, maybe_instant, named, wall};
use super::{SqlLedger, failed};
use crate::domain::letter::LetterStatus;
use crate::ports::ledger::{
    Arrival, IntakeTrouble, LedgerResult, NightLetters, NightTimes, OverviewLedger, PasswordEnd, StageTime,
};

#[async_trait]
impl OverviewLedger for SqlLedger {
    async fn nights(&self, limit: u32) -> LedgerResult<Vec<NightTimes>> {
        let rows = sqlx::query(concat!(
            "SELECT run.id, run.job, run.scheduled_for, run_stage.stage, run_stage.started_at, run_stage.finished_at
             FROM run JOIN run_stage ON run_stage.run_id = run.id
             WHERE run.id IN (SELECT run_id FROM run_stage WHERE stage = 'produce' ORDER BY run_id DESC LIMIT $1)
             ORDER BY run.id, ",
            stage_place!()
        ))
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked back at nights"))?;
        let mut nights = Vec::<NightTimes>::new();
        for row in &rows {
            let run: i64 = column(row, "id")?;
            if nights.last().is_none_or(|night| night.run != run) {
                let (job, scheduled_for) = (column(row, "job")?, wall(row, "scheduled_for")?);
                nights.push(NightTimes { run, job, scheduled_for, stages: Vec::new() });
            }
            let stage = stage_time(row)?;
            nights.last_mut().into_iter().for_each(|night| night.stages.push(stage.clone()));
        }
        Ok(nights)
    }

    async fn letters_of_nights(&self, from_run: i64) -> LedgerResult<Vec<NightLetters>> {
        let rows = sqlx::query(
            "SELECT batch.run_id, letter.status, count(*) AS letters FROM batch
             JOIN letter ON letter.batch_id = batch.id
             WHERE batch.run_id >= $1 GROUP BY batch.run_id, letter.status ORDER BY batch.run_id",
        )
        .bind(from_run)
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted the letters of nights"))?;
        rows.iter()
            .map(|row| {
                let status = named(row, "status", LetterStatus::from_name)?;
                Ok(NightLetters { run: column(row, "run_id")?, status, letters: count(row, "letters")?.into() })
            })
            .collect()
    }

    async fn arrivals(&self, from: NaiveDate) -> LedgerResult<Vec<Arrival>> {
        let rows = sqlx::query(
            "SELECT expected_from, expected_to, count(*) AS letters FROM letter
             WHERE status IN ('delivered', 'accepted', 'printed', 'mailed') AND password_status IN ('live', 'locked')
                 AND expected_to >= $1
             GROUP BY expected_to, expected_from",
        )
        .bind(On(from))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted the letters on their way"))?;
        rows.iter()
            .map(|row| {
                let (expected_from, expected_to) = (date(row, "expected_from")?, date(row, "expected_to")?);
                Ok(Arrival { expected_from, expected_to, letters: count(row, "letters")?.into() })
            })
            .collect()
    }

    async fn password_ends(&self, from: NaiveDate, to: NaiveDate) -> LedgerResult<Vec<PasswordEnd>> {
        let rows = sqlx::query(
            "SELECT expires_on, count(*) AS passwords FROM letter
             WHERE password_status IN ('live', 'locked') AND expires_on BETWEEN $1 AND $2
             GROUP BY expires_on ORDER BY expires_on",
        )
        .bind(On(from))
        .bind(On(to))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted the passwords that end"))?;
        rows.iter()
            .map(|row| Ok(PasswordEnd { on: date(row, "expires_on")?, passwords: count(row, "passwords")?.into() }))
            .collect()
    }

    async fn intake_trouble(&self, after: Option<DateTime<Utc>>, limit: u32) -> LedgerResult<Vec<IntakeTrouble>> {
        let rows = sqlx::query(
            "SELECT * FROM intake_file WHERE taken_at > $1 AND (quarantined_rows > 0 OR refused_because IS NOT NULL)
             ORDER BY id DESC LIMIT $2",
        )
        .bind(At(after.unwrap_or(DateTime::UNIX_EPOCH)))
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for files that were refused"))?;
        rows.iter()
            .map(|row| {
                Ok(IntakeTrouble {
                    file: column(row, "id")?,
                    name: column(row, "name")?,
                    taken_at: instant(row, "taken_at")?,
                    rows: count(row, "rows")?.into(),
                    quarantined: count(row, "quarantined_rows")?.into(),
                    refused_because: column(row, "refused_because")?,
                })
            })
            .collect()
    }
}

fn stage_time(row: &Row) -> LedgerResult<StageTime> {
    let (started_at, finished_at) = (instant(row, "started_at")?, maybe_instant(row, "finished_at")?);
    let seconds = finished_at.map(|end| u64::try_from((end - started_at).num_seconds()).unwrap_or_default());
    Ok(StageTime { stage: column(row, "stage")?, seconds })
}
