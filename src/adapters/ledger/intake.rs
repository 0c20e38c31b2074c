//! Intake: requests and the files that they came in.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::change::Change;
use super::db::{On, Row, texts};
use super::dialect::each;
use super::exceptions::decided;
use super::pulls::end_passwords;
use super::rows::{column, date, instant, letter_id, maybe_date, maybe_instant, named};
use super::states::request_status;
use super::{SqlLedger, failed, recent, taking, terms};
use crate::audit::entry::Draft;
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::domain::limits::Recent;
use crate::domain::request::RequestStatus;
use crate::domain::standing::{HeldBy, NewestLetter, OpenRequest, OpenState, Standing};
use crate::ports::ledger::{
    Decision, IntakeCounts, IntakeFile, IntakeLedger, LedgerError, LedgerResult, PlannedRow, RequestRecord,
};

/// What `requests` and `request` select.
const REQUEST_COLUMNS: &str = "SELECT request.*, intake_file.name AS file_name, letter.id AS letter_id
    FROM request JOIN intake_file ON intake_file.id = request.intake_file_id
    LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL";

#[async_trait]
impl IntakeLedger for SqlLedger {
    async fn known_references(&self, references: &[String]) -> LedgerResult<BTreeMap<String, String>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as(concat!("SELECT reference, content_sha256 FROM request WHERE reference IN ", each!("$1")))
                .bind(texts(references))
                .fetch_all(&self.reader)
                .await
                .map_err(failed("looked up references"))?;
        Ok(rows.into_iter().collect())
    }

    async fn standings(&self, usernames: &[String]) -> LedgerResult<BTreeMap<String, Standing>> {
        let mut standings = BTreeMap::<String, Standing>::new();
        let accounts = texts(usernames);
        let doing = "looked up accounts";
        let open = sqlx::query(concat!(
            "SELECT * FROM request WHERE status IN ('pending', 'claimed', 'held')
             AND username IN ",
            each!("$1"),
            " ORDER BY id"
        ))
        .bind(&accounts)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(doing))?;
        for row in open {
            standings.entry(column(&row, "username")?).or_default().add(open_request(&row)?);
        }
        let letters = sqlx::query(concat!(
            "SELECT letter.*, request.reference FROM letter JOIN request ON request.id = letter.request_id
             WHERE letter.username IN ",
            each!("$1"),
            " AND letter.reissued_at IS NULL
             ORDER BY letter.batch_id, letter.sequence"
        ))
        .bind(&accounts)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(doing))?;
        for row in letters {
            standings.entry(column(&row, "username")?).or_default().newest_letter =
                Some(Box::new(newest_letter(&row)?));
        }
        Ok(standings)
    }

    async fn recent(&self, accounts: &[String], addresses: &[String], since: DateTime<Utc>) -> LedgerResult<Recent> {
        recent::recent(&self.reader, accounts, addresses, since).await
    }

    async fn take_rows(
        &self,
        file: &IntakeFile,
        rows: &[PlannedRow],
        position: Option<(&str, i64)>,
        at: DateTime<Utc>,
    ) -> LedgerResult<IntakeCounts> {
        let mut change = self.change("took requests", at).await?;
        let counts = IntakeCounts::of(rows);
        let file_id = insert_file(&mut change, file, &counts, None, position.map(|(_, last_id)| last_id)).await?;
        taking::take_rows(&mut change, (file_id, &file.sha256), rows).await?;
        if let Some((source, last_id)) = position {
            let statement = sqlx::query(
                "INSERT INTO intake_position (source, last_id) VALUES ($1, $2)
                 ON CONFLICT (source) DO UPDATE SET last_id = excluded.last_id WHERE excluded.last_id > intake_position.last_id",
            );
            change.run_one(statement.bind(source).bind(last_id), "the portal's table").await?;
        }
        change.commit().await?;
        Ok(counts)
    }

    async fn refuse_file(&self, file: &IntakeFile, reason: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded a refused file", at).await?;
        insert_file(&mut change, file, &IntakeCounts::default(), Some(reason), None).await?;
        change.commit().await
    }

    async fn position(&self, source: &str) -> LedgerResult<i64> {
        let found: Option<(i64,)> = sqlx::query_as("SELECT last_id FROM intake_position WHERE source = $1")
            .bind(source)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up how far a table was read"))?;
        Ok(found.map_or(0, |(last_id,)| last_id))
    }

    async fn requests(&self, status: Option<RequestStatus>, limit: u32) -> LedgerResult<Vec<RequestRecord>> {
        let sql = format!("{REQUEST_COLUMNS} WHERE ($1 IS NULL OR request.status = $1) ORDER BY request.id LIMIT $2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(status.map(RequestStatus::as_str))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .map_err(failed("listed requests"))?;
        rows.iter().map(request_record).collect()
    }

    async fn request(&self, reference: &str) -> LedgerResult<Option<RequestRecord>> {
        let sql = format!("{REQUEST_COLUMNS} WHERE request.reference = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(reference)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed("looked up a request"))?;
        row.as_ref().map(request_record).transpose()
    }

    async fn cancel_request(
        &self,
        reference: &str,
        decision: &Decision,
        at: DateTime<Utc>,
        today: NaiveDate,
    ) -> LedgerResult<()> {
        let mut change = self.change("cancelled a request", at).await?;
        let was = request_status(&mut change, reference).await?;
        let statement = sqlx::query(
            "UPDATE request SET status = 'withdrawn', status_at = $1, reason = $2, held_by = NULL, act_by_on = NULL,
                 held_at = NULL WHERE reference = $3 AND status IN ('pending', 'held')",
        )
        .bind(change.at)
        .bind(format!("cancelled: {}", decision.reason))
        .bind(reference);
        require_state(change.run(statement).await?, reference, "cancelled", "pending or held")?;
        let draft = request_draft("request.cancelled", reference).changes("status", was, "withdrawn");
        change.audit(decided(draft, decision));
        end_passwords(&mut change, reference, today).await?;
        change.notice("cancelled", reference, None, "the request was cancelled: no letter will come").await?;
        change.commit().await
    }

    async fn hold_request(
        &self,
        reference: &str,
        decision: &Decision,
        act_by_on: NaiveDate,
        at: DateTime<Utc>,
    ) -> LedgerResult<()> {
        let mut change = self.change("held a request", at).await?;
        let was = request_status(&mut change, reference).await?;
        let statement = sqlx::query(
            "UPDATE request SET status = 'held', status_at = $1, held_at = $1, reason = $2, held_by = 'person',
                 act_by_on = $3 WHERE reference = $4 AND status IN ('pending', 'held')",
        )
        .bind(change.at)
        .bind(&decision.reason)
        .bind(On(act_by_on))
        .bind(reference);
        require_state(change.run(statement).await?, reference, "held", "pending")?;
        change.notice("held", reference, None, &format!("a person decides by {act_by_on}")).await?;
        let draft = request_draft("request.held", reference)
            .with("by", HeldBy::Person.as_str())
            .with("act_by_on", act_by_on)
            .changes("status", was, "held")
            .after("act_by_on", act_by_on);
        change.audit(match &decision.by {
            Some(person) => draft.because(&decision.reason).with("person", person.as_str()),
            None => draft,
        });
        change.commit().await
    }
}

async fn insert_file(
    change: &mut Change,
    file: &IntakeFile,
    counts: &IntakeCounts,
    refused_because: Option<&str>,
    last_row: Option<i64>,
) -> LedgerResult<i64> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO intake_file (name, sha256, taken_at, refused_because, rows, new_rows, repeated_rows, routed_rows,
             quarantined_rows, last_row) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(&file.name)
    .bind(&file.sha256)
    .bind(change.at)
    .bind(refused_because)
    .bind(counts.rows.cast_signed())
    .bind(counts.new.cast_signed())
    .bind(counts.repeated.cast_signed())
    .bind(counts.routed.cast_signed())
    .bind(counts.quarantined.cast_signed())
    .bind(last_row)
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let (kind, state) = match refused_because {
        Some(_) => ("intake.refused", "refused"),
        None => ("intake.taken", "taken"),
    };
    let draft = Draft::new(kind)
        .after("file", state)
        .with("sha256", file.sha256.as_str())
        .with("rows", counts.rows)
        .with("new", counts.new)
        .with("repeated", counts.repeated)
        .with("routed", counts.routed)
        .with("quarantined", counts.quarantined);
    change.audit(draft);
    let now = change.at;
    for kept in &file.files {
        terms::keep(change, kept, now).await?;
    }
    Ok(id)
}

