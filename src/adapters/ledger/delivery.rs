//! Delivery: what was offered, what a vendor has, and what was withdrawn before any vendor had it.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::exceptions::decided;
use super::production::package_draft;
use super::revocation::revoke_all;
use super::rows::{column, count, date, instant, maybe_date, maybe_instant, maybe_size};
use super::{SqlLedger, failed, voided};
use crate::audit::entry::instant_text;
use crate::ports::ledger::{Decision, DeliveryLedger, LedgerError, LedgerResult, Undelivered, UnsentVoid};

#[async_trait]
impl DeliveryLedger for SqlLedger {
    async fn undelivered(&self) -> LedgerResult<Vec<Undelivered>> {
        let rows = sqlx::query("SELECT * FROM batch WHERE status = 'sealed' ORDER BY vendor, number")
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for packages to deliver"))?;
        rows.iter()
            .map(|row| {
                Ok(Undelivered {
                    batch_id: column(row, "id")?,
                    vendor: column(row, "vendor")?,
                    name: column(row, "name")?,
                    spool_object: column(row, "spool_object")?,
                    size_bytes: maybe_size(row, "size_bytes")?.unwrap_or_default(),
                    sha256: column(row, "sha256")?,
                    checkpoint: column(row, "checkpoint")?,
                    mail_on: date(row, "mail_on")?,
                    mail_by_on: date(row, "mail_by_on")?,
                    offered_at: maybe_instant(row, "offered_at")?,
                    letters: count(row, "letters")?,
                    hold_reason: column(row, "hold_reason")?,
                    act_by_on: maybe_date(row, "act_by_on")?,
                })
            })
            .collect()
    }

    async fn record_offer(&self, batch_id: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded an offer", at).await?;
        let name = batch_name(&mut change, batch_id).await?;
        let statement = sqlx::query(
            "UPDATE batch SET offered_at = $1
             WHERE id = $2 AND status = 'sealed' AND offered_at IS NULL AND hold_reason IS NULL",
        )
        .bind(change.at)
        .bind(batch_id);
        change.run_one(statement, &name).await?;
        let at = instant_text(change.instant);
        change.audit(package_draft("package.offered", &name).after("offered_at", at));
        change.commit().await
    }

