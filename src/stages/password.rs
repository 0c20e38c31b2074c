//! Password: the portal asks whether a temporary password is good, and uses it up.
//!
//! A right password that cannot be used is told why; anything else is only wrong, after as much work as a right one.
//! Each try is counted before it is checked, in one guarded statement, so that no number of tries at once gets past
//! the limit.

use chrono::NaiveDate;

use super::outcome::{StageError, StageResult};
use super::site::Site;
use crate::domain::letter::{LetterId, PasswordStatus, named};
use crate::domain::password::TemporaryPassword;
use crate::domain::verifier::{Bound, Hasher, Pepper};
use crate::ports::Clock;
use crate::ports::ledger::{KeptPassword, Ledger};

named! {
    /// Whether a temporary password is good.
    Verdict {
        /// It is.
        Accepted = "accepted",
        /// It is not this account's, or no password at all.
        Wrong = "wrong",
        /// Its last day has passed.
        Expired = "expired",
        /// A new password was set with it before.
        Used = "used",
        /// It was ended: a newer letter, a returned one, a person.
        Revoked = "revoked",
        /// Its letter has not left yet.
        NotYet = "not_yet",
        /// It was tried wrongly too often.
        Locked = "locked",
    }
}

/// What a check needs.
pub struct Check<'a> {
    /// The site.
    pub site: &'a Site,
    /// What is known.
    pub ledger: &'a dyn Ledger,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Goes into every verifier.
    pub pepper: &'a Pepper,
}

/// The answer, with the letter that the password is printed on where the password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is good.
    pub verdict: Verdict,
    /// The letter.
    pub letter_id: Option<LetterId>,
}

/// Checks what somebody typed for an account and, with `redeem`, uses a good password up.
///
/// # Errors
/// Where the ledger fails or holds a verifier that cannot be read.
pub async fn check(at: &Check<'_>, username: &str, typed: &str, redeem: bool) -> StageResult<Answer> {
    let wrong = Answer { verdict: Verdict::Wrong, letter_id: None };
    let kept = at.ledger.kept_passwords(username).await?;
    // A clock that went back makes no password good again.
    let recorded_at = at.ledger.clock_mark().await?.recorded_at;
    let today = at.site.date_at(recorded_at.map_or(at.clock.now(), |recorded| recorded.max(at.clock.now())))?;
    let Some(password) = TemporaryPassword::from_typed(typed) else {
        count_unreadable(at, &kept).await?;
        return Ok(wrong);
    };
    if kept.is_empty() {
        // An account without letters costs as much as one with a wrong password, so that time tells nobody apart.
        Hasher::new(at.pepper)
            .make(
                &password,
                Bound { account: username, letter: LetterId::from_entropy([0; 10]) },
                at.site.verifier_cost,
                [0; 16],
            )
            .map_err(|error| StageError::Alarm(error.to_string()))?;
        return Ok(wrong);
    }
    for candidate in &kept {
        if let Some(verdict) = try_one(at, username, &password, candidate, today, redeem).await? {
            return Ok(Answer { verdict, letter_id: Some(candidate.letter_id) });
        }
    }
    Ok(wrong)
}

/// What cannot be a password is a wrong try too.
async fn count_unreadable(at: &Check<'_>, kept: &[KeptPassword]) -> StageResult<()> {
    for live in kept.iter().filter(|candidate| candidate.status == PasswordStatus::Live) {
        let limit = at.site.failures_until_locked;
        at.ledger.count_try(live.letter_id, limit).await?;
        at.ledger.lock_if_spent(live.letter_id, limit, at.clock.now()).await?;
    }
    Ok(())
}

/// Tries one kept password; `None` where it is another one.
async fn try_one(
    at: &Check<'_>,
    username: &str,
    password: &TemporaryPassword,
    candidate: &KeptPassword,
    today: NaiveDate,
    redeem: bool,
) -> StageResult<Option<Verdict>> {
    let limit = at.site.failures_until_locked;
    let is_counted = candidate.status == PasswordStatus::Live;
    let is_locked = is_counted && !at.ledger.count_try(candidate.letter_id, limit).await?;
    let bound = Bound { account: username, letter: candidate.letter_id };
    let is_right = Hasher::new(at.pepper)
        .verify(password, bound, &candidate.verifier)
        .map_err(|error| StageError::Alarm(format!("letter {}: {error}", candidate.letter_id)))?;
    if !is_right {
        if is_counted {
            at.ledger.lock_if_spent(candidate.letter_id, limit, at.clock.now()).await?;
        }
        return Ok(None);
    }
    if is_locked {
        // All tries are used up, or somebody else ended it between the look and the try.
        let kept = at.ledger.kept_passwords(username).await?;
        let ended =
            kept.iter().find(|kept| kept.letter_id == candidate.letter_id && kept.status != PasswordStatus::Live);
        return Ok(Some(ended.map_or(Verdict::Locked, |ended| verdict_on(ended, today))));
    }
    if is_counted {
        at.ledger.clear_tries(candidate.letter_id).await?;
    }
    let verdict = verdict_on(candidate, today);
    if verdict == Verdict::Accepted && redeem && !at.ledger.redeem(candidate.letter_id, at.clock.now(), today).await? {
        // Somebody used it up between the look and the use.
        return Ok(Some(Verdict::Used));
    }
    Ok(Some(verdict))
}

fn verdict_on(candidate: &KeptPassword, today: NaiveDate) -> Verdict {
    match candidate.status {
        PasswordStatus::Redeemed => Verdict::Used,
        PasswordStatus::Revoked => Verdict::Revoked,
        PasswordStatus::Expired => Verdict::Expired,
        PasswordStatus::Waiting | PasswordStatus::Live | PasswordStatus::Locked if today > candidate.expires_on => {
            Verdict::Expired
        }
        PasswordStatus::Waiting => Verdict::NotYet,
        PasswordStatus::Live => Verdict::Accepted,
        PasswordStatus::Locked => Verdict::Locked,
    }
}
