//! The letters of a withdrawn package, and what becomes of their requests.

use chrono::NaiveDate;

use super::change::Change;
use super::db::{On, Row};
use super::failed;
use super::lists::Values;
use super::revocation::revoke_all;
use super::rows::{column, maybe_instant};
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
    let letters = rows.iter().map(voided).collect::<LedgerResult<Vec<_>>>()?;
    let ended: Vec<_> = letters.iter().map(|it| (it.letter_id.as_str(), "its package was withdrawn")).collect();
    revoke_all(change, &ended, today).await?;
    let statement =
        sqlx::query("UPDATE letter SET status = 'voided', status_at = $1 WHERE batch_id = $2 AND status = 'sealed'")
            .bind(change.at)
            .bind(batch_id);
    change.run_exactly(letters.len() as u64, statement, "the letters of a withdrawn package").await?;
    for Voided { letter_id, reference, fate, .. } in &letters {
        let draft = Draft::new("letter.voided")
            .with("letter", letter_id.as_str())
            .with("reference", reference.as_str())
            .changes("status", "sealed", "voided")
            .changes("request_status", "lettered", fate.as_str());
        change.audit(draft);
    }
    leave_requests(change, &letters, today).await
}

fn voided(row: &Row) -> LedgerResult<Voided> {
    let is_cancelled = maybe_instant(row, "cancelled_at")?.is_some();
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

/// Leaves each request to its fate.
async fn leave_requests(change: &mut Change, letters: &[Voided], today: NaiveDate) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, it: &Voided| {
        let is_held = it.fate == Fate::Held;
        row.push_bind(it.request_id).push_bind(at).push_bind(it.fate.as_str()).push_bind(it.reason.as_deref());
        row.push_bind(it.replaced_by.as_deref())
            .push_bind(is_held.then_some("person"))
            .push_bind(is_held.then_some(at));
        // Somebody has been at it already: it is overdue from tomorrow on.
        row.push_bind(is_held.then_some(On(today)));
    };
    let update = "UPDATE request SET batch_id = NULL, status_at = given.at, status = given.fate, reason = given.reason,
             replaced_by = given.replaced_by, held_by = given.held_by, held_at = given.held_at,
             act_by_on = given.act_by_on
         FROM given WHERE request.id = given.id AND request.status = 'lettered'";
    let columns = "id, at, fate, reason, replaced_by, held_by, held_at, act_by_on";
    change.update_all(columns, letters, bind, update, "the requests of a withdrawn package").await
}
