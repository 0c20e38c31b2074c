//! Pull orders, and requests that are cancelled after their letter was made.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};

use super::change::Change;
use super::db::texts;
use super::dialect::each;
use super::exceptions::decided;
use super::intake::request_draft;
use super::passwords::reference_of;
use super::production::package_draft;
use super::revocation::revoke_all;
use super::rows::{column, count};
use super::states::{letter_states, unknown};
use super::{SqlLedger, failed};
use crate::audit::entry::{Draft, instant_text};
use crate::domain::letter::LetterId;
use crate::ports::ledger::{Decision, LedgerError, LedgerResult, PullLedger, SealedPull, UnsentPull};

#[async_trait]
impl PullLedger for SqlLedger {
    async fn next_pull_number(&self, package: &str) -> LedgerResult<u32> {
        let row = sqlx::query(
            "SELECT coalesce(max(pull_order.number), 0) + 1 AS number
             FROM pull_order JOIN batch ON batch.id = pull_order.batch_id WHERE batch.name = $1",
        )
        .bind(package)
        .fetch_one(&self.reader)
        .await
        .map_err(failed("numbered a pull order"))?;
        count(&row, "number")
    }

    async fn record_pulls(
        &self,
        orders: &[SealedPull],
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded pull orders", at).await?;
        for order in orders {
            record(&mut change, order, decision, today).await?;
            tell_ended(&mut change, order).await?;
        }
        change.commit().await
    }

