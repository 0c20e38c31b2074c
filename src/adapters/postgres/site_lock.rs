//! The locks of a site whose ledger is on a server: the same names as the files of a site on one machine, whichever machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::address::PostgresAddress;
use super::session::Session;
use crate::adapters::host::host_name;
use crate::ports::ledger::LedgerResult;

/// How often one that waits looks whether the lock is free.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A lock that a session holds until it is dropped or the session is lost.
#[derive(Debug)]
pub struct ServerLock {
    _session: Session,
    name: Arc<String>,
}

/// Why the lock was not had.
#[derive(Debug)]
pub struct Busy {
    /// What its holder says of itself: what it does, where, and since when.
    pub holder: String,
}

impl ServerLock {
    /// Takes a lock, waiting up to `limit` for whoever has it; calls `busy` each time that somebody has.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub async fn take(
        address: &PostgresAddress,
        lock: &str,
        what: &str,
        limit: Duration,
        mut busy: impl FnMut(&str),
    ) -> LedgerResult<Result<Self, Busy>> {
        let session = Session::open(address.options(), format!("letterpost waits: {what}")).await?;
        let begun = Instant::now();
        while !session.try_lock(lock).await? {
            let holder = session.holder(lock).await?;
            if holder.is_empty() && begun.elapsed() < limit {
                continue;
            }
            busy(&holder);
            if begun.elapsed() >= limit {
                return Ok(Err(Busy { holder }));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let name = session.own_name().await?;
        session.try_lock(&name).await?;
        session.say(&format!("{what} ({}, process {}, since {{}} UTC)", host_name(), std::process::id())).await?;
        Ok(Ok(Self { _session: session, name: Arc::new(name) }))
    }

    /// The name that this session alone has: whoever works under the lock names it to the server, see
    /// [`PostgresAddress::under`].
    #[must_use]
    pub fn name(&self) -> &Arc<String> {
        &self.name
    }
}
