//! What the ledger tells of itself.

use std::collections::BTreeMap;

use super::db::Row;
use super::dialect::{counts_json, stage_place};
use super::rows::{
    column, count, date, instant, maybe_count, maybe_date, maybe_instant, maybe_size, named, postal_statement, wall,
};
use async_trait::async_trait;
use chrono::NaiveDate;

use super::{SqlLedger, dates, failed, promises};
use crate::domain::imb::Imb;
use crate::domain::letter::{LetterId, LetterStatus, PasswordStatus};
use crate::ports::ledger::{
    Accounting, BatchRecord, LedgerResult, LetterDates, LetterRecord, MissedPromise, ReportLedger, RunRecord,
    StageRecord,
};

const BATCH_COLUMNS: &str = concat!(
    "SELECT batch.*,
    (SELECT count(*) FROM receipt_file WHERE receipt_file.batch_id = batch.id AND refused_because IS NULL)
        AS receipts_taken,
    (SELECT ",
    counts_json!("status", "pieces"),
    " FROM (SELECT status, count(*) AS pieces FROM letter WHERE letter.batch_id = batch.id GROUP BY status) AS counted)
        AS states,
    (SELECT count(*) FROM request WHERE request.batch_id = batch.id AND request.status = 'claimed') AS claimed,
    (SELECT count(*) FROM pull_order WHERE pull_order.batch_id = batch.id) AS pull_orders,
    (SELECT fingerprint FROM package_key WHERE package_key.batch_id = batch.id AND role = 'signer') AS sealed_by,
    (SELECT string_agg(fingerprint, ' ' ORDER BY fingerprint) FROM package_key
        WHERE package_key.batch_id = batch.id AND role = 'recipient') AS sealed_to
    FROM batch"
);

pub(super) const LETTER_COLUMNS: &str =
    "SELECT letter.*, request.reference, request.promised_by_on, batch.name AS package,
    (SELECT pull_order.number FROM pulled_letter JOIN pull_order ON pull_order.id = pulled_letter.pull_order_id
        WHERE pulled_letter.letter_id = letter.id) AS pull_order,
    (SELECT old_mailed_on FROM letter_correction AS first WHERE first.letter_id = letter.id
        AND first.status = 'made' ORDER BY first.id LIMIT 1) AS reported_on
    FROM letter JOIN request ON request.id = letter.request_id JOIN batch ON batch.id = letter.batch_id";

/// What must not be, where a constraint on one table cannot say so: a sentence, and how to count it.
const CONTRADICTIONS: [(&str, &str); 9] = [
    (
        "letters whose request is neither lettered nor withdrawn",
        "SELECT count(*) FROM letter JOIN request ON request.id = letter.request_id
         WHERE letter.status <> 'voided' AND letter.reissued_at IS NULL AND request.status <> 'lettered'",
    ),
    (
        "requests that are lettered and have no letter",
        "SELECT count(*) FROM request WHERE status = 'lettered'
         AND NOT EXISTS (SELECT 1 FROM letter WHERE letter.request_id = request.id AND letter.status <> 'voided'
             AND letter.reissued_at IS NULL)",
    ),
    (
        "packages whose letters are not as many as recorded",
        "SELECT count(*) FROM batch WHERE letters IS NOT NULL
         AND letters <> (SELECT count(*) FROM letter WHERE letter.batch_id = batch.id)",
    ),
    (
        "packages whose sequence has a gap",
        "SELECT count(*) FROM batch WHERE letters IS NOT NULL
         AND letters <> (SELECT max(sequence) FROM letter WHERE letter.batch_id = batch.id)",
    ),
    (
        "live passwords of letters that are not with the vendor or in the post",
        "SELECT count(*) FROM letter WHERE password_status IN ('live', 'locked')
         AND status NOT IN ('delivered', 'accepted', 'printed', 'mailed')",
    ),
    (
        "good passwords of letters that the vendor was ordered to pull, or whose request was cancelled",
        "SELECT count(*) FROM letter JOIN request ON request.id = letter.request_id
         WHERE letter.password_status IN ('waiting', 'live', 'locked') AND (request.cancelled_at IS NOT NULL
             OR EXISTS (SELECT 1 FROM pulled_letter WHERE pulled_letter.letter_id = letter.id))",
    ),
    (
        "packages that are closed and have a letter that is not accounted for",
        "SELECT count(*) FROM batch WHERE closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM letter
             WHERE letter.batch_id = batch.id AND letter.status IN ('sealed', 'delivered', 'accepted', 'printed'))",
    ),
    (
        "letters of which one of account and request is erased and the other is not",
        "SELECT count(*) FROM letter JOIN request ON request.id = letter.request_id
         WHERE (letter.erased_at IS NULL) <> (request.erased_at IS NULL)",
    ),
    (
        "records that are erased and have something left of a person",
        "SELECT (SELECT count(*) FROM request WHERE erased_at IS NOT NULL AND (username || full_name || address_line_1
                 || address_line_2 || city || state || postal_code || content_sha256 <> ''
                 OR address_sha256 IS NOT NULL OR coalesce(reason, 'erased') <> 'erased'))
             + (SELECT count(*) FROM letter WHERE erased_at IS NOT NULL AND (username <> '' OR verifier IS NOT NULL
                 OR length(imb) > 20))
             + (SELECT count(*) FROM quarantined_row WHERE erased_at IS NOT NULL AND (problems <> '[]'
                 OR reference IS NOT NULL))",
    ),
];

