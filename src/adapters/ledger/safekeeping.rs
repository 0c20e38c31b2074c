//! Backups that were made, what is known of each number, and losses that a person accepted.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::change::Change;
use super::db::{At, On};
use super::intake::held_draft;
use super::production::package_draft;
use super::rows::{column, count, instant, maybe_instant};
use super::{SqlLedger, failed};
use crate::audit::entry::{Draft, instant_text};
use crate::ports::ledger::{BackupRecord, KnownNumber, LedgerError, LedgerResult, Loss, LossTaken, SafekeepingLedger};

/// Why a request is held that may be in a package of which the ledger knows nothing.
const MAY_BE_LOST: &str = "its letter may be in a package that is lost to the ledger";
/// Why a package in the making is given up.
const GIVEN_UP: &str = "the ledger was set back while it was made; the vendor may have it under this name";
/// More numbers than this are no loss, but a mistake in what was typed or found.
const MOST_NUMBERS: u32 = 100_000;

#[async_trait]
impl SafekeepingLedger for SqlLedger {
    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    async fn record_backup(&self, backup: &BackupRecord) -> LedgerResult<()> {
        let mut change = self.change("recorded a backup", backup.made_at).await?;
        let statement = sqlx::query("INSERT INTO backup (made_at, path, sha256, entries) VALUES ($1, $2, $3, $4)")
            .bind(At(backup.made_at))
            .bind(&backup.path)
            .bind(&backup.sha256)
            .bind(backup.entries.cast_signed());
        change.run_one(statement, "the backups").await?;
        change.commit().await
    }

    async fn last_backup(&self) -> LedgerResult<Option<BackupRecord>> {
        let row = sqlx::query("SELECT * FROM backup ORDER BY id DESC LIMIT 1")
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked for the last backup"))?;
        row.map(|row| {
            Ok(BackupRecord {
                made_at: instant(&row, "made_at")?,
                path: column(&row, "path")?,
                sha256: column(&row, "sha256")?,
                entries: column::<i64>(&row, "entries")?.cast_unsigned(),
            })
        })
        .transpose()
    }

    async fn known_numbers(&self, vendor: &str) -> LedgerResult<BTreeMap<u32, KnownNumber>> {
        let rows = sqlx::query(
            "SELECT number, attempt, CASE WHEN status = 'claimed' THEN 'making' WHEN status = 'void' THEN 'void'
                 WHEN offered_at IS NULL THEN 'sealed' ELSE 'offered' END AS known
             FROM batch WHERE vendor = $1
             UNION ALL SELECT number, 0, 'offered' FROM lost_number WHERE vendor = $1
             UNION ALL SELECT number, 0, 'test' FROM vendor_test
                 WHERE vendor = $1 AND (SELECT environment FROM site) <> 'live'",
        )
        .bind(vendor)
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked up the numbers of packages"))?;
        rows.iter()
            .map(|row| {
                let known = match column::<String>(row, "known")?.as_str() {
                    "making" => KnownNumber::Making { attempt: count(row, "attempt")? },
                    "sealed" => KnownNumber::Sealed,
                    "void" => KnownNumber::Void,
                    "test" => KnownNumber::Test,
                    _ => KnownNumber::Offered,
                };
                Ok((count(row, "number")?, known))
            })
            .collect()
    }

    async fn accept_loss(&self, loss: &Loss, dry_run: bool, at: DateTime<Utc>) -> LedgerResult<LossTaken> {
        let mut change = self.change("accepted a loss", at).await?;
        let loss_id = record_loss(&mut change, loss).await?;
        let mut taken = LossTaken { live_passwords: live_passwords(&mut change).await?, ..LossTaken::default() };
        for (vendor, highest) in &loss.highest {
            leave_numbers_out(&mut change, loss_id, vendor, *highest, &mut taken).await?;
        }
        taken.held = hold_requests(&mut change, loss).await?;
        taken.given_up = give_up(&mut change).await?;
        taken.in_doubt = put_in_doubt(&mut change).await?;
        // Dropped without a commit, it never was.
        if !dry_run {
            change.commit().await?;
        }
        Ok(taken)
    }

    async fn last_loss(&self) -> LedgerResult<Option<DateTime<Utc>>> {
        let row = sqlx::query("SELECT max(accepted_at) AS accepted_at FROM loss")
            .fetch_one(&self.reader)
            .await
            .map_err(failed("looked for losses"))?;
        maybe_instant(&row, "accepted_at")
    }
}

async fn record_loss(change: &mut Change, loss: &Loss) -> LedgerResult<i64> {
    let mut draft = Draft::new("ledger.loss_accepted").with("by", loss.by.as_str()).because(&loss.reason);
    if let Some((size, root)) = loss.outside {
        draft = draft.with("outside_size", size).with("outside_root", hex::encode(root));
    }
    let entries = change.audit_now(draft).await?;
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO loss (accepted_at, accepted_by, reason, entries, outside_size, outside_root)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(change.at)
    .bind(&loss.by)
    .bind(&loss.reason)
    .bind(entries.cast_signed())
    .bind(loss.outside.map(|(size, _)| size.cast_signed()))
    .bind(loss.outside.map(|(_, root)| hex::encode(root)))
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    Ok(id)
}

