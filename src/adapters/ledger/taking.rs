//! Taking: rows of intake are recorded as they were planned, and what they replace is withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::change::Change;
use super::db::{At, On, texts};
use super::dialect::each;
use super::failed;
use super::intake::request_draft;
use super::lists::{ROWS_A_STATEMENT, Values};
use crate::audit::entry::Draft;
use crate::domain::request::{NewRequest, Recipient, RequestStatus};
use crate::ports::ledger::{LedgerError, LedgerResult, PlannedRow, Taken};

/// A new request, as it is stored.
struct NewRow<'a> {
    line: u64,
    request: &'a NewRequest,
    promised_by_on: NaiveDate,
    taken: &'a Taken,
    /// Since when it is held.
    held_at: Option<At>,
}

/// A request whose place a new one takes, as it stands before.
struct Replaced {
    status: String,
    /// Since when it is held, if it is.
    held_at: Option<At>,
}

/// Records the rows of a file of this number and digest as planned, in portions.
pub(super) async fn take_rows(change: &mut Change, file: (i64, &str), mut rows: &[PlannedRow]) -> LedgerResult<()> {
    while !rows.is_empty() {
        let (portion, others) = rows.split_at(length_of_portion(rows));
        take_portion(change, file, portion).await?;
        // However many rows there are, the entries of few are kept in memory.
        change.write_entries().await?;
        rows = others;
    }
    Ok(())
}

/// How many of the rows are recorded together: a portion ends before a row that takes the place of one within it, so that all
/// that is withdrawn can be withdrawn first, and all that is new be inserted then.
fn length_of_portion(rows: &[PlannedRow]) -> usize {
    let most = rows.len().min(ROWS_A_STATEMENT);
    let mut own = BTreeSet::new();
    for (place, row) in rows.iter().take(most).enumerate() {
        let PlannedRow::New { request, taken, .. } = row else { continue };
        if replaced_by(taken).is_some_and(|reference| own.contains(reference)) {
            return place;
        }
        own.insert(request.reference.as_str());
    }
    most
}

/// The older request whose place is taken.
fn replaced_by(taken: &Taken) -> Option<&str> {
    match taken {
        Taken::Pending { replaces } | Taken::Held { replaces, .. } => replaces.as_deref(),
        Taken::Joined { .. } | Taken::Routed { .. } => None,
    }
}

async fn take_portion(
    change: &mut Change,
    (file_id, file_sha256): (i64, &str),
    portion: &[PlannedRow],
) -> LedgerResult<()> {
    let pairs: Vec<(&str, &str)> = portion
        .iter()
        .filter_map(|row| match row {
            PlannedRow::New { request, taken, .. } => Some((replaced_by(taken)?, request.reference.as_str())),
            _ => None,
        })
        .collect();
    let replaced = replaced(change, &pairs).await?;
    withdraw_replaced(change, &pairs).await?;
    let at = change.at;
    let new: Vec<NewRow<'_>> = portion
        .iter()
        .filter_map(|row| match row {
            PlannedRow::New { line, request, promised_by_on, taken } => {
                let held_at = held_since(taken, &replaced, at);
                Some(NewRow { line: *line, request, promised_by_on: *promised_by_on, taken, held_at })
            }
            _ => None,
        })
        .collect();
    insert_requests(change, file_id, &new).await?;
    quarantine(change, file_id, portion).await?;
    for NewRow { line, request, taken, .. } in new {
        let reference = request.reference.as_str();
        if let Some(older) = replaced_by(taken) {
            let was = replaced.get(older).map(|it| it.status.as_str()).unwrap_or_default();
            let draft = request_draft("request.replaced", older).with("replaced_by", reference);
            change.audit(draft.changes("status", was, "withdrawn"));
        }
        let draft = request_draft("request.taken", reference).with("line", line).by_file(file_sha256);
        tell_taken(change, reference, taken, draft).await?;
    }
    Ok(())
}

/// Since when a request is held: asking again gives nobody more time. One that only waited was not held before.
fn held_since(taken: &Taken, replaced: &BTreeMap<String, Replaced>, now: At) -> Option<At> {
    let Taken::Held { replaces, .. } = taken else { return None };
    let before = replaces.as_ref().and_then(|reference| replaced.get(reference));
    Some(before.and_then(|it| it.held_at).unwrap_or(now))
}

