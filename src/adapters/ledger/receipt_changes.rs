//! What lines of a receipt do to their letters: they are printed, mailed, ended, brought back or made again.
//!
//! The steps of many lines are written together, those of one kind with one statement; the steps of one letter are written in
//! the order of the file.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::change::Change;
use super::receipt_writes::{Dated, Mailed, Remade, Unmailed, bring_back, end_unmailed, mail, print, remake, state};
use super::revocation::revoke_all;
use super::states::{LetterState, letter_states, unknown};
use crate::audit::entry::Draft;
use crate::domain::letter::LetterStatus;
use crate::domain::postal_statement::PostalStatement;
use crate::ports::ledger::{JudgedLine, LedgerResult, LetterChange, Verdict};

/// A receipt that was taken: its row, and its digest.
pub(super) struct Filed<'a> {
    pub(super) file_id: i64,
    pub(super) sha256: &'a str,
}

impl Filed<'_> {
    /// A draft of what a line of it says of a letter that stood so.
    fn draft(&self, kind: &'static str, letter: &str, line: &JudgedLine, was: &LetterState) -> Draft {
        Draft::new(kind)
            .with("letter", letter)
            .with("package", was.package.as_str())
            .with("line", line.line)
            .by_file(self.sha256)
    }
}

/// A step of a letter, with the line that says it.
struct Step<'a> {
    id: String,
    line: &'a JudgedLine,
    change: &'a LetterChange,
}

/// Does what lines say.
pub(super) async fn apply(
    change: &mut Change,
    filed: &Filed<'_>,
    lines: &[JudgedLine],
    today: NaiveDate,
) -> LedgerResult<()> {
    let steps: Vec<Step> = lines.iter().filter_map(step).collect();
    if steps.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    let mut letters = letter_states(change, &ids).await?;
    let mut waiting = Waiting::default();
    for step in &steps {
        if waiting.must_go_before(step) {
            std::mem::take(&mut waiting).write(change, filed, today).await?;
        }
        let was = letters.get_mut(&step.id).ok_or_else(|| unknown(&step.id))?;
        waiting.take(change, filed, step, was).await?;
    }
    waiting.write(change, filed, today).await?;
    change.write_entries().await?;
    Ok(())
}

fn step(line: &JudgedLine) -> Option<Step<'_>> {
    match &line.verdict {
        Verdict::Held(_) | Verdict::Taken { change: LetterChange::Known, .. } => None,
        Verdict::Taken { letter_id, change, .. } => Some(Step { id: letter_id.to_string(), line, change }),
    }
}

/// The place of a kind of step among those that are written together.
fn order(change: &LetterChange) -> u8 {
    match change {
        LetterChange::Known => 0,
        LetterChange::Printed { .. } => 1,
        LetterChange::Remade { .. } => 2,
        LetterChange::Mailed { .. } => 3,
        LetterChange::Stated { .. } => 4,
        LetterChange::Ended { .. } => 5,
    }
}

/// Steps that are in the audit log's hands and not yet in the letters' rows.
#[derive(Default)]
struct Waiting<'a> {
    /// The last kind of step that waits, by letter.
    last: BTreeMap<&'a str, u8>,
    printed: Vec<Dated<'a>>,
    remade: Vec<Remade<'a>>,
    mailed: Vec<Mailed<'a>>,
    stated: Vec<(&'a str, &'a str)>,
    unmailed: Vec<Unmailed<'a>>,
    returned: Vec<Dated<'a>>,
    /// Letters whose passwords end, and why.
    ended: Vec<(&'a str, String)>,
}

impl<'a> Waiting<'a> {
    /// Whether the step of a letter would be written before one that comes first.
    fn must_go_before(&self, step: &Step) -> bool {
        self.last.get(step.id.as_str()).is_some_and(|last| *last >= order(step.change))
    }

