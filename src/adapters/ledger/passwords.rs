//! Passwords: tried, locked, used up and ended, each by one guarded statement.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::On;
use super::lists::ROWS_A_STATEMENT;
use super::rows::{column, date, letter_id, named};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::letter::{LetterId, PasswordStatus};
use crate::ports::ledger::{KeptPassword, LedgerResult, PasswordLedger};

/// Passwords that have not ended and whose last day is before $1.
const EXPIRABLE: &str = "password_status IN ('waiting', 'live', 'locked') AND expires_on < $1";

#[async_trait]
impl PasswordLedger for SqlLedger {
    async fn kept_passwords(&self, username: &str) -> LedgerResult<Vec<KeptPassword>> {
        let rows = sqlx::query(
            "SELECT letter.id, letter.verifier, letter.password_status, letter.expires_on, request.reference
             FROM letter JOIN request ON request.id = letter.request_id
             WHERE letter.username = $1 AND verifier IS NOT NULL ORDER BY letter.batch_id DESC, letter.sequence DESC",
        )
        .bind(username)
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked up an account"))?;
        rows.iter()
            .map(|row| {
                Ok(KeptPassword {
                    letter_id: letter_id(row, "id")?,
                    reference: column(row, "reference")?,
                    verifier: column(row, "verifier")?,
                    status: named(row, "password_status", PasswordStatus::from_name)?,
                    expires_on: date(row, "expires_on")?,
                })
            })
            .collect()
    }

    async fn count_try(&self, letter_id: LetterId, limit: u32) -> LedgerResult<bool> {
        let done = sqlx::query(
            "UPDATE letter SET failures = failures + 1 WHERE id = $1 AND password_status = 'live' AND failures < $2",
        )
        .bind(letter_id.to_string())
        .bind(i64::from(limit))
        .execute(&self.writer)
        .await
        .map_err(failed("counted a try"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn clear_tries(&self, letter_id: LetterId) -> LedgerResult<()> {
        sqlx::query("UPDATE letter SET failures = 0 WHERE id = $1 AND password_status = 'live'")
            .bind(letter_id.to_string())
            .execute(&self.writer)
            .await
            .map_err(failed("cleared a count of tries"))?;
        Ok(())
    }

    async fn lock_if_spent(&self, letter_id: LetterId, limit: u32, at: DateTime<Utc>) -> LedgerResult<bool> {
        let mut change = self.change("locked a password", at).await?;
        let id = letter_id.to_string();
        let statement = sqlx::query(
            "UPDATE letter SET password_status = 'locked', password_status_at = $1
             WHERE id = $2 AND password_status = 'live' AND failures >= $3",
        )
        .bind(change.at)
        .bind(&id)
        .bind(i64::from(limit));
        if change.run(statement).await? == 0 {
            return Ok(false);
        }
        let reference = reference_of(&mut change, &id).await?;
        let draft = Draft::new("password.locked").with("letter", id.as_str());
        change.audit(draft.changes("password_status", "live", "locked"));
        change.notice("locked", &reference, Some(&id), "too many wrong tries; ask for a new letter").await?;
        change.commit().await?;
        Ok(true)
    }

    async fn redeem(&self, letter_id: LetterId, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<bool> {
        let mut change = self.change("used up a password", at).await?;
        let id = letter_id.to_string();
        let statement = sqlx::query(
            "UPDATE letter SET password_status = 'redeemed', password_status_at = $1, ended_on = $2,
                 end_reason = 'used to make a new password', failures = 0
             WHERE id = $3 AND password_status = 'live' AND expires_on >= $2",
        )
        .bind(change.at)
        .bind(On(today))
        .bind(&id);
        if change.run(statement).await? == 0 {
            return Ok(false);
        }
        let reference = reference_of(&mut change, &id).await?;
        let draft = Draft::new("password.redeemed").with("letter", id.as_str()).after("ended_on", today);
        change.audit(draft.changes("password_status", "live", "redeemed"));
        change.notice("redeemed", &reference, Some(&id), "a new password was made with the letter").await?;
        change.commit().await?;
        Ok(true)
    }

    async fn expire(&self, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<u64> {
        let mut change = self.change("ended passwords", at).await?;
        let sql = format!("SELECT id, password_status, expires_on FROM letter WHERE {EXPIRABLE} ORDER BY id");
        let ended: Vec<(String, String, On)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(On(today))
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
        let sql = format!(
            "UPDATE letter SET password_status = 'expired', password_status_at = $2, ended_on = expires_on,
                 end_reason = 'its last day has passed' WHERE {EXPIRABLE}"
        );
        let statement = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(On(today)).bind(change.at);
        change.run_exactly(ended.len() as u64, statement, "passwords whose last day has passed").await?;
        for portion in ended.chunks(ROWS_A_STATEMENT) {
            for (letter, was, ended_on) in portion {
                let draft = Draft::new("password.expired").with("letter", letter.as_str());
                change.audit(draft.changes("password_status", was.as_str(), "expired").after("ended_on", ended_on.0));
            }
            // However many end, the entries of few are kept in memory.
            change.write_entries().await?;
        }
        change.commit().await?;
        Ok(ended.len() as u64)
    }

    async fn expirable(&self, today: NaiveDate) -> LedgerResult<u64> {
        let sql = format!("SELECT count(*) FROM letter WHERE {EXPIRABLE}");
        let (expirable,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(On(today))
            .fetch_one(&self.reader)
            .await
            .map_err(failed("counted passwords to end"))?;
        Ok(expirable.cast_unsigned())
    }
}

/// The portal's id of the request that a letter answers.
pub(super) async fn reference_of(change: &mut Change, letter_id: &str) -> LedgerResult<String> {
    let (reference,): (String,) = sqlx::query_as(
        "SELECT reference FROM request JOIN letter ON letter.request_id = request.id WHERE letter.id = $1",
    )
    .bind(letter_id)
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    Ok(reference)
}
