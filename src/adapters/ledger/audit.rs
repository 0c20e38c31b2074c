//! The audit log as it is read.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::audit_heads::{self, hash, head};
use super::db::Row;
use super::exceptions::decided;
use super::rows::column;
use super::{SqlLedger, failed};
use crate::audit::entry::{Draft, instant_text};
use crate::audit::merkle::Hash;
use crate::audit::rotation::KEY_ROTATED;
use crate::ports::ledger::{AuditLedger, Decision, Head, KeptEntry, KeyChange, LedgerResult, SignHead};

/// A letter's way ($1): its own entries, then those of its package, of its request, and of its request's file.
const OF_LETTER: &str = "WITH own AS MATERIALIZED
        (SELECT seq, entry, leaf_hash, package, reference FROM audit_entry WHERE letter = $1),
    asked AS MATERIALIZED (SELECT seq, entry, leaf_hash, sha256 FROM audit_entry WHERE letter IS NULL
        AND reference IN (SELECT reference FROM own WHERE reference IS NOT NULL))
    SELECT seq, entry, leaf_hash FROM own
    UNION SELECT seq, entry, leaf_hash FROM asked
    UNION SELECT seq, entry, leaf_hash FROM audit_entry WHERE letter IS NULL
        AND package IN (SELECT package FROM own WHERE package IS NOT NULL)
    UNION SELECT seq, entry, leaf_hash FROM audit_entry WHERE kind = 'intake.taken'
        AND sha256 IN (SELECT sha256 FROM asked WHERE sha256 IS NOT NULL)
    ORDER BY seq";

#[async_trait]
impl AuditLedger for SqlLedger {
    async fn take_head(&self, sign: &SignHead<'_>, at: DateTime<Utc>) -> LedgerResult<Head> {
        let mut change = self.change("took the head of the audit log", at).await?;
        let head = audit_heads::take(&mut change, sign).await?;
        change.commit().await?;
        Ok(head)
    }

    async fn rotate_log_key(
        &self,
        keys: &KeyChange,
        decision: &Decision,
        sign: &SignHead<'_>,
        at: DateTime<Utc>,
    ) -> LedgerResult<Head> {
        let mut change = self.change("changed the key of the audit log", at).await?;
        let draft = Draft::new(KEY_ROTATED).after("vkey", keys.after.as_str());
        let draft = match &keys.before {
            Some(before) => draft.before("vkey", before.as_str()),
            None => draft,
        };
        let draft = if keys.is_lost { draft.with("key_before", "lost") } else { draft };
        change.audit(decided(draft, decision));
        let head = audit_heads::take(&mut change, sign).await?;
        change.commit().await?;
        Ok(head)
    }

    async fn log_key_changes(&self) -> LedgerResult<Vec<KeptEntry>> {
        let rows =
            sqlx::query("SELECT seq, entry, leaf_hash FROM audit_entry WHERE kind = 'log.key_rotated' ORDER BY seq")
                .fetch_all(&self.reader)
                .await
                .map_err(failed("looked for changes of the log's key"))?;
        rows.iter().map(kept).collect()
    }

    async fn last_head(&self) -> LedgerResult<Option<Head>> {
        let row = sqlx::query("SELECT * FROM audit_head ORDER BY size DESC LIMIT 1")
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("read the last head of the audit log"))?;
        row.as_ref().map(head).transpose()
    }

    async fn heads(&self) -> LedgerResult<Vec<Head>> {
        let rows = sqlx::query("SELECT * FROM audit_head ORDER BY size")
            .fetch_all(&self.reader)
            .await
            .map_err(failed("read the heads of the audit log"))?;
        rows.iter().map(head).collect()
    }

    async fn entries(&self, from: u64, limit: u32) -> LedgerResult<Vec<KeptEntry>> {
        let rows = sqlx::query("SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(from.cast_signed())
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("read the audit log"))?;
        rows.iter().map(kept).collect()
    }

    async fn log_size(&self) -> LedgerResult<u64> {
        let (size,): (i64,) = sqlx::query_as("SELECT coalesce(max(seq) + 1, 0) FROM audit_entry")
            .fetch_one(&self.reader)
            .await
            .map_err(failed("looked for the end of the audit log"))?;
        Ok(size.cast_unsigned())
    }

    async fn entries_of_letter(&self, letter_id: &str) -> LedgerResult<Vec<KeptEntry>> {
        let rows = sqlx::query(OF_LETTER)
            .bind(letter_id)
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for the entries of a letter"))?;
        rows.iter().map(kept).collect()
    }

    async fn first_entry_since(&self, at: DateTime<Utc>) -> LedgerResult<Option<u64>> {
        let found: Option<(i64,)> =
            sqlx::query_as("SELECT seq FROM audit_entry WHERE at >= $1 ORDER BY at, seq LIMIT 1")
                .bind(instant_text(at))
                .fetch_optional(&self.reader)
                .await
                .map_err(failed("looked for an instant in the audit log"))?;
        Ok(found.map(|(seq,)| seq.cast_unsigned()))
    }

    async fn leaf_hashes(&self, from: u64, limit: u32) -> LedgerResult<Vec<Hash>> {
        let leaves: Vec<(Vec<u8>,)> =
            sqlx::query_as("SELECT leaf_hash FROM audit_entry WHERE seq >= $1 ORDER BY seq LIMIT $2")
                .bind(from.cast_signed())
                .bind(i64::from(limit))
                .fetch_all(&self.reader)
                .await
                .map_err(failed("read the audit log"))?;
        leaves.into_iter().map(|(leaf,)| hash("leaf_hash", leaf)).collect()
    }

    async fn subtrees(&self, level: u32, from: u64, limit: u32) -> LedgerResult<Vec<Hash>> {
        let roots: Vec<(Vec<u8>,)> =
            sqlx::query_as("SELECT hash FROM audit_subtree WHERE level = $1 AND idx >= $2 ORDER BY idx LIMIT $3")
                .bind(i64::from(level))
                .bind(from.cast_signed())
                .bind(i64::from(limit))
                .fetch_all(&self.reader)
                .await
                .map_err(failed("read the subtrees of the audit log"))?;
        roots.into_iter().map(|(root,)| hash("hash", root)).collect()
    }
}

fn kept(row: &Row) -> LedgerResult<KeptEntry> {
    Ok(KeptEntry {
        seq: column::<i64>(row, "seq")?.cast_unsigned(),
        entry: column(row, "entry")?,
        leaf_hash: column(row, "leaf_hash")?,
    })
}
