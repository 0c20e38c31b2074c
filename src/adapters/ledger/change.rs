//! One change of the ledger: a transaction that counts the rows it touches and appends its own audit entries.
//!
//! Entries are gathered and written together when the change ends, so that a change that works beside others keeps the audit log
//! to itself for that moment alone.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Transaction};

use super::acting::Acting;
use super::db::{self, Arguments, At, Db, ROWS_A_STATEMENT};
use super::lists::{Portion, Values};
use super::{SqlLedger, failed};
use crate::audit::actor::Actor;
use crate::audit::entry::{self, Draft, EntryError};
use crate::audit::merkle::leaf_hash;
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// A statement with its values.
pub(super) type Statement<'q> = sqlx::query::Query<'q, Db, Arguments>;

/// Word for the portal that is not written yet.
struct Notice {
    kind: String,
    reference: String,
    letter_id: Option<String>,
    detail: String,
}

/// A transaction under way. Dropped without [`commit`](Self::commit), it never was.
pub(in crate::adapters) struct Change {
    pub(in crate::adapters) tx: Transaction<'static, Db>,
    pub(super) doing: &'static str,
    /// The instant that the change is recorded under.
    pub(super) at: At,
    pub(super) instant: DateTime<Utc>,
    entropy: Arc<dyn Entropy>,
    acting: Acting,
    /// Whether a person decided it: what follows from a decision within a change is that person's too.
    is_persons: bool,
    /// Entries that are not written yet, with who did what they say.
    gathered: Vec<(Draft, Actor)>,
    /// Notices that are not written yet.
    notices: Vec<Notice>,
    /// The place of the first entry that is not written yet, once the log is this change's alone.
    next_seq: Option<u64>,
}

/// What an entry is encoded with.
struct Encoder {
    entropy: Arc<dyn Entropy>,
    doing: &'static str,
    instant: DateTime<Utc>,
}

impl Encoder {
    /// An entry as a row: its place, its bytes and their hash.
    fn row(&self, (draft, actor): &(Draft, Actor), seq: u64) -> LedgerResult<(i64, Vec<u8>, Vec<u8>)> {
        let mut salt = [0; entry::SALT_BYTES];
        let unavailable = |reason: String| LedgerError::Unavailable { doing: self.doing, reason };
        self.entropy.fill(&mut salt).map_err(|error| unavailable(error.to_string()))?;
        let bytes = entry::encode(draft, actor, seq, self.instant, salt).map_err(|error| match error {
            EntryError::Json(error) => unavailable(error.to_string()),
            refused => LedgerError::NotAllowed(refused.to_string()),
        })?;
        let hash = leaf_hash(&bytes).to_vec();
        Ok((seq.cast_signed(), bytes, hash))
    }
}

impl SqlLedger {
    /// Begins a change that is alone until it ends; `doing` says in errors what it is, as "recorded a delivery".
    pub(super) async fn change(&self, doing: &'static str, at: DateTime<Utc>) -> LedgerResult<Change> {
        let tx = db::begin(&self.writer).await.map_err(failed(doing))?;
        Ok(self.within(tx, doing, at))
    }

    /// Begins a change that works beside others until its entries are written.
    pub(super) async fn change_beside_others(&self, doing: &'static str, at: DateTime<Utc>) -> LedgerResult<Change> {
        let tx = db::begin_beside(&self.writer).await.map_err(failed(doing))?;
        Ok(self.within(tx, doing, at))
    }

