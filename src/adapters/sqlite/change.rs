//! One change of the ledger: a transaction that counts the rows it touches and appends its own audit entries.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, Transaction};

use super::acting::Acting;
use super::{SqliteLedger, failed};
use crate::audit::actor::Actor;
use crate::audit::entry::{self, Draft, EntryError, instant_text};
use crate::audit::merkle::leaf_hash;
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// A statement with its values.
pub(super) type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// A transaction under way. Dropped without [`commit`](Self::commit), it never was.
pub(super) struct Change {
    pub(super) tx: Transaction<'static, Sqlite>,
    pub(super) doing: &'static str,
    /// The instant that the change is recorded under, as text.
    pub(super) at: String,
    pub(super) instant: DateTime<Utc>,
    entropy: Arc<dyn Entropy>,
    acting: Acting,
    /// Whether a person decided it: what follows from a decision within a change is that person's too.
    is_persons: bool,
    next_seq: Option<u64>,
}

impl SqliteLedger {
    /// Begins a change; `doing` says in errors what it is, as "recorded a delivery".
    pub(super) async fn change(&self, doing: &'static str, at: DateTime<Utc>) -> LedgerResult<Change> {
        let tx = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed(doing))?;
        Ok(Change {
            tx,
            doing,
            at: instant_text(at),
            instant: at,
            entropy: Arc::clone(&self.entropy),
            acting: self.acting.clone(),
            is_persons: false,
            next_seq: None,
        })
    }
}

impl Change {
    /// Runs a statement and says how many rows it touched.
    pub(super) async fn run(&mut self, statement: Statement<'_>) -> LedgerResult<u64> {
        let done = statement.execute(&mut *self.tx).await.map_err(failed(self.doing))?;
        Ok(done.rows_affected())
    }

    /// Runs a statement that must touch exactly one row; `subject` is what it changes, for the error.
    pub(super) async fn run_one(&mut self, statement: Statement<'_>, subject: &str) -> LedgerResult<()> {
        self.run_exactly(1, statement, subject).await
    }

    /// Runs a statement that must touch exactly this many rows.
    pub(super) async fn run_exactly(&mut self, rows: u64, statement: Statement<'_>, subject: &str) -> LedgerResult<()> {
        if self.run(statement).await? == rows {
            return Ok(());
        }
        Err(LedgerError::Overtaken { doing: self.doing, subject: subject.to_owned() })
    }

    /// Appends an entry to the audit log and gives its place.
    pub(super) async fn audit(&mut self, draft: Draft) -> LedgerResult<u64> {
        let seq = self.next_place().await?;
        let mut salt = [0; entry::SALT_BYTES];
        self.entropy
            .fill(&mut salt)
            .map_err(|error| LedgerError::Unavailable { doing: self.doing, reason: error.to_string() })?;
        self.is_persons |= draft.is_persons();
        let actor = self.actor();
        let bytes = entry::encode(&draft, &actor, seq, self.instant, salt).map_err(|error| match error {
            EntryError::Json(error) => LedgerError::Unavailable { doing: self.doing, reason: error.to_string() },
            refused => LedgerError::NotAllowed(refused.to_string()),
        })?;
        let hash = leaf_hash(&bytes);
        let statement = sqlx::query("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES ($1, $2, $3)")
            .bind(seq.cast_signed())
            .bind(bytes)
            .bind(hash.to_vec());
        self.run_one(statement, "the audit log").await?;
        self.next_seq = Some(seq + 1);
        Ok(seq)
    }

    fn actor(&self) -> Actor {
        self.acting.actor(self.is_persons)
    }

    async fn next_place(&mut self) -> LedgerResult<u64> {
        if let Some(seq) = self.next_seq {
            return Ok(seq);
        }
        let (next,): (i64,) = sqlx::query_as("SELECT coalesce(max(seq) + 1, 0) FROM audit_entry")
            .fetch_one(&mut *self.tx)
            .await
            .map_err(failed(self.doing))?;
        Ok(next.cast_unsigned())
    }

    /// Leaves word for the portal to tell a person.
    pub(super) async fn notice(
        &mut self,
        kind: &str,
        reference: &str,
        letter_id: Option<&str>,
        detail: &str,
    ) -> LedgerResult<()> {
        let at = self.at.clone();
        let statement =
            sqlx::query("INSERT INTO notice (at, kind, reference, letter_id, detail) VALUES ($1, $2, $3, $4, $5)")
                .bind(at)
                .bind(kind)
                .bind(reference)
                .bind(letter_id)
                .bind(detail);
        self.run_one(statement, "the notices").await
    }

    /// Makes the change durable.
    pub(super) async fn commit(self) -> LedgerResult<()> {
        self.tx.commit().await.map_err(failed(self.doing))
    }
}
