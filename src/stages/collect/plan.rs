//! What becomes of each row, given what the ledger knew before and what the rows before it brought.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::quarantine::{erased_before, from_the_future, other_content};
use crate::domain::limits::{Recent, RequestLimits};
use crate::domain::local_time;
use crate::domain::request::{FieldProblem, NewRequest, SecondFactor};
use crate::domain::standing::{Decision, HeldBy, OpenRequest, OpenState, Standing};
use crate::domain::validity::promised_by_on;
use crate::ports::ledger::{PlannedRow, Taken};
use crate::stages::outcome::StageResult;
use crate::stages::site::refused;
use crate::stages::world::World;

/// Why an account with a telephone as second factor gets no letter.
const ROUTED: &str = "the account's second factor is a telephone: the portal sends its temporary password by e-mail";

/// Rows about whose references, accounts and addresses the ledger is asked at once.
const ASKED_TOGETHER: usize = 10_000;

/// A row, judged by itself.
pub(super) struct Row<'a> {
    /// The line of the file, or the row of the table.
    pub(super) line: u64,
    /// The portal's id, if the row has one.
    pub(super) reference: Option<String>,
    /// As it stands in its file; `None` of the table's.
    pub(super) bytes: Option<&'a [u8]>,
    /// The request, or what is wrong.
    pub(super) judged: Result<Box<NewRequest>, Vec<FieldProblem>>,
}

/// What the ledger knew before, moved on row by row as the plan grows.
struct Known {
    references: BTreeMap<String, String>,
    standings: BTreeMap<String, Standing>,
    recent: Recent,
    /// By when a letter was promised to those who asked on a date.
    promises: BTreeMap<NaiveDate, NaiveDate>,
    /// When a newer ledger was given up as lost.
    lost_at: Option<DateTime<Utc>>,
}

/// The dates by which a plan is made.
#[derive(Clone, Copy)]
struct Dates {
    now: DateTime<Utc>,
    today: NaiveDate,
    act_by_on: NaiveDate,
}

/// Plans what becomes of the rows of one file or portion.
///
/// # Errors
/// Where the ledger fails, or a date is beyond the calendar.
pub(super) async fn plan(
    world: &World,
    rows: Vec<Row<'_>>,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> StageResult<Vec<PlannedRow>> {
    let dates = Dates { now, today, act_by_on: world.site.act_by_on(today)? };
    let mut known = Known {
        references: BTreeMap::new(),
        standings: BTreeMap::new(),
        recent: Recent::default(),
        promises: BTreeMap::new(),
        lost_at: world.ledger.last_loss().await?,
    };
    for portion in rows.chunks(ASKED_TOGETHER) {
        let good = || portion.iter().filter_map(|row| row.judged.as_deref().ok());
        let references: Vec<String> = good().map(|request| request.reference.clone()).collect();
        let usernames: Vec<String> = good().map(|request| request.username.clone()).collect();
        known.references.extend(world.ledger.known_references(&references).await?);
        known.standings.extend(world.ledger.standings(&usernames).await?);
        known.recent.add(recent(world, good(), &usernames, now).await?);
    }
    rows.into_iter().map(|row| plan_row(world, &mut known, row, dates)).collect()
}

/// What the accounts and addresses of these requests had in the span of the limits.
async fn recent(
    world: &World,
    requests: impl Iterator<Item = &NewRequest>,
    usernames: &[String],
    now: DateTime<Utc>,
) -> StageResult<Recent> {
    let limits = world.site.limits.requests;
    if !limits.counts() {
        return Ok(Recent::default());
    }
    let addresses: BTreeSet<String> = requests.map(|request| hex::encode(request.address_sha256)).collect();
    let addresses: Vec<String> = addresses.into_iter().collect();
    let since = now.checked_sub_days(Days::new(u64::from(limits.span_days))).unwrap_or(now);
    Ok(world.ledger.recent(usernames, &addresses, since).await?)
}

fn plan_row(world: &World, known: &mut Known, row: Row<'_>, dates: Dates) -> StageResult<PlannedRow> {
    let Dates { now, today, .. } = dates;
    let Row { line, reference, judged, .. } = row;
    let request = match judged {
        Ok(request) => request,
        Err(problems) => return Ok(PlannedRow::Quarantined { line, reference, problems }),
    };
    let content = hex::encode(request.content_sha256);
    if let Some(before) = known.references.get(&request.reference) {
        return Ok(if before.is_empty() {
            erased_before(line, request.reference)
        } else if *before == content {
            PlannedRow::Repeated { line, reference: request.reference }
        } else {
            other_content(line, request.reference)
        });
    }
    if request.is_from_the_future(now) {
        return Ok(from_the_future(line, request.reference));
    }
    let requested_on = local_time::date_at(request.requested_at, world.site.time_zone).unwrap_or(today);
    let taken = decide(&world.site.limits.requests, known, &request, requested_on, dates);
    let promised_by_on = promised(world, known, requested_on)?;
    known.references.insert(request.reference.clone(), content);
    Ok(PlannedRow::New { line, request, promised_by_on, taken })
}

fn promised(world: &World, known: &mut Known, requested_on: NaiveDate) -> StageResult<NaiveDate> {
    if let Some(date) = known.promises.get(&requested_on) {
        return Ok(*date);
    }
    let date = promised_by_on(&world.site.validity, &world.site.calendar, requested_on).map_err(refused)?;
    known.promises.insert(requested_on, date);
    Ok(date)
}

/// What becomes of a request, given what the account had before; the account's standing moves on with it.
fn decide(
    limits: &RequestLimits,
    known: &mut Known,
    request: &NewRequest,
    requested_on: NaiveDate,
    dates: Dates,
) -> Taken {
    if request.second_factor == SecondFactor::Phone {
        return Taken::Routed { reason: ROUTED.to_owned() };
    }
    let address_key = hex::encode(request.address_sha256);
    let standing = known.standings.entry(request.username.clone()).or_default();
    let objection = limits
        .objection(request, &address_key, &known.recent, requested_on)
        .or_else(|| may_be_lost(request, known.lost_at));
    let decision = if objection.is_some() { standing.review() } else { standing.decide(dates.today) };
    let reference = request.reference.clone();
    match decision {
        Decision::Join { reference, letter_id, expected_to } => Taken::Joined { reference, letter_id, expected_to },
        Decision::Wait { replaces } => {
            standing.replace(replaces.as_deref(), OpenRequest { reference, state: OpenState::Pending });
            known.recent.open(request.username.clone(), Some(address_key));
            Taken::Pending { replaces }
        }
        Decision::Review { replaces } => {
            let (by, reason, act_by_on) = (HeldBy::Rule, objection.unwrap_or_default(), dates.act_by_on);
            let state = OpenState::Held { by, reason: reason.clone(), act_by_on };
            standing.replace(replaces.as_deref(), OpenRequest { reference, state });
            Taken::Held { by, replaces, reason, act_by_on }
        }
        Decision::StayHeld { replaces, reason, act_by_on } => {
            let by = HeldBy::Person;
            let state = OpenState::Held { by, reason: reason.clone(), act_by_on };
            standing.replace(Some(&replaces), OpenRequest { reference, state });
            Taken::Held { by, replaces: Some(replaces), reason, act_by_on }
        }
    }
}

/// Why a request is held that was asked for before a newer ledger was lost.
fn may_be_lost(request: &NewRequest, lost_at: Option<DateTime<Utc>>) -> Option<String> {
    let lost_at = lost_at.filter(|lost_at| request.requested_at <= *lost_at)?;
    Some(format!("asked for before the ledger was lost ({lost_at}): its letter may be in a package that is lost to it"))
}
