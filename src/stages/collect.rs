//! Collect: requests come in, from files and from the portal's table, each row judged by itself.
//!
//! In: rows as people and programs wrote them. Out: requests in the ledger. Durable when it returns: the file's
//! record, every request, every refused row with its reasons. The quarantine file is written first and the ledger's
//! transaction follows, so a crash in between leaves a quarantine file that the next start writes again with the
//! same bytes; taking the same rows twice finds them known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::intake_file::{ControlFile, FileRefused, RowRead, check_control, read_requests};
use super::outcome::{Outcome, StageResult, Urgency};
use super::site::refused;
use super::world::World;
use crate::domain::limits::{Recent, RequestLimits};
use crate::domain::local_time;
use crate::domain::request::{FieldProblem, NewRequest, SecondFactor, judge};
use crate::domain::standing::{Decision, HeldBy, OpenRequest, OpenState, Standing};
use crate::domain::validity::promised_by_on;
use crate::ports::TableRow;
use crate::ports::ledger::{IntakeCounts, IntakeFile, KeptKind, NewFile, PlannedRow, Taken};

/// Rows of the portal's table that are taken in one transaction.
const TABLE_PORTION: u32 = 5_000;
/// Requests held by a limit that are told one by one.
const MOST_RAISED: usize = 20;
/// What ends the name of a control file, after that of its file.
pub const CONTROL_ENDING: &str = ".control";
/// The name under which the portal's table is recorded.
pub const TABLE_NAME: &str = "mail_requests";
/// Why an account with a telephone as second factor gets no letter.
const ROUTED: &str = "the account's second factor is a telephone: the portal sends its temporary password by e-mail";

/// A row, judged by itself.
struct Row {
    line: u64,
    reference: Option<String>,
    raw_text: String,
    judged: Result<NewRequest, Vec<FieldProblem>>,
}

/// What an import did, or with `--dry-run` would do.
#[derive(Debug, Clone)]
pub struct Import {
    /// How many rows went which way.
    pub counts: IntakeCounts,
    /// What becomes of each row.
    pub rows: Vec<PlannedRow>,
    /// Where the refused rows lie.
    pub quarantine: Option<String>,
}

/// A new request that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// The portal's id.
    pub reference: String,
    /// Why.
    pub reason: String,
    /// The day by which a person acts.
    pub act_by_on: NaiveDate,
}

impl Import {
    /// The new requests that wait for a person.
    pub fn held(&self) -> impl Iterator<Item = HeldRow> {
        self.rows.iter().filter_map(|row| match row {
            PlannedRow::New { request, taken: Taken::Held { reason, act_by_on, .. }, .. } => {
                Some(HeldRow { reference: request.reference.clone(), reason: reason.clone(), act_by_on: *act_by_on })
            }
            _ => None,
        })
    }
}

/// How an import ended.
pub enum Imported {
    /// The file was taken, row by row.
    Taken(Import),
    /// The file was refused whole.
    Refused {
        /// Why.
        reason: FileRefused,
        /// Where a copy lies.
        quarantine: Option<String>,
    },
}

/// A file of requests, as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name without folders.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The control file beside it, if there is one.
    pub control: Option<&'a [u8]>,
    /// Where it lies, in full; `None` for what lies in no file that a person keeps.
    pub path: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// Bytes under a name, that lie in no file that a person keeps.
    #[must_use]
    pub fn of(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes, control: None, path: None }
    }

    /// The files that the importer left, to be removed when their term is over.
    fn files(&self, sha256: &str) -> Vec<NewFile> {
        let Some(path) = self.path else { return Vec::new() };
        let file = |path: String, sha256: String, of: &str| NewFile {
            kind: KeptKind::Import,
            path,
            sha256,
            of_sha256: of.to_owned(),
        };
        let own = file(path.to_owned(), sha256.to_owned(), sha256);
        let control = self
            .control
            .map(|bytes| file(format!("{path}{CONTROL_ENDING}"), hex::encode(Sha256::digest(bytes)), sha256));
        std::iter::once(own).chain(control).collect()
    }
}

