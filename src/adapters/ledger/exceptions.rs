//! Letters that went another way than they should: made anew, left to a person, returned, corrected.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::corrections;
use super::db::{On, Row};
use super::dialect::indexed_by;
use super::lists::Values;
use super::passwords::reference_of;
use super::revocation::revoke;
use super::rows::{column, count, date, letter_id, maybe_count, maybe_date, maybe_instant, named};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::exception::LetterCase;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::ports::ledger::{Correction, Decision, ExceptionLedger, LedgerResult, Mailing, WaitingCorrection};

/// What a case is made of.
const CASE_COLUMNS: &str = "SELECT letter.*, request.reference, request.cancelled_at, batch.name AS package,
        batch.vendor, batch.status AS package_status, batch.offered_at, batch.mail_by_on,
        (SELECT pull_order.number FROM pulled_letter JOIN pull_order ON pull_order.id = pulled_letter.pull_order_id
            WHERE pulled_letter.letter_id = letter.id) AS pull_number,
        (SELECT count(*) FROM letter AS own
            WHERE own.request_id = letter.request_id AND own.status <> 'voided') AS letters_of_request,
        (SELECT newer.id FROM letter AS newer WHERE newer.username = letter.username AND letter.erased_at IS NULL
            AND newer.batch_id > letter.batch_id
            AND newer.status <> 'voided' ORDER BY newer.batch_id DESC LIMIT 1) AS newer_letter,
        (SELECT other.reference FROM request AS other WHERE other.username = letter.username AND letter.erased_at IS NULL
            AND other.id <> letter.request_id AND other.status IN ('pending', 'claimed', 'held')
            ORDER BY other.id DESC LIMIT 1) AS open_request
    FROM letter JOIN request ON request.id = letter.request_id JOIN batch ON batch.id = letter.batch_id";

/// Letters that may never come; $1 is today.
const MAY_NEVER_COME: &str = "letter.status IN ('delivered', 'accepted', 'printed', 'rejected', 'spoiled')
    AND (letter.status IN ('rejected', 'spoiled') OR batch.mail_by_on < $1)";

/// Letters that were mailed later than planned and whose readers have fewer than $2 business days. They are few among all that
/// have a live password, and the database would not see that by itself.
const COMES_LATE: &str = concat!(
    "letter.id IN (SELECT few.id FROM letter AS few",
    indexed_by!("letter_with_few_days"),
    " WHERE few.status = 'mailed' AND few.password_status = 'live' AND few.reissued_at IS NULL AND few.days_to_read < $2)
    AND letter.dispatched_on > letter.planned_mail_on AND letter.expires_on >= $1"
);

#[async_trait]
impl ExceptionLedger for SqlLedger {
    async fn letter_case(&self, letter_id: LetterId) -> LedgerResult<Option<LetterCase>> {
        Ok(self.case_row("letter.id = $1", &letter_id.to_string()).await?.as_ref().map(letter_case).transpose()?)
    }

    async fn case_of_request(&self, reference: &str) -> LedgerResult<Option<LetterCase>> {
        let current = "request.reference = $1 AND letter.status <> 'voided' AND letter.reissued_at IS NULL";
        Ok(self.case_row(current, reference).await?.as_ref().map(letter_case).transpose()?)
    }