    pub(in crate::adapters) fn within(
        &self,
        tx: Transaction<'static, Db>,
        doing: &'static str,
        at: DateTime<Utc>,
    ) -> Change {
        Change {
            tx,
            doing,
            at: At(at),
            instant: at,
            entropy: Arc::clone(&self.entropy),
            acting: self.acting.clone(),
            is_persons: false,
            gathered: Vec::new(),
            notices: Vec::new(),
            next_seq: None,
        }
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

    /// Appends an entry to the audit log: it is written when the change ends.
    pub(super) fn audit(&mut self, draft: Draft) {
        self.is_persons |= draft.is_persons();
        let actor = self.actor();
        self.gathered.push((draft, actor));
    }

    /// Appends an entry to the audit log and gives the place that it will have: from here on nobody else writes into the log
    /// until this change ends.
    pub(super) async fn audit_placed(&mut self, draft: Draft) -> LedgerResult<u64> {
        let next = self.next_place().await?;
        let place = next + self.gathered.len() as u64;
        self.audit(draft);
        Ok(place)
    }

    /// Appends an entry to the audit log, writes it at once and gives its place.
    pub(in crate::adapters) async fn audit_now(&mut self, draft: Draft) -> LedgerResult<u64> {
        self.audit(draft);
        let next = self.write_entries().await?;
        Ok(next.saturating_sub(1))
    }

    /// Writes the entries that were gathered, and gives the place after the last one of the log.
    pub(super) async fn write_entries(&mut self) -> LedgerResult<u64> {
        let first = self.next_place().await?;
        let gathered = std::mem::take(&mut self.gathered);
        let encoder = Encoder { entropy: Arc::clone(&self.entropy), doing: self.doing, instant: self.instant };
        let portions =
            gathered.chunks(ROWS_A_STATEMENT).zip((first..).step_by(ROWS_A_STATEMENT)).map(|(portion, seq)| {
                let places = portion.iter().zip(seq..);
                let rows: LedgerResult<Vec<_>> = places.map(|(entry, seq)| encoder.row(entry, seq)).collect();
                let mut statement = QueryBuilder::<Db>::new("INSERT INTO audit_entry (seq, entry, leaf_hash) ");
                statement.push_values(rows?, |mut row, (seq, bytes, hash)| {
                    row.push_bind(seq).push_bind(bytes).push_bind(hash);
                });
                Ok(Portion { rows: portion.len(), statement })
            });
        self.run_portions(portions, "the audit log").await?;
        let next = first + gathered.len() as u64;
        self.next_seq = Some(next);
        Ok(next)
    }

    fn actor(&self) -> Actor {
        self.acting.actor(self.is_persons)
    }

    async fn next_place(&mut self) -> LedgerResult<u64> {
        if let Some(seq) = self.next_seq {
            return Ok(seq);
        }
        // What can be written beside others is written before they have to wait.
        self.write_notices().await?;
        db::lock_log(&mut self.tx).await.map_err(failed(self.doing))?;
        let (next,): (i64,) = sqlx::query_as("SELECT coalesce(max(seq) + 1, 0) FROM audit_entry")
            .fetch_one(&mut *self.tx)
            .await
            .map_err(failed(self.doing))?;
        self.next_seq = Some(next.cast_unsigned());
        Ok(next.cast_unsigned())
    }

    /// Leaves word for the portal to tell a person: it is written with others, at the latest when the change ends.
    pub(super) async fn notice(
        &mut self,
        kind: &str,
        reference: &str,
        letter_id: Option<&str>,
        detail: &str,
    ) -> LedgerResult<()> {
        self.notices.push(Notice {
            kind: kind.to_owned(),
            reference: reference.to_owned(),
            letter_id: letter_id.map(str::to_owned),
            detail: detail.to_owned(),
        });
        if self.notices.len() == ROWS_A_STATEMENT { self.write_notices().await } else { Ok(()) }
    }

    async fn write_notices(&mut self) -> LedgerResult<()> {
        let (at, notices) = (self.at, std::mem::take(&mut self.notices));
        let into = "INSERT INTO notice (at, kind, reference, letter_id, detail)";
        let bind = |row: &mut Values<'_>, it: &Notice| {
            row.push_bind(at).push_bind(it.kind.as_str()).push_bind(it.reference.as_str());
            row.push_bind(it.letter_id.as_deref()).push_bind(it.detail.as_str());
        };
        self.insert_all(into, &notices, bind, "the notices").await
    }

    /// Makes the change durable, with its notices and its entries.
    pub(in crate::adapters) async fn commit(mut self) -> LedgerResult<()> {
        self.write_notices().await?;
        if !self.gathered.is_empty() {
            self.write_entries().await?;
        }
        self.tx.commit().await.map_err(failed(self.doing))
    }
}
