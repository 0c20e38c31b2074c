//! Statements about many rows at once: the rows are values of the statement, in portions of one length, so that the database
//! reads the text of a full portion once. While it works on one portion, the next is written.

use sqlx::QueryBuilder;
use sqlx::query_builder::Separated;

use super::change::Change;
use super::db::Db;
pub(super) use super::db::ROWS_A_STATEMENT;
use crate::ports::ledger::LedgerResult;

/// A statement about so many rows.
pub(super) struct Portion {
    pub(super) rows: usize,
    pub(super) statement: QueryBuilder<Db>,
}

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
        let portions = items.chunks(ROWS_A_STATEMENT).map(|portion| {
            let mut statement = QueryBuilder::<Db>::new(into);
            statement.push(" ");
            statement.push_values(portion, |mut row, item| bind(&mut row, item));
            Ok(Portion { rows: portion.len(), statement })
        });
        self.run_portions(portions, subject).await
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
        let portions = items.chunks(ROWS_A_STATEMENT).map(|portion| {
            let mut statement = QueryBuilder::<Db>::new("WITH given (");
            statement.push(columns).push(") AS (");
            statement.push_values(portion, |mut row, item| bind(&mut row, item));
            statement.push(") ").push(update);
            Ok(Portion { rows: portion.len(), statement })
        });
        self.run_portions(portions, subject).await
    }

    /// Runs statements one after another; each must touch as many rows as it is about.
    pub(super) async fn run_portions(
        &mut self,
        mut portions: impl Iterator<Item = LedgerResult<Portion>>,
        subject: &str,
    ) -> LedgerResult<()> {
        let mut coming = portions.next().transpose()?;
        while let Some(Portion { rows, mut statement }) = coming {
            let run = self.run_exactly(rows as u64, statement.build().persistent(is_usual(rows)), subject);
            let (done, next) = tokio::join!(run, async { portions.next().transpose() });
            done?;
            coming = next?;
        }
        Ok(())
    }
}

/// Whether a statement of so many rows comes often enough to be kept by the database.
fn is_usual(rows: usize) -> bool {
    rows == ROWS_A_STATEMENT || rows == 1
}
