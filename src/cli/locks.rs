//! Locks of a site and of its jobs: on files beside a ledger that is a file, on the server where it is on one.
//!
//! Either way nothing is released because time has passed: the system frees a file's lock when a process dies, the server a
//! session's when the process, the machine or the connection is gone.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::config::{Database, Paths};
use super::open::beside;
use crate::adapters::postgres::{PostgresAddress, ServerLock};
use crate::adapters::run_lock::{RunLock, RunLockError};

/// How often one that waits for a file's lock looks whether it is free.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is done by one process at a time.
#[derive(Debug, Clone, Copy)]
pub enum Locked<'a> {
    /// Work on the site's ledger and with its vendors.
    Site,
    /// Starts of this job.
    Job(&'a str),
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
#[allow(dead_code, reason = "what is held is not looked at")]
pub enum Lock {
    /// On a file.
    File(RunLock),
    /// On the server.
    Server(ServerLock),
}

/// Takes a lock, waiting up to `limit` for whoever has it; calls `busy` with the holder each time that it is not free.
///
/// # Errors
/// [`RunLockError`].
pub async fn take(
    paths: &Paths,
    locked: Locked<'_>,
    what: &str,
    limit: Duration,
    mut busy: impl FnMut(&str),
) -> Result<Lock, RunLockError> {
    if let Database::Server(address) = &paths.ledger {
        let name = match locked {
            Locked::Site => "site".to_owned(),
            Locked::Job(job) => format!("job {job}"),
        };
        return match ServerLock::take(address, &name, what, limit, busy).await? {
            Ok(lock) => Ok(Lock::Server(lock)),
            Err(found) => Err(RunLockError::Busy { holder: found.holder }),
        };
    }
    let ending = match locked {
        Locked::Site => ".lock".to_owned(),
        Locked::Job(job) => format!(".run-{job}.lock"),
    };
    let (path, begun) = (beside(&paths.ledger_file, &ending), Instant::now());
    loop {
        match RunLock::take(&path, what) {
            Err(RunLockError::Busy { holder }) if begun.elapsed() < limit => {
                busy(&holder);
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            taken => return Ok(Lock::File(taken?)),
        }
    }
}

/// The lock that this process works under, as long as it holds it.
#[derive(Debug, Clone, Default)]
pub struct WorksUnder(Arc<Mutex<Weak<String>>>);

impl WorksUnder {
    /// From now on it works under this one.
    pub fn set(&self, lock: &Lock) {
        if let Lock::Server(lock) = lock {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(lock.name());
        }
    }

    /// Where the ledger is, for whoever writes to it: what is under a lock that is lost is refused there.
    #[must_use]
    pub fn place(&self, ledger: Database) -> Database {
        let lock = self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        match (ledger, lock) {
            (Database::Server(address), Some(lock)) => Database::Server(PostgresAddress::under(&address, &lock)),
            (ledger, _) => ledger,
        }
    }
}