/// Imports one file of requests.
///
/// # Errors
/// Where ledger or disk fail; a bad file or row is no error.
pub async fn import(world: &World, source: Source<'_>, dry_run: bool) -> StageResult<Imported> {
    let Source { name, bytes, control, .. } = source;
    let sha256 = hex::encode(Sha256::digest(bytes));
    let file = IntakeFile { name: name.to_owned(), files: source.files(&sha256), sha256 };
    let read = match read_checked(name, bytes, control) {
        Ok(read) => read,
        Err(reason) if dry_run => return Ok(Imported::Refused { reason, quarantine: None }),
        Err(reason) => {
            let kept = quarantine_name(&file, "refused");
            let quarantine = world.quarantine.keep(&kept, bytes)?;
            world.quarantine.keep(&format!("{kept}.reason.txt"), format!("{name}: {reason}\n").as_bytes())?;
            world.ledger.refuse_file(&file, &reason.to_string(), world.instant()?).await?;
            return Ok(Imported::Refused { reason, quarantine: Some(quarantine) });
        }
    };
    let rows = read.into_iter().map(row_from_file).collect();
    take(world, &file, rows, None, dry_run).await.map(Imported::Taken)
}

fn read_checked(name: &str, bytes: &[u8], control: Option<&[u8]>) -> Result<Vec<RowRead>, FileRefused> {
    if let Some(control) = control {
        // The digest first: a file that was cut short may not even be readable.
        let promised = ControlFile::read(control)?.rows;
        check_control(control, bytes, promised)?;
    }
    let rows = read_requests(name, bytes)?;
    if let Some(control) = control {
        check_control(control, bytes, rows.len() as u64)?;
    }
    Ok(rows)
}

/// Collects what the portal inserted into its table, and raises or ends the holds on which nobody acted in time.
///
/// # Errors
/// Where ledger, table or disk fail.
pub async fn collect(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let mut total = IntakeCounts::default();
    let mut position = world.ledger.position(TABLE_NAME).await?;
    loop {
        let portion = world.intake.rows_after(position, TABLE_PORTION).await?;
        let Some(last) = portion.last() else { break };
        position = last.id;
        let file = portion_record(&portion);
        let rows = portion.into_iter().map(row_from_table).collect();
        let import = take(world, &file, rows, Some(position), dry_run).await?;
        raise_quarantined(&mut outcome, &import);
        raise_held(&mut outcome, &import);
        total = total + import.counts;
    }
    super::holds::escalate(world, dry_run, &mut outcome).await?;
    for (name, count) in [
        ("rows", total.rows),
        ("new", total.new),
        ("repeated", total.repeated),
        ("routed", total.routed),
        ("quarantined", total.quarantined),
    ] {
        outcome.record(name, count);
    }
    Ok(outcome)
}

fn raise_quarantined(outcome: &mut Outcome, import: &Import) {
    if let Some(path) = &import.quarantine {
        let message = format!("{} rows of the portal's table were refused; see {path}", import.counts.quarantined);
        outcome.raise_plainly(Urgency::Person, TABLE_NAME, message);
    }
}

/// Says which requests wait for a person, and of many only that they do.
fn raise_held(outcome: &mut Outcome, import: &Import) {
    let held: Vec<HeldRow> = import.held().collect();
    for HeldRow { reference, reason, act_by_on } in held.iter().take(MOST_RAISED) {
        let message = format!("held: {reason}; act by {act_by_on}: release or cancel it");
        outcome.raise(Urgency::Person, format!("request {reference}"), message);
    }
    let more = held.len().saturating_sub(MOST_RAISED);
    if more > 0 {
        let message = format!("{more} more were held; see 'letterpost request list --status held'");
        outcome.raise_plainly(Urgency::Person, "requests", message);
    }
}

fn portion_record(portion: &[TableRow]) -> IntakeFile {
    let mut digest = Sha256::new();
    for row in portion {
        digest.update(format!("{row:?}\n"));
    }
    IntakeFile { name: TABLE_NAME.to_owned(), sha256: hex::encode(digest.finalize()), files: Vec::new() }
}

fn row_from_file(read: RowRead) -> Row {
    match read.outcome {
        Ok(raw) => {
            Row { line: read.line, reference: raw.reference.clone(), judged: judge(&raw), raw_text: read.raw_text }
        }
        Err(problems) => Row { line: read.line, reference: None, raw_text: read.raw_text, judged: Err(problems) },
    }
}

fn row_from_table(row: TableRow) -> Row {
    let line = row.id.cast_unsigned();
    let judged = judge(&row.request);
    Row { line, reference: row.request.reference, raw_text: format!("row {line} of {TABLE_NAME}"), judged }
}

