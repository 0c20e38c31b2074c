//! Intake: requests and the files that they came in.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::sqlite::SqliteRow;

use super::change::Change;
use super::exceptions::decided;
use super::pulls::end_passwords;
use super::rows::{column, date, instant, letter_id, maybe_date, maybe_instant, named};
use super::{SqliteLedger, failed, recent};
use crate::audit::entry::{Draft, instant_text};
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::domain::limits::Recent;
use crate::domain::request::{NewRequest, RequestStatus};
use crate::domain::standing::{HeldBy, NewestLetter, OpenRequest, OpenState, Standing};
use crate::ports::ledger::{
    Decision, IntakeCounts, IntakeFile, IntakeLedger, LedgerError, LedgerResult, PlannedRow, RequestRecord, Taken,
};

/// What `requests` and `request` select.
const REQUEST_COLUMNS: &str = "SELECT request.*, intake_file.name AS file_name, letter.id AS letter_id
    FROM request JOIN intake_file ON intake_file.id = request.intake_file_id
    LEFT JOIN letter ON letter.request_id = request.id AND letter.status <> 'voided' AND letter.reissued_at IS NULL";

#[async_trait]
impl IntakeLedger for SqliteLedger {
    async fn known_references(&self, references: &[String]) -> LedgerResult<BTreeMap<String, String>> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT reference, content_sha256 FROM request WHERE reference IN (SELECT value FROM json_each($1))",
        )
        .bind(json_list(references))
        .fetch_all(&self.reader)
        .await
        .map_err(failed("looked up references"))?;
        Ok(rows.into_iter().collect())
    }

    async fn standings(&self, usernames: &[String]) -> LedgerResult<BTreeMap<String, Standing>> {
        let mut standings = BTreeMap::<String, Standing>::new();
        let accounts = json_list(usernames);
        let doing = "looked up accounts";
        let open = sqlx::query(
            "SELECT * FROM request WHERE status IN ('pending', 'claimed', 'held')
             AND username IN (SELECT value FROM json_each($1)) ORDER BY id",
        )
        .bind(&accounts)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(doing))?;
        for row in open {
            standings.entry(column(&row, "username")?).or_default().add(open_request(&row)?);
        }
        let letters = sqlx::query(
            "SELECT letter.*, request.reference FROM letter JOIN request ON request.id = letter.request_id
             WHERE letter.username IN (SELECT value FROM json_each($1)) AND letter.reissued_at IS NULL
             ORDER BY letter.rowid",
        )
        .bind(&accounts)
        .fetch_all(&self.reader)
        .await
        .map_err(failed(doing))?;
        for row in letters {
            standings.entry(column(&row, "username")?).or_default().newest_letter = Some(newest_letter(&row)?);
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
        let file_id = insert_file(&mut change, file, &counts, None).await?;
        for row in rows {
            take_row(&mut change, file_id, row).await?;
        }
        if let Some((source, last_id)) = position {
            let statement = sqlx::query(
                "INSERT INTO intake_position (source, last_id) VALUES ($1, $2)
                 ON CONFLICT (source) DO UPDATE SET last_id = excluded.last_id WHERE excluded.last_id > last_id",
            );
            change.run_one(statement.bind(source).bind(last_id), "the portal's table").await?;
        }
        change.commit().await?;
        Ok(counts)
    }

    async fn refuse_file(&self, file: &IntakeFile, reason: &str, at: DateTime<Utc>) -> LedgerResult<()> {
        let mut change = self.change("recorded a refused file", at).await?;
        insert_file(&mut change, file, &IntakeCounts::default(), Some(reason)).await?;
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
        let statement = sqlx::query(
            "UPDATE request SET status = 'withdrawn', status_at = $1, reason = $2, held_by = NULL, act_by_on = NULL,
                 held_at = NULL WHERE reference = $3 AND status IN ('pending', 'held')",
        )
        .bind(change.at.clone())
        .bind(format!("cancelled: {}", decision.reason))
        .bind(reference);
        require_state(change.run(statement).await?, reference, "cancelled", "pending or held")?;
        change.audit(decided(request_draft("request.cancelled", reference), decision)).await?;
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
        let statement = sqlx::query(
            "UPDATE request SET status = 'held', status_at = $1, held_at = $1, reason = $2, held_by = 'person',
                 act_by_on = $3 WHERE reference = $4 AND status IN ('pending', 'held')",
        )
        .bind(change.at.clone())
        .bind(&decision.reason)
        .bind(act_by_on.to_string())
        .bind(reference);
        require_state(change.run(statement).await?, reference, "held", "pending")?;
        change.notice("held", reference, None, &format!("a person decides by {act_by_on}")).await?;
        let draft = held_draft(reference, HeldBy::Person, act_by_on);
        change
            .audit(match &decision.by {
                Some(person) => draft.with("person", person.as_str()),
                None => draft,
            })
            .await?;
        change.commit().await
    }
}

