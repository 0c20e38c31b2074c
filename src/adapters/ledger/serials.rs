//! Serial numbers of barcodes: taken in blocks, one writer after another.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{Db, On, Row};
use super::production::{package_draft, require_owner};
use super::rows::{count, date};
use super::{SqlLedger, failed};
use crate::domain::imb::MailerId;
use crate::domain::imb::serials::{Exhausted, SerialRange, TakenBlock};
use crate::ports::ledger::{ClaimedBatch, LedgerResult, SerialLedger, WantedSerials};

#[async_trait]
impl SerialLedger for SqlLedger {
    async fn take_serials(
        &self,
        batch: &ClaimedBatch,
        wanted: WantedSerials,
        at: DateTime<Utc>,
    ) -> LedgerResult<Result<u32, Exhausted>> {
        let mut change = self.change("took serial numbers", at).await?;
        require_owner(&mut change, batch).await?;
        let WantedSerials { range, count, today, .. } = wanted;
        let taken = in_use(&mut *change.tx, range.mailer_id(), today, change.doing).await?;
        let after = newest_in(&mut change, &range).await?;
        let first = match range.next_block(&taken, after, count, today) {
            Ok(first) => first,
            Err(exhausted) => return Ok(Err(exhausted)),
        };
        insert_block(&mut change, batch, wanted, first).await?;
        let draft = package_draft("package.serials_taken", &batch.name)
            .with("mailer_id", range.mailer_id().to_string())
            .with("first", first)
            .with("count", count)
            .with("free_on", wanted.free_on)
            .with("attempt", batch.attempt)
            .after("serials", "taken");
        change.audit(draft);
        change.commit().await?;
        Ok(Ok(first))
    }

    async fn serials_in_use(&self, mailer_id: MailerId, today: NaiveDate) -> LedgerResult<Vec<TakenBlock>> {
        in_use(&self.reader, mailer_id, today, "looked for serial numbers in use").await
    }
}

async fn in_use(
    connection: impl sqlx::Executor<'_, Database = Db>,
    mailer_id: MailerId,
    today: NaiveDate,
    doing: &'static str,
) -> LedgerResult<Vec<TakenBlock>> {
    let rows = sqlx::query("SELECT * FROM serial_block WHERE mailer_id = $1 AND free_on > $2")
        .bind(mailer_id.to_string())
        .bind(On(today))
        .fetch_all(connection)
        .await
        .map_err(failed(doing))?;
    rows.iter().map(taken_block).collect()
}

fn taken_block(row: &Row) -> LedgerResult<TakenBlock> {
    Ok(TakenBlock {
        first: count(row, "first")?,
        count: count(row, "count")?,
        taken_on: date(row, "taken_on")?,
        free_on: date(row, "free_on")?,
    })
}

/// The last number of the newest block that ends in the range.
async fn newest_in(change: &mut Change, range: &SerialRange) -> LedgerResult<Option<u32>> {
    let row = sqlx::query(
        "SELECT first + count - 1 AS last FROM serial_block
         WHERE mailer_id = $1 AND first + count - 1 BETWEEN $2 AND $3 ORDER BY id DESC LIMIT 1",
    )
    .bind(range.mailer_id().to_string())
    .bind(i64::from(range.first()))
    .bind(i64::from(range.last()))
    .fetch_optional(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    row.map(|row| count(&row, "last")).transpose()
}

async fn insert_block(
    change: &mut Change,
    batch: &ClaimedBatch,
    wanted: WantedSerials,
    first: u32,
) -> LedgerResult<()> {
    let statement = sqlx::query(
        "INSERT INTO serial_block (mailer_id, first, count, taken_at, taken_on, free_on, batch_id, attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(wanted.range.mailer_id().to_string())
    .bind(i64::from(first))
    .bind(i64::from(wanted.count))
    .bind(change.at)
    .bind(On(wanted.today))
    .bind(On(wanted.free_on))
    .bind(batch.batch_id)
    .bind(i64::from(batch.attempt));
    change.run_one(statement, &batch.name).await
}
