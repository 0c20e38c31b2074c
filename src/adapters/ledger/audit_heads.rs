//! Heads of the audit log: taken from the last one and what was appended since, and subtrees kept on the way.
//!
//! A head costs what was appended since the last one and a few hundred hashes, however long the log is.

use super::db::Row;

use super::change::Change;
use super::failed;
use super::rows::{column, instant};
use crate::audit::merkle::{Frontier, Hash};
use crate::ports::ledger::{Head, LedgerError, LedgerResult, SUBTREE, SignHead};

/// Leaves that are in memory at once.
const PORTION: u64 = 64 * SUBTREE;
/// Levels of subtrees: 256^7 entries are more than a log can have.
const LEVELS: u32 = 7;

/// Takes the head of the log as it is within a change, or gives the one that is kept where nothing came after it.
pub(super) async fn take(change: &mut Change, sign: &SignHead<'_>) -> LedgerResult<Head> {
    // The change's own entries belong under its head.
    change.write_entries().await?;
    let (mut frontier, newest) = kept_frontier(change).await?;
    let grown_from = frontier.size();
    loop {
        let leaves = leaves_from(change, frontier.size()).await?;
        if leaves.is_empty() {
            break;
        }
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
    }
    keep_subtrees(change, frontier.size()).await?;
    if let Some(head) = newest.filter(|_| frontier.size() == grown_from) {
        return Ok(head);
    }
    let note = sign(frontier.size(), &frontier.root())?;
    keep(change, &frontier, note).await
}

async fn keep(change: &mut Change, frontier: &Frontier, note: String) -> LedgerResult<Head> {
    let (size, root, taken_at) = (frontier.size(), frontier.root(), change.instant);
    let head = Head { size, root, taken_at, note: Some(note), has_its_edge: true };
    let sql = "INSERT INTO audit_head (size, root, frontier, taken_at, note) VALUES ($1, $2, $3, $4, $5)";
    let statement = sqlx::query(sql)
        .bind(head.size.cast_signed())
        .bind(head.root.to_vec())
        .bind(frontier.to_bytes())
        .bind(change.at)
        .bind(head.note.clone());
    change.run_one(statement, "the heads of the audit log").await?;
    Ok(head)
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
    // What is signed next grows from here: a frontier of another log would be signed with it.
    let frontier = Frontier::from_bytes(newest.size, &bytes)
        .filter(|frontier| frontier.root() == newest.root)
        .ok_or_else(|| LedgerError::Corrupt { field: "frontier", value: hex::encode(bytes) })?;
    Ok((frontier, Some(newest)))
}

/// Keeps every subtree that is whole in a log of this size and is not kept yet, the lowest level first.
async fn keep_subtrees(change: &mut Change, size: u64) -> LedgerResult<()> {
    let mut below = size;
    for level in 1..=LEVELS {
        let whole = below / SUBTREE;
        for idx in kept_subtrees(change, level).await?..whole {
            let nodes = nodes_below(change, level, idx).await?;
            let statement = sqlx::query("INSERT INTO audit_subtree (level, idx, hash) VALUES ($1, $2, $3)")
                .bind(i64::from(level))
                .bind(idx.cast_signed())
                .bind(perfect_root(nodes).to_vec());
            change.run_one(statement, "the subtrees of the audit log").await?;
        }
        below = whole;
    }
    Ok(())
}

async fn kept_subtrees(change: &mut Change, level: u32) -> LedgerResult<u64> {
    let (kept,): (i64,) = sqlx::query_as("SELECT coalesce(max(idx) + 1, 0) FROM audit_subtree WHERE level = $1")
        .bind(i64::from(level))
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(kept.cast_unsigned())
}

/// The [`SUBTREE`] hashes that a subtree is made of: leaves, or subtrees one level lower.
async fn nodes_below(change: &mut Change, level: u32, idx: u64) -> LedgerResult<Vec<Hash>> {
    let (first, many) = ((idx * SUBTREE).cast_signed(), SUBTREE.cast_signed());
    let nodes = if level == 1 {
        sqlx::query_as("SELECT leaf_hash FROM audit_entry WHERE seq >= $1 ORDER BY seq LIMIT $2").bind(first).bind(many)
    } else {
        sqlx::query_as("SELECT hash FROM audit_subtree WHERE level = $3 AND idx >= $1 ORDER BY idx LIMIT $2")
            .bind(first)
            .bind(many)
            .bind(i64::from(level) - 1)
    };
    let nodes: Vec<(Vec<u8>,)> = nodes.fetch_all(&mut *change.tx).await.map_err(failed(change.doing))?;
    nodes.into_iter().map(|(node,)| hash("leaf_hash", node)).collect()
}

/// The root over as many nodes as a power of two has.
fn perfect_root(nodes: Vec<Hash>) -> Hash {
    let mut frontier = Frontier::new();
    nodes.into_iter().for_each(|node| frontier.append(node));
    frontier.root()
}

async fn leaves_from(change: &mut Change, from: u64) -> LedgerResult<Vec<Hash>> {
    let leaves: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT leaf_hash FROM audit_entry WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(from.cast_signed())
            .bind(PORTION.cast_signed())
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    leaves.into_iter().map(|(leaf,)| hash("leaf_hash", leaf)).collect()
}

pub(super) fn head(row: &Row) -> LedgerResult<Head> {
    let size = column::<i64>(row, "size")?.cast_unsigned();
    let root = hash("root", column(row, "root")?)?;
    let frontier: Vec<u8> = column(row, "frontier")?;
    Ok(Head {
        size,
        root,
        taken_at: instant(row, "taken_at")?,
        note: column(row, "note")?,
        has_its_edge: Frontier::from_bytes(size, &frontier).is_some_and(|frontier| frontier.root() == root),
    })
}

pub(super) fn hash(field: &'static str, bytes: Vec<u8>) -> LedgerResult<Hash> {
    Hash::try_from(bytes).map_err(|bytes| LedgerError::Corrupt { field, value: hex::encode(bytes) })
}
