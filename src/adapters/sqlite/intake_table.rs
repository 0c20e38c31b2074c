//! The portal's table in a file of its own.

use std::path::Path;

use sqlx::sqlite::SqlitePoolOptions;

use super::SqliteIntakeTable;
use super::ledger::failed;
use super::{make_private, options};
use crate::ports::ledger::LedgerResult;

impl SqliteIntakeTable {
    /// Opens the table, making file and table where there are none.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub async fn open(path: &Path) -> LedgerResult<Self> {
        make_private(path)?;
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options(path))
            .await
            .map_err(failed("opened the portal's table"))?;
        sqlx::raw_sql(include_str!("intake.sql")).execute(&pool).await.map_err(failed("made the portal's table"))?;
        Ok(Self::behind(pool))
    }
}
