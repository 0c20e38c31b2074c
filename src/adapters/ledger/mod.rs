//! The ledger's statements, written once and compiled for each database: this folder is a module of `sqlite` and of
//! `postgres`. What differs comes from the folder above: `db` has the driver's types, how a change begins and how values are
//! stored; `dialect` has the few turns of SQL that the two say differently.
//!
//! Each UPDATE says how many rows it must touch; any other number undoes the whole change.

mod acting;
mod audit;
mod audit_heads;
mod brakes;
mod change;
mod corrections;
mod dates;
mod delivery;
mod dispatch;
mod exceptions;
mod figures;
mod forgetting;
mod holds;
mod intake;
mod legal_holds;
mod lists;
mod overview;
mod passwords;
mod portal;
mod portal_table;
mod production;
mod promises;
mod pulls;
mod purges;
mod quotations;
mod receipt_changes;
mod receipt_writes;
mod receipts;
mod recent;
mod reconciliation;
mod reports;
mod retention;
mod revocation;
mod rows;
mod runs;
mod safekeeping;
mod sealing;
mod serials;
mod sinks;
mod states;
mod taking;
mod templates;
mod terms;
mod vendors;
mod voided;
mod workers;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::acting::Acting;
use self::db::At;
use super::{db, dialect, life, residue};
use crate::ports::Entropy;
use crate::ports::ledger::{LedgerError, LedgerResult, SiteMark};

pub use portal_table::PortalTable;

/// The ledger of one site.
#[derive(Clone)]
pub struct SqlLedger {
    pub(super) writer: db::Pool,
    pub(super) reader: db::Pool,
    entropy: Arc<dyn Entropy>,
    acting: Acting,
    shown: workers::Shown,
}

impl SqlLedger {
    /// The ledger behind these connections.
    pub(super) fn behind(writer: db::Pool, reader: db::Pool, entropy: Arc<dyn Entropy>) -> Self {
        Self { writer, reader, entropy, acting: Acting::of_process(), shown: workers::Shown::default() }
    }

    /// Makes an empty ledger this site's.
    pub(super) async fn give_to(&self, site: &SiteMark, at: DateTime<Utc>) -> LedgerResult<()> {
        sqlx::query(
            "INSERT INTO site (only_one, code, environment, origin, made_at, rehearsal) VALUES (1, $1, $2, $3, $4, $5)",
        )
        .bind(&site.code)
        .bind(&site.environment)
        .bind(&site.origin)
        .bind(At(at))
        .bind(site.is_rehearsal)
        .execute(&self.writer)
        .await
        .map_err(failed("made itself"))?;
        Ok(())
    }

    /// The same ledger, if it is this site's or nothing was ever recorded in it.
    pub(super) async fn of_site(self, site: &SiteMark) -> LedgerResult<Self> {
        let found = self.site_mark().await?;
        if found == *site || self.take_up(site).await? {
            return Ok(self);
        }
        if (SiteMark { is_rehearsal: site.is_rehearsal, ..found.clone() }) == *site {
            return Err(LedgerError::NotAllowed(other_time(found.is_rehearsal).to_owned()));
        }
        Err(LedgerError::NotAllowed(format!(
            "the ledger belongs to site '{}' ({}, origin {}) and the configuration is of site '{}' ({}, origin {}); \
             set [ledger] url to this site's own ledger",
            found.code, found.environment, found.origin, site.code, site.environment, site.origin
        )))
    }

    /// Whose ledger it is.
    pub(super) async fn site_mark(&self) -> LedgerResult<SiteMark> {
        let (code, environment, origin, is_rehearsal) =
            sqlx::query_as("SELECT code, environment, origin, rehearsal FROM site")
                .fetch_one(&self.reader)
                .await
                .map_err(failed("told whose it is"))?;
        Ok(SiteMark { code, environment, origin, is_rehearsal })
    }

    /// Makes the ledger this site's, if nothing was ever recorded in it: a site is made for trying out, and gets its
    /// own code and environment before its first request.
    async fn take_up(&self, site: &SiteMark) -> LedgerResult<bool> {
        let taken = sqlx::query(
            "UPDATE site SET code = $1, environment = $2, origin = $3, rehearsal = $4
             WHERE NOT EXISTS (SELECT 1 FROM audit_entry)",
        )
        .bind(&site.code)
        .bind(&site.environment)
        .bind(&site.origin)
        .bind(site.is_rehearsal)
        .execute(&self.writer)
        .await
        .map_err(failed("took up its site"))?;
        Ok(taken.rows_affected() == 1)
    }
}

/// Why a ledger is refused that has the right site's mark and the wrong time.
fn other_time(is_rehearsal: bool) -> &'static str {
    if is_rehearsal {
        "the ledger is a rehearsal's: its time may have been simulated, and nothing real is recorded in it; write \
         rehearsal = true under [site] again, or make a site with 'letterpost init DIR'"
    } else {
        "the ledger is no rehearsal's: what is recorded in it has its real time, and simulated time would backdate what \
         follows; take rehearsal = true out of [site], and rehearse on a site of its own: 'letterpost demo DIR'"
    }
}

/// Turns what the database said into an error that names what was being done.
pub(in crate::adapters) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> LedgerError {
    move |error| match db::refusal(&error) {
        Some(refusal) => LedgerError::NotAllowed(refusal),
        None => LedgerError::Unavailable { doing, reason: db::reason(&error) },
    }
}
