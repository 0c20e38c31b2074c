//! Runs: one a job and scheduled time.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::change::Change;
use super::db::{At, Wall};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::ports::ledger::{LedgerError, LedgerResult, RunLedger, RunStart, StartEnd};

#[async_trait]
impl RunLedger for SqlLedger {
    async fn unfinished_runs(&self, job: &str) -> LedgerResult<Vec<String>> {
        let rows: Vec<(Wall,)> =
            sqlx::query_as("SELECT scheduled_for FROM run WHERE job = $1 AND status = 'running' ORDER BY id")
                .bind(job)
                .fetch_all(&self.reader)
                .await
                .map_err(failed("looked for unfinished runs"))?;
        Ok(rows.into_iter().map(|(scheduled_for,)| scheduled_for.0).collect())
    }

    async fn last_run(&self, job: &str, not_after: &str) -> LedgerResult<Option<String>> {
        let (last,): (Option<Wall>,) =
            sqlx::query_as("SELECT max(scheduled_for) FROM run WHERE job = $1 AND scheduled_for <= $2")
                .bind(job)
                .bind(Wall(not_after.to_owned()))
                .fetch_one(&self.reader)
                .await
                .map_err(failed("looked for the last run"))?;
        Ok(last.map(|last| last.0))
    }

    async fn start_run(&self, job: &str, scheduled_for: &str, at: DateTime<Utc>) -> LedgerResult<RunStart> {
        let mut change = self.change("started a run", at).await?;
        let known: Option<(i64, String)> =
            sqlx::query_as("SELECT id, status FROM run WHERE job = $1 AND scheduled_for = $2")
                .bind(job)
                .bind(Wall(scheduled_for.to_owned()))
                .fetch_optional(&mut *change.tx)
                .await
                .map_err(failed(change.doing))?;
        let draft = Draft::new("run.started").with("job", job).with("scheduled_for", scheduled_for);
        let (start, run, draft) = match known {
            Some((run, status)) if status == "completed" => return Ok(RunStart::Completed(run)),
            Some((run, _)) => {
                let starts = start_again(&mut change, run).await?;
                (RunStart::Resumed(run), run, draft.changes("starts", starts - 1, starts))
            }
            None => {
                let (run,): (i64,) = sqlx::query_as(
                    "INSERT INTO run (job, scheduled_for, status, starts, started_at)
                     VALUES ($1, $2, 'running', 1, $3) RETURNING id",
                )
                .bind(job)
                .bind(Wall(scheduled_for.to_owned()))
                .bind(change.at)
                .fetch_one(&mut *change.tx)
                .await
                .map_err(failed(change.doing))?;
                (RunStart::New(run), run, draft.after("starts", 1u64).after("status", "running"))
            }
        };
        self.acting.begin(run);
        change.audit(draft.with("run", run.cast_unsigned()));
        change.commit().await?;
        Ok(start)
    }

    async fn finished_stages(&self, run: i64) -> LedgerResult<BTreeSet<String>> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT stage FROM run_stage WHERE run_id = $1 AND finished_at IS NOT NULL")
                .bind(run)
                .fetch_all(&self.reader)
                .await
                .map_err(failed("looked up a run"))?;
        Ok(rows.into_iter().map(|(stage,)| stage).collect())
    }

    async fn start_stage(&self, run: i64, stage: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        sqlx::query(
            "INSERT INTO run_stage (run_id, stage, started_at) VALUES ($1, $2, $3) ON CONFLICT (run_id, stage) DO NOTHING",
        )
        .bind(run)
        .bind(stage)
        .bind(At(at))
        .execute(&self.writer)
        .await
        .map_err(failed("started a stage"))?;
        Ok(())
    }

    async fn finish_stage(
        &self,
        run: i64,
        stage: &str,
        outcome: &serde_json::Value,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let done = sqlx::query(
            "UPDATE run_stage SET finished_at = $1, outcome = $2 WHERE run_id = $3 AND stage = $4 AND finished_at IS NULL",
        )
        .bind(At(at))
        .bind(outcome.to_string())
        .bind(run)
        .bind(stage)
        .execute(&self.writer)
        .await
        .map_err(failed("finished a stage"))?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        Err(LedgerError::Overtaken { doing: "finished a stage", subject: format!("stage {stage} of run {run}") })
    }

    async fn note_stage(&self, run: i64, stage: &str, outcome: &serde_json::Value) -> LedgerResult<()> {
        let statement = "UPDATE run_stage SET outcome = $1 WHERE run_id = $2 AND stage = $3 AND finished_at IS NULL";
        let done = sqlx::query(statement)
            .bind(outcome.to_string())
            .bind(run)
            .bind(stage)
            .execute(&self.writer)
            .await
            .map_err(failed("kept what a stage did"))?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        Err(LedgerError::Overtaken { doing: "kept what a stage did", subject: format!("stage {stage} of run {run}") })
    }

    async fn finish_run(&self, run: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("completed a run", at).await?;
        let statement =
            sqlx::query("UPDATE run SET status = 'completed', finished_at = $1 WHERE id = $2 AND status = 'running'")
                .bind(change.at)
                .bind(run);
        change.run_one(statement, "the run").await?;
        change.commit().await?;
        self.acting.end();
        Ok(())
    }

    async fn record_start_end(&self, job: &str, scheduled_for: &str, end: &StartEnd) -> LedgerResult<()> {
        // One row, or none where the start failed before there was a run.
        sqlx::query(
            "UPDATE run SET last_began_at = $1, last_ended_at = $2, last_exit = $3 WHERE job = $4 AND scheduled_for = $5",
        )
        .bind(At(end.began_at))
        .bind(At(end.ended_at))
        .bind(i64::from(end.exit))
        .bind(job)
        .bind(Wall(scheduled_for.to_owned()))
        .execute(&self.writer)
        .await
        .map_err(failed("recorded how a start ended"))?;
        Ok(())
    }
}

/// Counts one start more of a run, and gives how many there are.
async fn start_again(change: &mut Change, run: i64) -> LedgerResult<u64> {
    let starts: Option<(i64,)> =
        sqlx::query_as("UPDATE run SET starts = starts + 1 WHERE id = $1 AND status = 'running' RETURNING starts")
            .bind(run)
            .fetch_optional(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    let overtaken = LedgerError::Overtaken { doing: change.doing, subject: "the run".to_owned() };
    starts.map(|(starts,)| starts.cast_unsigned()).ok_or(overtaken)
}
