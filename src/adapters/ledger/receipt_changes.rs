//! What a line of a receipt does to its letter: it is printed, mailed, ended, brought back or made again.

use chrono::NaiveDate;

use super::change::Change;
use super::db::On;
use super::delivery::revoke;
use super::exceptions::tell_returned;
use super::failed;
use super::states::{LetterState, letter_state};
use crate::audit::entry::Draft;
use crate::domain::letter::{LetterId, LetterStatus};
use crate::domain::postal_statement::PostalStatement;
use crate::ports::ledger::{JudgedLine, LedgerError, LedgerResult, LetterChange};

/// A receipt that was taken: its row, and its digest.
pub(super) struct Filed<'a> {
    pub(super) file_id: i64,
    pub(super) sha256: &'a str,
}

impl Filed<'_> {
    /// A draft of what a line of it says of a letter that stood so.
    fn draft(&self, kind: &'static str, letter: &str, line: &JudgedLine, was: &LetterState) -> Draft {
        Draft::new(kind)
            .with("letter", letter)
            .with("package", was.package.as_str())
            .with("line", line.line)
            .by_file(self.sha256)
    }
}

/// Does what the line says.
pub(super) async fn apply(
    change: &mut Change,
    filed: &Filed<'_>,
    line: &JudgedLine,
    letter_id: LetterId,
    step: &LetterChange,
    today: NaiveDate,
) -> LedgerResult<()> {
    if matches!(step, LetterChange::Known) {
        return Ok(());
    }
    let id = letter_id.to_string();
    let was = letter_state(change, &id).await?;
    let draft = |kind| filed.draft(kind, &id, line, &was);
    match step {
        LetterChange::Known => Ok(()),
        LetterChange::Printed { printed_on } => {
            let draft = draft("letter.printed").changes("status", was.status.as_str(), "printed");
            print(change, &id, *printed_on, draft).await
        }
        LetterChange::Ended { status, ended_on } => {
            let draft = draft(ended_kind(*status)).changes("status", was.status.as_str(), status.as_str());
            end(change, (filed.file_id, line.line), &id, (*status, *ended_on), draft).await?;
            revoke(change, &id, &format!("the letter was {status}"), today).await
        }
        LetterChange::Remade { remade_on } => remake_letter(change, &id, *remade_on, draft("letter.remade")).await,
        LetterChange::Mailed { .. } => {
            let draft = draft("letter.mailed").changes("status", was.status.as_str(), "mailed");
            mail(change, (filed.file_id, line.line), &id, step, (draft, &was)).await
        }
        LetterChange::Stated { postal_statement } => state(change, &id, postal_statement, draft("letter.stated")).await,
    }
}

async fn print(change: &mut Change, id: &str, printed_on: NaiveDate, draft: Draft) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE letter SET status = 'printed', status_at = $1, printed_on = $2
         WHERE id = $3 AND status IN ('delivered', 'accepted', 'printed')",
    )
    .bind(change.at)
    .bind(On(printed_on))
    .bind(id);
    change.run_one(statement, &format!("letter {id}")).await?;
    change.audit(draft.with("printed_on", printed_on));
    Ok(())
}

/// A letter that came back was mailed before; any other ends in production.
async fn end(
    change: &mut Change,
    place: (i64, u64),
    id: &str,
    (status, ended_on): (LetterStatus, NaiveDate),
    draft: Draft,
) -> LedgerResult<()> {
    let seq = change.audit_now(draft.with("ended_on", ended_on)).await?;
    if status == LetterStatus::Returned {
        bring_back(change, id, ended_on).await
    } else {
        end_unmailed(change, place, id, (status, ended_on), seq).await
    }
}

async fn bring_back(change: &mut Change, id: &str, returned_on: NaiveDate) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE letter SET status = 'returned', status_at = $1, returned_on = $2 WHERE id = $3 AND status = 'mailed'",
    )
    .bind(change.at)
    .bind(On(returned_on))
    .bind(id);
    change.run_one(statement, &format!("letter {id}")).await?;
    tell_returned(change, id).await
}

