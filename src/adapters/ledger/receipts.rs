//! Receipts: a file is taken whole, with every change that its lines make, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{On, Row};
use super::delivery::deliver;
use super::lists::Values;
use super::production::package_draft;
use super::receipt_changes::{Filed, apply};
use super::reconciliation::{ROWS_AT_ONCE, remake};
use super::revocation::revoke_all;
use super::rows::{as_count, column, count, date, letter_id, maybe_date, maybe_instant, named, postal_statement};
use super::{SqlLedger, failed, terms};
use crate::audit::entry::Draft;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::domain::postal_statement::PostalStatement;
use crate::domain::receipt::ReceiptEvent;
use crate::domain::reconciliation::Story;
use crate::ports::ledger::{
    JudgedLine, JudgedReceipt, LedgerResult, LetterFacts, NewFile, PackageFacts, ReceiptLedger,
};

/// Lines that are worked on together: with what they change they are all of a receipt that is in memory twice.
const LINES_AT_ONCE: usize = 500;

#[async_trait]
impl ReceiptLedger for SqlLedger {
    async fn seen_receipts(&self, file_name: &str) -> LedgerResult<BTreeSet<(String, String)>> {
        let rows = sqlx::query_as("SELECT sha256, signature_sha256 FROM receipt_file WHERE file_name = $1")
            .bind(file_name)
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked up a receipt"))?;
        Ok(rows.into_iter().collect())
    }

    async fn package_facts(&self, name: &str) -> LedgerResult<Option<PackageFacts>> {
        let doing = "looked up a package";
        let batch = sqlx::query("SELECT * FROM batch WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(doing))?;
        let Some(batch) = batch else { return Ok(None) };
        let batch_id: i64 = column(&batch, "id")?;
        let taken: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT number, sha256, signature_sha256 FROM receipt_file
             WHERE batch_id = $1 AND refused_because IS NULL",
        )
        .bind(batch_id)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(doing))?;
        Ok(Some(PackageFacts {
            batch_id,
            vendor: column(&batch, "vendor")?,
            status: column(&batch, "status")?,
            sha256: column(&batch, "sha256")?,
            offered_at: maybe_instant(&batch, "offered_at")?,
            mail_by_on: maybe_date(&batch, "mail_by_on")?,
            remake: remake(&batch)?,
            taken: taken
                .into_iter()
                .map(|(number, sha256, signature)| Ok((as_count(number, "number")?, (sha256, signature))))
                .collect::<LedgerResult<_>>()?,
            letters: self.letters_of(batch_id).await?,
        }))
    }

    async fn take_receipt(&self, receipt: &JudgedReceipt, at: DateTime<Utc>, today: NaiveDate) -> LedgerResult<()> {
        let mut change = self.change("took a receipt", at).await?;
        let filed = Filed { file_id: insert_file(&mut change, receipt).await?, sha256: &receipt.sha256 };
        let now = change.at;
        for copy in NewFile::of_receipt(&receipt.file_name, &receipt.sha256, &receipt.signature_sha256) {
            terms::keep(&mut change, &copy, now).await?;
        }
        take_package_row(&mut change, filed.file_id, receipt, today).await?;
        for lines in receipt.lines.chunks(LINES_AT_ONCE) {
            insert_lines(&mut change, filed.file_id, lines).await?;
            apply(&mut change, &filed, lines, today).await?;
        }
        change.commit().await
    }

    async fn receipt_waits(&self, batch_id: i64, number: u32, file_name: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded a receipt that waits", at).await?;
        let statement = sqlx::query(
            "INSERT INTO receipt_waiting (batch_id, number, first_seen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(batch_id)
        .bind(i64::from(number))
        .bind(change.at);
        if change.run(statement).await? == 1 {
            let package = package_name(&mut change, batch_id).await?;
            let draft = package_draft("receipt.waits", &package).with("file", file_name);
            change.audit(draft.with("number", number).after("receipt", "waiting"));
        }
        change.commit().await
    }

    async fn refuse_receipt(
        &self,
        file_name: &str,
        digests: (&str, &str),
        reason: &str,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("recorded a refused receipt", at).await?;
        let statement = sqlx::query(
            "INSERT INTO receipt_file (file_name, sha256, signature_sha256, read_at, refused_because, lines_taken,
                 lines_held) VALUES ($1, $2, $3, $4, $5, 0, 0)",
        )
        .bind(file_name)
        .bind(digests.0)
        .bind(digests.1)
        .bind(change.at)
        .bind(reason);
        change.run_one(statement, file_name).await?;
        change.audit(Draft::new("receipt.refused").with("sha256", digests.0).after("receipt", "refused"));
        change.commit().await
    }
}