    /// Takes a step: its entry goes to the audit log, and the letter is known to stand where it leads.
    async fn take(
        &mut self,
        change: &mut Change,
        filed: &Filed<'_>,
        step: &'a Step<'a>,
        was: &mut LetterState,
    ) -> LedgerResult<()> {
        let (id, line) = (step.id.as_str(), step.line);
        self.last.insert(id, order(step.change));
        let draft = |kind, was: &LetterState| filed.draft(kind, id, line, was);
        match step.change {
            LetterChange::Known => {}
            LetterChange::Printed { printed_on } => {
                let draft = draft("letter.printed", was).with("printed_on", *printed_on);
                change.audit(draft.changes("status", was.status.as_str(), "printed"));
                "printed".clone_into(&mut was.status);
                self.printed.push(Dated { id, on: *printed_on });
            }
            LetterChange::Remade { remade_on } => {
                let draft = draft("letter.remade", was).with("remade_on", *remade_on);
                change.audit(draft.changes("remakes", was.remakes, was.remakes + 1));
                was.remakes += 1;
                self.remade.push(Remade { id, on: *remade_on, remakes: was.remakes });
            }
            LetterChange::Mailed { .. } => {
                let draft = draft("letter.mailed", was).changes("status", was.status.as_str(), "mailed");
                self.take_mailed(change, step, draft, was).await?;
            }
            // The number of the postal statement came after the word that the letter was mailed.
            LetterChange::Stated { postal_statement } => {
                let number = postal_statement.as_str();
                let draft = draft("letter.stated", was).with("postal_statement", number);
                change.audit(draft.after("postal_statement", number));
                self.stated.push((id, number));
            }
            LetterChange::Ended { status, ended_on } => {
                let draft = draft(ended_kind(*status), was).with("ended_on", *ended_on);
                let draft = draft.changes("status", was.status.as_str(), status.as_str());
                let seq = change.audit_placed(draft).await?;
                status.as_str().clone_into(&mut was.status);
                // A letter that came back was mailed before; any other ends in production.
                if *status == LetterStatus::Returned {
                    self.returned.push(Dated { id, on: *ended_on });
                } else {
                    self.unmailed.push(Unmailed { id, line: line.line, seq, status: *status, on: *ended_on });
                }
                self.ended.push((id, format!("the letter was {status}")));
            }
        }
        Ok(())
    }

    async fn take_mailed(
        &mut self,
        change: &mut Change,
        step: &'a Step<'a>,
        draft: Draft,
        was: &mut LetterState,
    ) -> LedgerResult<()> {
        let &LetterChange::Mailed {
            dispatched_on,
            expires_on,
            expected_from,
            expected_to,
            days_to_read,
            ref postal_statement,
        } = step.change
        else {
            return Ok(());
        };
        let postal_statement = postal_statement.as_ref().map(PostalStatement::as_str);
        let mut draft = draft
            .with("dispatched_on", dispatched_on)
            .with("expires_on", expires_on)
            .changes("expires_on", was.expires_on, expires_on)
            .after("dispatched_on", dispatched_on);
        if let Some(number) = postal_statement {
            draft = draft.with("postal_statement", number);
        }
        let seq = change.audit_placed(draft).await?;
        "mailed".clone_into(&mut was.status);
        was.expires_on = expires_on;
        let detail = format!("mailed on {dispatched_on}; expect it from {expected_from} to {expected_to}");
        change.notice("mailed", &was.reference, Some(&step.id), &detail).await?;
        self.mailed.push(Mailed {
            id: &step.id,
            line: step.line.line,
            seq,
            dispatched_on,
            expires_on,
            expected_from,
            expected_to,
            days_to_read,
            postal_statement,
        });
        Ok(())
    }

    /// Writes all that waits, one kind after another.
    async fn write(self, change: &mut Change, filed: &Filed<'_>, today: NaiveDate) -> LedgerResult<()> {
        print(change, &self.printed).await?;
        remake(change, &self.remade).await?;
        mail(change, filed.file_id, &self.mailed).await?;
        state(change, &self.stated).await?;
        end_unmailed(change, filed.file_id, &self.unmailed).await?;
        bring_back(change, &self.returned).await?;
        revoke_all(change, &self.ended, today).await
    }
}

fn ended_kind(status: LetterStatus) -> &'static str {
    match status {
        LetterStatus::Returned => "letter.returned",
        LetterStatus::Rejected => "letter.rejected",
        LetterStatus::Pulled => "letter.pulled",
        _ => "letter.spoiled",
    }
}
