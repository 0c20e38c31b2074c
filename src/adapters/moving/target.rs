//! The side that rows go to: one transaction of an empty ledger on PostgreSQL.
//!
//! It works as the schema's owner, `letterpost_migrator`. Within the transaction alone the owner may insert everywhere, and four
//! triggers rest that would write over what is copied: three fill in who is logged in, and one numbers the portal's rows anew. All
//! other triggers, constraints and references judge each row that comes, and those that keep the audit log judge it always.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use super::catalog::{self, INTAKE, Shape, Table};
use super::line;
use super::source::{Source, key, listed};
use crate::adapters::postgres::{PostgresAddress, PostgresLedger, failed, schema_step};
use crate::audit::entry::Draft;
use crate::ports::ledger::{LedgerError, LedgerResult};
use crate::ports::{Entropy, Progress};

/// What the new ledger holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// No schema; it is made by the copy.
    Missing,
    /// A schema and no rows.
    Empty,
    /// Entries as many as the old ledger has, and after them the one that a copy writes.
    Copy,
    /// Something else.
    Used {
        /// A table that has rows.
        table: String,
        /// How many.
        rows: u64,
    },
}

const COPYING: &str = "took in the rows of the old ledger";
const LOOKING: &str = "looked whether it is empty";
/// Bytes that are sent at a time.
const PORTION_BYTES: usize = 1 << 20;
/// The kind of the entry that a copy writes.
const COPIED: &str = "ledger.copied";

/// For this transaction alone. The locks that it takes keep everybody else from the tables.
const BEGIN: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL bytea_output = 'hex'; SET LOCAL ROLE letterpost_migrator;
    GRANT INSERT ON letterpost.run, letterpost.audit_entry, letterpost.audit_head, letterpost.audit_subtree TO letterpost_migrator;
    ALTER TABLE letterpost.letter_correction DISABLE TRIGGER letter_correction_names_logins;
    ALTER TABLE letterpost.release_ask DISABLE TRIGGER release_ask_names_logins;
    ALTER TABLE letterpost.brake DISABLE TRIGGER brake_names_logins;
    ALTER TABLE intake.mail_requests DISABLE TRIGGER mail_requests_forget_the_phone";
/// As it was before.
const END: &str = "ALTER TABLE letterpost.letter_correction ENABLE TRIGGER letter_correction_names_logins;
    ALTER TABLE letterpost.release_ask ENABLE TRIGGER release_ask_names_logins;
    ALTER TABLE letterpost.brake ENABLE TRIGGER brake_names_logins;
    ALTER TABLE intake.mail_requests ENABLE TRIGGER mail_requests_forget_the_phone";
const END_OF_RIGHTS: &str = "REVOKE INSERT ON letterpost.run, letterpost.audit_entry, letterpost.audit_head,
    letterpost.audit_subtree FROM letterpost_migrator";

/// The new ledger within the copy's transaction. Dropped without [`settle`](Self::settle), nothing was copied.
pub struct Target {
    ledger: PostgresLedger,
    pub(super) tx: Transaction<'static, Postgres>,
}

impl Target {
    /// Begins the transaction.
    ///
    /// # Errors
    /// Where the server cannot be reached, the schema is not there, or the login is not of the schema's owners.
    pub async fn begin(address: &PostgresAddress, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let ledger = PostgresLedger::reach(address, entropy).await?;
        let mut tx = ledger.begin_copy().await?;
        sqlx::raw_sql(BEGIN).execute(&mut *tx).await.map_err(failed(COPYING))?;
        Ok(Self { ledger, tx })
    }

    /// The tables of the old ledger as this one has them.
    pub(super) async fn tables_for(&mut self, shapes: &[Shape]) -> LedgerResult<Vec<Table>> {
        catalog::tables(&mut self.tx, shapes).await
    }

    /// What it holds, for an old ledger of so many entries.
    ///
    /// # Errors
    /// Where it cannot be asked.
    pub async fn state(&mut self, entries: u64) -> LedgerResult<State> {
        state(&mut self.tx, entries).await
    }

    /// Copies the rows of a table.
    pub(super) async fn fill(
        &mut self,
        table: &Table,
        source: &mut Source,
        progress: &dyn Progress,
    ) -> LedgerResult<()> {
        if table.has_first_row() {
            self.run(format!("DELETE FROM {}", table.on_postgres())).await?;
        }
        let sent = send(&mut self.tx, table, source, progress).await;
        match sent {
            Ok(()) => {}
            Err(Refused::Ledger(error)) => return Err(error),
            Err(Refused::Server(error)) => return Err(refused(table, source, &error).await),
        }
        for column in &table.numbered {
            let name = table.on_postgres();
            self.run(format!(
                "SELECT setval(pg_get_serial_sequence('{name}', '{column}'), highest)
                 FROM (SELECT max(\"{column}\") AS highest FROM {name}) AS numbers WHERE highest IS NOT NULL"
            ))
            .await?;
        }
        Ok(())
    }

    /// The highest id of the portal's table.
    pub(super) async fn highest_id(&mut self, table: &Table) -> LedgerResult<Option<i64>> {
        let query = format!("SELECT max(id) FROM {}", table.on_postgres());
        let (id,): (Option<i64>,) =
            sqlx::query_as(AssertSqlSafe(query)).fetch_one(&mut *self.tx).await.map_err(failed(COPYING))?;
        Ok(id)
    }

    /// The portal's next row has an id after this one.
    pub(super) async fn go_on_after(&mut self, last_id: i64) -> LedgerResult<()> {
        if last_id > 0 {
            // It never goes back: a portal may have inserted here already.
            self.run(format!(
                "SELECT setval('intake.mail_requests_id', greatest({last_id}, last_value))
                 FROM intake.mail_requests_id"
            ))
            .await?;
        }
        Ok(())
    }

    async fn run(&mut self, statement: String) -> LedgerResult<()> {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.tx).await.map_err(failed(COPYING))?;
        Ok(())
    }

    /// Records the copy as one entry, unless it was recorded before, and makes all of it durable.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn settle(mut self, record: Option<CopyRecord>, at: DateTime<Utc>) -> LedgerResult<PostgresLedger> {
        self.run(END.to_owned()).await?;
        let drafts = record.map(|record| {
            Draft::new(COPIED)
                .with("entries", record.entries)
                .with("root", record.root)
                .with("tables", record.tables)
                .with("rows", record.rows)
                .with("sha256", record.sha256)
        });
        self.ledger.settle_copy(self.tx, drafts, END_OF_RIGHTS, at).await?;
        Ok(self.ledger)
    }
}

