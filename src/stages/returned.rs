//! Returned: envelopes that came back. The address does not work, so the password ends and the portal asks for another.

use chrono::NaiveDate;

use super::decision::{Desk, LetterPlan, Named};
use super::outcome::StageResult;
use crate::ports::ledger::Decision;

/// What becomes of the letters in these envelopes, which came back on `on`.
#[must_use]
pub fn plan(desk: &Desk, named: Vec<Named>, on: NaiveDate) -> LetterPlan {
    LetterPlan::judge(
        named,
        |case| case.returned(on, desk.today),
        |case| {
            let password = if case.is_password_good() { "its password ends" } else { "its password has ended already" };
            format!("came back on {on}; {password}, and the portal asks for another address")
        },
    )
}

/// Does what was planned.
///
/// # Errors
/// Where the ledger fails, or a letter is not as it was judged; then nothing was done.
pub async fn apply(desk: &Desk, plan: &LetterPlan, on: NaiveDate, decision: &Decision) -> StageResult<()> {
    let letters: Vec<_> = plan.letters.iter().map(|case| case.letter_id).collect();
    Ok(desk.ledger.record_returned(&letters, on, decision, desk.now, desk.today).await?)
}
