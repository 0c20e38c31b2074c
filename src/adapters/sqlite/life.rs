//! Who is at work: on SQLite one process works on the ledger, under the lock of its folder, so everybody else is gone.

use super::db::{Connection, Pool};
use crate::ports::ledger::{LedgerResult, Life};

/// One process is all there is.
#[derive(Debug)]
struct Alone;

impl Life for Alone {}

/// Shows nothing: nobody looks.
///
/// # Errors
/// None.
pub async fn live(_: &Pool, _: &str) -> LedgerResult<Box<dyn Life>> {
    Ok(Box::new(Alone))
}

/// Whoever asks is at work.
///
/// # Errors
/// None.
pub async fn require(_: &mut Connection, _: &str) -> LedgerResult<()> {
    Ok(())
}
