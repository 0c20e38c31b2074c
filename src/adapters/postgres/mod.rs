//! The ledger on PostgreSQL: one database, many machines that work beside each other.
//!
//! Every ordinary change takes the audit log's lock when it begins, so it is alone as on SQLite; what works beside others takes it
//! when it writes its entries (`db`). READ COMMITTED everywhere. Roles and rights are in `roles.sql` and the migrations.

mod address;
mod db;
mod dialect;
pub mod dump;
mod intake_table;
#[path = "../ledger/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each database")]
mod ledger;
mod life;
mod lookout;
mod receiving;
mod refusals;
mod residue;
mod schema;
mod session;
mod site_lock;
mod standing;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgPoolOptions;

pub(in crate::adapters) use self::ledger::failed;
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerResult, SiteMark};

pub use address::{AddressError, Limits, PostgresAddress};
pub use ledger::PortalTable as PostgresIntakeTable;
pub use ledger::SqlLedger as PostgresLedger;
pub use lookout::silence;
#[cfg(test)]
pub(in crate::adapters) use schema::STEPS;
pub use schema::bring_up_to_date;
pub(in crate::adapters) use schema::made as schema_step;
pub use site_lock::{Busy, ServerLock};
pub use standing::{Standing, standing};

/// Connections of one process.
const CONNECTIONS: u32 = 8;

impl PostgresLedger {
    /// Gives an empty ledger to a site, with the newest schema where the login may make it.
    ///
    /// # Errors
    /// Where the server cannot be reached, the schema is missing and the login may not make it, or another site has the ledger.
    pub async fn create(
        address: &PostgresAddress,
        site: &SiteMark,
        at: DateTime<Utc>,
        entropy: Arc<dyn Entropy>,
    ) -> LedgerResult<Self> {
        schema::require_or_make(address).await?;
        let ledger = Self::connect(address, entropy).await?;
        ledger.give_to(site, at).await?;
        Ok(ledger)
    }

    /// Opens the ledger of a site.
    ///
    /// # Errors
    /// Where the server cannot be reached, the schema is not this program's, or the ledger is another site's.
    pub async fn open(address: &PostgresAddress, site: &SiteMark, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let ledger = Self::connect(address, entropy).await?;
        schema::require(&ledger.reader).await?;
        ledger.of_site(site).await
    }

    async fn connect(address: &PostgresAddress, entropy: Arc<dyn Entropy>) -> LedgerResult<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(address.limits().connect)
            .connect_with(address.options())
            .await
            .map_err(failed("reached its server"))?;
        lookout::look_out(address, &pool);
        Ok(Self::behind(pool.clone(), pool, entropy))
    }
}