impl SqlLedger {
    async fn letters_of(&self, batch_id: i64) -> LedgerResult<BTreeMap<LetterId, LetterFacts>> {
        let (mut letters, mut after) = (BTreeMap::new(), 0i64);
        loop {
            let rows = sqlx::query(
                "SELECT id, sequence, status, printed_on, dispatched_on, postal_statement, unmailed_on, returned_on, remakes,
                     remade_on, password_status, sheets, outside, planned_mail_on, cap_on, use_by_on, expires_on
                 FROM letter WHERE batch_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
            )
            .bind(batch_id)
            .bind(after)
            .bind(ROWS_AT_ONCE)
            .fetch_all(&self.reader)
            .await
            .map_err(failed("looked up a package"))?;
            let Some(last) = rows.last() else { return Ok(letters) };
            after = column(last, "sequence")?;
            for row in &rows {
                let (letter_id, facts) = letter_facts(row)?;
                letters.insert(letter_id, facts);
            }
        }
    }
}

fn letter_facts(row: &Row) -> LedgerResult<(LetterId, LetterFacts)> {
    let story = Story {
        status: named(row, "status", LetterStatus::from_name)?,
        printed_on: maybe_date(row, "printed_on")?,
        mailed_on: maybe_date(row, "dispatched_on")?,
        postal_statement: postal_statement(row)?,
        unmailed_on: maybe_date(row, "unmailed_on")?,
        returned_on: maybe_date(row, "returned_on")?,
        remakes: count(row, "remakes")?,
        remade_on: maybe_date(row, "remade_on")?,
    };
    let facts = LetterFacts {
        story,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        sheets: count(row, "sheets")?,
        outside: column(row, "outside")?,
        planned_mail_on: date(row, "planned_mail_on")?,
        cap_on: date(row, "cap_on")?,
        use_by_on: date(row, "use_by_on")?,
        expires_on: date(row, "expires_on")?,
    };
    Ok((letter_id(row, "id")?, facts))
}

async fn insert_file(change: &mut Change, receipt: &JudgedReceipt) -> LedgerResult<i64> {
    let held = receipt.lines.iter().filter(|line| line.held_because().is_some()).count();
    let taken = receipt.lines.len() - held;
    let (file_id,): (i64,) = sqlx::query_as(
        "INSERT INTO receipt_file (file_name, batch_id, number, sha256, signature_sha256, read_at, lines_taken,
             lines_held, package_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(&receipt.file_name)
    .bind(receipt.batch_id)
    .bind(i64::from(receipt.number))
    .bind(&receipt.sha256)
    .bind(&receipt.signature_sha256)
    .bind(change.at)
    .bind(taken as i64)
    .bind(held as i64)
    .bind(On(receipt.package_on))
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let statement = sqlx::query("DELETE FROM receipt_waiting WHERE batch_id = $1 AND number = $2")
        .bind(receipt.batch_id)
        .bind(i64::from(receipt.number));
    change.run(statement).await?;
    let package = package_name(change, receipt.batch_id).await?;
    let draft = package_draft("receipt.taken", &package)
        .with("file", receipt.file_name.as_str())
        .with("number", receipt.number)
        .after("receipt", "taken")
        .with("sha256", receipt.sha256.as_str())
        .with("lines_taken", taken as u64)
        .with("lines_held", held as u64);
    change.audit(draft);
    Ok(file_id)
}

/// Writes lines as they stand in the file, with what became of them.
async fn insert_lines(change: &mut Change, file_id: i64, lines: &[JudgedLine]) -> LedgerResult<()> {
    let into =
        "INSERT INTO receipt_line (receipt_file_id, line, letter_id, event, event_on, sheets, remade, held_because,
             postal_statement)";
    let bind = |row: &mut Values<'_>, it: &JudgedLine| {
        row.push_bind(file_id).push_bind(it.line.cast_signed()).push_bind(it.letter.as_str());
        row.push_bind(it.event.map_or("", ReceiptEvent::as_str))
            .push_bind(it.event_on.map(On))
            .push_bind(i64::from(it.sheets));
        row.push_bind(it.is_remake).push_bind(it.held_because());
        row.push_bind(it.postal_statement.as_ref().map(PostalStatement::as_str));
    };
    change.insert_all(into, lines, bind, "the lines of a receipt").await
}

