//! A site's records on their way from SQLite to PostgreSQL: every row of every table, in one transaction of the new ledger while
//! nobody can write into the old one.
//!
//! 1. The old ledger is locked (`BEGIN IMMEDIATE`), and so is the portal's table when its turn comes.
//! 2. Rows are streamed with COPY, table by table, referred ones first; a portion is in memory at a time.
//! 3. Both sides are read again in the order of their keys, and each row of one is held against that of the other.
//! 4. One entry of the new log says what came, and the transaction ends.
//! 5. The old ledger gets a mark in its header under which nobody opens it, and the portal's old table refuses requests.
//!
//! A crash before 4 leaves the new ledger empty, and one after it leaves a copy that the next try finds, compares and goes on with.

mod catalog;
mod compare;
mod line;
mod source;
mod target;

use std::path::Path;

use serde::Serialize;

pub use source::Source;
pub use target::{CopyRecord, State, Target};

use catalog::{INTAKE, Table};

use crate::adapters::postgres::PostgresAddress;
use crate::ports::Progress;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// A table that was copied, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Over its rows as text, in the order of their keys; the same on both sides. Empty before they were compared.
    pub sha256: String,
}

/// What a copy would have to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The rows of each table, the portal's as well.
    pub tables: Vec<Copied>,
    /// What the new ledger is.
    pub target: State,
}

/// Looks at both sides and changes neither.
///
/// # Errors
/// Where one cannot be read, or their schemas differ.
pub async fn plan(ledger: &Path, intake: Option<&Path>, to: &PostgresAddress) -> LedgerResult<Plan> {
    let mut source = Source::of_ledger(ledger).await?;
    let state = target::look(to, source.log_size().await?).await?;
    let mut tables = source.counts().await?;
    if let Some(intake) = intake {
        tables.extend(Source::of_intake(intake).await?.counts().await?);
    }
    Ok(Plan { tables, target: state })
}

/// Copies all rows of the old ledger, unless that was done before, and holds both sides against each other.
///
/// # Errors
/// Where a row does not go in or does not come out as it went in, by table and row; where the new ledger holds something else.
pub async fn carry_ledger(
    source: &mut Source,
    target: &mut Target,
    progress: &dyn Progress,
) -> LedgerResult<Vec<Copied>> {
    let tables = target.tables_for(&source.shape().await?).await?;
    let entries = source.log_size().await?;
    let is_resumed = match target.state(entries).await? {
        State::Missing | State::Empty => {
            let rows = source.counts().await?.iter().map(|table| table.rows).sum();
            progress.begin("copying", rows);
            for table in &tables {
                target.fill(table, source, progress).await?;
            }
            progress.end();
            false
        }
        State::Copy => true,
        State::Used { table, rows } => return Err(used(&table, rows)),
    };
    let compared: Vec<&Table> = tables.iter().filter(|table| !(is_resumed && table.moves_with_entries())).collect();
    let mut copied = Vec::new();
    for table in compared {
        copied.push(compare::table(table, source, target, is_resumed.then_some(entries), progress).await?);
    }
    Ok(copied)
}

/// Copies the rows of the portal's table that the new one does not have, and holds both against each other.
///
/// # Errors
/// As [`carry_ledger`].
pub async fn carry_intake(
    source: &mut Source,
    target: &mut Target,
    progress: &dyn Progress,
) -> LedgerResult<Vec<Copied>> {
    let mut copied = Vec::new();
    for table in target.tables_for(&source.shape().await?).await? {
        source.pass_over = target.highest_id(&table).await?;
        target.fill(&table, source, progress).await?;
        source.pass_over = None;
        copied.push(compare::table(&table, source, target, None, progress).await?);
    }
    target.go_on_after(source.last_given_id().await?).await?;
    Ok(copied)
}

fn used(table: &str, rows: u64) -> LedgerError {
    LedgerError::NotAllowed(format!(
        "the new ledger is not empty: its table {table} has {rows} rows, and they are no copy of this ledger's; nothing was \
         changed, name an empty database"
    ))
}

/// Whether a table is the portal's.
fn is_of_portal(table: &str) -> bool {
    table == INTAKE
}
