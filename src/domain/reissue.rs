//! When a letter is made anew: a new letter with a new password for the same request.
//!
//! The same password is never printed twice, for nobody keeps it. A letter is made anew only when the one before it
//! helps nobody any more: it can no longer come, or its password has ended. Where it still can come, it has to be
//! pulled first, or waited for.

use chrono::NaiveDate;

use super::exception::{LetterCase, Ruling};
use super::letter::{LetterStatus, PasswordStatus, named};

named! {
    /// Who makes a letter anew that failed.
    Remedy {
        /// The next run, by itself.
        Reissue = "reissue",
        /// A person, who looks first.
        Person = "person",
    }
}

named! {
    /// Who makes a letter anew that was mailed so late that its reader has too few days.
    LateRemedy {
        /// A person is told, and looks.
        Alert = "alert",
        /// The next run, by itself.
        Reissue = "reissue",
    }
}

named! {
    /// Why a letter that was sealed will not come, or not in time.
    Failure {
        /// The vendor would not print it.
        Rejected = "rejected",
        /// It was destroyed in production and not made again.
        Spoiled = "spoiled",
        /// The vendor refused its whole package.
        Refused = "refused",
        /// Nobody said that it was mailed until long after it should have been.
        Lost = "lost",
        /// It was mailed so late that its reader has too few days.
        Late = "late",
    }
}

/// What becomes of letters that will not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReissuePolicy {
    /// Of those that the vendor rejected.
    pub rejected: Remedy,
    /// Of those that were spoiled.
    pub spoiled: Remedy,
    /// Of those whose package was refused.
    pub refused: Remedy,
    /// Of those of which nothing was heard.
    pub lost: Remedy,
    /// Of those that were mailed so late that their reader has too few days.
    pub late: LateRemedy,
    /// Business days after a package's last mailing day from which on nothing more is expected of its letters.
    pub lost_after_business_days: u32,
    /// The most letters that a request gets without a person.
    pub most_letters_a_request: u32,
}

impl Default for ReissuePolicy {
    fn default() -> Self {
        Self {
            rejected: Remedy::Reissue,
            spoiled: Remedy::Reissue,
            refused: Remedy::Reissue,
            lost: Remedy::Person,
            late: LateRemedy::Alert,
            lost_after_business_days: 3,
            most_letters_a_request: 3,
        }
    }
}

impl ReissuePolicy {
    /// What becomes of this letter, which failed in this way; and why, in words.
    #[must_use]
    pub fn remedy(&self, case: &LetterCase, failure: Failure) -> (Remedy, String) {
        let what = match (failure, case.days_to_read) {
            (Failure::Late, Some(days)) => format!("late, with {days} business days to read it"),
            _ => failure.to_string(),
        };
        if case.letters_of_request >= self.most_letters_a_request {
            let why = format!("{what}, and its request has had {} letters", case.letters_of_request);
            return (Remedy::Person, why);
        }
        let remedy = match failure {
            Failure::Rejected => self.rejected,
            Failure::Spoiled => self.spoiled,
            Failure::Refused => self.refused,
            Failure::Lost => self.lost,
            Failure::Late if self.late == LateRemedy::Reissue => Remedy::Reissue,
            Failure::Late => Remedy::Person,
        };
        (remedy, what)
    }
}

impl LetterCase {
    /// How the letter failed, where nothing else serves its reader: no newer letter or request of the account, no
    /// decision of a person about this one. `lost_after` is the last day on which news of it can still come, `shortest` the
    /// fewest business days that a reader has.
    #[must_use]
    pub fn failure(&self, today: NaiveDate, lost_after: NaiveDate, shortest: u32) -> Option<Failure> {
        let is_decided = self.is_reissued || self.is_cancelled || self.is_erased || self.pull_order.is_some();
        let is_served = self.newer_letter.is_some()
            || self.open_request.is_some()
            || self.password_status == PasswordStatus::Redeemed;
        if is_decided || is_served {
            return None;
        }
        match self.status {
            LetterStatus::Rejected if self.is_package_refused => Some(Failure::Refused),
            LetterStatus::Rejected => Some(Failure::Rejected),
            LetterStatus::Spoiled => Some(Failure::Spoiled),
            LetterStatus::Mailed if self.is_late(today, shortest) => Some(Failure::Late),
            _ if self.is_at_the_vendor() && today > lost_after => Some(Failure::Lost),
            _ => None,
        }
    }

    /// Whether its password is good and its reader has fewer than `shortest` business days, because it was mailed after the
    /// day that was planned. What leaves too few days though it was mailed as planned is a matter of the configuration.
    #[must_use]
    pub fn is_late(&self, today: NaiveDate, shortest: u32) -> bool {
        self.password_status == PasswordStatus::Live
            && today <= self.expires_on
            && self.dispatched_on.is_some_and(|mailed_on| mailed_on > self.planned_mail_on)
            && self.days_to_read.is_some_and(|days| days < shortest)
    }

