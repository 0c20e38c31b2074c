//! A ledger that takes in the records of another one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};

use super::ledger::failed;
use super::{PostgresAddress, PostgresLedger};
use crate::audit::entry::Draft;
use crate::ports::Entropy;
use crate::ports::ledger::LedgerResult;

const DOING: &str = "recorded what it took in";

impl PostgresLedger {
    /// Reaches a ledger that may be nobody's yet.
    pub(in crate::adapters) async fn reach(address: &PostgresAddress, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        Self::connect(address, entropy).await
    }

    /// Begins the one transaction in which everything is taken in.
    pub(in crate::adapters) async fn begin_copy(&self) -> LedgerResult<Transaction<'static, Postgres>> {
        self.writer.begin().await.map_err(failed("began to take in the old ledger"))
    }

    /// Writes what is to be recorded of it, runs the last statements, and makes all of it durable.
    pub(in crate::adapters) async fn settle_copy(
        &self,
        tx: Transaction<'static, Postgres>,
        draft: Option<Draft>,
        last: &'static str,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.within(tx, DOING, at);
        if let Some(draft) = draft {
            change.audit_now(draft).await?;
        }
        sqlx::raw_sql(last).execute(&mut *change.tx).await.map_err(failed(DOING))?;
        change.commit().await
    }
}
