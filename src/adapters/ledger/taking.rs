//! Taking: one row of intake is recorded as it was planned, and what it replaces is withdrawn.

use chrono::NaiveDate;

use super::change::Change;
use super::db::{At, On};
use super::failed;
use super::intake::request_draft;
use super::states::request_status;
use crate::audit::entry::Draft;
use crate::domain::request::{NewRequest, RequestStatus};
use crate::ports::ledger::{LedgerError, LedgerResult, PlannedRow, Taken};

/// Records one row as planned.
pub(super) async fn take_row(
    change: &mut Change,
    (file_id, file_sha256): (i64, &str),
    row: &PlannedRow,
) -> LedgerResult<()> {
    match row {
        PlannedRow::Repeated { .. } => Ok(()),
        PlannedRow::New { line, request, promised_by_on, taken } => {
            let held_at = held_since(change, taken).await?;
            withdraw_replaced(change, taken, &request.reference).await?;
            insert_request(change, file_id, *line, request, *promised_by_on, taken, held_at).await?;
            let draft = request_draft("request.taken", &request.reference).with("line", *line).by_file(file_sha256);
            tell_taken(change, &request.reference, taken, draft).await
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
async fn held_since(change: &mut Change, taken: &Taken) -> LedgerResult<Option<At>> {
    let Taken::Held { replaces, .. } = taken else { return Ok(None) };
    let Some(replaces) = replaces else { return Ok(Some(change.at)) };
    // One that only waited was not held before.
    let sql = "SELECT CASE status WHEN 'held' THEN coalesce(held_at, status_at) ELSE $2 END FROM request
               WHERE reference = $1";
    let (held_at,): (At,) = sqlx::query_as(sql)
        .bind(replaces)
        .bind(change.at)
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
    let was = request_status(change, replaced).await?;
    let statement = sqlx::query(
        "UPDATE request SET status = 'withdrawn', status_at = $1, reason = 'replaced by a newer request',
             held_by = NULL, act_by_on = NULL, held_at = NULL, replaced_by = $2
         WHERE reference = $3 AND status IN ('pending', 'held')",
    )
    .bind(change.at)
    .bind(by)
    .bind(replaced);
    change.run_one(statement, &format!("request {replaced}")).await?;
    let draft = request_draft("request.replaced", replaced).with("replaced_by", by);
    change.audit(draft.changes("status", was, "withdrawn"));
    Ok(())
}

async fn insert_request(
    change: &mut Change,
    file_id: i64,
    line: u64,
    request: &NewRequest,
    promised_by_on: NaiveDate,
    taken: &Taken,
    held_at: Option<At>,
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
    .bind(At(request.requested_at))
    .bind(On(promised_by_on))
    .bind(file_id)
    .bind(line.cast_signed())
    .bind(stored.status.as_str())
    .bind(change.at)
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
    act_by_on: Option<On>,
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
                act_by_on: Some(On(*act_by_on)),
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
async fn tell_taken(change: &mut Change, reference: &str, taken: &Taken, draft: Draft) -> LedgerResult<()> {
    let status = Stored::of(taken).status;
    let draft = draft.with("status", status.as_str()).after("status", status.as_str());
    match taken {
        Taken::Pending { .. } | Taken::Routed { .. } => {
            change.audit(draft);
        }
        Taken::Held { by, act_by_on, .. } => {
            change.audit(draft.with("by", by.as_str()).with("act_by_on", *act_by_on));
            change.notice("held", reference, None, &format!("a person decides by {act_by_on}")).await?;
        }
        Taken::Joined { reference: other, letter_id, expected_to } => {
            change.audit(draft.with("joined_to", other.as_str()));
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