/// Records one row as planned.
async fn take_row(change: &mut Change, file_id: i64, row: &PlannedRow) -> LedgerResult<()> {
    match row {
        PlannedRow::Repeated { .. } => Ok(()),
        PlannedRow::New { line, request, promised_by_on, taken } => {
            let held_at = held_since(change, taken).await?;
            withdraw_replaced(change, taken, &request.reference).await?;
            insert_request(change, file_id, *line, request, *promised_by_on, taken, held_at).await?;
            tell_taken(change, &request.reference, taken).await
        }
        PlannedRow::Quarantined { line, reference, problems } => {
            let told = serde_json::to_string(problems)
                .map_err(|error| LedgerError::Unavailable { doing: change.doing, reason: error.to_string() })?;
            let statement = sqlx::query(
                "INSERT INTO quarantined_row (intake_file_id, line, reference, problems) VALUES ($1, $2, $3, $4)",
            )
            .bind(file_id)
            .bind(line.cast_signed())
            .bind(reference.as_deref())
            .bind(told);
            change.run_one(statement, "the quarantine").await
        }
    }
}

/// Since when a request is held whose place a new one takes: asking again gives nobody more time.
async fn held_since(change: &mut Change, taken: &Taken) -> LedgerResult<Option<String>> {
    let Taken::Held { replaces, .. } = taken else { return Ok(None) };
    let Some(replaces) = replaces else { return Ok(Some(change.at.clone())) };
    // One that only waited was not held before.
    let sql = "SELECT CASE status WHEN 'held' THEN coalesce(held_at, status_at) ELSE $2 END FROM request
               WHERE reference = $1";
    let (held_at,): (String,) = sqlx::query_as(sql)
        .bind(replaces)
        .bind(change.at.clone())
        .fetch_one(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    Ok(Some(held_at))
}

/// Withdraws the request whose place a new one takes.
async fn withdraw_replaced(change: &mut Change, taken: &Taken, by: &str) -> LedgerResult<()> {
    let (Taken::Pending { replaces: Some(replaced) } | Taken::Held { replaces: Some(replaced), .. }) = taken else {
        return Ok(());
    };
    let statement = sqlx::query(
        "UPDATE request SET status = 'withdrawn', status_at = $1, reason = 'replaced by a newer request',
             held_by = NULL, act_by_on = NULL, held_at = NULL, replaced_by = $2
         WHERE reference = $3 AND status IN ('pending', 'held')",
    )
    .bind(change.at.clone())
    .bind(by)
    .bind(replaced);
    change.run_one(statement, &format!("request {replaced}")).await?;
    change.audit(request_draft("request.replaced", replaced).with("replaced_by", by)).await?;
    Ok(())
}

async fn insert_request(
    change: &mut Change,
    file_id: i64,
    line: u64,
    request: &NewRequest,
    promised_by_on: NaiveDate,
    taken: &Taken,
    held_at: Option<String>,
) -> LedgerResult<()> {
    let stored = Stored::of(taken);
    let address = &request.recipient.address;
    let statement = sqlx::query(
        "INSERT INTO request (reference, content_sha256, username, full_name, address_line_1, address_line_2, city,
             state, postal_code, country, language, format, requested_at, promised_by_on, intake_file_id, intake_line,
             status, status_at, reason, held_by, act_by_on, joined_to, held_at, address_sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24)",
    )
    .bind(&request.reference)
    .bind(hex::encode(request.content_sha256))
    .bind(&request.username)
    .bind(&request.recipient.full_name)
    .bind(&address.address_line_1)
    .bind(&address.address_line_2)
    .bind(&address.city)
    .bind(&address.state)
    .bind(&address.postal_code)
    .bind(&address.country)
    .bind(request.recipient.language.as_str())
    .bind(request.recipient.format.as_str())
    .bind(instant_text(request.requested_at))
    .bind(promised_by_on.to_string())
    .bind(file_id)
    .bind(line.cast_signed())
    .bind(stored.status.as_str())
    .bind(change.at.clone())
    .bind(stored.reason)
    .bind(stored.held_by)
    .bind(stored.act_by_on)
    .bind(stored.joined_to)
    .bind(held_at)
    .bind(hex::encode(request.address_sha256));
    change.run_one(statement, &format!("request {}", request.reference)).await
}

