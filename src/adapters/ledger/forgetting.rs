//! Forgetting: people's names, addresses and accounts are erased from the ledger, and its files are written anew.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::change::Change;
use super::db::{self, At, On, Row, texts};
use super::dialect::{each, greatest, indexed_by};
use super::intake::request_draft;
use super::rows::{column, instant, maybe_date, maybe_instant};
use super::{SqlLedger, failed, quotations, residue};
use crate::audit::entry::Draft;
use crate::domain::forgetting::{End, Term};
use crate::ports::ledger::{Forgettable, ForgettingLedger, LedgerResult, OpenTooLong};

/// Requests of which nothing more happens and that ended before the term ($1 for dates, $2 for instants): closed themselves, with
/// every password ended, every piece's fate known and every package closed or withdrawn, and none on legal hold.
const OVER: &str = "request.erased_at IS NULL AND request.status IN ('lettered', 'withdrawn', 'routed')
    AND request.status_at < $2 AND (request.cancelled_at IS NULL OR request.cancelled_at < $2)
    AND NOT EXISTS (SELECT 1 FROM letter JOIN batch ON batch.id = letter.batch_id
        WHERE letter.request_id = request.id AND (letter.ended_on < $1 AND letter.status_at < $2
            AND letter.status IN ('mailed', 'returned', 'voided', 'rejected', 'spoiled', 'pulled')
            AND (batch.closed_at < $2 OR (batch.status = 'void' AND batch.status_at < $2))) IS NOT TRUE)
    AND request.id NOT IN (SELECT letter.request_id FROM letter_on_legal_hold
        JOIN letter ON letter.id = letter_on_legal_hold.letter_id)";

/// What ended, of a request and of the one that it was joined to.
const END_COLUMNS: &str = concat!(
    "SELECT request.id, request.reference,
        (SELECT string_agg(letter.id, ' ' ORDER BY letter.batch_id) FROM letter
            WHERE letter.request_id = request.id) AS letters,
        (SELECT max(letter.ended_on) FROM letter WHERE letter.request_id IN (request.id, other.id)) AS ended_on, ",
    greatest!(
        "request.status_at, coalesce(request.cancelled_at, request.status_at), coalesce(other.status_at, request.status_at),
            coalesce((SELECT max(letter.status_at) FROM letter WHERE letter.request_id IN (request.id, other.id)),
                request.status_at),
            coalesce((SELECT max(coalesce(batch.closed_at, batch.status_at)) FROM letter JOIN batch ON batch.id = letter.batch_id
                WHERE letter.request_id IN (request.id, other.id)), request.status_at)"
    ),
    " AS last_at FROM request",
    indexed_by!("request_to_erase"),
    " LEFT JOIN request AS other ON other.reference = request.joined_to"
);

/// Files whose refusals were taken before $1 and are known yet.
const REFUSALS: &str = "SELECT * FROM (SELECT intake_file.id, intake_file.sha256, intake_file.taken_at,
        intake_file.refused_because IS NOT NULL AND intake_file.erased_at IS NULL AS is_refused,
        (SELECT count(*) FROM quarantined_row WHERE quarantined_row.intake_file_id = intake_file.id
            AND quarantined_row.erased_at IS NULL) AS refused_rows
    FROM intake_file WHERE taken_at < $1) AS file WHERE is_refused OR refused_rows > 0";

/// How many requests are over.
const COUNTED: &str = concat!("FROM request", indexed_by!("request_to_erase"), " WHERE request.joined_to IS");

/// A request that is erased.
struct Due {
    id: i64,
    reference: String,
    letters: Vec<String>,
    end: End,
}