    async fn failed_letters(&self, today: NaiveDate, shortest: u32) -> LedgerResult<Vec<LetterCase>> {
        let mut cases = Vec::new();
        // Two questions, so that each finds its letters by an index of its own.
        for wanted in [MAY_NEVER_COME, COMES_LATE] {
            let sql = format!(
                "{CASE_COLUMNS} WHERE letter.reissued_at IS NULL AND {wanted} AND request.cancelled_at IS NULL
                     AND letter.erased_at IS NULL
                 ORDER BY letter.batch_id, letter.sequence"
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(On(today))
                .bind(i64::from(shortest))
                .fetch_all(&self.reader)
                .await
                .map_err(failed("looked for letters that will not come"))?;
            for row in &rows {
                cases.push(letter_case(row)?);
            }
        }
        Ok(cases)
    }

    async fn reissue(&self, letters: &[(LetterCase, Decision)], at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("made letters anew", at).await?;
        wait_for_another(&mut change, letters).await?;
        for (case, decision) in letters {
            let id = case.letter_id.to_string();
            let draft = Draft::new("letter.reissued").with("letter", id.as_str());
            let draft =
                draft.with("reference", case.reference.as_str()).changes("request_status", "lettered", "pending");
            change.audit(decided(draft, decision));
            let detail = "a new letter is made; the one before is no good once the new one is on its way";
            change.notice("reissued", &case.reference, Some(&id), detail).await?;
        }
        change.commit().await
    }

    async fn leave_to_person(
        &self,
        letters: &[(LetterCase, String)],
        decide_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("left letters to a person", at).await?;
        let bind = |row: &mut Values<'_>, (case, _): &(LetterCase, String)| {
            row.push_bind(case.letter_id.to_string()).push_bind(case.status.as_str()).push_bind(On(decide_by_on));
        };
        let update = "UPDATE letter SET decide_by_on = given.decide_by_on FROM given
             WHERE letter.id = given.id AND letter.status = given.status AND letter.reissued_at IS NULL";
        change
            .update_all("id, status, decide_by_on", letters, bind, update, "letters that a person decides on")
            .await?;
        for (case, reason) in letters {
            let id = case.letter_id.to_string();
            let draft = Draft::new("letter.undecided")
                .with("letter", id.as_str())
                .with("reason", reason.as_str())
                .with("act_by_on", decide_by_on)
                .after("decide_by_on", decide_by_on);
            change.audit(draft);
            let detail = if case.status == LetterStatus::Mailed {
                let ends = case.expires_on;
                format!(
                    "the letter was mailed late and can be used until {ends} only; a person decides by {decide_by_on}"
                )
            } else {
                format!("the letter will not come as it should; a person decides by {decide_by_on}")
            };
            change.notice("held", &case.reference, Some(&id), &detail).await?;
        }
        change.commit().await
    }

    async fn record_returned(
        &self,
        letters: &[LetterId],
        on: NaiveDate,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded returned letters", at).await?;
        for letter in letters {
            let id = letter.to_string();
            let statement = sqlx::query(
                "UPDATE letter SET status = 'returned', status_at = $1, returned_on = $2
                 WHERE id = $3 AND status = 'mailed'",
            )
            .bind(change.at)
            .bind(On(on))
            .bind(&id);
            change.run_one(statement, &format!("letter {id}")).await?;
            let draft = Draft::new("letter.returned").with("letter", id.as_str()).with("ended_on", on);
            let draft = draft.changes("status", "mailed", "returned").after("returned_on", on);
            change.audit(decided(draft, decision));
            revoke(&mut change, &id, "the letter was returned", today).await?;
            tell_returned(&mut change, &id).await?;
        }
        change.commit().await
    }

    async fn mailing(&self, letter_id: LetterId) -> LedgerResult<Option<Mailing>> {
        let Some(row) = self.case_row("letter.id = $1", &letter_id.to_string()).await? else { return Ok(None) };
        let waiting = corrections::waiting(self, Some(letter_id)).await?.into_iter().next();
        Ok(Some(Mailing {
            case: letter_case(&row)?,
            offered_at: maybe_instant(&row, "offered_at")?,
            printed_on: maybe_date(&row, "printed_on")?,
            outside: column(&row, "outside")?,
            window: corrections::window(&row)?,
            waiting,
        }))
    }

    async fn ask_correction(
        &self,
        correction: &Correction,
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("asked for a correction", at).await?;
        corrections::drop_waiting(&mut change, correction.letter_id, decision).await?;
        corrections::ask(&mut change, correction, decision).await?;
        change.commit().await
    }

    async fn correct(&self, correction: &Correction, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("corrected a day of mailing", at).await?;
        corrections::drop_waiting(&mut change, correction.letter_id, decision).await?;
        corrections::make(&mut change, correction, decision).await?;
        change.commit().await
    }

    async fn confirm_correction(&self, correction: &Correction, by: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("corrected a day of mailing", at).await?;
        corrections::confirm(&mut change, correction, by).await?;
        change.commit().await
    }

