//! The portal's table in a schema of its own, beside the ledger's.

use sqlx::postgres::PgPoolOptions;

use super::ledger::failed;
use super::{PostgresAddress, PostgresIntakeTable};
use crate::ports::ledger::LedgerResult;

/// Connections of one process to the portal's table.
const CONNECTIONS: u32 = 2;

impl PostgresIntakeTable {
    /// Opens the table. It is made with the ledger's schema.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub async fn open(address: &PostgresAddress) -> LedgerResult<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(address.limits().connect)
            .connect_with(address.options())
            .await
            .map_err(failed("opened the portal's table"))?;
        Ok(Self::behind(pool))
    }
}
