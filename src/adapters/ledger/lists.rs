//! Statements about many rows at once: the rows are values of the statement, in portions of one length, so that the database
//! reads the text of a full portion once.

use sqlx::QueryBuilder;
use sqlx::query_builder::Separated;

use super::change::Change;
use super::db::Db;
pub(super) use super::db::ROWS_A_STATEMENT;
use crate::ports::ledger::LedgerResult;

/// The values of one row, bound one after another with `push_bind`.
pub(super) type Values<'a> = Separated<'a, Db, &'static str>;

impl Change {
    /// Inserts a row for each item: `into` is the statement as far as its columns. `subject` is what grows, for the error.
    pub(super) async fn insert_all<T>(
        &mut self,
        into: &'static str,
        items: &[T],
        bind: impl Fn(&mut Values<'_>, &T),
        subject: &str,
    ) -> LedgerResult<()> {
        for portion in items.chunks(ROWS_A_STATEMENT) {
            let mut insert = QueryBuilder::<Db>::new(into);
            insert.push(" ");
            insert.push_values(portion, |mut row, item| bind(&mut row, item));
            let statement = insert.build().persistent(is_usual(portion.len()));
            self.run_exactly(portion.len() as u64, statement, subject).await?;
        }
        Ok(())
    }

    /// Runs an UPDATE with a table `given` of these columns, which has a row for each item; it must touch as many rows as
    /// there are items.
    pub(super) async fn update_all<T>(
        &mut self,
        columns: &'static str,
        items: &[T],
        bind: impl Fn(&mut Values<'_>, &T),
        update: &'static str,
        subject: &str,
    ) -> LedgerResult<()> {
        for portion in items.chunks(ROWS_A_STATEMENT) {
            let mut statement = QueryBuilder::<Db>::new("WITH given (");
            statement.push(columns).push(") AS (");
            statement.push_values(portion, |mut row, item| bind(&mut row, item));
            statement.push(") ").push(update);
            let statement = statement.build().persistent(is_usual(portion.len()));
            self.run_exactly(portion.len() as u64, statement, subject).await?;
        }
        Ok(())
    }
}

/// Whether a statement of so many rows comes often enough to be kept by the database.
pub(super) fn is_usual(rows: usize) -> bool {
    rows == ROWS_A_STATEMENT || rows == 1
}
