//! Promises of the portal that were missed.

use chrono::NaiveDate;

use super::db::{On, Row};
use super::rows::{column, date, instant, maybe_date};
use super::{SqlLedger, failed};
use crate::ports::ledger::{LedgerResult, MissedPromise};

/// Requests whose letter is late by what the person was told. One that is mailed counts while it is under way and its
/// password is good.
const MISSED_PROMISES: &str = "SELECT request.reference, request.requested_at, request.promised_by_on,
        coalesce(letter.status, request.status) AS stage, coalesce(letter.status_at, request.status_at) AS since,
        CASE WHEN request.status = 'held' THEN request.reason END AS reason, letter.id AS letter_id,
        batch.name AS package, letter.dispatched_on, letter.expected_to,
        CASE WHEN request.status = 'held' THEN request.act_by_on ELSE letter.decide_by_on END AS act_by_on
    FROM request
    LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL
    LEFT JOIN batch ON batch.id = coalesce(letter.batch_id, request.batch_id)
    WHERE request.promised_by_on < $1 AND request.cancelled_at IS NULL AND (
        request.status IN ('pending', 'held', 'claimed')
        OR (request.status = 'lettered' AND letter.dispatched_on IS NULL)
        OR (request.status = 'lettered' AND letter.status = 'mailed' AND letter.password_status IN ('live', 'locked')
            AND letter.expected_from > request.promised_by_on AND letter.expected_to >= $1))
    ORDER BY request.promised_by_on, request.id";

/// The promises that are missed on `today`.
pub(super) async fn missed(ledger: &SqlLedger, today: NaiveDate) -> LedgerResult<Vec<MissedPromise>> {
    let rows = sqlx::query(MISSED_PROMISES)
        .bind(On(today))
        .fetch_all(&ledger.reader)
        .await
        .map_err(failed("looked for missed promises"))?;
    rows.iter().map(missed_promise).collect()
}

fn missed_promise(row: &Row) -> LedgerResult<MissedPromise> {
    Ok(MissedPromise {
        reference: column(row, "reference")?,
        requested_at: instant(row, "requested_at")?,
        promised_by_on: date(row, "promised_by_on")?,
        stage: column(row, "stage")?,
        since: instant(row, "since")?,
        reason: column(row, "reason")?,
        letter_id: column(row, "letter_id")?,
        package: column(row, "package")?,
        dispatched_on: maybe_date(row, "dispatched_on")?,
        expected_to: maybe_date(row, "expected_to")?,
        act_by_on: maybe_date(row, "act_by_on")?,
    })
}