#[async_trait]
impl ForgettingLedger for SqlLedger {
    async fn forgettable(&self, term: &Term) -> LedgerResult<Forgettable> {
        let doing = "counted people to forget";
        // One that was joined to another goes with it.
        let sql = format!(
            "WITH own AS (SELECT request.id {COUNTED} NULL AND {OVER})
             SELECT (SELECT count(*) FROM own) + (SELECT count(*) {COUNTED} NOT NULL AND {OVER}
                 AND NOT EXISTS (SELECT 1 FROM request AS other WHERE other.reference = request.joined_to
                     AND other.erased_at IS NULL AND other.id NOT IN (SELECT id FROM own)))"
        );
        let (requests,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(On(term.ended_before))
            .bind(At(term.last_before))
            .fetch_one(&self.reader)
            .await
            .map_err(failed(doing))?;
        let sql = format!(
            "SELECT CAST(count(*) FILTER (WHERE is_refused) + coalesce(sum(refused_rows), 0) AS BIGINT)
             FROM ({REFUSALS}) AS refused"
        );
        let (refusals,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(At(term.last_before))
            .fetch_one(&self.reader)
            .await
            .map_err(failed(doing))?;
        let reports = quotations::count(&self.reader, term).await?;
        Ok(Forgettable { requests: requests.cast_unsigned(), refusals: refusals.cast_unsigned(), reports })
    }

    async fn erase_people(&self, term: &Term, most: u32, at: DateTime<Utc>) -> LedgerResult<u64> {
        let mut change = self.change("erased people", at).await?;
        let due = due(&mut change, term, most).await?;
        if due.is_empty() {
            return Ok(0);
        }
        erase_letters(&mut change, &due).await?;
        erase_requests(&mut change, &due).await?;
        for request in &due {
            change.audit(erased_draft(request, term));
        }
        owe_residue(&mut change).await?;
        change.commit().await?;
        Ok(due.len() as u64)
    }

    async fn erase_refusals(&self, term: &Term, at: DateTime<Utc>) -> LedgerResult<u64> {
        let mut change = self.change("erased why rows were refused", at).await?;
        let files = sqlx::query(REFUSALS)
            .bind(At(term.last_before))
            .fetch_all(&mut *change.tx)
            .await
            .map_err(failed(change.doing))?;
        let mut erased = 0;
        for file in &files {
            erased += erase_refusals_of(&mut change, file, term).await?;
        }
        if erased > 0 {
            owe_residue(&mut change).await?;
            change.commit().await?;
        }
        Ok(erased)
    }

    async fn erase_quotations(&self, term: &Term, at: DateTime<Utc>) -> LedgerResult<u64> {
        let mut change = self.change("erased what reports quote", at).await?;
        let erased = quotations::erase(&mut change, term).await?;
        if erased > 0 {
            owe_residue(&mut change).await?;
        }
        change.commit().await?;
        Ok(erased)
    }

    async fn open_too_long(&self, term: &Term) -> LedgerResult<Vec<OpenTooLong>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT batch.name, count(*) FROM batch JOIN letter ON letter.batch_id = batch.id
             WHERE batch.closed_at IS NULL AND batch.status <> 'void'
             GROUP BY batch.id HAVING count(*) = count(letter.ended_on) AND max(letter.ended_on) < $1 ORDER BY batch.id",
        )
        .bind(On(term.ended_before))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked for packages that are open too long"))?;
        Ok(rows
            .into_iter()
            .map(|(package, letters)| OpenTooLong { package, letters: letters.cast_unsigned() })
            .collect())
    }

    async fn residue(&self) -> LedgerResult<Option<DateTime<Utc>>> {
        let row = sqlx::query("SELECT since FROM erasure_residue")
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked what was erased"))?;
        row.map_or(Ok(None), |row| maybe_instant(&row, "since"))
    }

    async fn clear_residue(&self) -> LedgerResult<bool> {
        if !residue::rewrite(&self.writer).await? {
            return Ok(false);
        }
        // The mark goes last: a crash before it has the files written anew once more.
        sqlx::query("DELETE FROM erasure_residue")
            .execute(&self.writer)
            .await
            .map_err(failed("recorded that its files were written anew"))?;
        Ok(true)
    }
}