#[async_trait]
impl ReportLedger for SqlLedger {
    async fn runs(&self, job: Option<&str>, limit: u32) -> LedgerResult<Vec<RunRecord>> {
        let doing = "listed runs";
        let rows = sqlx::query("SELECT * FROM run WHERE ($1 IS NULL OR job = $1) ORDER BY id DESC LIMIT $2")
            .bind(job)
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed(doing))?;
        let mut runs = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: i64 = column(row, "id")?;
            let sql = concat!("SELECT * FROM run_stage WHERE run_id = $1 ORDER BY ", stage_place!());
            let stages = sqlx::query(sql).bind(id).fetch_all(&self.reader).await.map_err(failed(doing))?;
            runs.push(run_record(row, id, stages.iter().map(stage_record).collect::<LedgerResult<_>>()?)?);
        }
        Ok(runs)
    }

    async fn batches(&self, limit: u32) -> LedgerResult<Vec<BatchRecord>> {
        let sql = format!("{BATCH_COLUMNS} ORDER BY batch.id DESC LIMIT $1");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed packages"))?;
        rows.iter().map(batch_record).collect()
    }

    async fn batch(&self, name: &str) -> LedgerResult<Option<BatchRecord>> {
        let sql = format!("{BATCH_COLUMNS} WHERE batch.name = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a package"))?;
        row.as_ref().map(batch_record).transpose()
    }

    async fn letters(&self, package: Option<&str>, limit: u32) -> LedgerResult<Vec<LetterRecord>> {
        let sql = format!(
            "{LETTER_COLUMNS} WHERE ($1 IS NULL OR batch.name = $1) ORDER BY batch.id DESC, letter.sequence LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(package)
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed letters"))?;
        rows.iter().map(letter_record).collect()
    }

    async fn letter(&self, letter_id: LetterId) -> LedgerResult<Option<LetterRecord>> {
        let sql = format!("{LETTER_COLUMNS} WHERE letter.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(letter_id.to_string())
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a letter"))?;
        row.as_ref().map(letter_record).transpose()
    }

    async fn letter_dates(&self, letter_id: &str) -> LedgerResult<Option<LetterDates>> {
        dates::of_letter(self, letter_id).await
    }

    async fn letter_by_barcode(&self, imb: Imb) -> LedgerResult<Option<LetterRecord>> {
        // What begins with these digits sorts before the same digits with a colon, the character after '9'.
        let sql = format!(
            "{LETTER_COLUMNS} WHERE letter.imb <> '' AND letter.imb >= $1 AND letter.imb < $1 || ':'
             ORDER BY letter.minted_at DESC, letter.batch_id DESC, letter.sequence DESC LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(imb.tracking_code())
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a barcode"))?;
        row.as_ref().map(letter_record).transpose()
    }

    async fn missed_promises(&self, today: NaiveDate) -> LedgerResult<Vec<MissedPromise>> {
        promises::missed(self, today).await
    }

    async fn accounting(&self) -> LedgerResult<Accounting> {
        let doing = "did its accounting";
        let requests: Vec<(String, i64)> = sqlx::query_as("SELECT status, count(*) FROM request GROUP BY status")
            .fetch_all(&self.reader)
            .await
            .map_err(failed(doing))?;
        let letters: Vec<(String, i64)> = sqlx::query_as("SELECT status, count(*) FROM letter GROUP BY status")
            .fetch_all(&self.reader)
            .await
            .map_err(failed(doing))?;
        let states = |rows: Vec<(String, i64)>| -> BTreeMap<String, u64> {
            rows.into_iter().map(|(status, rows)| (status, rows.cast_unsigned())).collect()
        };
        let (request_states, letter_states) = (states(requests), states(letters));
        Ok(Accounting {
            requests: request_states.values().sum(),
            letters: letter_states.values().sum(),
            request_states,
            letter_states,
        })
    }

    async fn contradictions(&self) -> LedgerResult<Vec<String>> {
        let mut found = Vec::new();
        for (sentence, sql) in CONTRADICTIONS {
            let (rows,): (i64,) =
                sqlx::query_as(sql).fetch_one(&self.reader).await.map_err(failed("looked for contradictions"))?;
            if rows > 0 {
                found.push(format!("{rows} {sentence}"));
            }
        }
        Ok(found)
    }
}

fn run_record(row: &Row, run: i64, stages: Vec<StageRecord>) -> LedgerResult<RunRecord> {
    Ok(RunRecord {
        run,
        job: column(row, "job")?,
        scheduled_for: wall(row, "scheduled_for")?,
        status: column(row, "status")?,
        starts: count(row, "starts")?,
        started_at: instant(row, "started_at")?,
        finished_at: maybe_instant(row, "finished_at")?,
        stages,
    })
}

fn stage_record(row: &Row) -> LedgerResult<StageRecord> {
    Ok(StageRecord {
        stage: column(row, "stage")?,
        started_at: instant(row, "started_at")?,
        finished_at: maybe_instant(row, "finished_at")?,
        outcome: column::<Option<String>>(row, "outcome")?.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

fn batch_record(row: &Row) -> LedgerResult<BatchRecord> {
    let states: Option<String> = column(row, "states")?;
    let letters = maybe_count(row, "letters")?;
    Ok(BatchRecord {
        package: column(row, "name")?,
        vendor: column(row, "vendor")?,
        status: column(row, "status")?,
        status_at: instant(row, "status_at")?,
        format: column(row, "format")?,
        letters: letters.unwrap_or(count(row, "claimed")?),
        sheets: maybe_count(row, "sheets")?.unwrap_or(0),
        mail_on: maybe_date(row, "mail_on")?,
        mail_by_on: maybe_date(row, "mail_by_on")?,
        size_bytes: maybe_size(row, "size_bytes")?,
        sha256: column(row, "sha256")?,
        sealed_by: column(row, "sealed_by")?,
        sealed_to: column(row, "sealed_to")?,
        offered_at: maybe_instant(row, "offered_at")?,
        delivered_at: maybe_instant(row, "delivered_at")?,
        accepted_on: maybe_date(row, "accepted_on")?,
        closed_at: maybe_instant(row, "closed_at")?,
        receipts_taken: count(row, "receipts_taken")?,
        void_reason: column(row, "void_reason")?,
        hold_reason: column(row, "hold_reason")?,
        held_by: column(row, "held_by")?,
        held_at: maybe_instant(row, "held_at")?,
        act_by_on: maybe_date(row, "act_by_on")?,
        pull_orders: count(row, "pull_orders")?,
        letter_states: states.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
    })
}

pub(super) fn letter_record(row: &Row) -> LedgerResult<LetterRecord> {
    Ok(LetterRecord {
        letter_id: column(row, "id")?,
        reference: column(row, "reference")?,
        username: column(row, "username")?,
        status: named(row, "status", LetterStatus::from_name)?,
        status_at: instant(row, "status_at")?,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        package: column(row, "package")?,
        sequence: count(row, "sequence")?,
        language: column(row, "language")?,
        format: column(row, "format")?,
        sheets: count(row, "sheets")?,
        minted_at: instant(row, "minted_at")?,
        planned_mail_on: date(row, "planned_mail_on")?,
        printed_on: maybe_date(row, "printed_on")?,
        remakes: count(row, "remakes")?,
        unmailed_on: maybe_date(row, "unmailed_on")?,
        dispatched_on: maybe_date(row, "dispatched_on")?,
        postal_statement: postal_statement(row)?,
        returned_on: maybe_date(row, "returned_on")?,
        expected_from: date(row, "expected_from")?,
        expected_to: date(row, "expected_to")?,
        promised_by_on: date(row, "promised_by_on")?,
        use_by_on: date(row, "use_by_on")?,
        expires_on: date(row, "expires_on")?,
        days_to_read: maybe_count(row, "days_to_read")?,
        ended_on: maybe_date(row, "ended_on")?,
        end_reason: column(row, "end_reason")?,
        failures: count(row, "failures")?,
        replaces: column(row, "replaces")?,
        reissued_at: maybe_instant(row, "reissued_at")?,
        reissue_reason: column(row, "reissue_reason")?,
        pull_order: maybe_count(row, "pull_order")?,
        decide_by_on: maybe_date(row, "decide_by_on")?,
        reported_on: maybe_date(row, "reported_on")?,
        imb: column(row, "imb")?,
        erased_at: maybe_instant(row, "erased_at")?,
    })
}
