//! Where letters, a request or a package stand: what an entry says was so before a change.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::change::Change;
use super::db::{Row, texts};
use super::dialect::each;
use super::failed;
use super::rows::{column, count, date};
use crate::ports::ledger::{LedgerError, LedgerResult};

/// Where a letter stands.
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
    pub(super) expires_on: NaiveDate,
    /// How often it was made again.
    pub(super) remakes: u32,
}

/// Where letters stand now, by id. A letter that is not there is missing.
pub(super) async fn letter_states<T: AsRef<str>>(
    change: &mut Change,
    letter_ids: &[T],
) -> LedgerResult<BTreeMap<String, LetterState>> {
    let rows = sqlx::query(concat!(
        "SELECT letter.id, request.reference, batch.name AS package, letter.status, letter.password_status,
             letter.expires_on, letter.remakes
         FROM letter JOIN request ON request.id = letter.request_id JOIN batch ON batch.id = letter.batch_id
         WHERE letter.id IN ",
        each!("$1")
    ))
    .bind(texts(letter_ids))
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    rows.iter().map(|row| Ok((column(row, "id")?, state_of(row)?))).collect()
}

/// Where a letter stands now.
pub(super) async fn letter_state(change: &mut Change, letter_id: &str) -> LedgerResult<LetterState> {
    letter_states(change, &[letter_id]).await?.remove(letter_id).ok_or_else(|| unknown(letter_id))
}

/// Says no where the ledger has no such letter.
pub(super) fn unknown(letter_id: &str) -> LedgerError {
    LedgerError::NotAllowed(format!("the ledger has no letter {letter_id}"))
}

fn state_of(row: &Row) -> LedgerResult<LetterState> {
    Ok(LetterState {
        reference: column(row, "reference")?,
        package: column(row, "package")?,
        status: column(row, "status")?,
        password_status: column(row, "password_status")?,
        expires_on: date(row, "expires_on")?,
        remakes: count(row, "remakes")?,
    })
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