async fn end_unmailed(
    change: &mut Change,
    (file_id, line): (i64, u64),
    id: &str,
    (status, ended_on): (LetterStatus, NaiveDate),
    seq: u64,
) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE letter SET status = $1, status_at = $2, unmailed_on = $3, unmailed_file_id = $4, unmailed_line = $5,
             unmailed_seq = $6
         WHERE id = $7 AND status IN ('delivered', 'accepted', 'printed')",
    )
    .bind(status.as_str())
    .bind(change.at)
    .bind(On(ended_on))
    .bind(file_id)
    .bind(line.cast_signed())
    .bind(seq.cast_signed())
    .bind(id);
    change.run_one(statement, &format!("letter {id}")).await
}

fn ended_kind(status: LetterStatus) -> &'static str {
    match status {
        LetterStatus::Returned => "letter.returned",
        LetterStatus::Rejected => "letter.rejected",
        LetterStatus::Pulled => "letter.pulled",
        _ => "letter.spoiled",
    }
}

/// The spoiled piece was replaced by another of the same letter: it is where it was, and its password is good.
async fn remake_letter(change: &mut Change, id: &str, remade_on: NaiveDate, draft: Draft) -> LedgerResult<()> {
    let made: Option<(i64,)> =
        sqlx::query_as("UPDATE letter SET remakes = remakes + 1, remade_on = $1 WHERE id = $2 RETURNING remakes")
            .bind(On(remade_on))
            .bind(id)
            .fetch_optional(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    let Some((remakes,)) = made else {
        return Err(LedgerError::Overtaken { doing: change.doing, subject: format!("letter {id}") });
    };
    let remakes = remakes.cast_unsigned();
    change.audit(draft.with("remade_on", remade_on).changes("remakes", remakes.saturating_sub(1), remakes));
    Ok(())
}

async fn mail(
    change: &mut Change,
    (file_id, line): (i64, u64),
    id: &str,
    step: &LetterChange,
    (draft, was): (Draft, &LetterState),
) -> LedgerResult<()> {
    let LetterChange::Mailed { dispatched_on, expires_on, expected_from, expected_to, days_to_read, postal_statement } =
        step
    else {
        return Ok(());
    };
    let mut draft = draft
        .with("dispatched_on", *dispatched_on)
        .with("expires_on", *expires_on)
        .changes("expires_on", was.expires_on.as_str(), *expires_on)
        .after("dispatched_on", *dispatched_on);
    if let Some(number) = postal_statement {
        draft = draft.with("postal_statement", number.as_str());
    }
    let seq = change.audit_now(draft).await?;
    let statement = sqlx::query(
        "UPDATE letter SET status = 'mailed', status_at = $1, dispatched_on = $2, expires_on = $3, expected_from = $4,
             expected_to = $5, mailed_file_id = $6, mailed_line = $7, mailed_seq = $8, days_to_read = $10,
             postal_statement = $11
         WHERE id = $9 AND status IN ('delivered', 'accepted', 'printed')",
    )
    .bind(change.at)
    .bind(On(*dispatched_on))
    .bind(On(*expires_on))
    .bind(On(*expected_from))
    .bind(On(*expected_to))
    .bind(file_id)
    .bind(line.cast_signed())
    .bind(seq.cast_signed())
    .bind(id)
    .bind(i64::from(*days_to_read))
    .bind(postal_statement.as_ref().map(PostalStatement::as_str));
    change.run_one(statement, &format!("letter {id}")).await?;
    let detail = format!("mailed on {dispatched_on}; expect it from {expected_from} to {expected_to}");
    change.notice("mailed", &was.reference, Some(id), &detail).await
}

/// The number of the postal statement came after the word that the letter was mailed.
async fn state(change: &mut Change, id: &str, number: &PostalStatement, draft: Draft) -> LedgerResult<()> {
    let statement = sqlx::query(
        "UPDATE letter SET postal_statement = $1
         WHERE id = $2 AND postal_statement IS NULL AND status IN ('mailed', 'returned')",
    )
    .bind(number.as_str())
    .bind(id);
    change.run_one(statement, &format!("letter {id}")).await?;
    change.audit(draft.with("postal_statement", number.as_str()).after("postal_statement", number.as_str()));
    Ok(())
}
