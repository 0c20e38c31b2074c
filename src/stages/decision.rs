//! A person's decision about letters: judged piece by piece first, then done as it was judged.
//!
//! The plan is what `--dry-run` prints and what is carried out. Nothing here changes anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::outcome::{StageError, StageResult};
use super::site::Site;
use crate::domain::exception::{LetterCase, Ruling};
use crate::domain::letter::named;
use crate::ports::ledger::{Ledger, LedgerError};

/// What a decision works with: the site's rules and its ledger, no keys.
pub struct Desk {
    /// The settings.
    pub site: Site,
    /// What is known.
    pub ledger: Arc<dyn Ledger>,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// The site's date.
    pub today: NaiveDate,
}

named! {
    /// What becomes of one thing that a person named.
    Step {
        /// It is done.
        Do = "do",
        /// It was so before.
        Known = "known",
        /// It cannot be.
        Refused = "refused",
    }
}

/// One thing that a person named, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// What it is about: a letter, a request, a package.
    pub subject: String,
    /// What becomes of it.
    pub step: Step,
    /// What that means, or why not.
    pub message: String,
}

impl Planned {
    /// A step that is done.
    pub fn new(step: Step, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), step, message: message.into() }
    }
}

/// A letter as a person named it, and what was found under that name.
#[derive(Debug, Clone)]
pub struct Named {
    /// As it was typed.
    pub typed: String,
    /// The letter, or why there is none.
    pub found: Result<LetterCase, String>,
}

/// What becomes of letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetterPlan {
    /// Each, in the order in which they were named.
    pub steps: Vec<Planned>,
    /// Those that something is done about.
    pub letters: Vec<LetterCase>,
}

impl LetterPlan {
    /// Judges letters by a rule; `says` tells what is done about one that the rule allows.
    #[must_use]
    pub fn judge(
        named: Vec<Named>,
        rule: impl Fn(&LetterCase) -> Ruling,
        says: impl Fn(&LetterCase) -> String,
    ) -> Self {
        let mut plan = Self::default();
        let mut seen = BTreeSet::new();
        for Named { typed, found } in named {
            let case = match found {
                Ok(case) => case,
                Err(why) => {
                    plan.steps.push(Planned::new(Step::Refused, format!("'{typed}'"), why));
                    continue;
                }
            };
            let subject = format!("letter {}", case.letter_id);
            let ruling =
                if seen.insert(case.letter_id) { rule(&case) } else { Ruling::Known("it was named before".to_owned()) };
            plan.steps.push(match ruling {
                Ruling::Known(why) => Planned::new(Step::Known, subject, why),
                Ruling::Refused(why) => Planned::new(Step::Refused, subject, why),
                Ruling::Allowed => {
                    let step = Planned::new(Step::Do, subject, says(&case));
                    plan.letters.push(case);
                    step
                }
            });
        }
        plan
    }
}

/// Says no where the second person is the first one, whatever the case of the letters.
///
/// # Errors
/// Where the names are the same.
pub(super) fn require_other_person(first: &str, second: &str) -> StageResult<()> {
    let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if plain(first) == plain(second) {
        return Err(not_allowed(format!("{first} asked for it, so another person has to confirm it: --by NAME")));
    }
    Ok(())
}

/// The answer to what a person asked for and the state of things does not allow.
pub(super) fn not_allowed(why: String) -> StageError {
    StageError::Ledger(LedgerError::NotAllowed(why))
}
