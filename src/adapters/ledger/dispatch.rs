//! Dispatch records: the view's rows, in bounded portions, and what must tie; all read in one transaction.

mod log;
mod totals;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::db::{self, Arguments, Connection, Db, On, Row, Texts, texts};
use super::dialect::each;
use super::rows::{column, count, date, instant, maybe_date, maybe_instant, named, postal_statement};
use super::{SqlLedger, failed};
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::ports::ledger::{DispatchLedger, DispatchQuestion, DispatchRecord, DispatchTotals, LedgerResult};

const DOING: &str = "read the dispatch records";
/// Rows that are in memory at once.
const ROWS_AT_ONCE: i64 = 1000;
/// Before and after every day on record: the first and last that both databases write with four digits.
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(1, 1, 1);
const LAST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(9999, 12, 31);

/// The pieces of a question but for their status, which are read with [`FROM`]: parameters 1 to 6. The days are those of the index.
const ASKED: &str = "coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on) BETWEEN $1 AND $2 AND ";
/// The same without the days.
const CHOSEN: &str = "($3 IS NULL OR batch.vendor = $3) AND ($4 IS NULL OR batch.name = $4)
    AND ($5 IS NULL OR letter.id = $5)
    AND ($6 IS NULL OR intake_file.name = $6 OR intake_file.sha256 = $6)";
/// The status, parameter 7.
const OF_STATUS: &str = concat!("letter.status IN ", each!("$7"));
/// A piece with all that a question may ask of it.
const FROM: &str = "letter JOIN batch ON batch.id = letter.batch_id JOIN request ON request.id = letter.request_id
    JOIN intake_file ON intake_file.id = request.intake_file_id";

type Query<'q> = sqlx::query::Query<'q, Db, Arguments>;

#[async_trait]
impl DispatchLedger for SqlLedger {
    async fn dispatches(
        &self,
        question: &DispatchQuestion,
        take: &mut (dyn FnMut(DispatchRecord) + Send),
    ) -> LedgerResult<DispatchTotals> {
        let asked = Asked::of(question);
        let mut reading = db::begin_to_read(&self.reader).await.map_err(failed(DOING))?;
        let mut place = Place::before(asked.from);
        while let Some(next) = portion(&mut reading, &asked, &place, take).await? {
            place = next;
        }
        Ok(DispatchTotals {
            packages: totals::packages(&mut reading, &asked).await?,
            intake_files: totals::intake_files(&mut reading, &asked).await?,
            log: log::tie(&mut reading, &asked).await?,
        })
    }
}

/// A question in the database's words.
struct Asked {
    from: NaiveDate,
    to: NaiveDate,
    vendor: Option<String>,
    package: Option<String>,
    letter: Option<String>,
    intake_file: Option<String>,
    statuses: Texts,
}

impl Asked {
    fn of(question: &DispatchQuestion) -> Self {
        let all = LetterStatus::ALL;
        let statuses = if question.statuses.is_empty() { all } else { question.statuses.as_slice() };
        let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        Self {
            from: question.from.or(FIRST_DAY).unwrap_or_default(),
            to: question.to.or(LAST_DAY).unwrap_or_default(),
            vendor: question.vendor.clone(),
            package: question.package.clone(),
            letter: question.letter.map(|letter| letter.to_string()),
            intake_file: question.intake_file.clone(),
            statuses: texts(&names),
        }
    }

    /// A query of ours with the first six parameters.
    fn ask<'q>(&'q self, sql: &'q str) -> Query<'q> {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(On(self.from))
            .bind(On(self.to))
            .bind(&self.vendor)
            .bind(&self.package)
            .bind(&self.letter)
            .bind(&self.intake_file)
    }
}

/// How far the pieces were read: day, package and place of the last one.
struct Place {
    counted_on: NaiveDate,
    batch_id: i64,
    sequence: i64,
}

impl Place {
    /// Before every piece of a day.
    fn before(day: NaiveDate) -> Self {
        Self { counted_on: day, batch_id: 0, sequence: 0 }
    }
}

/// Gives the next pieces, and how far they go; `None` where there were none.
async fn portion(
    reading: &mut Connection,
    asked: &Asked,
    after: &Place,
    take: &mut (dyn FnMut(DispatchRecord) + Send),
) -> LedgerResult<Option<Place>> {
    let sql = format!(
        "SELECT dispatch_records.*, letter.batch_id FROM {FROM}
         JOIN dispatch_records ON dispatch_records.letter_id = letter.id
         WHERE {ASKED} {CHOSEN} AND {OF_STATUS}
             AND (coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on), letter.batch_id, letter.sequence)
                 > ($8, $9, $10)
         ORDER BY coalesce(letter.dispatched_on, letter.unmailed_on, letter.planned_mail_on), letter.batch_id, letter.sequence
         LIMIT $11"
    );
    let rows = asked
        .ask(&sql)
        .bind(&asked.statuses)
        .bind(On(after.counted_on))
        .bind(after.batch_id)
        .bind(after.sequence)
        .bind(ROWS_AT_ONCE)
        .fetch_all(&mut *reading)
        .await
        .map_err(failed(DOING))?;
    for row in &rows {
        take(record(row)?);
    }
    let Some(last) = rows.last() else { return Ok(None) };
    let place = Place {
        counted_on: date(last, "counted_on")?,
        batch_id: column(last, "batch_id")?,
        sequence: column(last, "sequence")?,
    };
    Ok(Some(place))
}

fn record(row: &Row) -> LedgerResult<DispatchRecord> {
    Ok(DispatchRecord {
        letter_id: column(row, "letter_id")?,
        reference: column(row, "reference")?,
        vendor: column(row, "vendor")?,
        package: column(row, "package")?,
        package_sha256: column(row, "package_sha256")?,
        sequence: count(row, "sequence")?,
        sheets: count(row, "sheets")?,
        template_version: column(row, "template_version")?,
        delivered_at: maybe_instant(row, "delivered_at")?,
        dispatched_on: maybe_date(row, "dispatched_on")?,
        receipt_file: column(row, "receipt_file")?,
        receipt_sha256: column(row, "receipt_sha256")?,
        receipt_line: column(row, "receipt_line")?,
        expected_from: date(row, "expected_from")?,
        expected_to: date(row, "expected_to")?,
        use_by_on: date(row, "use_by_on")?,
        expires_on: date(row, "expires_on")?,
        ended_on: maybe_date(row, "ended_on")?,
        end_reason: column(row, "end_reason")?,
        replaces: column(row, "replaces")?,
        replaced_by: column(row, "replaced_by")?,
        run: column(row, "run")?,
        audit_seq: column(row, "audit_seq")?,
        reported_on: maybe_date(row, "reported_on")?,
        counted_on: date(row, "counted_on")?,
        status: named(row, "status", LetterStatus::from_name)?,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        intake_file: column(row, "intake_file")?,
        intake_sha256: column(row, "intake_sha256")?,
        intake_line: column(row, "intake_line")?,
        requested_at: instant(row, "requested_at")?,
        outside: column(row, "outside")?,
        minted_at: instant(row, "minted_at")?,
        planned_mail_on: date(row, "planned_mail_on")?,
        mail_by_on: maybe_date(row, "mail_by_on")?,
        cap_on: date(row, "cap_on")?,
        letter_sha256: column(row, "letter_sha256")?,
        receipt_read_at: maybe_instant(row, "receipt_read_at")?,
        corrections: column(row, "corrections")?,
        postal_statement: postal_statement(row)?,
        unmailed_on: maybe_date(row, "unmailed_on")?,
        returned_on: maybe_date(row, "returned_on")?,
    })
}