/// How what becomes of a request is stored.
struct Stored<'a> {
    status: RequestStatus,
    reason: Option<&'a str>,
    held_by: Option<&'a str>,
    act_by_on: Option<String>,
    joined_to: Option<&'a str>,
}

impl<'a> Stored<'a> {
    fn of(taken: &'a Taken) -> Self {
        let plain = |status| Self { status, reason: None, held_by: None, act_by_on: None, joined_to: None };
        match taken {
            Taken::Pending { .. } => plain(RequestStatus::Pending),
            Taken::Held { by, reason, act_by_on, .. } => Self {
                reason: Some(reason),
                held_by: Some(by.as_str()),
                act_by_on: Some(act_by_on.to_string()),
                ..plain(RequestStatus::Held)
            },
            Taken::Joined { reference, .. } => Self {
                reason: Some("joined to the letter of an earlier request"),
                joined_to: Some(reference),
                ..plain(RequestStatus::Withdrawn)
            },
            Taken::Routed { reason } => Self { reason: Some(reason), ..plain(RequestStatus::Routed) },
        }
    }
}

/// Writes the audit entry and the notice of a request that was taken.
async fn tell_taken(change: &mut Change, reference: &str, taken: &Taken) -> LedgerResult<()> {
    let draft = request_draft("request.taken", reference).with("status", Stored::of(taken).status.as_str());
    match taken {
        Taken::Pending { .. } | Taken::Routed { .. } => {
            change.audit(draft).await?;
        }
        Taken::Held { by, act_by_on, .. } => {
            change.audit(draft.with("by", by.as_str()).with("act_by_on", *act_by_on)).await?;
            change.notice("held", reference, None, &format!("a person decides by {act_by_on}")).await?;
        }
        Taken::Joined { reference: other, letter_id, expected_to } => {
            change.audit(draft.with("joined_to", other.as_str())).await?;
            let detail = match expected_to {
                Some(date) => format!("a letter is on its way; expect it by {date}"),
                None => "a letter is being made".to_owned(),
            };
            let letter = letter_id.map(|id| id.to_string());
            change.notice("joined", reference, letter.as_deref(), &detail).await?;
        }
    }
    Ok(())
}

async fn insert_file(
    change: &mut Change,
    file: &IntakeFile,
    counts: &IntakeCounts,
    refused_because: Option<&str>,
) -> LedgerResult<i64> {
    let (id,): (i64,) = sqlx::query_as(
        "INSERT INTO intake_file (name, sha256, taken_at, refused_because, rows, new_rows, repeated_rows, routed_rows,
             quarantined_rows) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
    )
    .bind(&file.name)
    .bind(&file.sha256)
    .bind(change.at.clone())
    .bind(refused_because)
    .bind(counts.rows.cast_signed())
    .bind(counts.new.cast_signed())
    .bind(counts.repeated.cast_signed())
    .bind(counts.routed.cast_signed())
    .bind(counts.quarantined.cast_signed())
    .fetch_one(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    let kind = if refused_because.is_some() { "intake.refused" } else { "intake.taken" };
    let draft = Draft::new(kind)
        .with("sha256", file.sha256.as_str())
        .with("rows", counts.rows)
        .with("new", counts.new)
        .with("repeated", counts.repeated)
        .with("routed", counts.routed)
        .with("quarantined", counts.quarantined);
    change.audit(draft).await?;
    Ok(id)
}

pub(super) fn request_draft(kind: &'static str, reference: &str) -> Draft {
    Draft::new(kind).with("reference", reference)
}

pub(super) fn held_draft(reference: &str, by: HeldBy, act_by_on: NaiveDate) -> Draft {
    request_draft("request.held", reference).with("by", by.as_str()).with("act_by_on", act_by_on)
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

fn open_request(row: &SqliteRow) -> LedgerResult<OpenRequest> {
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

fn newest_letter(row: &SqliteRow) -> LedgerResult<NewestLetter> {
    Ok(NewestLetter {
        letter_id: letter_id(row, "id")?,
        reference: column(row, "reference")?,
        status: named(row, "status", LetterStatus::from_name)?,
        password_status: named(row, "password_status", PasswordStatus::from_name)?,
        expected_to: date(row, "expected_to")?,
    })
}

fn request_record(row: &SqliteRow) -> LedgerResult<RequestRecord> {
    let address = super::rows::address(row)?;
    let last = format!("{} {} {}", address.city, address.state, address.postal_code);
    let lines = [address.address_line_1, address.address_line_2, last.trim().to_owned(), address.country];
    Ok(RequestRecord {
        reference: column(row, "reference")?,
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

/// Texts as one JSON value, to be unpacked by `json_each`.
pub(super) fn json_list<T: serde::Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}
