//! Ledgers and the portal's table, opened wherever the configuration says they are.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::config::Database;
use super::exit::{CliResult, Failure};
use crate::adapters::files;
use crate::adapters::postgres::{PostgresIntakeTable, PostgresLedger};
use crate::adapters::sqlite::{SqliteIntakeTable, SqliteLedger};
use crate::audit::actor::Actors;
use crate::ports::ledger::{Ledger, LedgerResult, SafekeepingLedger as _, SiteMark};
use crate::ports::{Entropy, IntakeTable};

/// Opens a site's ledger, worked on by `actors` or else by whoever is at the keyboard.
///
/// # Errors
/// Where there is none, it cannot be reached, or it is another site's.
pub async fn ledger(
    place: &Database,
    site: &SiteMark,
    entropy: Arc<dyn Entropy>,
    actors: Option<Actors>,
) -> CliResult<Arc<dyn Ledger>> {
    match place {
        Database::File(path) if !files::exists(path) => Err(Failure::usage(format!(
            "there is no ledger {}; make a site with 'letterpost init DIR', or bring the ledger back with 'letterpost ledger restore FILE'",
            path.display()
        ))),
        Database::File(path) => {
            let ledger = SqliteLedger::open(path, site, entropy).await?;
            Ok(match actors {
                Some(actors) => Arc::new(ledger.worked_by(actors)),
                None => Arc::new(ledger),
            })
        }
        Database::Server(address) => {
            let ledger = PostgresLedger::open(address, site, entropy).await?;
            Ok(match actors {
                Some(actors) => Arc::new(ledger.worked_by(actors)),
                None => Arc::new(ledger),
            })
        }
    }
}

/// Opens a ledger for reading alone.
///
/// # Errors
/// As [`ledger`].
pub async fn ledger_to_read(
    place: &Database,
    site: &SiteMark,
    entropy: Arc<dyn Entropy>,
) -> LedgerResult<Arc<dyn Ledger>> {
    Ok(match place {
        Database::File(path) => Arc::new(SqliteLedger::open_to_read(path, site, entropy).await?),
        Database::Server(address) => Arc::new(PostgresLedger::open(address, site, entropy).await?),
    })
}

/// Makes a site's ledger and its portal's table.
///
/// # Errors
/// Where they cannot be made, or are another site's.
pub async fn create(
    (ledger, intake): (&Database, &Database),
    site: &SiteMark,
    at: DateTime<Utc>,
    entropy: Arc<dyn Entropy>,
) -> CliResult<()> {
    match ledger {
        Database::File(path) => SqliteLedger::create(path, site, at, entropy).await?.close().await,
        Database::Server(address) => PostgresLedger::create(address, site, at, entropy).await?.close().await,
    }
    self::intake(intake).await?.close().await;
    Ok(())
}

/// Opens the table into which a portal inserts requests.
///
/// # Errors
/// Where it cannot be reached.
pub async fn intake(place: &Database) -> LedgerResult<Arc<dyn IntakeTable>> {
    Ok(match place {
        Database::File(path) => Arc::new(SqliteIntakeTable::open(path).await?),
        Database::Server(address) => Arc::new(PostgresIntakeTable::open(address).await?),
    })
}
