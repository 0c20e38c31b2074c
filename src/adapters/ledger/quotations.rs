//! What the reports of runs quote: words that a person, a portal or a vendor wrote, which may name somebody.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::Change;
use super::db::{At, Pool};
use super::failed;
use crate::audit::entry::Draft;
use crate::domain::forgetting::{End, Term};
use crate::ports::ledger::LedgerResult;

/// What stands where something was quoted.
const ERASED: &str = "erased: it quoted what others wrote";

/// Stages that ended before $1 and were not looked through.
const STAGES: &str = "SELECT run_id, stage, finished_at, outcome FROM run_stage
    WHERE finished_at < $1 AND erased_at IS NULL ORDER BY run_id, stage";

/// What requests and letters on legal hold are called in reports.
const HELD: &str = "SELECT 'letter ' || letter_id FROM letter_on_legal_hold
    UNION SELECT 'request ' || request.reference FROM letter_on_legal_hold
        JOIN letter ON letter.id = letter_on_legal_hold.letter_id JOIN request ON request.id = letter.request_id";

type Stage = (i64, String, At, Option<String>);

/// A report without its quotations.
struct Emptied {
    text: String,
    /// How many were erased.
    erased: usize,
    /// Whether a legal hold keeps one.
    is_held: bool,
}

/// In how many stages' reports something is quoted that is past its term.
pub(super) async fn count(reader: &Pool, term: &Term) -> LedgerResult<u64> {
    let doing = "counted reports that quote";
    let held: Vec<(String,)> = sqlx::query_as(HELD).fetch_all(reader).await.map_err(failed(doing))?;
    let held = held.into_iter().map(|(subject,)| subject).collect();
    let stages: Vec<Stage> =
        sqlx::query_as(STAGES).bind(At(term.last_before)).fetch_all(reader).await.map_err(failed(doing))?;
    let quoting = stages.iter().filter_map(|(.., outcome)| emptied(outcome.as_deref()?, &held));
    Ok(quoting.filter(|report| report.erased > 0).count() as u64)
}

/// Erases the quotations of stages that are past their term, each stage with its entry; says how many stages.
pub(super) async fn erase(change: &mut Change, term: &Term) -> LedgerResult<u64> {
    let held: Vec<(String,)> = sqlx::query_as(HELD).fetch_all(&mut *change.tx).await.map_err(failed(change.doing))?;
    let held = held.into_iter().map(|(subject,)| subject).collect();
    let stages: Vec<Stage> = sqlx::query_as(STAGES)
        .bind(At(term.last_before))
        .fetch_all(&mut *change.tx)
        .await
        .map_err(failed(change.doing))?;
    let mut erased = 0;
    for stage in &stages {
        erased += u64::from(erase_one(change, stage, &held, term).await?);
    }
    Ok(erased)
}

/// Erases the quotations of one stage; whether there were any.
async fn erase_one(change: &mut Change, stage: &Stage, held: &BTreeSet<String>, term: &Term) -> LedgerResult<bool> {
    let (run, name, finished_at, outcome) = stage;
    let emptied = outcome.as_deref().and_then(|text| emptied(text, held));
    let (has_quoted, is_held) = emptied.as_ref().map_or((false, false), |report| (report.erased > 0, report.is_held));
    if is_held && !has_quoted {
        return Ok(false);
    }
    let statement = sqlx::query(
        "UPDATE run_stage SET outcome = coalesce($3, outcome), erased_at = $4 WHERE run_id = $1 AND stage = $2",
    )
    .bind(run)
    .bind(name)
    .bind(emptied.map(|report| report.text))
    .bind((!is_held).then_some(change.at));
    change.run_one(statement, "the report of a stage").await?;
    if has_quoted {
        let end = End { ended_on: None, last_at: finished_at.0 };
        let draft = Draft::new("report.erased").with("run", run.cast_unsigned()).with("stage", name.as_str());
        let draft = draft.changes("quotations", "kept", "erased");
        let draft = match term.due_on(&end) {
            Some(due_on) => draft.with("due_on", due_on),
            None => draft,
        };
        change.audit(draft);
    }
    Ok(has_quoted)
}

/// A report without what it quotes; `None` where it is none that can be read.
fn emptied(outcome: &str, held: &BTreeSet<String>) -> Option<Emptied> {
    let mut report: Value = serde_json::from_str(outcome).ok()?;
    let (mut erased, mut is_held) = (0, false);
    for matter in report.get_mut("matters").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_ours = matter.get("is_ours").and_then(Value::as_bool).unwrap_or(false);
        let is_kept = matter.get("subject").and_then(Value::as_str).is_some_and(|subject| held.contains(subject));
        is_held |= !is_ours && is_kept;
        if let Some(message) = matter.get_mut("message").filter(|message| !is_ours && !is_kept && **message != ERASED) {
            *message = ERASED.into();
            erased += 1;
        }
    }
    Some(Emptied { text: report.to_string(), erased, is_held })
}
