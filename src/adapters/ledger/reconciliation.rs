//! Reconciliation: reads the book of a package, and closes it.

use std::collections::BTreeMap;

use super::db::Row;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::production::package_draft;
use super::rows::{
    column, count, instant, letter_id, maybe_date, maybe_instant, maybe_size, named, parsed, postal_statement,
};
use super::{SqlLedger, failed};
use crate::domain::letter::LetterStatus;
use crate::domain::receipt::ReceiptEvent;
use crate::domain::reconciliation::{Count, Line, Piece, Totals};
use crate::package::ticket::Remake;
use crate::ports::ledger::{LedgerResult, PackageBook, ReconciliationLedger, TakenReceipt, WaitingReceipt};

/// Rows that are in memory at once: the database's own form of a row takes many times what it holds.
pub(super) const ROWS_AT_ONCE: i64 = 500;

const DOING: &str = "read the book of a package";

#[async_trait]
impl ReconciliationLedger for SqlLedger {
    async fn open_packages(&self) -> LedgerResult<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT name FROM batch
             WHERE (closed_at IS NULL AND offered_at IS NOT NULL AND status <> 'void')
                OR id IN (SELECT batch_id FROM receipt_waiting) ORDER BY id",
        )
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for packages that are open"))?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    async fn package_book(&self, name: &str) -> LedgerResult<Option<PackageBook>> {
        let batch = sqlx::query("SELECT * FROM batch WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(DOING))?;
        let Some(batch) = batch else { return Ok(None) };
        let batch_id: i64 = column(&batch, "id")?;
        Ok(Some(PackageBook {
            batch_id,
            name: column(&batch, "name")?,
            vendor: column(&batch, "vendor")?,
            status: column(&batch, "status")?,
            mail_by_on: maybe_date(&batch, "mail_by_on")?,
            remake: remake(&batch)?,
            offered_at: maybe_instant(&batch, "offered_at")?,
            delivered_at: maybe_instant(&batch, "delivered_at")?,
            closed_at: maybe_instant(&batch, "closed_at")?,
            manifest: Count {
                pieces: maybe_size(&batch, "letters")?.unwrap_or_default(),
                sheets: maybe_size(&batch, "sheets")?.unwrap_or_default(),
            },
            pieces: self.pieces(batch_id).await?,
            receipts: self.taken_receipts(batch_id).await?,
            waiting: self.waiting_receipts(batch_id).await?,
        }))
    }

    async fn receipt_lines(&self, file_id: i64, after: u64) -> LedgerResult<Vec<Line>> {
        let rows =
            sqlx::query("SELECT * FROM receipt_line WHERE receipt_file_id = $1 AND line > $2 ORDER BY line LIMIT $3")
                .bind(file_id)
                .bind(after.cast_signed())
                .bind(ROWS_AT_ONCE)
                .fetch_all(&self.reader)
                .await
                .map_err(failed(DOING))?;
        rows.iter().map(line).collect()
    }

    async fn close_package(&self, book: &PackageBook, totals: &Totals, at: DateTime<Utc>) -> LedgerResult<bool> {
        let mut change = self.change("closed a package", at).await?;
        let statement = sqlx::query(
            "UPDATE batch SET closed_at = $1
             WHERE id = $2 AND closed_at IS NULL AND delivered_at IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM receipt_waiting WHERE batch_id = $2)
               AND NOT EXISTS (SELECT 1 FROM letter WHERE batch_id = $2
                   AND status IN ('sealed', 'delivered', 'accepted', 'printed'))",
        )
        .bind(change.at)
        .bind(book.batch_id);
        if change.run(statement).await? != 1 {
            return Ok(false);
        }
        let mut draft = package_draft("package.closed", &book.name)
            .with("letters", totals.all.pieces)
            .with("sheets", totals.all.sheets)
            .with("receipts", book.receipts.len() as u64)
            .changes("book", "open", "closed");
        for (disposition, count) in &totals.by_disposition {
            draft = draft.with(disposition.as_str(), count.pieces);
        }
        change.audit(draft);
        change.commit().await?;
        Ok(true)
    }
}