    async fn drop_correction(&self, letter_id: LetterId, decision: &Decision, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("dropped a correction", at).await?;
        corrections::require_waiting(corrections::drop_waiting(&mut change, letter_id, decision).await?, letter_id)?;
        change.commit().await
    }

    async fn waiting_corrections(&self) -> LedgerResult<Vec<WaitingCorrection>> {
        corrections::waiting(self, None).await
    }
}

impl SqlLedger {
    async fn case_row(&self, wanted: &str, value: &str) -> LedgerResult<Option<Row>> {
        let sql = format!("{CASE_COLUMNS} WHERE {wanted}");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(value)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a letter"))
    }
}

fn letter_case(row: &Row) -> LedgerResult<LetterCase> {
    let newer: Option<String> = column(row, "newer_letter")?;
    Ok(LetterCase {
        letter_id: letter_id(row, "id")?,
        reference: column(row, "reference")?,
        package: column(row, "package")?,
        vendor: column(row, "vendor")?,
        is_offered: maybe_instant(row, "offered_at")?.is_some(),
        is_package_refused: column::<String>(row, "package_status")? == "refused",
        mail_by_on: date(row, "mail_by_on")?,
        planned_mail_on: date(row, "planned_mail_on")?,
        status: named(row, "status", LetterStatus::from_name)?,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        dispatched_on: maybe_date(row, "dispatched_on")?,
        returned_on: maybe_date(row, "returned_on")?,
        expected_to: date(row, "expected_to")?,
        expires_on: date(row, "expires_on")?,
        days_to_read: maybe_count(row, "days_to_read")?,
        is_reissued: maybe_instant(row, "reissued_at")?.is_some(),
        is_cancelled: maybe_instant(row, "cancelled_at")?.is_some(),
        is_erased: maybe_instant(row, "erased_at")?.is_some(),
        pull_order: maybe_count(row, "pull_number")?,
        decide_by_on: maybe_date(row, "decide_by_on")?,
        letters_of_request: count(row, "letters_of_request")?,
        newer_letter: newer.map(|_| letter_id(row, "newer_letter")).transpose()?,
        open_request: column(row, "open_request")?,
    })
}

/// Lets the requests of letters wait for other ones, where each letter is as it was judged.
async fn wait_for_another(change: &mut Change, letters: &[(LetterCase, Decision)]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, (case, decision): &(LetterCase, Decision)| {
        row.push_bind(case.letter_id.to_string()).push_bind(at).push_bind(decision.reason.as_str());
        row.push_bind(case.status.as_str()).push_bind(case.password_status.as_str());
    };
    let update =
        "UPDATE letter SET reissued_at = given.at, reissue_reason = given.reason, decide_by_on = NULL FROM given
         WHERE letter.id = given.id AND letter.status = given.status AND letter.password_status = given.password_status
             AND letter.reissued_at IS NULL AND letter.erased_at IS NULL";
    let columns = "id, at, reason, status, password_status";
    change.update_all(columns, letters, bind, update, "letters that are made anew").await?;
    let bind = |row: &mut Values<'_>, (case, _): &(LetterCase, Decision)| {
        row.push_bind(case.reference.as_str()).push_bind(at);
    };
    let update =
        "UPDATE request SET status = 'pending', status_at = given.at, reason = NULL, batch_id = NULL FROM given
         WHERE request.reference = given.reference AND request.status = 'lettered' AND request.cancelled_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM request AS other WHERE other.username = request.username
                 AND other.id <> request.id AND other.status IN ('pending', 'claimed', 'held'))";
    change.update_all("reference, at", letters, bind, update, "requests that wait for another letter").await
}

/// A draft with why and by whom: a person's deed, or what a rule of the site asks for.
pub(super) fn decided(draft: Draft, decision: &Decision) -> Draft {
    match &decision.by {
        Some(by) => draft.because(&decision.reason).with("by", by.as_str()),
        None => draft.by_rule().with("reason", decision.reason.as_str()),
    }
}

/// Leaves word that a letter came back.
pub(super) async fn tell_returned(change: &mut Change, letter_id: &str) -> LedgerResult<()> {
    let reference = reference_of(change, letter_id).await?;
    let detail = "the letter came back from that address; ask for another address";
    change.notice("returned", &reference, Some(letter_id), detail).await
}