/// Where the older requests of these pairs stand, by reference.
async fn replaced(change: &mut Change, pairs: &[(&str, &str)]) -> LedgerResult<BTreeMap<String, Replaced>> {
    if pairs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let older: Vec<&str> = pairs.iter().map(|(older, _)| *older).collect();
    let rows: Vec<(String, String, Option<At>)> = sqlx::query_as(concat!(
        "SELECT reference, status, CASE status WHEN 'held' THEN coalesce(held_at, status_at) END FROM request
         WHERE reference IN ",
        each!("$1")
    ))
    .bind(texts(&older))
    .fetch_all(&mut *change.tx)
    .await
    .map_err(failed(change.doing))?;
    Ok(rows.into_iter().map(|(reference, status, held_at)| (reference, Replaced { status, held_at })).collect())
}

/// Withdraws the older request of each pair, whose place the other one takes.
async fn withdraw_replaced(change: &mut Change, pairs: &[(&str, &str)]) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, (older, newer): &(&str, &str)| {
        row.push_bind(*older).push_bind(*newer).push_bind(at);
    };
    let update =
        "UPDATE request SET status = 'withdrawn', status_at = given.at, reason = 'replaced by a newer request',
             held_by = NULL, act_by_on = NULL, held_at = NULL, replaced_by = given.newer
         FROM given WHERE request.reference = given.older AND request.status IN ('pending', 'held')";
    change.update_all("older, newer, at", pairs, bind, update, "requests whose place newer ones take").await
}

async fn insert_requests(change: &mut Change, file_id: i64, rows: &[NewRow<'_>]) -> LedgerResult<()> {
    let at = change.at;
    let into = "INSERT INTO request (reference, content_sha256, username, full_name, address_line_1, address_line_2,
         city, state, postal_code, country, language, format, requested_at, promised_by_on, intake_file_id,
         intake_line, status, status_at, reason, held_by, act_by_on, joined_to, held_at, address_sha256)";
    let bind = |row: &mut Values<'_>, it: &NewRow<'_>| {
        let (request, stored) = (it.request, Stored::of(it.taken));
        let Recipient { full_name, address, language, format } = &request.recipient;
        row.push_bind(request.reference.as_str())
            .push_bind(hex::encode(request.content_sha256))
            .push_bind(request.username.as_str())
            .push_bind(full_name.as_str())
            .push_bind(address.address_line_1.as_str())
            .push_bind(address.address_line_2.as_str())
            .push_bind(address.city.as_str())
            .push_bind(address.state.as_str())
            .push_bind(address.postal_code.as_str())
            .push_bind(address.country.as_str())
            .push_bind(language.as_str())
            .push_bind(format.as_str())
            .push_bind(At(request.requested_at))
            .push_bind(On(it.promised_by_on))
            .push_bind(file_id)
            .push_bind(it.line.cast_signed())
            .push_bind(stored.status.as_str())
            .push_bind(at)
            .push_bind(stored.reason)
            .push_bind(stored.held_by)
            .push_bind(stored.act_by_on)
            .push_bind(stored.joined_to)
            .push_bind(it.held_at)
            .push_bind(hex::encode(request.address_sha256));
    };
    change.insert_all(into, rows, bind, "the requests").await
}

/// Records the rows that were refused.
async fn quarantine(change: &mut Change, file_id: i64, rows: &[PlannedRow]) -> LedgerResult<()> {
    let mut refused = Vec::new();
    for row in rows {
        if let PlannedRow::Quarantined { line, reference, problems } = row {
            let told = serde_json::to_string(problems)
                .map_err(|error| LedgerError::Unavailable { doing: change.doing, reason: error.to_string() })?;
            refused.push((line.cast_signed(), reference.as_deref(), told));
        }
    }
    let into = "INSERT INTO quarantined_row (intake_file_id, line, reference, problems)";
    let bind = |row: &mut Values<'_>, (line, reference, told): &(i64, Option<&str>, String)| {
        row.push_bind(file_id).push_bind(*line).push_bind(*reference).push_bind(told.as_str());
    };
    change.insert_all(into, &refused, bind, "the quarantine").await
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
