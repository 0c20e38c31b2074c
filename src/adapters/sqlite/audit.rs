//! The audit log: entries and heads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use super::change::Change;
use super::rows::{column, instant};
use super::{SqliteLedger, failed};
use crate::audit::merkle::{Frontier, Hash};
use crate::ports::ledger::{AuditLedger, Head, KeptEntry, LedgerError, LedgerResult};

#[async_trait]
impl AuditLedger for SqliteLedger {
    async fn take_head(&self, at: DateTime<Utc>) -> LedgerResult<Head> {
        let mut change = self.change("took the head of the audit log", at).await?;
        let (mut frontier, newest) = kept_frontier(&mut change).await?;
        let grown_from = frontier.size();
        for leaf in leaves_from(&mut change, grown_from).await? {
            frontier.append(leaf);
        }
        if let Some(head) = newest.filter(|_| frontier.size() == grown_from) {
            return Ok(head);
        }
        let head = Head { size: frontier.size(), root: frontier.root(), taken_at: at };
        let statement = sqlx::query("INSERT INTO audit_head (size, root, frontier, taken_at) VALUES ($1, $2, $3, $4)")
            .bind(head.size.cast_signed())
            .bind(head.root.to_vec())
            .bind(frontier.to_bytes())
            .bind(change.at.clone());
        change.run_one(statement, "the heads of the audit log").await?;
        change.commit().await?;
        Ok(head)
    }

    async fn heads(&self) -> LedgerResult<Vec<Head>> {
        let rows = sqlx::query("SELECT * FROM audit_head ORDER BY size")
            .fetch_all(&self.reader)
            .await
            .map_err(failed("read the heads of the audit log"))?;
        rows.iter().map(head).collect()
    }

    async fn entries(&self, from: u64, limit: u32) -> LedgerResult<Vec<KeptEntry>> {
        let rows = sqlx::query("SELECT * FROM audit_entry WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(from.cast_signed())
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("read the audit log"))?;
        rows.iter()
            .map(|row| {
                Ok(KeptEntry {
                    seq: column::<i64>(row, "seq")?.cast_unsigned(),
                    entry: column(row, "entry")?,
                    leaf_hash: column(row, "leaf_hash")?,
                })
            })
            .collect()
    }

    async fn log_size(&self) -> LedgerResult<u64> {
        let (size,): (i64,) = sqlx::query_as("SELECT count(*) FROM audit_entry")
            .fetch_one(&self.reader)
            .await
            .map_err(failed("counted the audit log"))?;
        Ok(size.cast_unsigned())
    }
}

/// The frontier and head that were kept last; empty where none was.
async fn kept_frontier(change: &mut Change) -> LedgerResult<(Frontier, Option<Head>)> {
    let row = sqlx::query("SELECT * FROM audit_head ORDER BY size DESC LIMIT 1")
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    let Some(row) = row else { return Ok((Frontier::new(), None)) };
    let newest = head(&row)?;
    let bytes: Vec<u8> = column(&row, "frontier")?;
    let frontier = Frontier::from_bytes(newest.size, &bytes)
        .ok_or_else(|| LedgerError::Corrupt { field: "frontier", value: hex::encode(bytes) })?;
    Ok((frontier, Some(newest)))
}

async fn leaves_from(change: &mut Change, from: u64) -> LedgerResult<Vec<Hash>> {
    let leaves: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT leaf_hash FROM audit_entry WHERE seq >= $1 ORDER BY seq")
        .bind(from.cast_signed())
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    leaves.into_iter().map(|(leaf,)| hash("leaf_hash", leaf)).collect()
}

fn head(row: &SqliteRow) -> LedgerResult<Head> {
    Ok(Head {
        size: column::<i64>(row, "size")?.cast_unsigned(),
        root: hash("root", column(row, "root")?)?,
        taken_at: instant(row, "taken_at")?,
    })
}

fn hash(field: &'static str, bytes: Vec<u8>) -> LedgerResult<Hash> {
    Hash::try_from(bytes).map_err(|bytes| LedgerError::Corrupt { field, value: hex::encode(bytes) })
}
