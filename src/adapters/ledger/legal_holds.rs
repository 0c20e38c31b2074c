//! Legal holds: letters of which nothing more is destroyed until a person lifts the hold.

use super::db::Row;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::exceptions::decided;
use super::reports::{LETTER_COLUMNS, letter_record};
use super::rows::{column, instant, maybe_instant};
use super::{SqlLedger, failed};
use crate::audit::entry::Draft;
use crate::domain::exception::LetterCase;
use crate::ports::ledger::{Decision, LedgerResult, LegalHold, LegalHoldLedger, LetterRecord};

#[async_trait]
impl LegalHoldLedger for SqlLedger {
    async fn place_legal_holds(
        &self,
        letters: &[LetterCase],
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("placed a legal hold", at).await?;
        for case in letters {
            let id = case.letter_id.to_string();
            let statement = sqlx::query(
                "INSERT INTO legal_hold (letter_id, reason, placed_by, placed_at)
                 SELECT $1, $2, $3, $4 WHERE NOT EXISTS
                     (SELECT 1 FROM legal_hold WHERE letter_id = $1 AND lifted_at IS NULL)",
            )
            .bind(&id)
            .bind(&decision.reason)
            .bind(decision.by.as_deref())
            .bind(change.at);
            change.run_one(statement, &format!("letter {id}")).await?;
            change.audit(decided(draft("letter.legal_hold_placed", case).after("legal_hold", "placed"), decision));
        }
        change.commit().await
    }

    async fn lift_legal_holds(
        &self,
        letters: &[LetterCase],
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("lifted a legal hold", at).await?;
        for case in letters {
            let id = case.letter_id.to_string();
            let statement = sqlx::query(
                "UPDATE legal_hold SET lifted_by = $1, lifted_at = $2, lift_reason = $3
                 WHERE letter_id = $4 AND lifted_at IS NULL",
            )
            .bind(decision.by.as_deref())
            .bind(change.at)
            .bind(&decision.reason)
            .bind(&id);
            change.run_one(statement, &format!("letter {id}")).await?;
            change.audit(decided(
                draft("letter.legal_hold_lifted", case).changes("legal_hold", "placed", "lifted"),
                decision,
            ));
        }
        change.commit().await
    }

    async fn legal_holds(&self, letter_id: Option<&str>) -> LedgerResult<Vec<LegalHold>> {
        let rows = sqlx::query(
            "SELECT * FROM legal_hold WHERE letter_id = $1 OR ($1 IS NULL AND lifted_at IS NULL) ORDER BY id",
        )
        .bind(letter_id)
        .fetch_all(&self.reader)
        .await
        .map_err(failed("listed legal holds"))?;
        rows.iter().map(legal_hold).collect()
    }

    async fn letters_on_legal_hold(&self, limit: u32) -> LedgerResult<Vec<LetterRecord>> {
        let sql = format!(
            "{LETTER_COLUMNS} WHERE letter.id IN (SELECT letter_id FROM letter_on_legal_hold)
             ORDER BY batch.id DESC, letter.sequence LIMIT $1"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed letters on legal hold"))?;
        rows.iter().map(letter_record).collect()
    }

    async fn is_on_legal_hold(&self, letter_id: &str) -> LedgerResult<bool> {
        let (is_held,): (bool,) = sqlx::query_as("SELECT $1 IN (SELECT letter_id FROM letter_on_legal_hold)")
            .bind(letter_id)
            .fetch_one(&self.reader)
            .await
            .map_err(failed("looked for a legal hold"))?;
        Ok(is_held)
    }
}

fn draft(kind: &'static str, case: &LetterCase) -> Draft {
    Draft::new(kind).with("letter", case.letter_id.to_string()).with("reference", case.reference.as_str())
}

fn legal_hold(row: &Row) -> LedgerResult<LegalHold> {
    Ok(LegalHold {
        letter_id: column(row, "letter_id")?,
        reason: column(row, "reason")?,
        placed_by: column(row, "placed_by")?,
        placed_at: instant(row, "placed_at")?,
        lifted_by: column(row, "lifted_by")?,
        lifted_at: maybe_instant(row, "lifted_at")?,
        lift_reason: column(row, "lift_reason")?,
    })
}