    async fn cancel_lettered(
        &self,
        letter: LetterId,
        decision: &Decision,
        order: Option<&SealedPull>,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()> {
        let mut change = self.change("cancelled a request", at).await?;
        let id = letter.to_string();
        let reference = reference_of(&mut change, &id).await?;
        let statement = sqlx::query(
            "UPDATE request SET cancelled_at = $1, reason = $2
             WHERE reference = $3 AND status = 'lettered' AND cancelled_at IS NULL",
        )
        .bind(change.at)
        .bind(format!("cancelled: {}", decision.reason))
        .bind(&reference);
        change.run_one(statement, &format!("request {reference}")).await?;
        let draft = request_draft("request.cancelled", &reference).with("letter", id.as_str());
        let cancelled_at = instant_text(change.instant);
        change.audit(decided(draft.after("cancelled_at", cancelled_at), decision));
        if let Some(order) = order {
            record(&mut change, order, decision, today).await?;
        }
        end_passwords(&mut change, &reference, today).await?;
        let detail = "the request was cancelled: if its letter comes all the same, its password is no good";
        change.notice("cancelled", &reference, Some(&id), detail).await?;
        change.commit().await
    }

    async fn unsent_pulls(&self) -> LedgerResult<Vec<UnsentPull>> {
        let rows = sqlx::query(
            "SELECT pull_order.*, batch.name AS package, batch.vendor
             FROM pull_order JOIN batch ON batch.id = pull_order.batch_id
             WHERE pull_order.sent_at IS NULL AND batch.offered_at IS NOT NULL AND batch.status <> 'refused'
             ORDER BY pull_order.id",
        )
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for pull orders to send"))?;
        rows.iter()
            .map(|row| {
                Ok(UnsentPull {
                    order_id: column(row, "id")?,
                    vendor: column(row, "vendor")?,
                    package: column(row, "package")?,
                    number: count(row, "number")?,
                    sealed: column(row, "sealed")?,
                })
            })
            .collect()
    }

    async fn record_pull_sent(&self, order_id: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded that a pull order was sent", at).await?;
        let sent: Option<(i64, i64)> = sqlx::query_as(
            "UPDATE pull_order SET sent_at = $1 WHERE id = $2 AND sent_at IS NULL RETURNING batch_id, number",
        )
        .bind(change.at)
        .bind(order_id)
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
        // A night and a person may send the same order at the same time: it is the same file.
        let Some((batch_id, number)) = sent else { return Ok(()) };
        let package = package_of(&mut change, batch_id).await?;
        let draft = package_draft("package.pull_sent", &package).with("number", number.cast_unsigned());
        let sent_at = instant_text(change.instant);
        change.audit(draft.after("sent_at", sent_at));
        change.commit().await
    }
}

/// Leaves word that the letters of an order were stopped.
async fn tell_ended(change: &mut Change, order: &SealedPull) -> LedgerResult<()> {
    let ids: Vec<String> = order.letters.iter().map(ToString::to_string).collect();
    let states = letter_states(change, &ids).await?;
    for id in &ids {
        let was = states.get(id).ok_or_else(|| unknown(id))?;
        let detail = "the letter was stopped: if it comes all the same, its password is no good";
        change.notice("ended", &was.reference, Some(id), detail).await?;
    }
    Ok(())
}

/// Records an order within a change, and ends the passwords of its letters.
async fn record(change: &mut Change, order: &SealedPull, decision: &Decision, today: NaiveDate) -> LedgerResult<()> {
    let made: Option<(i64,)> = sqlx::query_as(
        "INSERT INTO pull_order (batch_id, number, reason, ordered_by, made_at, sealed)
         SELECT id, $2, $3, $4, $5, $6 FROM batch WHERE name = $1
             AND $2 = (SELECT coalesce(max(number), 0) + 1 FROM pull_order WHERE batch_id = batch.id) RETURNING id",
    )
    .bind(&order.package)
    .bind(i64::from(order.number))
    .bind(&decision.reason)
    .bind(decision.by.as_deref())
    .bind(change.at)
    .bind(&order.sealed)
    .fetch_optional(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let subject = || format!("the pull orders of package {}", order.package);
    let Some((order_id,)) = made else {
        return Err(LedgerError::Overtaken { doing: change.doing, subject: subject() });
    };
    let draft = package_draft("package.pull_ordered", &order.package)
        .with("number", order.number)
        .with("letters", order.letters.len() as u64)
        .with("sha256", hex::encode(Sha256::digest(&order.sealed)))
        .after("pull_order", "made");
    change.audit(decided(draft, decision));
    let ids: Vec<String> = order.letters.iter().map(ToString::to_string).collect();
    let statement = sqlx::query(concat!(
        "INSERT INTO pulled_letter (letter_id, pull_order_id)
         SELECT letter.id, $1 FROM letter JOIN batch ON batch.id = letter.batch_id
         WHERE batch.name = $2 AND letter.status IN ('sealed', 'delivered', 'accepted', 'printed') AND letter.id IN ",
        each!("$3")
    ))
    .bind(order_id)
    .bind(&order.package)
    .bind(texts(&ids));
    change.run_exactly(ids.len() as u64, statement, &format!("letters {}", ids.join(", "))).await?;
    for id in &ids {
        let draft = Draft::new("letter.pull_ordered")
            .with("letter", id.as_str())
            .with("package", order.package.as_str())
            .with("number", order.number)
            .after("pull_order", "made");
        change.audit(decided(draft, decision));
    }
    let ended: Vec<_> = ids.iter().map(|id| (id, "the vendor was ordered to pull it")).collect();
    revoke_all(change, &ended, today).await
}

/// Ends every password that was ever mailed for a request.
pub(super) async fn end_passwords(change: &mut Change, reference: &str, today: NaiveDate) -> LedgerResult<()> {
    let letters: Vec<(String,)> = sqlx::query_as(
        "SELECT letter.id FROM letter JOIN request ON request.id = letter.request_id
         WHERE request.reference = $1 ORDER BY letter.batch_id",
    )
    .bind(reference)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let ended: Vec<_> = letters.into_iter().map(|(letter,)| (letter, "its request was cancelled")).collect();
    revoke_all(change, &ended, today).await
}

async fn package_of(change: &mut Change, batch_id: i64) -> LedgerResult<String> {
    let (name,): (String,) = sqlx::query_as("SELECT name FROM batch WHERE id = $1")
        .bind(batch_id)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(name)
}