/// The vendor speaks of the package: so it has it, which settles a delivery whose answer was lost.
async fn take_package_row(
    change: &mut Change,
    file_id: i64,
    receipt: &JudgedReceipt,
    today: NaiveDate,
) -> LedgerResult<()> {
    let (status,): (String,) = sqlx::query_as("SELECT status FROM batch WHERE id = $1")
        .bind(receipt.batch_id)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    if status == "sealed" {
        deliver(change, receipt.batch_id, today).await?;
    }
    let (batch_status, letter_status, kind) = if receipt.accepted {
        ("accepted", LetterStatus::Accepted, "package.accepted")
    } else {
        ("refused", LetterStatus::Rejected, "package.refused")
    };
    let statement = sqlx::query(
        "UPDATE batch SET status = $1, status_at = $2, accepted_on = CASE WHEN $1 = 'accepted' THEN $3 END
         WHERE id = $4 AND status = 'delivered'",
    )
    .bind(batch_status)
    .bind(change.at)
    .bind(On(receipt.package_on))
    .bind(receipt.batch_id);
    if change.run(statement).await? == 0 {
        return Ok(());
    }
    let name = package_name(change, receipt.batch_id).await?;
    let draft = package_draft(kind, &name).by_file(&receipt.sha256).changes("status", "delivered", batch_status);
    let seq = change.audit_placed(draft.after("letter_status", letter_status.as_str())).await?;
    let statement = sqlx::query(
        "UPDATE letter SET status = $1, status_at = $2, unmailed_on = CASE WHEN $1 = 'rejected' THEN $3 END,
             unmailed_file_id = CASE WHEN $1 = 'rejected' THEN $5 END, unmailed_seq = CASE WHEN $1 = 'rejected' THEN $6 END
         WHERE batch_id = $4 AND status = 'delivered'",
    )
    .bind(letter_status.as_str())
    .bind(change.at)
    .bind(On(receipt.package_on))
    .bind(receipt.batch_id)
    .bind(file_id)
    .bind(seq.cast_signed());
    change.run(statement).await?;
    if receipt.accepted { Ok(()) } else { revoke_rejected(change, receipt.batch_id, today).await }
}

async fn revoke_rejected(change: &mut Change, batch_id: i64, today: NaiveDate) -> LedgerResult<()> {
    let letters: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM letter WHERE batch_id = $1 AND status = 'rejected' ORDER BY sequence")
            .bind(batch_id)
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
    let ended: Vec<_> = letters.into_iter().map(|(letter,)| (letter, "the vendor refused its package")).collect();
    revoke_all(change, &ended, today).await
}

async fn package_name(change: &mut Change, batch_id: i64) -> LedgerResult<String> {
    let (name,): (String,) = sqlx::query_as("SELECT name FROM batch WHERE id = $1")
        .bind(batch_id)
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(name)
}