pub(super) fn request_draft(kind: &'static str, reference: &str) -> Draft {
    Draft::new(kind).with("reference", reference)
}

/// A draft of a hold by a rule.
pub(super) fn held_draft(reference: &str, act_by_on: NaiveDate) -> Draft {
    request_draft("request.held", reference)
        .with("by", HeldBy::Rule.as_str())
        .with("act_by_on", act_by_on)
        .by_rule()
        .after("act_by_on", act_by_on)
}

/// Says no where a person asked for what the state of a request does not allow.
pub(super) fn require_state(rows: u64, reference: &str, verb: &str, allowed: &str) -> LedgerResult<()> {
    if rows == 1 {
        return Ok(());
    }
    Err(LedgerError::NotAllowed(format!(
        "request {reference} cannot be {verb}: it must be {allowed}; see 'letterpost request show {reference}'"
    )))
}

fn open_request(row: &Row) -> LedgerResult<OpenRequest> {
    let state = match named(row, "status", RequestStatus::from_name)? {
        RequestStatus::Claimed => OpenState::Claimed,
        RequestStatus::Held => OpenState::Held {
            by: named(row, "held_by", HeldBy::from_name)?,
            reason: column(row, "reason")?,
            act_by_on: date(row, "act_by_on")?,
        },
        _ => OpenState::Pending,
    };
    Ok(OpenRequest { reference: column(row, "reference")?, state })
}