/// What the log of the new ledger keeps of the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRecord {
    /// Entries of the log that came.
    pub entries: u64,
    /// Its root, in hexadecimal.
    pub root: String,
    /// Tables that came.
    pub tables: u64,
    /// Rows that came.
    pub rows: u64,
    /// Over the names and digests of the tables.
    pub sha256: String,
}

/// Looks at a ledger that may have no schema yet.
pub(super) async fn look(address: &PostgresAddress, entries: u64) -> LedgerResult<State> {
    let mut connection = address.connect().await.map_err(failed("reached its server"))?;
    match schema_step(&mut connection).await? {
        None => Ok(State::Missing),
        Some(_) => state(&mut connection, entries).await,
    }
}

async fn state(connection: &mut PgConnection, entries: u64) -> LedgerResult<State> {
    let last: Option<(i64, Option<String>)> =
        sqlx::query_as("SELECT seq, kind FROM letterpost.audit_entry ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed(LOOKING))?;
    if last.is_some_and(|(seq, kind)| seq.cast_unsigned() == entries && kind.as_deref() == Some(COPIED)) {
        return Ok(State::Copy);
    }
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE nspname IN ('letterpost', 'intake') AND relkind = 'r'
             AND relname NOT IN ('_sqlx_migrations', 'second_person', 'clock_mark') ORDER BY relname",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed(LOOKING))?;
    for (table,) in tables {
        let (rows,): (i64,) = sqlx::query_as(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut *connection)
            .await
            .map_err(failed(LOOKING))?;
        if rows > 0 {
            return Ok(State::Used { table, rows: rows.cast_unsigned() });
        }
    }
    Ok(State::Empty)
}

/// Why rows did not go in.
enum Refused {
    Ledger(LedgerError),
    Server(sqlx::Error),
}

async fn send(
    tx: &mut PgConnection,
    table: &Table,
    source: &mut Source,
    progress: &dyn Progress,
) -> Result<(), Refused> {
    let given = table.given.map_or_else(String::new, |column| format!(", \"{column}\""));
    let columns = listed(table.columns.iter().map(|column| &column.name));
    let statement = format!("COPY {} ({columns}{given}) FROM STDIN", table.on_postgres());
    let query = source.rows(table, false);
    let mut rows = sqlx::query(query).fetch(&mut source.connection);
    let mut copy = tx.copy_in_raw(&statement).await.map_err(Refused::Server)?;
    let mut portion = Vec::with_capacity(PORTION_BYTES);
    let mut count = 0;
    while let Some(row) = std::future::poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
        let row = row.map_err(|error| Refused::Ledger(failed("was copied")(error)))?;
        if let Err(problem) = line::write(table, &row, &mut portion) {
            return Err(Refused::Ledger(LedgerError::NotAllowed(format!(
                "table {}, row {}: {problem}; nothing was copied, and something else than letterpost wrote it: look at that row",
                table.name,
                key(table, &row)
            ))));
        }
        if table.given.is_some() {
            line::append_given(&mut portion);
        }
        count += 1;
        if portion.len() >= PORTION_BYTES {
            copy.send(portion.as_slice()).await.map_err(Refused::Server)?;
            portion.clear();
            progress.advance(std::mem::take(&mut count));
        }
    }
    copy.send(portion.as_slice()).await.map_err(Refused::Server)?;
    copy.finish().await.map_err(Refused::Server)?;
    progress.advance(count);
    Ok(())
}

/// The server's refusal of a row, with the row's key. The server says on which line it was.
async fn refused(table: &Table, source: &mut Source, error: &sqlx::Error) -> LedgerError {
    let Some(said) = error.as_database_error() else { return failed(COPYING)(copy_of(error)) };
    let place = said.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().and_then(|error| error.r#where());
    let line = place.and_then(|place| {
        let digits = place.split(", line ").nth(1)?;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()
    });
    let row = match line {
        Some(line) => source.key_of(table, line.saturating_sub(1), false).await,
        None => "unknown".to_owned(),
    };
    LedgerError::NotAllowed(format!(
        "table {}, row {row}: the new ledger refuses it ({}); nothing was copied; mend that row, or ask who changed it",
        if table.name == INTAKE { INTAKE } else { &table.name },
        said.message()
    ))
}

fn copy_of(error: &sqlx::Error) -> sqlx::Error {
    sqlx::Error::Protocol(error.to_string())
}