    /// Whether a person may have it made anew on `today`, where a reader has at least `shortest` business days.
    #[must_use]
    pub fn reissue(&self, today: NaiveDate, shortest: u32) -> Ruling {
        let Self { reference, package, letter_id, .. } = self;
        if self.is_reissued {
            return Ruling::Known(format!("it was made anew before; see 'letterpost request show {reference}'"));
        }
        let why = if self.is_erased {
            "its name and address were erased when its term was over; whoever needs a letter asks the portal anew"
                .to_owned()
        } else if self.is_cancelled {
            format!("request {reference} was cancelled; whoever needs a letter asks the portal anew")
        } else if let Some(newer) = &self.newer_letter {
            format!("letter {newer} of the same account is newer: that one counts")
        } else if let Some(open) = &self.open_request {
            format!("request {open} of the same account waits and will serve it instead; release or cancel that one")
        } else if self.password_status == PasswordStatus::Redeemed {
            "its password was used to make a new one; a person who needs another letter asks the portal anew".to_owned()
        } else {
            match self.status {
                LetterStatus::Voided => {
                    format!("its package was withdrawn, and request {reference} waits for the next run by itself")
                }
                LetterStatus::Sealed if self.is_offered => {
                    format!(
                        "its package was offered, and the answer is open: 'letterpost batch settle {package}' first"
                    )
                }
                LetterStatus::Sealed => format!(
                    "no vendor was offered its package yet, so nothing is lost; 'letterpost batch hold {package}' keeps \
                     it back, 'letterpost request cancel {reference}' stops this one"
                ),
                _ if self.is_at_the_vendor() && self.is_password_good() && today <= self.mail_by_on => format!(
                    "the vendor may mail it until {}; pull it first: 'letterpost batch pull {letter_id}'",
                    self.mail_by_on
                ),
                LetterStatus::Mailed if self.is_late(today, shortest) => return Ruling::Allowed,
                LetterStatus::Mailed if self.is_password_good() && today <= self.expected_to => format!(
                    "it is in the mail and expected by {}; wait until then, or stop its password with 'letterpost \
                     request cancel {reference}' and have the portal send a new request",
                    self.expected_to
                ),
                _ => return Ruling::Allowed,
            }
        };
        Ruling::Refused(why)
    }
}

#[cfg(test)]
mod tests {
    use super::super::exception::tests::{case, day, told};
    use super::*;
    use crate::domain::letter::LetterId;

    /// The fewest business days that a reader has.
    const SHORTEST: u32 = 5;

    /// Planned for 3 March, mailed on the 10th; with four business days to read it.
    fn late() -> LetterCase {
        LetterCase {
            dispatched_on: Some(day("2026-03-10")),
            expected_to: day("2026-03-16"),
            expires_on: day("2026-03-22"),
            days_to_read: Some(4),
            ..case(LetterStatus::Mailed, PasswordStatus::Live)
        }
    }

    #[test]
    fn a_letter_that_leaves_too_few_days_is_late_unless_it_was_mailed_as_planned() {
        let today = day("2026-03-11");
        let failure = |case: LetterCase, on| case.failure(day(on), today, SHORTEST);
        assert_eq!(failure(late(), "2026-03-11"), Some(Failure::Late));
        assert_eq!(failure(late(), "2026-03-22"), Some(Failure::Late));
        assert_eq!(failure(late(), "2026-03-23"), None, "its password has ended");
        for (case, why) in [
            (LetterCase { days_to_read: Some(5), ..late() }, "five are enough"),
            (LetterCase { days_to_read: None, ..late() }, "nobody counted"),
            (LetterCase { dispatched_on: Some(day("2026-03-03")), ..late() }, "mailed as planned"),
            (LetterCase { password_status: PasswordStatus::Redeemed, ..late() }, "used"),
            (LetterCase { password_status: PasswordStatus::Locked, ..late() }, "locked"),
            (LetterCase { newer_letter: Some(LetterId::from_entropy([1; 10])), ..late() }, "served"),
            (LetterCase { is_reissued: true, ..late() }, "made anew"),
        ] {
            assert_eq!(failure(case, "2026-03-11"), None, "{why}");
        }
        assert_eq!(late().failure(today, today, 0), None, "the rule is off");
        let on_time = LetterCase { days_to_read: Some(6), ..late() };
        assert!(told(on_time.reissue(today, SHORTEST)).contains("expected by 2026-03-16"));
        assert_eq!(told(late().reissue(today, SHORTEST)), "yes", "a person need not wait for it");
    }

    #[test]
    fn a_policy_says_what_becomes_of_late_letters() {
        let why = "late, with 4 business days to read it".to_owned();
        let alert = ReissuePolicy::default();
        assert_eq!(alert.remedy(&late(), Failure::Late), (Remedy::Person, why.clone()));
        let reissue = ReissuePolicy { late: LateRemedy::Reissue, ..alert };
        assert_eq!(reissue.remedy(&late(), Failure::Late), (Remedy::Reissue, why.clone()));
        let third = LetterCase { letters_of_request: 3, ..late() };
        let expected = (Remedy::Person, format!("{why}, and its request has had 3 letters"));
        assert_eq!(reissue.remedy(&third, Failure::Late), expected);
    }

