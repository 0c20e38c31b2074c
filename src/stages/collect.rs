//! Collect: requests come in, from files and from the portal's table, each row judged by itself.
//!
//! In: rows as people and programs wrote them. Out: requests in the ledger. Durable when it returns: the file's
//! record, every request, every refused row with its reasons. The quarantine file is written first and the ledger's
//! transaction follows, so a crash in between leaves a quarantine file that the next start writes again with the
//! same bytes; taking the same rows twice finds them known.

mod import;
mod plan;
mod quarantine;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use self::plan::{Row, plan};
use self::quarantine::{quarantine_name, quarantine_text};
use super::outcome::{Outcome, StageResult, Urgency};
use super::threads::blocking;
use super::world::World;
use crate::domain::request::judge;
use crate::ports::TableRow;
use crate::ports::ledger::{IntakeCounts, IntakeFile, PlannedRow, Taken};

pub use import::{CONTROL_ENDING, Imported, Source, import};

/// Rows of the portal's table that are taken in one transaction.
const TABLE_PORTION: u32 = 5_000;
/// Requests held by a limit that are told one by one.
const MOST_RAISED: usize = 20;
/// The name under which the portal's table is recorded.
pub const TABLE_NAME: &str = "mail_requests";

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

/// Rows of the portal's table that are taken in one transaction.
struct Portion {
    file: IntakeFile,
    rows: Vec<Row<'static>>,
    /// The id of the last one.
    last_id: i64,
}

/// Collects what the portal inserted into its table, and raises or ends the holds on which nobody acted in time.
///
/// # Errors
/// Where ledger, table or disk fail.
pub async fn collect(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let mut total = IntakeCounts::default();
    let mut coming = portion_after(world, world.ledger.position(TABLE_NAME).await?).await?;
    while let Some(Portion { file, rows, last_id }) = coming {
        // The next rows are read and judged while these are taken.
        let (taken, next) =
            tokio::join!(take(world, &file, rows, Some(last_id), dry_run), portion_after(world, last_id));
        let import = taken?;
        coming = next?;
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

/// The rows of the table after this one, each judged by itself; `None` where there is none.
async fn portion_after(world: &World, id: i64) -> StageResult<Option<Portion>> {
    let rows = world.intake.rows_after(id, TABLE_PORTION).await?;
    let Some(last_id) = rows.last().map(|row| row.id) else { return Ok(None) };
    let judged = move || {
        let file = portion_record(&rows);
        Portion { file, rows: rows.into_iter().map(row_from_table).collect(), last_id }
    };
    blocking(judged).await.map(Some)
}

fn portion_record(portion: &[TableRow]) -> IntakeFile {
    let mut digest = Sha256::new();
    for row in portion {
        digest.update(format!("{row:?}\n"));
    }
    IntakeFile { name: TABLE_NAME.to_owned(), sha256: hex::encode(digest.finalize()), files: Vec::new() }
}

fn row_from_table(row: TableRow) -> Row<'static> {
    let judged = judge(&row.request).map(Box::new);
    Row { line: row.id.cast_unsigned(), reference: row.request.reference, bytes: None, judged }
}

/// Plans what becomes of each row and, unless it is only asked, does it.
async fn take(
    world: &World,
    file: &IntakeFile,
    rows: Vec<Row<'_>>,
    position: Option<i64>,
    dry_run: bool,
) -> StageResult<Import> {
    let (now, today) = world.now()?;
    let found: BTreeMap<u64, &[u8]> = rows.iter().filter_map(|row| Some((row.line, row.bytes?))).collect();
    let planned = plan(world, rows, now, today).await?;
    let mut import = Import { counts: IntakeCounts::of(&planned), rows: planned, quarantine: None };
    if dry_run {
        return Ok(import);
    }
    if let Some(text) = quarantine_text(&import.rows, &found) {
        let kept = world.quarantine.keep(&quarantine_name(file, "rows.jsonl"), text.as_bytes())?;
        import.quarantine = Some(kept);
    }
    let position = position.map(|last_id| (TABLE_NAME, last_id));
    world.ledger.take_rows(file, &import.rows, position, now).await?;
    Ok(import)
}