/// Plans what becomes of each row and, unless it is only asked, does it.
async fn take(
    world: &World,
    file: &IntakeFile,
    rows: Vec<Row>,
    position: Option<i64>,
    dry_run: bool,
) -> StageResult<Import> {
    let (now, today) = world.now()?;
    let raw_texts: BTreeMap<u64, String> = rows.iter().map(|row| (row.line, row.raw_text.clone())).collect();
    let planned = plan(world, rows, now, today).await?;
    let mut import = Import { counts: IntakeCounts::of(&planned), rows: planned, quarantine: None };
    if dry_run {
        return Ok(import);
    }
    if let Some(text) = quarantine_text(&import.rows, &raw_texts) {
        let kept = world.quarantine.keep(&quarantine_name(file, "rows.jsonl"), text.as_bytes())?;
        import.quarantine = Some(kept);
    }
    let position = position.map(|last_id| (TABLE_NAME, last_id));
    world.ledger.take_rows(file, &import.rows, position, now).await?;
    Ok(import)
}

/// What the ledger knew before, moved on row by row as the plan grows.
struct Known {
    references: BTreeMap<String, String>,
    standings: BTreeMap<String, Standing>,
    recent: Recent,
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

async fn plan(world: &World, rows: Vec<Row>, now: DateTime<Utc>, today: NaiveDate) -> StageResult<Vec<PlannedRow>> {
    let dates = Dates { now, today, act_by_on: world.site.act_by_on(today)? };
    let good = || rows.iter().filter_map(|row| row.judged.as_ref().ok());
    let references: Vec<String> = good().map(|request| request.reference.clone()).collect();
    let usernames: Vec<String> = good().map(|request| request.username.clone()).collect();
    let mut known = Known {
        references: world.ledger.known_references(&references).await?,
        standings: world.ledger.standings(&usernames).await?,
        recent: recent(world, good(), &usernames, now).await?,
        lost_at: world.ledger.last_loss().await?,
    };
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

fn plan_row(world: &World, known: &mut Known, row: Row, dates: Dates) -> StageResult<PlannedRow> {
    let Dates { now, today, .. } = dates;
    let Row { line, reference, judged, .. } = row;
    let request = match judged {
        Ok(request) => request,
        Err(problems) => return Ok(PlannedRow::Quarantined { line, reference, problems }),
    };
    let content = hex::encode(request.content_sha256);
    if let Some(before) = known.references.get(&request.reference) {
        return Ok(if before.is_empty() {
            erased_before(line, request)
        } else if *before == content {
            PlannedRow::Repeated { line, reference: request.reference }
        } else {
            other_content(line, request)
        });
    }
    if request.is_from_the_future(now) {
        return Ok(from_the_future(line, request));
    }
    let requested_on = local_time::date_at(request.requested_at, world.site.time_zone).unwrap_or(today);
    let taken = decide(&world.site.limits.requests, known, &request, requested_on, dates);
    let promised_by_on = promised_by_on(&world.site.validity, &world.site.calendar, requested_on).map_err(refused)?;
    known.references.insert(request.reference.clone(), content);
    Ok(PlannedRow::New { line, request: Box::new(request), promised_by_on, taken })
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

fn other_content(line: u64, request: NewRequest) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "reference",
        problem: "this reference was taken before with other content".to_owned(),
        remedy: "the earlier request stands; send the change under a reference of its own".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(request.reference), problems }
}

/// Whether it is the same request cannot be told any more, so it is neither lost silently nor a second letter.
fn erased_before(line: u64, request: NewRequest) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "reference",
        problem: "this reference was taken before, and what it said is erased: the two cannot be compared".to_owned(),
        remedy: "the earlier request is over; send a new one under a reference of its own".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(request.reference), problems }
}

fn from_the_future(line: u64, request: NewRequest) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "requested_at",
        problem: "it is more than a day ahead of this machine's clock".to_owned(),
        remedy: "check the portal's clock and this one, and send the row again under the same reference".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(request.reference), problems }
}

/// The refused rows as JSON Lines, each with its line, its reasons and its text; `None` where there are none.
fn quarantine_text(rows: &[PlannedRow], raw_texts: &BTreeMap<u64, String>) -> Option<String> {
    let mut text = String::new();
    for row in rows {
        if let PlannedRow::Quarantined { line, reference, problems } = row {
            let raw = raw_texts.get(line).map_or("", String::as_str);
            let record = serde_json::json!({ "line": line, "reference": reference, "problems": problems, "row": raw });
            text.push_str(&record.to_string());
            text.push('\n');
        }
    }
    (!text.is_empty()).then_some(text)
}

/// The same file is kept under the same name however often it comes.
fn quarantine_name(file: &IntakeFile, kind: &str) -> String {
    format!("{}.{}.{kind}", file.name, file.sha256.get(..12).unwrap_or_default())
}