    #[test]
    fn a_letter_that_can_still_come_is_not_made_anew() {
        use LetterStatus::{Accepted, Delivered, Mailed, Printed, Pulled, Rejected, Returned, Sealed, Spoiled, Voided};
        use PasswordStatus::{Expired, Live, Locked, Redeemed, Revoked, Waiting};
        // It may be mailed until 5 March, and is expected until 9 March.
        for (status, password, on, expected) in [
            (Sealed, Waiting, "2026-03-09", "nothing is lost"),
            (Delivered, Live, "2026-03-05", "batch pull 77777-77777"),
            (Accepted, Live, "2026-03-05", "until 2026-03-05; pull it first"),
            (Printed, Live, "2026-03-05", "pull it first"),
            (Printed, Live, "2026-03-06", "yes"),
            (Accepted, Revoked, "2026-03-03", "yes"),
            (Mailed, Live, "2026-03-09", "expected by 2026-03-09"),
            (Mailed, Live, "2026-03-10", "yes"),
            (Mailed, Locked, "2026-03-05", "yes"),
            (Mailed, Expired, "2026-03-30", "yes"),
            (Mailed, Redeemed, "2026-03-30", "asks the portal anew"),
            (Returned, Revoked, "2026-03-05", "yes"),
            (Rejected, Revoked, "2026-03-03", "yes"),
            (Spoiled, Revoked, "2026-03-03", "yes"),
            (Pulled, Revoked, "2026-03-03", "yes"),
            (Voided, Revoked, "2026-03-06", "by itself"),
        ] {
            let found = told(case(status, password).reissue(day(on), SHORTEST));
            assert!(found.contains(expected), "{status} {password} on {on}: {found}");
        }
        let in_doubt = LetterCase { is_offered: true, ..case(Sealed, Waiting) };
        assert!(told(in_doubt.reissue(day("2026-03-06"), SHORTEST)).contains("batch settle eba-acme-000001"));
    }

    #[test]
    fn nobody_gets_two_letters() {
        let spoiled = || case(LetterStatus::Spoiled, PasswordStatus::Revoked);
        let today = day("2026-03-06");
        for (case, expected) in [
            (LetterCase { is_reissued: true, ..spoiled() }, "known"),
            (LetterCase { is_cancelled: true, ..spoiled() }, "was cancelled"),
            (LetterCase { newer_letter: Some(LetterId::from_entropy([1; 10])), ..spoiled() }, "11111-11111"),
            (LetterCase { open_request: Some("R2".to_owned()), ..spoiled() }, "request R2 of the same account"),
        ] {
            let found = told(case.reissue(today, SHORTEST));
            assert!(found.contains(expected), "{found}");
            assert_eq!(case.failure(today, today, SHORTEST), None, "{expected}");
        }
        assert_eq!(spoiled().failure(today, today, SHORTEST), Some(Failure::Spoiled));
        let pulled = LetterCase { pull_order: Some(1), ..spoiled() };
        assert_eq!(pulled.failure(today, today, SHORTEST), None, "a person stopped it, and a person goes on");
        assert_eq!(told(pulled.reissue(today, SHORTEST)), "yes");
    }

    #[test]
    fn a_policy_says_who_looks() {
        use LetterStatus::{Accepted, Mailed, Printed, Rejected, Returned};
        use PasswordStatus::{Live, Revoked};
        let policy = ReissuePolicy::default();
        let (today, lost_after) = (day("2026-03-11"), day("2026-03-10"));
        let refused = LetterCase { is_package_refused: true, ..case(Rejected, Revoked) };
        for (case, expected) in [
            (case(Rejected, Revoked), Some((Failure::Rejected, Remedy::Reissue))),
            (refused, Some((Failure::Refused, Remedy::Reissue))),
            (case(LetterStatus::Spoiled, Revoked), Some((Failure::Spoiled, Remedy::Reissue))),
            (case(Accepted, Live), Some((Failure::Lost, Remedy::Person))),
            (case(Printed, PasswordStatus::Expired), Some((Failure::Lost, Remedy::Person))),
            (case(Mailed, Live), None),
            (case(Returned, Revoked), None),
        ] {
            let found =
                case.failure(today, lost_after, SHORTEST).map(|failure| (failure, policy.remedy(&case, failure).0));
            assert_eq!(found, expected, "{}", case.status);
        }
        assert_eq!(case(Accepted, Live).failure(lost_after, lost_after, SHORTEST), None, "the day is not over");
        let third = LetterCase { letters_of_request: 3, ..case(Rejected, Revoked) };
        let (remedy, why) = policy.remedy(&third, Failure::Rejected);
        assert_eq!((remedy, why.as_str()), (Remedy::Person, "rejected, and its request has had 3 letters"));
    }
}
