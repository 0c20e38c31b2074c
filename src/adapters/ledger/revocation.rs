//! Passwords that end before their last day, because something became of their letters.

use chrono::NaiveDate;

use super::change::Change;
use super::db::{On, ROWS_A_STATEMENT};
use super::lists::Values;
use super::states::{letter_states, unknown};
use crate::audit::entry::Draft;
use crate::ports::ledger::LedgerResult;

/// Statuses of a password that has not ended.
const UNENDED: [&str; 3] = ["waiting", "live", "locked"];

/// Ends the password of a letter, if it has not ended.
pub(super) async fn revoke(change: &mut Change, letter_id: &str, reason: &str, today: NaiveDate) -> LedgerResult<()> {
    revoke_all(change, &[(letter_id, reason)], today).await
}

/// Ends the passwords of letters that have not ended, each for the reason beside it; of two reasons the first counts.
pub(super) async fn revoke_all<T: AsRef<str>, R: AsRef<str>>(
    change: &mut Change,
    letters: &[(T, R)],
    today: NaiveDate,
) -> LedgerResult<()> {
    for portion in letters.chunks(ROWS_A_STATEMENT) {
        let ids: Vec<&str> = portion.iter().map(|(id, _)| id.as_ref()).collect();
        let mut states = letter_states(change, &ids).await?;
        if let Some(id) = ids.iter().find(|id| !states.contains_key(**id)) {
            return Err(unknown(id));
        }
        let mut ended = Vec::new();
        for (id, reason) in portion.iter().map(|(id, reason)| (id.as_ref(), reason.as_ref())) {
            let Some(was) = states.remove(id).filter(|was| UNENDED.contains(&was.password_status.as_str())) else {
                continue;
            };
            ended.push((id, reason));
            let draft = Draft::new("password.revoked").with("letter", id).with("reason", reason);
            change.audit(draft.changes("password_status", was.password_status, "revoked").after("ended_on", today));
        }
        write(change, &ended, today).await?;
    }
    Ok(())
}

async fn write(change: &mut Change, ended: &[(&str, &str)], today: NaiveDate) -> LedgerResult<()> {
    let at = change.at;
    let bind = |row: &mut Values<'_>, (id, reason): &(&str, &str)| {
        row.push_bind(*id).push_bind(at).push_bind(On(today)).push_bind(*reason);
    };
    let update = "UPDATE letter SET password_status = 'revoked', password_status_at = given.at, ended_on = given.today,
             end_reason = given.reason
         FROM given WHERE letter.id = given.id AND coalesce(letter.password_status, '') IN ('waiting', 'live', 'locked')";
    change.update_all("id, at, today, reason", ended, bind, update, "the passwords of letters").await
}