/// The first requests that are past their term. One that was joined to another goes after it.
async fn due(change: &mut Change, term: &Term, most: u32) -> LedgerResult<Vec<Due>> {
    let sql = format!(
        "{END_COLUMNS} WHERE {OVER} AND (other.id IS NULL OR other.erased_at IS NOT NULL)
        ORDER BY request.id LIMIT $3"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(On(term.ended_before))
        .bind(At(term.last_before))
        .bind(i64::from(most))
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    rows.iter().map(read_due).collect()
}

fn read_due(row: &Row) -> LedgerResult<Due> {
    let letters: Option<String> = column(row, "letters")?;
    Ok(Due {
        id: column(row, "id")?,
        reference: column(row, "reference")?,
        letters: letters.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        end: End { ended_on: maybe_date(row, "ended_on")?, last_at: instant(row, "last_at")? },
    })
}

async fn erase_letters(change: &mut Change, due: &[Due]) -> LedgerResult<()> {
    let letters: Vec<&str> = due.iter().flat_map(|request| &request.letters).map(String::as_str).collect();
    let list = texts(&letters);
    let verified: Vec<(String,)> = sqlx::query_as(concat!(
        "SELECT id FROM letter WHERE id IN ",
        each!("$1"),
        " AND verifier IS NOT NULL ORDER BY id"
    ))
    .bind(&list)
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    for (letter,) in &verified {
        let draft = Draft::new("password.verifier_destroyed").with("letter", letter.as_str());
        change.audit(draft.changes("verifier", "kept", "destroyed"));
    }
    let statement = sqlx::query(concat!(
        "UPDATE letter SET username = '', verifier = NULL, imb = substr(imb, 1, 20), erased_at = $2
         WHERE id IN ",
        each!("$1"),
        " AND erased_at IS NULL"
    ))
    .bind(list)
    .bind(change.at);
    change.run_exactly(letters.len() as u64, statement, "the letters of people to forget").await
}

async fn erase_requests(change: &mut Change, due: &[Due]) -> LedgerResult<()> {
    let ids: Vec<i64> = due.iter().map(|request| request.id).collect();
    let statement = sqlx::query(concat!(
        "UPDATE request SET username = '', full_name = '', address_line_1 = '', address_line_2 = '', city = '',
             state = '', postal_code = '', content_sha256 = '', address_sha256 = NULL,
             reason = CASE WHEN reason IS NOT NULL THEN 'erased' END, erased_at = $2
         WHERE id IN ",
        each!("$1"),
        " AND erased_at IS NULL"
    ))
    .bind(db::ids(&ids))
    .bind(change.at);
    change.run_exactly(ids.len() as u64, statement, "the requests of people to forget").await
}

/// The entry of an erasure. With several letters it names none as its own: each finds it by the reference.
fn erased_draft(request: &Due, term: &Term) -> Draft {
    let draft = request_draft("request.erased", &request.reference).changes("recipient", "kept", "erased");
    let draft = match term.due_on(&request.end) {
        Some(due_on) => draft.with("due_on", due_on),
        None => draft,
    };
    match request.letters.as_slice() {
        [] => draft,
        [only] => draft.with("letter", only.as_str()),
        several => draft.with("letters", several.join(" ")),
    }
}

async fn erase_refusals_of(change: &mut Change, file: &Row, term: &Term) -> LedgerResult<u64> {
    let id: i64 = column(file, "id")?;
    let is_refused: bool = column(file, "is_refused")?;
    let rows = column::<i64>(file, "refused_rows")?.cast_unsigned();
    if rows > 0 {
        let statement = sqlx::query(
            "UPDATE quarantined_row SET reference = NULL, problems = '[]', erased_at = $2
             WHERE intake_file_id = $1 AND erased_at IS NULL",
        )
        .bind(id)
        .bind(change.at);
        change.run_exactly(rows, statement, "refused rows").await?;
    }
    if is_refused {
        let statement = sqlx::query(
            "UPDATE intake_file SET refused_because = 'erased', erased_at = $2
             WHERE id = $1 AND erased_at IS NULL AND refused_because IS NOT NULL",
        )
        .bind(id)
        .bind(change.at);
        change.run_one(statement, "a refused file").await?;
    }
    let draft = Draft::new("intake.refusals_erased")
        .with("sha256", column::<String>(file, "sha256")?)
        .with("quarantined", rows)
        .changes("refusals", "kept", "erased");
    let end = End { ended_on: None, last_at: instant(file, "taken_at")? };
    let draft = match term.due_on(&end) {
        Some(due_on) => draft.with("due_on", due_on),
        None => draft,
    };
    change.audit(draft);
    Ok(rows + u64::from(is_refused))
}

/// Records that the ledger's files may still have what this change erases.
pub(super) async fn owe_residue(change: &mut Change) -> LedgerResult<()> {
    let statement =
        sqlx::query("INSERT INTO erasure_residue (only_one, since) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING")
            .bind(change.at);
    change.run(statement).await.map(|_| ())
}
