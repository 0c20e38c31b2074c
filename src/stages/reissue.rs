//! Reissue: a new letter with a new password for the same request, where the one before will not come.
//!
//! In: letters that failed. Out: their requests wait for the next package. Durable when it returns: every letter that
//! was made anew, with its reason, and every letter that was left to a person, in one transaction each. A crash
//! leaves all or nothing, and the next run finds what is left.
//!
//! The old password ends in the transaction in which the new package is delivered, where it has not ended before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::decision::{Desk, LetterPlan, Named};
use super::outcome::{Outcome, StageResult, Urgency, few};
use super::site::refused;
use super::world::World;
use crate::domain::exception::LetterCase;
use crate::domain::letter::{LetterId, LetterStatus};
use crate::domain::reissue::{Failure, Remedy};
use crate::ports::ledger::Decision;

/// What a person's wish to have letters made anew comes to.
#[must_use]
pub fn plan(desk: &Desk, named: Vec<Named>) -> LetterPlan {
    let shortest = desk.site.validity.shortest_window_business_days;
    LetterPlan::judge(
        named,
        |case| case.reissue(desk.today, shortest),
        |case| {
            let password = if case.is_password_good() {
                format!(
                    "its password, which is {}, ends when the new letter's package is delivered",
                    case.password_status
                )
            } else {
                format!("its password is {} already", case.password_status)
            };
            format!("request {} waits for a new letter in the next package; {password}", case.reference)
        },
    )
}

/// Does what was planned.
///
/// # Errors
/// Where the ledger fails, or a letter is not as it was judged; then nothing was done.
pub async fn apply(desk: &Desk, plan: &LetterPlan, decision: &Decision) -> StageResult<()> {
    let letters: Vec<_> = plan.letters.iter().map(|case| (case.clone(), decision.clone())).collect();
    Ok(desk.ledger.reissue(&letters, desk.now).await?)
}

/// What the site's policy does about letters that failed.
#[derive(Default)]
struct ByPolicy {
    anew: Vec<(LetterCase, Decision)>,
    new_to_person: Vec<(LetterCase, String)>,
    overdue: Vec<(LetterCase, String)>,
}

/// Makes letters anew, or leaves them to a person, as the site's policy says. Of vendors in `unheard` no receipt could
/// be read, so nothing of theirs counts as lost.
///
/// # Errors
/// Where the ledger fails, or the calendar does not reach.
pub(super) async fn by_policy(
    world: &World,
    unheard: &BTreeSet<String>,
    dry_run: bool,
    outcome: &mut Outcome,
) -> StageResult<()> {
    let (now, today) = world.now()?;
    let ByPolicy { anew, new_to_person, overdue } = judge(world, unheard).await?;
    let decide_by_on = world.site.act_by_on(today)?;
    if !dry_run {
        if !anew.is_empty() {
            world.ledger.reissue(&anew, now).await?;
        }
        if !new_to_person.is_empty() {
            world.ledger.leave_to_person(&new_to_person, decide_by_on, now).await?;
        }
    }
    for (name, letters) in [("reissued", anew.len()), ("left_to_a_person", new_to_person.len())] {
        if letters > 0 {
            outcome.record(name, letters as u64);
        }
    }
    raise(outcome, &new_to_person, &format!("decide by {decide_by_on}"));
    raise(outcome, &overdue, "nobody has decided in time");
    Ok(())
}

async fn judge(world: &World, unheard: &BTreeSet<String>) -> StageResult<ByPolicy> {
    let (_, today) = world.now()?;
    let (policy, shortest) = (world.site.reissue, world.site.validity.shortest_window_business_days);
    let mut found = ByPolicy::default();
    for case in world.ledger.failed_letters(today, shortest).await? {
        let lost_after =
            world.site.calendar.add_business_days(case.mail_by_on, policy.lost_after_business_days).map_err(refused)?;
        let Some(failure) = case.failure(today, lost_after, shortest) else { continue };
        if failure == Failure::Lost && unheard.contains(&case.vendor) {
            continue;
        }
        match (policy.remedy(&case, failure), case.decide_by_on) {
            ((Remedy::Reissue, why), _) => {
                found.anew.push((case, Decision { reason: format!("policy: {why}"), by: None }));
            }
            ((Remedy::Person, why), None) => found.new_to_person.push((case, why)),
            ((Remedy::Person, why), Some(day)) if today > day => found.overdue.push((case, why)),
            ((Remedy::Person, _), Some(_)) => {}
        }
    }
    Ok(found)
}

/// Letters that were left to a person who has not decided yet, each with the day by which that is due.
///
/// # Errors
/// Where the ledger fails.
pub async fn undecided(desk: &Desk) -> StageResult<Vec<(LetterCase, NaiveDate)>> {
    let shortest = desk.site.validity.shortest_window_business_days;
    let cases = desk.ledger.failed_letters(desk.today, shortest).await?;
    Ok(cases
        .into_iter()
        .filter(|case| case.failure(desk.today, case.mail_by_on, shortest).is_some())
        .filter_map(|case| case.decide_by_on.map(|day| (case, day)))
        .collect())
}

/// One matter for all letters of a package that failed in the same way.
fn raise(outcome: &mut Outcome, letters: &[(LetterCase, String)], when: &str) {
    let mut groups = BTreeMap::<(&str, bool, &str), Vec<LetterId>>::new();
    for (case, why) in letters {
        groups.entry((&case.package, case.status == LetterStatus::Mailed, why)).or_default().push(case.letter_id);
    }
    for ((package, is_mailed, why), ids) in groups {
        let what = if is_mailed { "in the mail" } else { "will not come" };
        let message = format!(
            "{} {what} ({why}); {when}: 'letterpost letter reissue' makes one anew, 'letterpost request cancel' \
             gives one up",
            few(ids)
        );
        outcome.raise_plainly(Urgency::Person, format!("package {package}"), message);
    }
}
