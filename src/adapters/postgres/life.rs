//! Who is at work: an owner holds a lock under its name in a session of its own.

use super::db::{Connection, Pool};
use super::ledger::failed;
use super::session::Session;
use crate::ports::ledger::{LedgerError, LedgerResult, Life};

/// What it is doing, for errors.
const DOING: &str = "showed that it is at work";

/// A session that holds the lock of an owner's name.
#[derive(Debug)]
struct Shown {
    _session: Session,
}

impl Life for Shown {}

/// The lock of an owner.
fn lock_of(owner: &str) -> String {
    format!("worker {owner}")
}

/// Shows that an owner is at work.
///
/// # Errors
/// Where the server cannot be reached, or somebody else works under this name.
pub async fn live(pool: &Pool, owner: &str) -> LedgerResult<Box<dyn Life>> {
    let session = Session::open(pool.connect_options().as_ref().clone(), format!("letterpost {owner}")).await?;
    if session.try_lock(&lock_of(owner)).await? {
        return Ok(Box::new(Shown { _session: session }));
    }
    Err(LedgerError::Overtaken { doing: DOING, subject: format!("who is at work as {owner}") })
}

/// Fails unless an owner is shown to be at work: whoever was cut off records nothing.
///
/// # Errors
/// [`LedgerError::Overtaken`] where its session is gone.
pub async fn require(change: &mut Connection, owner: &str) -> LedgerResult<()> {
    let (is_there,): (bool,) = sqlx::query_as("SELECT is_locked($1)")
        .bind(lock_of(owner))
        .fetch_one(change)
        .await
        .map_err(failed("recorded a sealed package"))?;
    if is_there {
        return Ok(());
    }
    let subject = format!("the session of worker {owner}, which is lost,");
    Err(LedgerError::Overtaken { doing: "recorded a sealed package", subject })
}
