//! The dates of a letter, with what each was counted from.

use super::rows::{column, date, instant, maybe_date, maybe_instant};
use super::{SqlLedger, failed};
use crate::ports::ledger::{LedgerResult, LetterDates};

/// The dates of one letter.
pub(super) async fn of_letter(ledger: &SqlLedger, letter_id: &str) -> LedgerResult<Option<LetterDates>> {
    let row = sqlx::query(
        "SELECT letter.*, request.requested_at, request.promised_by_on, batch.vendor, batch.mail_by_on,
             coalesce((SELECT coalesce(settled_at, asked_at) FROM letter_correction
                 WHERE letter_correction.letter_id = letter.id AND letter_correction.status = 'made'
                 ORDER BY letter_correction.id DESC LIMIT 1), receipt_file.read_at) AS recorded_at
         FROM letter JOIN request ON request.id = letter.request_id JOIN batch ON batch.id = letter.batch_id
         LEFT JOIN receipt_file ON receipt_file.id = letter.mailed_file_id WHERE letter.id = $1",
    )
    .bind(letter_id)
    .fetch_optional(&ledger.reader)
    .await
    .map_err(failed("looked up the dates of a letter"))?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(LetterDates {
        vendor: column(&row, "vendor")?,
        outside: column(&row, "outside")?,
        requested_at: instant(&row, "requested_at")?,
        promised_by_on: date(&row, "promised_by_on")?,
        minted_at: instant(&row, "minted_at")?,
        planned_mail_on: date(&row, "planned_mail_on")?,
        mail_by_on: maybe_date(&row, "mail_by_on")?,
        cap_on: date(&row, "cap_on")?,
        use_by_on: date(&row, "use_by_on")?,
        dispatched_on: maybe_date(&row, "dispatched_on")?,
        recorded_at: maybe_instant(&row, "recorded_at")?,
        expires_on: date(&row, "expires_on")?,
        expected_from: date(&row, "expected_from")?,
        expected_to: date(&row, "expected_to")?,
    }))
}
