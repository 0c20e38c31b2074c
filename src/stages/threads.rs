//! Threads beside those that wait for the ledger and for vendors.

use super::outcome::{StageError, StageResult};

/// Runs work that keeps a processor busy where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> StageResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(died)
}

/// That work ended before it was done.
pub(super) fn died(why: impl std::fmt::Display) -> StageError {
    StageError::Retry(format!("a worker died at its work: {why}"))
}
