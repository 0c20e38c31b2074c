//! Corrections of a day of mailing: both days are kept, with who said so.

use super::change::Change;
use super::db::{On, Row};
use super::exceptions::decided;
use super::passwords::reference_of;
use super::rows::{column, date, instant};
use super::states::{LetterState, letter_state};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::letter::LetterId;
use crate::domain::validity::ValidityWindow;
use crate::ports::ledger::{Correction, Decision, LedgerError, LedgerResult, WaitingCorrection};

/// Corrections that wait for a second person; of one letter where one is named.
pub(super) async fn waiting(ledger: &SqlLedger, letter_id: Option<LetterId>) -> LedgerResult<Vec<WaitingCorrection>> {
    let rows = sqlx::query(
        "SELECT * FROM letter_correction WHERE status = 'waiting' AND (CAST($1 AS TEXT) IS NULL OR letter_id = $1) ORDER BY id",
    )
    .bind(letter_id.map(|id| id.to_string()))
    .fetch_all(&ledger.reader)
    .await
    .map_err(failed("looked for corrections"))?;
    rows.iter()
        .map(|row| {
            Ok(WaitingCorrection {
                letter_id: column(row, "letter_id")?,
                old_mailed_on: date(row, "old_mailed_on")?,
                new_mailed_on: date(row, "new_mailed_on")?,
                reason: column(row, "reason")?,
                asked_by: column(row, "asked_by")?,
                asked_at: instant(row, "asked_at")?,
            })
        })
        .collect()
}

/// The dates of a letter's password.
pub(super) fn window(row: &Row) -> LedgerResult<ValidityWindow> {
    Ok(ValidityWindow {
        planned_mail_on: date(row, "planned_mail_on")?,
        cap_on: date(row, "cap_on")?,
        use_by_on: date(row, "use_by_on")?,
        expires_on: date(row, "expires_on")?,
    })
}

/// Drops a correction that waits; says how many that were, none or one.
pub(super) async fn drop_waiting(change: &mut Change, letter_id: LetterId, decision: &Decision) -> LedgerResult<u64> {
    let id = letter_id.to_string();
    let statement = sqlx::query(
        "UPDATE letter_correction SET status = 'dropped', settled_by = $1, settled_at = $2
         WHERE letter_id = $3 AND status = 'waiting'",
    )
    .bind(decision.by.as_deref())
    .bind(change.at)
    .bind(&id);
    let dropped = change.run(statement).await?;
    if dropped > 0 {
        let draft = Draft::new("correction.dropped").with("letter", id).changes("correction", "waiting", "dropped");
        change.audit(decided(draft, decision));
    }
    Ok(dropped)
}

/// Says no where nothing waits.
pub(super) fn require_waiting(rows: u64, letter_id: LetterId) -> LedgerResult<()> {
    if rows == 1 {
        return Ok(());
    }
    Err(LedgerError::NotAllowed(format!("no correction of letter {letter_id} waits for a second person")))
}

/// Keeps a correction until a second person confirms it.
pub(super) async fn ask(change: &mut Change, correction: &Correction, decision: &Decision) -> LedgerResult<()> {
    insert(change, correction, decision, "waiting").await?;
    let draft = draft("correction.asked", correction).after("correction", "waiting");
    change.audit(decided(draft, decision));
    Ok(())
}

/// Makes a correction on one person's word.
pub(super) async fn make(change: &mut Change, correction: &Correction, decision: &Decision) -> LedgerResult<()> {
    insert(change, correction, decision, "made").await?;
    let was = letter_state(change, &correction.letter_id.to_string()).await?;
    apply(change, correction).await?;
    change.audit(decided(corrected(correction, &was), decision));
    tell(change, correction).await
}

/// Makes the correction that waits, on a second person's word.
pub(super) async fn confirm(change: &mut Change, correction: &Correction, by: &str) -> LedgerResult<()> {
    let row: Option<(String, String)> = sqlx::query_as(
        "UPDATE letter_correction SET status = 'made', settled_by = $1, settled_at = $2
         WHERE letter_id = $3 AND status = 'waiting' AND old_mailed_on = $4 AND new_mailed_on = $5
         RETURNING reason, asked_by",
    )
    .bind(by)
    .bind(change.at)
    .bind(correction.letter_id.to_string())
    .bind(On(correction.old_mailed_on))
    .bind(On(correction.new_mailed_on))
    .fetch_optional(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    require_waiting(u64::from(row.is_some()), correction.letter_id)?;
    let (reason, asked_by) = row.unwrap_or_default();
    let was = letter_state(change, &correction.letter_id.to_string()).await?;
    apply(change, correction).await?;
    let draft = corrected(correction, &was).because(&reason).with("by", asked_by).with("confirmed_by", by);
    change.audit(draft);
    tell(change, correction).await
}

async fn insert(
    change: &mut Change,
    correction: &Correction,
    decision: &Decision,
    status: &'static str,
) -> LedgerResult<()> {
    let settled_at = (status == "made").then_some(change.at);
    let statement = sqlx::query(
        "INSERT INTO letter_correction (letter_id, old_mailed_on, new_mailed_on, reason, asked_by, asked_at, status,
             settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(correction.letter_id.to_string())
    .bind(On(correction.old_mailed_on))
    .bind(On(correction.new_mailed_on))
    .bind(&decision.reason)
    .bind(decision.by.as_deref())
    .bind(change.at)
    .bind(status)
    .bind(settled_at);
    change.run_one(statement, "the corrections").await
}

async fn apply(change: &mut Change, correction: &Correction) -> LedgerResult<()> {
    let id = correction.letter_id.to_string();
    let statement = sqlx::query(
        "UPDATE letter SET dispatched_on = $1, expires_on = $2, expected_from = $3, expected_to = $4, days_to_read = $7
         WHERE id = $5 AND dispatched_on = $6 AND status IN ('mailed', 'returned')",
    )
    .bind(On(correction.new_mailed_on))
    .bind(On(correction.expires_on))
    .bind(On(correction.expected_from))
    .bind(On(correction.expected_to))
    .bind(&id)
    .bind(On(correction.old_mailed_on))
    .bind(i64::from(correction.days_to_read));
    change.run_one(statement, &format!("letter {id}")).await
}

fn draft(kind: &'static str, correction: &Correction) -> Draft {
    Draft::new(kind)
        .with("letter", correction.letter_id.to_string())
        .with("old_mailed_on", correction.old_mailed_on)
        .with("new_mailed_on", correction.new_mailed_on)
}

/// The draft of a correction that is made.
fn corrected(correction: &Correction, was: &LetterState) -> Draft {
    draft("letter.corrected", correction)
        .with("expires_on", correction.expires_on)
        .changes("dispatched_on", correction.old_mailed_on, correction.new_mailed_on)
        .changes("expires_on", was.expires_on, correction.expires_on)
}

async fn tell(change: &mut Change, correction: &Correction) -> LedgerResult<()> {
    let Correction { new_mailed_on, expected_from, expected_to, .. } = correction;
    let id = correction.letter_id.to_string();
    let reference = reference_of(change, &id).await?;
    let detail = format!("mailed on {new_mailed_on}, as corrected; expect it from {expected_from} to {expected_to}");
    change.notice("mailed", &reference, Some(&id), &detail).await
}