    async fn record_delivery(&self, batch_id: i64, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()> {
        let mut change = self.change("recorded a delivery", at).await?;
        deliver(&mut change, batch_id, today).await?;
        change.commit().await
    }

    async fn settle(&self, name: &str, decision: &Decision, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()> {
        let mut change = self.change("settled a delivery", at).await?;
        let (batch_id, _) = unsettled(&mut change, name).await?;
        let draft = package_draft("package.settled", name).with("answer", "taken");
        change.audit(decided(draft, decision));
        deliver(&mut change, batch_id, today).await?;
        change.commit().await
    }

    async fn settle_not_taken(
        &self,
        name: &str,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<String> {
        let mut change = self.change("settled a delivery", at).await?;
        let (batch_id, spool_object) = unsettled(&mut change, name).await?;
        let draft = package_draft("package.settled", name).with("answer", "not-taken");
        change.audit(decided(draft, decision));
        let reason = format!("the vendor does not have it: {}", decision.reason);
        void(&mut change, (batch_id, true), &reason, today).await?;
        change.commit().await?;
        Ok(spool_object)
    }

    async fn void_package(&self, batch_id: i64, reason: &str, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()> {
        let mut change = self.change("withdrew a package", at).await?;
        void(&mut change, (batch_id, false), reason, today).await?;
        change.commit().await
    }

    async fn recall_package(
        &self,
        batch_id: i64,
        reason: &str,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()> {
        let mut change = self.change("recalled a package", at).await?;
        void(&mut change, (batch_id, true), reason, today).await?;
        change.commit().await
    }

    async fn unsent_voids(&self) -> LedgerResult<Vec<UnsentVoid>> {
        let rows = sqlx::query("SELECT * FROM batch WHERE status = 'void' AND void_sent_at IS NULL ORDER BY id")
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked for void notices to send"))?;
        rows.iter()
            .map(|row| {
                Ok(UnsentVoid {
                    batch_id: column(row, "id")?,
                    vendor: column(row, "vendor")?,
                    name: column(row, "name")?,
                    reason: column(row, "void_reason")?,
                    voided_at: instant(row, "status_at")?,
                })
            })
            .collect()
    }

    async fn record_void_sent(&self, batch_id: i64, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded a void notice", at).await?;
        let name = batch_name(&mut change, batch_id).await?;
        let statement = sqlx::query(
            "UPDATE batch SET void_sent_at = $1 WHERE id = $2 AND status = 'void' AND void_sent_at IS NULL",
        )
        .bind(change.at)
        .bind(batch_id);
        change.run_one(statement, &name).await?;
        let at = instant_text(change.instant);
        change.audit(package_draft("package.void_sent", &name).after("void_sent_at", at));
        change.commit().await
    }
}

/// The id and the spool's name of a package that was offered and is not known to be delivered.
async fn unsettled(change: &mut Change, name: &str) -> LedgerResult<(i64, String)> {
    let found = sqlx::query_as(
        "SELECT id, spool_object FROM batch WHERE name = $1 AND status = 'sealed' AND offered_at IS NOT NULL",
    )
    .bind(name)
    .fetch_optional(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    found.ok_or_else(|| {
        LedgerError::NotAllowed(format!(
            "package {name} has no delivery to settle: it must be sealed and offered; see 'letterpost batch show {name}'"
        ))
    })
}

/// Withdraws a sealed package within a change, if it was offered or not as the caller believes: its letters end, and
/// their requests wait again.
async fn void(
    change: &mut Change,
    (batch_id, was_offered): (i64, bool),
    reason: &str,
    today: NaiveDate,
) -> LedgerResult<()> {
    let name = batch_name(change, batch_id).await?;
    let statement = sqlx::query(
        "UPDATE batch SET status = 'void', status_at = $1, void_reason = $2
         WHERE id = $3 AND status = 'sealed' AND (offered_at IS NOT NULL) = $4",
    )
    .bind(change.at)
    .bind(reason)
    .bind(batch_id)
    .bind(was_offered);
    change.run_one(statement, &name).await?;
    let draft = package_draft("package.voided", &name).with("reason", reason);
    change.audit(draft.changes("status", "sealed", "void"));
    voided::end_letters(change, batch_id, today).await
}

/// Records within a change that the vendor has a package: its passwords are live, those they replace are revoked.
pub(super) async fn deliver(change: &mut Change, batch_id: i64, today: NaiveDate) -> LedgerResult<()> {
    let name = batch_name(change, batch_id).await?;
    let statement = sqlx::query(
        "UPDATE batch SET status = 'delivered', status_at = $1, delivered_at = $1
         WHERE id = $2 AND status = 'sealed' AND offered_at IS NOT NULL",
    )
    .bind(change.at)
    .bind(batch_id);
    change.run_one(statement, &name).await?;
    let draft = package_draft("package.delivered", &name)
        .changes("status", "sealed", "delivered")
        .changes("letter_status", "sealed", "delivered")
        .changes("password_status", "waiting", "live");
    change.audit(draft);
    revoke_replaced(change, batch_id, today).await?;
    // A package that is sealed has only letters that are; of their passwords some may have just been revoked.
    let statement = sqlx::query(
        "UPDATE letter SET status = 'delivered', status_at = $1,
             password_status = CASE password_status WHEN 'waiting' THEN 'live' ELSE password_status END,
             password_status_at = CASE password_status WHEN 'waiting' THEN $1 ELSE password_status_at END,
             usable_at = CASE password_status WHEN 'waiting' THEN $1 ELSE usable_at END
         WHERE batch_id = $2 AND status = 'sealed'",
    )
    .bind(change.at)
    .bind(batch_id);
    change.run(statement).await?;
    Ok(())
}

/// Of two letters of one account the newer one's password stays, whichever of their packages is delivered first.
async fn revoke_replaced(change: &mut Change, batch_id: i64, today: NaiveDate) -> LedgerResult<()> {
    let superseded: Vec<(String, String)> = sqlx::query_as(
        "SELECT own.id AS replaced, newer.id AS newer FROM letter AS own JOIN letter AS newer
             ON newer.username = own.username AND newer.batch_id > own.batch_id
             AND newer.password_status IN ('live', 'locked')
         WHERE own.batch_id = $1 AND own.password_status = 'waiting'
         UNION
         SELECT older.id, own.id FROM letter AS own JOIN letter AS older
             ON older.username = own.username AND older.batch_id < own.batch_id
             AND older.password_status IN ('waiting', 'live', 'locked')
         WHERE own.batch_id = $1 AND own.password_status = 'waiting'
         ORDER BY replaced, newer",
    )
    .bind(batch_id)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let superseded: Vec<_> = superseded.into_iter().map(|(id, by)| (id, format!("replaced by letter {by}"))).collect();
    revoke_all(change, &superseded, today).await
}

async fn batch_name(change: &mut Change, batch_id: i64) -> LedgerResult<String> {
    let found: Option<(String,)> = sqlx::query_as("SELECT name FROM batch WHERE id = $1")
        .bind(batch_id)
        .fetch_optional(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    found.map(|(name,)| name).ok_or_else(|| LedgerError::NotAllowed(format!("the ledger has no batch {batch_id}")))
}
