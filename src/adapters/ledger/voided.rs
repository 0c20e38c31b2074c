//! The letters of a withdrawn package, and what becomes of their requests.

use chrono::NaiveDate;

use super::change::Change;
use super::db::{On, Row};
use super::delivery::revoke;
use super::failed;
use super::rows::column;
use crate::audit::entry::Draft;
use crate::domain::letter::named;
use crate::ports::ledger::LedgerResult;

named! {
    /// What becomes of a request whose letter no vendor had.
    Fate {
        /// It waits for the next package.
        Pending = "pending",
        /// A person had stopped the letter, and decides about the next one too.
        Held = "held",
        /// It was cancelled, or the account has asked anew.
        Withdrawn = "withdrawn",
    }
}

/// A letter of a withdrawn package.
struct Voided {
    letter_id: String,
    request_id: i64,
    reference: String,
    fate: Fate,
    reason: Option<String>,
    replaced_by: Option<String>,
}

/// Ends the letters of a withdrawn package. Their requests wait again, unless somebody has cancelled one or stopped
/// its letter, or the account has asked anew meanwhile.
pub(super) async fn end_letters(change: &mut Change, batch_id: i64, today: NaiveDate) -> LedgerResult<()> {
    let rows = sqlx::query(
        "SELECT letter.id, letter.request_id, request.reference, request.cancelled_at, request.reason,
             (SELECT pull_order.reason FROM pulled_letter JOIN pull_order ON pull_order.id = pulled_letter.pull_order_id
                 WHERE pulled_letter.letter_id = letter.id) AS pull_reason,
             (SELECT other.reference FROM request AS other WHERE other.username = request.username
                 AND other.status IN ('pending', 'claimed')) AS newer
         FROM letter JOIN request ON request.id = letter.request_id
         WHERE letter.batch_id = $1 AND letter.status = 'sealed' ORDER BY letter.sequence",
    )
    .bind(batch_id)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    for row in &rows {
        end_letter(change, &voided(row)?, today).await?;
    }
    Ok(())
}

fn voided(row: &Row) -> LedgerResult<Voided> {
    let is_cancelled = column::<Option<String>>(row, "cancelled_at")?.is_some();
    let replaced_by: Option<String> = column(row, "newer")?;
    let pull_reason: Option<String> = column(row, "pull_reason")?;
    let (fate, reason) = match (is_cancelled, &replaced_by, pull_reason) {
        (true, _, _) => (Fate::Withdrawn, column(row, "reason")?),
        (false, Some(_), _) => (Fate::Withdrawn, Some("replaced by a newer request".to_owned())),
        (false, None, Some(why)) => (Fate::Held, Some(format!("its letter was to be pulled: {why}"))),
        (false, None, None) => (Fate::Pending, None),
    };
    Ok(Voided {
        letter_id: column(row, "id")?,
        request_id: column(row, "request_id")?,
        reference: column(row, "reference")?,
        fate,
        reason,
        replaced_by: replaced_by.filter(|_| !is_cancelled),
    })
}

async fn end_letter(change: &mut Change, voided: &Voided, today: NaiveDate) -> LedgerResult<()> {
    let Voided { letter_id, request_id, reference, fate, reason, replaced_by } = voided;
    revoke(change, letter_id, "its package was withdrawn", today).await?;
    let statement = sqlx::query("UPDATE letter SET status = 'voided', status_at = $1 WHERE id = $2")
        .bind(change.at)
        .bind(letter_id);
    change.run_one(statement, letter_id).await?;
    let draft = Draft::new("letter.voided")
        .with("letter", letter_id.as_str())
        .with("reference", reference.as_str())
        .changes("status", "sealed", "voided")
        .changes("request_status", "lettered", fate.as_str());
    change.audit(draft);
    let is_held = *fate == Fate::Held;
    let statement = sqlx::query(
        "UPDATE request SET batch_id = NULL, status_at = $1, status = $2, reason = $3, replaced_by = $4,
             held_by = $5, held_at = $6, act_by_on = $7 WHERE id = $8 AND status = 'lettered'",
    )
    .bind(change.at)
    .bind(fate.as_str())
    .bind(reason.as_deref())
    .bind(replaced_by.as_deref())
    .bind(is_held.then_some("person"))
    .bind(is_held.then(|| change.at))
    // Somebody has been at it already: it is overdue from tomorrow on.
    .bind(is_held.then_some(On(today)))
    .bind(*request_id);
    change.run_one(statement, &format!("request {reference}")).await
}