fn newest_letter(row: &Row) -> LedgerResult<NewestLetter> {
    Ok(NewestLetter {
        letter_id: letter_id(row, "id")?,
        reference: column(row, "reference")?,
        status: named(row, "status", LetterStatus::from_name)?,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        expected_to: date(row, "expected_to")?,
    })
}

fn request_record(row: &Row) -> LedgerResult<RequestRecord> {
    let address = super::rows::address(row)?;
    let last = format!("{} {} {}", address.city, address.state, address.postal_code);
    let lines = [address.address_line_1, address.address_line_2, last.trim().to_owned(), address.country];
    Ok(RequestRecord {
        reference: column(row, "reference")?,
        erased_at: maybe_instant(row, "erased_at")?,
        status: named(row, "status", RequestStatus::from_name)?,
        status_at: instant(row, "status_at")?,
        reason: column(row, "reason")?,
        held_by: column::<Option<String>>(row, "held_by")?.as_deref().and_then(HeldBy::from_name),
        act_by_on: maybe_date(row, "act_by_on")?,
        held_at: maybe_instant(row, "held_at")?,
        cancelled_at: maybe_instant(row, "cancelled_at")?,
        username: column(row, "username")?,
        full_name: column(row, "full_name")?,
        address: lines.into_iter().filter(|line| !line.is_empty()).collect(),
        language: column(row, "language")?,
        format: column(row, "format")?,
        requested_at: instant(row, "requested_at")?,
        promised_by_on: date(row, "promised_by_on")?,
        file: column(row, "file_name")?,
        line: column::<i64>(row, "intake_line")?.cast_unsigned(),
        replaced_by: column(row, "replaced_by")?,
        joined_to: column(row, "joined_to")?,
        letter_id: column(row, "letter_id")?,
    })
}
