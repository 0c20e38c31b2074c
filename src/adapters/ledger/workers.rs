//! Workers: productions that they join, and packages whose owners are gone or at work.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::db::{At, Row};
use super::dialect::{is_at_work, skip_locked};
use super::production::{claimed_batch, taken_over_draft};
use super::rows::{column, count, maybe_instant};
use super::{SqlLedger, failed, life};
use crate::ports::ledger::{
    ClaimedBatch, LedgerError, LedgerResult, Life, MadeBy, OthersPackage, Production, WorkerLedger,
};

/// How long one look at what others do waits for the next.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The owners that this process showed to be at work: what they record is refused once they are shown no more. Copies share them.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<Mutex<BTreeSet<String>>>);

impl Shown {
    fn add(&self, owner: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(owner.to_owned());
    }

    pub(super) fn has(&self, owner: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(owner)
    }
}

#[async_trait]
impl WorkerLedger for SqlLedger {
    async fn live(&self, owner: &str) -> LedgerResult<Box<dyn Life>> {
        let life = life::live(&self.writer, owner).await?;
        self.shown.add(owner);
        Ok(life)
    }

    async fn take_over_next(&self, owner: &str, at: DateTime<Utc>) -> LedgerResult<Option<ClaimedBatch>> {
        let mut change = self.change("took over an unfinished package", at).await?;
        // Who is just recording the package has its row, and is done in a moment.
        let sql = format!(
            "SELECT id FROM batch WHERE status = 'claimed' AND owner <> $1 AND NOT {} ORDER BY id LIMIT 1{}",
            is_at_work!("owner"),
            skip_locked!()
        );
        let found: Option<(i64,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(owner)
            .fetch_optional(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
        let Some((batch_id,)) = found else { return Ok(None) };
        let statement = sqlx::query(
            "UPDATE batch SET owner = $1, attempt = attempt + 1, status_at = $2 WHERE id = $3 AND status = 'claimed'",
        )
        .bind(owner)
        .bind(change.at)
        .bind(batch_id);
        change.run_one(statement, &format!("batch {batch_id}")).await?;
        let batch = claimed_batch(&mut change, batch_id).await?;
        change.audit(taken_over_draft(&batch));
        change.commit().await?;
        Ok(Some(batch))
    }

    async fn unfinished_of_others(&self, owner: &str) -> LedgerResult<Vec<OthersPackage>> {
        let statement = "SELECT name, attempt, owner FROM batch WHERE status = 'claimed' AND owner <> $1 ORDER BY id";
        let rows = sqlx::query(statement)
            .bind(owner)
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for packages that others are making"))?;
        rows.iter()
            .map(|row| {
                let (package, attempt) = (column(row, "name")?, count(row, "attempt")?);
                Ok(OthersPackage { package, attempt, owner: column(row, "owner")? })
            })
            .collect()
    }

    async fn open_production(&self, production: &Production, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("opened a production", at).await?;
        let likeness = serde_json::to_string(&production.likeness)
            .map_err(|error| LedgerError::Unavailable { doing: change.doing, reason: error.to_string() })?;
        let statement = sqlx::query(
            "INSERT INTO production (owner, run_id, next_run_at, likeness, began_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&production.owner)
        .bind(production.run_id)
        .bind(production.next_run_at.map(At))
        .bind(likeness)
        .bind(change.at);
        change.run_one(statement, "the productions").await?;
        change.commit().await
    }

    async fn join_production(&self, owner: &str, production: &Production, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("joined a production", at).await?;
        let sql = format!(
            "INSERT INTO production (owner, joined, run_id, next_run_at, likeness, began_at)
             SELECT CAST($1 AS TEXT), owner, run_id, next_run_at, likeness, $2 FROM production
             WHERE owner = $3 AND ended_at IS NULL AND {}",
            is_at_work!("owner")
        );
        let statement =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(owner).bind(change.at).bind(production.owner.as_str());
        change.run_one(statement, "the production, which ended").await?;
        change.commit().await
    }

    async fn end_production(&self, owner: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("ended a production", at).await?;
        let statement = sqlx::query("UPDATE production SET ended_at = $1 WHERE owner = $2 AND ended_at IS NULL")
            .bind(change.at)
            .bind(owner);
        change.run_one(statement, "the production").await?;
        change.commit().await
    }

    async fn present_production(&self) -> LedgerResult<Option<Production>> {
        let sql = format!(
            "SELECT owner, run_id, next_run_at, likeness FROM production
             WHERE ended_at IS NULL AND joined IS NULL AND {}
             ORDER BY began_at DESC LIMIT 1",
            is_at_work!("owner")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked for a production"))?;
        row.as_ref().map(production).transpose()
    }

    async fn made_by_others(&self, owner: &str) -> LedgerResult<Vec<MadeBy>> {
        let rows = sqlx::query(
            "SELECT batch.owner, batch.name, batch.letters FROM production JOIN batch ON batch.owner = production.owner
             WHERE production.joined = $1 AND batch.letters IS NOT NULL ORDER BY batch.owner, batch.id",
        )
        .bind(owner)
        .fetch_all(&self.reader)
        .await
        .map_err(failed("counted what others made"))?;
        let mut made: Vec<MadeBy> = Vec::new();
        for row in &rows {
            let (who, package): (String, String) = (column(row, "owner")?, column(row, "name")?);
            let letters = u64::from(count(row, "letters")?);
            match made.last_mut().filter(|last| last.owner == who) {
                Some(last) => {
                    last.packages.push(package);
                    last.letters += letters;
                }
                None => made.push(MadeBy { owner: who, packages: vec![package], letters }),
            }
        }
        Ok(made)
    }

    fn work_within(&self, run_id: Option<i64>) {
        match run_id {
            Some(run) => self.acting.begin(run),
            None => self.acting.end(),
        }
    }

    async fn wait_for_others(&self) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn production(row: &Row) -> LedgerResult<Production> {
    let likeness: String = column(row, "likeness")?;
    Ok(Production {
        owner: column(row, "owner")?,
        run_id: column(row, "run_id")?,
        next_run_at: maybe_instant(row, "next_run_at")?,
        likeness: serde_json::from_str(&likeness)
            .map_err(|_| LedgerError::Corrupt { field: "production.likeness", value: likeness })?,
    })
}
