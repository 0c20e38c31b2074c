//! Where a letter, a request or a package stands: what an entry says was so before a change.

use super::change::Change;
use super::failed;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// Where a letter stands.
#[derive(sqlx::FromRow)]
pub(super) struct LetterState {
    /// The portal's id of the request that it answers.
    pub(super) reference: String,
    /// Its package.
    pub(super) package: String,
    /// Its status.
    pub(super) status: String,
    /// Its password's.
    pub(super) password_status: String,
    /// Its password's last day.
    pub(super) expires_on: String,
}

/// Where a letter stands now.
pub(super) async fn letter_state(change: &mut Change, letter_id: &str) -> LedgerResult<LetterState> {
    sqlx::query_as(
        "SELECT request.reference, batch.name AS package, letter.status, letter.password_status, letter.expires_on
         FROM letter JOIN request ON request.id = letter.request_id JOIN batch ON batch.id = letter.batch_id
         WHERE letter.id = $1",
    )
    .bind(letter_id)
    .fetch_optional(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?
    .ok_or_else(|| LedgerError::NotAllowed(format!("the ledger has no letter {letter_id}")))
}

/// The status of a request; empty where there is none, so that the change finds that out.
pub(super) async fn request_status(change: &mut Change, reference: &str) -> LedgerResult<String> {
    let found: Option<(String,)> = sqlx::query_as("SELECT status FROM request WHERE reference = $1")
        .bind(reference)
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(found.map(|(status,)| status).unwrap_or_default())
}