async fn live_passwords(change: &mut Change) -> LedgerResult<u64> {
    let (live,): (i64,) = sqlx::query_as("SELECT count(*) FROM letter WHERE password_status IN ('live', 'locked')")
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(live.cast_unsigned())
}

/// No number up to the highest that the vendor may have is used for another package.
async fn leave_numbers_out(
    change: &mut Change,
    loss_id: i64,
    vendor: &str,
    highest: u32,
    taken: &mut LossTaken,
) -> LedgerResult<()> {
    let numbers: Vec<(i64,)> = sqlx::query_as(
        "SELECT number FROM batch WHERE vendor = $1 UNION SELECT number FROM lost_number WHERE vendor = $1
         UNION SELECT number FROM vendor_test WHERE vendor = $1 AND (SELECT environment FROM site) <> 'live'",
    )
    .bind(vendor)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let known: BTreeSet<u32> = numbers.into_iter().filter_map(|(number,)| u32::try_from(number).ok()).collect();
    let last = known.last().copied().unwrap_or_default();
    if highest.saturating_sub(last) > MOST_NUMBERS {
        return Err(LedgerError::NotAllowed(format!(
            "number {highest} of vendor {vendor} is more than {MOST_NUMBERS} beyond the last known one, {last}; nothing was \
             done, look at the number again"
        )));
    }
    for number in (last + 1)..=highest {
        let statement = sqlx::query("INSERT INTO lost_number (vendor, number, loss_id) VALUES ($1, $2, $3)")
            .bind(vendor)
            .bind(i64::from(number))
            .bind(loss_id);
        change.run_one(statement, &format!("number {number} of vendor {vendor}")).await?;
        let draft = Draft::new("package.lost").with("vendor", vendor).with("number", number);
        change.audit(draft.after("number", "lost"));
        taken.numbers_left_out.push(format!("{vendor} {number}"));
    }
    Ok(())
}

/// Whoever waits may have a letter in a lost package: a person decides about each.
async fn hold_requests(change: &mut Change, loss: &Loss) -> LedgerResult<u64> {
    let waiting: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT id, reference, status FROM request WHERE status IN ('pending', 'claimed') ORDER BY id")
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    for (id, reference, status) in &waiting {
        let statement = sqlx::query(
            "UPDATE request SET status = 'held', status_at = $1, held_at = $1, reason = $2, held_by = 'rule',
                 act_by_on = $3, batch_id = NULL WHERE id = $4 AND status = $5",
        )
        .bind(change.at)
        .bind(MAY_BE_LOST)
        .bind(On(loss.act_by_on))
        .bind(id)
        .bind(status);
        change.run_one(statement, &format!("request {reference}")).await?;
        let draft = held_draft(reference, loss.act_by_on).changes("status", status.as_str(), "held");
        change.audit(draft);
        change.notice("held", reference, None, &format!("a person decides by {}", loss.act_by_on)).await?;
    }
    Ok(waiting.len() as u64)
}

/// Packages in the making: under their names the vendor may have others. No notice says that they never come.
async fn give_up(change: &mut Change) -> LedgerResult<Vec<String>> {
    let made: Vec<(i64, String)> = sqlx::query_as("SELECT id, name FROM batch WHERE status = 'claimed' ORDER BY id")
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    for (id, name) in &made {
        let statement = sqlx::query(
            "UPDATE batch SET status = 'void', status_at = $1, void_reason = $2, void_sent_at = $1
             WHERE id = $3 AND status = 'claimed'",
        )
        .bind(change.at)
        .bind(GIVEN_UP)
        .bind(id);
        change.run_one(statement, name).await?;
        let draft = package_draft("package.given_up", name).with("reason", GIVEN_UP);
        change.audit(draft.changes("status", "claimed", "void"));
    }
    Ok(made.into_iter().map(|(_, name)| name).collect())
}

/// Sealed packages: the vendor may have them. As offered, they are never uploaded again.
async fn put_in_doubt(change: &mut Change) -> LedgerResult<Vec<String>> {
    let sealed: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, name FROM batch WHERE status = 'sealed' AND offered_at IS NULL ORDER BY id")
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    for (id, name) in &sealed {
        let statement = sqlx::query(
            "UPDATE batch SET offered_at = $1, hold_reason = NULL, held_at = NULL, held_by = NULL, act_by_on = NULL
             WHERE id = $2 AND status = 'sealed' AND offered_at IS NULL",
        )
        .bind(change.at)
        .bind(id);
        change.run_one(statement, name).await?;
        let offered_at = instant_text(change.instant);
        change.audit(package_draft("package.in_doubt", name).after("offered_at", offered_at));
    }
    Ok(sealed.into_iter().map(|(_, name)| name).collect())
}
