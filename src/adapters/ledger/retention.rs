//! What is kept for a term only.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::db::{At, On};
use super::forgetting::owe_residue;
use super::production::package_draft;
use super::rows::{column, instant};
use super::terms::HELD_PACKAGES;
use super::{SqlLedger, failed, residue};
use crate::audit::entry::Draft;
use crate::ports::ledger::{LedgerResult, RetentionLedger, SpentPackage};

/// Passwords that ended before `$1`, and whose verifier is kept yet.
const SPENT_VERIFIERS: &str = "verifier IS NOT NULL AND ended_on < $1";

#[async_trait]
impl RetentionLedger for SqlLedger {
    async fn spent_verifiers(&self, ended_before: NaiveDate) -> LedgerResult<u64> {
        let sql = format!("SELECT count(*) FROM letter WHERE {SPENT_VERIFIERS}");
        let (spent,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(On(ended_before))
            .fetch_one(&self.reader)
            .await
            .map_err(failed("counted verifiers to destroy"))?;
        Ok(spent.cast_unsigned())
    }

    async fn destroy_verifiers(&self, ended_before: NaiveDate, at: DateTime<Utc>) -> LedgerResult<u64> {
        let mut change = self.change("destroyed verifiers", at).await?;
        let sql = format!("UPDATE letter SET verifier = NULL WHERE {SPENT_VERIFIERS} RETURNING id");
        let mut spent: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(On(ended_before))
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
        spent.sort();
        for (letter,) in &spent {
            let draft = Draft::new("password.verifier_destroyed").with("letter", letter.as_str());
            change.audit(draft.changes("verifier", "kept", "destroyed"));
        }
        if !spent.is_empty() && !residue::IS_OVERWRITTEN {
            owe_residue(&mut change).await?;
        }
        change.commit().await?;
        Ok(spent.len() as u64)
    }

    async fn spent_packages(&self, closed_before: DateTime<Utc>) -> LedgerResult<Vec<SpentPackage>> {
        let sql = format!(
            "SELECT name, spool_object, closed_at FROM batch
             WHERE closed_at < $1 AND spool_object IS NOT NULL AND spool_removed_at IS NULL
               AND id NOT IN {HELD_PACKAGES} ORDER BY closed_at, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(At(closed_before))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for packages whose term is over"))?;
        rows.iter()
            .map(|row| {
                Ok(SpentPackage {
                    name: column(row, "name")?,
                    spool_object: column(row, "spool_object")?,
                    closed_at: instant(row, "closed_at")?,
                })
            })
            .collect()
    }

    async fn forget_object(&self, package: &str, due_on: NaiveDate, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that a package left the spool", at).await?;
        let statement = sqlx::query(
            "UPDATE batch SET spool_removed_at = $1
             WHERE name = $2 AND closed_at IS NOT NULL AND spool_object IS NOT NULL AND spool_removed_at IS NULL",
        )
        .bind(change.at)
        .bind(package);
        change.run_one(statement, &format!("package {package}")).await?;
        let draft = package_draft("package.removed", package).changes("spool_object", "kept", "removed");
        change.audit(draft.with("due_on", due_on));
        change.commit().await
    }
}