impl SqlLedger {
    async fn pieces(&self, batch_id: i64) -> LedgerResult<Vec<Piece>> {
        let mut pieces: Vec<Piece> = Vec::new();
        loop {
            let after = pieces.last().map_or(0, |piece| i64::from(piece.sequence));
            let rows = sqlx::query(
                "SELECT id, sequence, sheets, status FROM letter WHERE batch_id = $1 AND sequence > $2
                 ORDER BY sequence LIMIT $3",
            )
            .bind(batch_id)
            .bind(after)
            .bind(ROWS_AT_ONCE)
            .fetch_all(&self.reader)
            .await
            .map_err(failed(DOING))?;
            if rows.is_empty() {
                return Ok(pieces);
            }
            for row in &rows {
                pieces.push(piece(row)?);
            }
        }
    }

    async fn taken_receipts(&self, batch_id: i64) -> LedgerResult<Vec<TakenReceipt>> {
        let rows =
            sqlx::query("SELECT * FROM receipt_file WHERE batch_id = $1 AND refused_because IS NULL ORDER BY number")
                .bind(batch_id)
                .fetch_all(&self.reader)
                .await
                .map_err(failed(DOING))?;
        let mut events = self.events_of(batch_id).await?;
        let taken = |row: &Row| taken_receipt(row, events.remove(&column(row, "id")?).unwrap_or_default());
        rows.iter().map(taken).collect()
    }

    /// How many lines that were taken have each event, by the receipt's id.
    async fn events_of(&self, batch_id: i64) -> LedgerResult<BTreeMap<i64, BTreeMap<String, u32>>> {
        let rows = sqlx::query(
            "SELECT receipt_line.receipt_file_id, CASE WHEN remade THEN 'remade' ELSE event END AS said, count(*) AS lines
             FROM receipt_line JOIN receipt_file ON receipt_file.id = receipt_line.receipt_file_id
             WHERE receipt_file.batch_id = $1 AND refused_because IS NULL AND held_because IS NULL
             GROUP BY receipt_line.receipt_file_id, said",
        )
        .bind(batch_id)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(DOING))?;
        let mut events = BTreeMap::<i64, BTreeMap<String, u32>>::new();
        for row in &rows {
            let of_receipt = events.entry(column(row, "receipt_file_id")?).or_default();
            of_receipt.insert(column(row, "said")?, count(row, "lines")?);
        }
        Ok(events)
    }

    async fn waiting_receipts(&self, batch_id: i64) -> LedgerResult<Vec<WaitingReceipt>> {
        let rows = sqlx::query("SELECT number, first_seen_at FROM receipt_waiting WHERE batch_id = $1 ORDER BY number")
            .bind(batch_id)
            .fetch_all(&self.reader)
            .await
            .map_err(failed(DOING))?;
        rows.iter()
            .map(|row| {
                Ok(WaitingReceipt { number: count(row, "number")?, first_seen_at: instant(row, "first_seen_at")? })
            })
            .collect()
    }
}

/// What a package's job ticket says of remakes, where it was kept.
pub(super) fn remake(batch: &Row) -> LedgerResult<Option<Remake>> {
    column::<Option<String>>(batch, "remake")?.map(|text| parsed(&text, "remake", Remake::from_name)).transpose()
}

fn taken_receipt(row: &Row, events: BTreeMap<String, u32>) -> LedgerResult<TakenReceipt> {
    Ok(TakenReceipt {
        file_id: column(row, "id")?,
        number: count(row, "number")?,
        file_name: column(row, "file_name")?,
        sha256: column(row, "sha256")?,
        read_at: instant(row, "read_at")?,
        package_on: maybe_date(row, "package_on")?,
        lines_taken: count(row, "lines_taken")?,
        lines_held: count(row, "lines_held")?,
        events,
    })
}

fn piece(row: &Row) -> LedgerResult<Piece> {
    Ok(Piece {
        sequence: count(row, "sequence")?,
        letter_id: letter_id(row, "id")?,
        sheets: count(row, "sheets")?,
        recorded: Some(named(row, "status", LetterStatus::from_name)?),
    })
}

/// A line as it was kept. One that could not be read was kept without event and day.
fn line(row: &Row) -> LedgerResult<Line> {
    let event = column::<String>(row, "event")?;
    let sheets = maybe_size(row, "sheets")?;
    Ok(Line {
        line: column::<i64>(row, "line")?.cast_unsigned(),
        letter: column(row, "letter_id")?,
        event: ReceiptEvent::from_name(&event),
        event_on: maybe_date(row, "event_on")?,
        sheets: sheets.map(|sheets| u32::try_from(sheets).unwrap_or(u32::MAX)),
        is_remake: column(row, "remade")?,
        postal_statement: postal_statement(row)?,
        held_because: column(row, "held_because")?,
    })
}
