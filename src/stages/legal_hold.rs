//! Legal hold: a person's word that nothing more of a letter is destroyed until it is lifted.
//!
//! It keeps the names and the address of the letter's request, and of those that it replaced or that replaced it. It does not
//! keep verifiers: a hash of a password that ended says nothing of what was sent to whom, and is only good for guessing it.

use std::collections::BTreeMap;

use super::decision::{Desk, LetterPlan, Named};
use super::outcome::StageResult;
use crate::domain::exception::Ruling;
use crate::ports::ledger::{Decision, LegalHold};

/// What placing a hold on these letters comes to.
///
/// # Errors
/// Where the ledger fails.
pub async fn plan(desk: &Desk, named: Vec<Named>) -> StageResult<LetterPlan> {
    let held = in_force(desk).await?;
    Ok(LetterPlan::judge(
        named,
        |case| match held.get(&case.letter_id.to_string()) {
            Some(hold) => Ruling::Known(format!("{} placed a legal hold on it at {}", hold.placed_by, hold.placed_at)),
            None => Ruling::Allowed,
        },
        |case| {
            if case.is_erased {
                "on legal hold; its name and address were erased before, and what is left of it is kept".to_owned()
            } else {
                format!(
                    "on legal hold: what is known of it and of request {} is kept until it is released",
                    case.reference
                )
            }
        },
    ))
}

/// What lifting the holds of these letters comes to.
///
/// # Errors
/// Where the ledger fails.
pub async fn plan_release(desk: &Desk, named: Vec<Named>) -> StageResult<LetterPlan> {
    let held = in_force(desk).await?;
    Ok(LetterPlan::judge(
        named,
        |case| {
            if held.contains_key(&case.letter_id.to_string()) {
                Ruling::Allowed
            } else {
                Ruling::Known(
                    "no legal hold names it; 'letterpost letter list --on-legal-hold' shows those that do".to_owned(),
                )
            }
        },
        |_| {
            "released: it is forgotten when it would have been, and by the next retention where that day is past"
                .to_owned()
        },
    ))
}

/// Places the holds.
///
/// # Errors
/// Where the ledger fails, or a letter is not as it was judged; then nothing was done.
pub async fn place(desk: &Desk, plan: &LetterPlan, decision: &Decision) -> StageResult<()> {
    Ok(desk.ledger.place_legal_holds(&plan.letters, decision, desk.now).await?)
}

/// Lifts the holds.
///
/// # Errors
/// Where the ledger fails, or a letter is not as it was judged; then nothing was done.
pub async fn lift(desk: &Desk, plan: &LetterPlan, decision: &Decision) -> StageResult<()> {
    Ok(desk.ledger.lift_legal_holds(&plan.letters, decision, desk.now).await?)
}

async fn in_force(desk: &Desk) -> StageResult<BTreeMap<String, LegalHold>> {
    let holds = desk.ledger.legal_holds(None).await?;
    Ok(holds.into_iter().map(|hold| (hold.letter_id.clone(), hold)).collect())
}
