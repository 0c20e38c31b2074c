//! What may be done to a letter that went another way than it should: pure rules, one a decision.
//!
//! A letter in a sealed package cannot be changed, and one in the mail cannot be called back. What can always be ended
//! is its password. So each rule says what a decision can still reach, and where it cannot, what to do instead.

use chrono::NaiveDate;

use super::letter::{LetterId, LetterStatus, PasswordStatus};

/// What is known of a letter that somebody decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterCase {
    /// Its id.
    pub letter_id: LetterId,
    /// The portal's id of its request.
    pub reference: String,
    /// Its package.
    pub package: String,
    /// The vendor of that.
    pub vendor: String,
    /// Whether any vendor was offered that package.
    pub is_offered: bool,
    /// Whether the vendor refused it whole.
    pub is_package_refused: bool,
    /// The last day on which the vendor may mail it.
    pub mail_by_on: NaiveDate,
    /// When it was to be mailed.
    pub planned_mail_on: NaiveDate,
    /// Where the letter is.
    pub status: LetterStatus,
    /// What its password is good for.
    pub password_status: PasswordStatus,
    /// When it was mailed.
    pub dispatched_on: Option<NaiveDate>,
    /// When it came back.
    pub returned_on: Option<NaiveDate>,
    /// The last postal day on which it should arrive.
    pub expected_to: NaiveDate,
    /// The last day of its password.
    pub expires_on: NaiveDate,
    /// Business days between those two, where it was mailed; `None` where nobody counted them.
    pub days_to_read: Option<u32>,
    /// Whether its request waits for another letter.
    pub is_reissued: bool,
    /// Whether its request was cancelled.
    pub is_cancelled: bool,
    /// Whether name and address were erased.
    pub is_erased: bool,
    /// The pull order that names it.
    pub pull_order: Option<u32>,
    /// The day by which a person decides about it, where that was asked.
    pub decide_by_on: Option<NaiveDate>,
    /// How many letters its request had so far, withdrawn ones left out.
    pub letters_of_request: u32,
    /// A newer letter of the same account.
    pub newer_letter: Option<LetterId>,
    /// Another request of the same account that waits for a letter.
    pub open_request: Option<String>,
}

/// What a rule says of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It may be done.
    Allowed,
    /// It was done before; nothing changes.
    Known(String),
    /// It may not; why, and what to do.
    Refused(String),
}

impl Ruling {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// What cancelling a request can still stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The password, and with an order to the vendor the letter.
    PasswordAndLetter,
    /// The password; the letter is in the mail, or the vendor has its order.
    Password,
    /// Nothing is left to stop: the letter ended, and its password with it.
    Nothing,
}

impl LetterCase {
    /// Whether its password may still let somebody in, now or once its package is delivered.
    #[must_use]
    pub fn is_password_good(&self) -> bool {
        matches!(self.password_status, PasswordStatus::Waiting | PasswordStatus::Live)
    }

    /// Whether it is at the vendor, in production or about to be.
    #[must_use]
    pub fn is_at_the_vendor(&self) -> bool {
        matches!(self.status, LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed)
    }

    /// Whether the postal service's word that it could not be delivered, given on `on`, is taken.
    #[must_use]
    pub fn returned(&self, on: NaiveDate, today: NaiveDate) -> Ruling {
        if on > today {
            return Ruling::refused(format!("{on} is in the future; today is {today}"));
        }
        match (self.status, self.dispatched_on) {
            (LetterStatus::Returned, _) => Ruling::Known("it is returned already".to_owned()),
            (LetterStatus::Mailed, Some(mailed_on)) if on < mailed_on => {
                Ruling::refused(format!("{on} is before {mailed_on}, when it was mailed"))
            }
            (LetterStatus::Mailed, _) => Ruling::Allowed,
            (status, _) => Ruling::refused(format!(
                "it is {status}, and only a mailed letter can come back; look at 'letterpost letter show {}', and ask \
                 the vendor for its receipt if it was mailed",
                self.letter_id
            )),
        }
    }

    /// Whether the vendor can be ordered to take it out.
    #[must_use]
    pub fn pull(&self) -> Ruling {
        if let Some(number) = self.pull_order {
            return Ruling::Known(format!("pull order {number} of package {} names it already", self.package));
        }
        match self.status {
            LetterStatus::Sealed | LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed => {
                Ruling::Allowed
            }
            LetterStatus::Mailed => Ruling::refused(format!(
                "it was mailed on {} and cannot be pulled; its password can be ended: 'letterpost request cancel {}'",
                self.dispatched_on.map(|date| date.to_string()).unwrap_or_default(),
                self.reference
            )),
            ended => Ruling::refused(format!("it is {ended}: there is nothing to pull")),
        }
    }

    /// Whether a person may say that it was mailed on `mailed_on`; `not_before` is the first day that can be, with
    /// what happened then.
    #[must_use]
    pub fn correct(&self, mailed_on: NaiveDate, not_before: (NaiveDate, &str), today: NaiveDate) -> Ruling {
        let Some(known) = self.dispatched_on else {
            return Ruling::refused(format!(
                "it is {} and has no day of mailing to correct; that comes with the vendor's receipt",
                self.status
            ));
        };
        let (first, what) = not_before;
        let came_back = self.returned_on.filter(|returned_on| mailed_on > *returned_on);
        if mailed_on == known {
            Ruling::Known(format!("it was mailed on {known} by what is recorded already"))
        } else if mailed_on > today {
            Ruling::refused(format!("{mailed_on} is in the future; today is {today}"))
        } else if mailed_on < first {
            Ruling::refused(format!("{mailed_on} is before {first}, when {what}"))
        } else if let Some(returned_on) = came_back {
            Ruling::refused(format!("{mailed_on} is after {returned_on}, when it came back"))
        } else {
            Ruling::Allowed
        }
    }

    /// What cancelling its request can still stop.
    ///
    /// # Errors
    /// Where there is nothing to cancel, in words.
    pub fn cancel(&self) -> Result<Stop, String> {
        if self.is_cancelled {
            return Err(format!("request {} was cancelled before", self.reference));
        }
        if self.is_erased {
            return Err(format!(
                "request {} is over, and whose it was is erased: nothing is left to stop",
                self.reference
            ));
        }
        if self.password_status == PasswordStatus::Redeemed {
            return Err(format!(
                "the password of letter {} was used to make a new one: there is nothing left to stop; end the account's \
                 access in the portal if that was not its owner",
                self.letter_id
            ));
        }
        Ok(match self.status {
            LetterStatus::Sealed | LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed
                if self.pull_order.is_none() =>
            {
                Stop::PasswordAndLetter
            }
            status if status.is_on_its_way() => Stop::Password,
            _ => Stop::Nothing,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A letter in this state, mailed on Tuesday 3 March 2026 if at all.
    pub(crate) fn case(status: LetterStatus, password_status: PasswordStatus) -> LetterCase {
        let is_mailed = matches!(status, LetterStatus::Mailed | LetterStatus::Returned);
        LetterCase {
            letter_id: LetterId::from_entropy([7; 10]),
            reference: "R1".to_owned(),
            package: "eba-acme-000001".to_owned(),
            vendor: "acme".to_owned(),
            is_offered: status != LetterStatus::Sealed,
            is_package_refused: false,
            mail_by_on: day("2026-03-05"),
            planned_mail_on: day("2026-03-03"),
            status,
            password_status,
            dispatched_on: is_mailed.then(|| day("2026-03-03")),
            returned_on: None,
            expected_to: day("2026-03-09"),
            expires_on: day("2026-03-17"),
            days_to_read: is_mailed.then_some(6),
            is_reissued: false,
            is_cancelled: false,
            is_erased: false,
            pull_order: None,
            decide_by_on: None,
            letters_of_request: 1,
            newer_letter: None,
            open_request: None,
        }
    }

    /// `yes`, `known` or the words of a refusal.
    pub(crate) fn told(ruling: Ruling) -> String {
        match ruling {
            Ruling::Allowed => "yes".to_owned(),
            Ruling::Known(_) => "known".to_owned(),
            Ruling::Refused(why) => why,
        }
    }

    #[test]
    fn what_may_be_done_in_each_state() {
        use LetterStatus::{Accepted, Delivered, Mailed, Printed, Pulled, Rejected, Returned, Sealed, Spoiled, Voided};
        use PasswordStatus::{Live, Revoked, Waiting};
        let whole = Ok(Stop::PasswordAndLetter);
        let today = day("2026-03-06");
        for (status, password, returned, pull, correct, cancel) in [
            (Sealed, Waiting, "only a mailed letter", "yes", "no day of mailing", whole.clone()),
            (Delivered, Live, "only a mailed letter", "yes", "no day of mailing", whole.clone()),
            (Accepted, Live, "only a mailed letter", "yes", "no day of mailing", whole.clone()),
            (Printed, Live, "only a mailed letter", "yes", "no day of mailing", whole),
            (Mailed, Live, "yes", "cannot be pulled", "yes", Ok(Stop::Password)),
            (Returned, Revoked, "known", "nothing to pull", "yes", Ok(Stop::Nothing)),
            (Rejected, Revoked, "only a mailed letter", "nothing to pull", "no day of mailing", Ok(Stop::Nothing)),
            (Spoiled, Revoked, "only a mailed letter", "nothing to pull", "no day of mailing", Ok(Stop::Nothing)),
            (Pulled, Revoked, "only a mailed letter", "nothing to pull", "no day of mailing", Ok(Stop::Nothing)),
            (Voided, Revoked, "only a mailed letter", "nothing to pull", "no day of mailing", Ok(Stop::Nothing)),
        ] {
            let case = case(status, password);
            let found = told(case.returned(today, today));
            assert!(found.contains(returned), "returned, {status}: {found}");
            let found = told(case.pull());
            assert!(found.contains(pull), "pull, {status}: {found}");
            let found = told(case.correct(day("2026-03-04"), (day("2026-03-02"), "it was offered"), today));
            assert!(found.contains(correct), "correct, {status}: {found}");
            assert_eq!(case.cancel(), cancel, "cancel, {status}");
        }
    }

    #[test]
    fn no_decision_is_dated_where_it_cannot_be() {
        let today = day("2026-03-06");
        let mailed = case(LetterStatus::Mailed, PasswordStatus::Live);
        for (on, expected) in [
            ("2026-03-02", "before 2026-03-03, when it was mailed"),
            ("2026-03-03", "yes"),
            ("2026-03-06", "yes"),
            ("2026-03-07", "in the future; today is 2026-03-06"),
        ] {
            assert!(told(mailed.returned(day(on), today)).contains(expected), "{on}");
        }
        for (on, expected) in [
            ("2026-03-01", "before 2026-03-02, when its package was offered"),
            ("2026-03-02", "yes"),
            ("2026-03-03", "known"),
            ("2026-03-06", "yes"),
            ("2026-03-07", "in the future"),
        ] {
            let ruling = mailed.correct(day(on), (day("2026-03-02"), "its package was offered"), today);
            assert!(told(ruling).contains(expected), "{on}");
        }
        let returned = LetterCase {
            returned_on: Some(day("2026-03-05")),
            ..case(LetterStatus::Returned, PasswordStatus::Revoked)
        };
        let ruling = returned.correct(day("2026-03-06"), (day("2026-03-02"), "its package was offered"), today);
        assert!(told(ruling).contains("after 2026-03-05, when it came back"));
    }

    #[test]
    fn what_was_done_is_not_done_again() {
        let ordered = LetterCase { pull_order: Some(2), ..case(LetterStatus::Printed, PasswordStatus::Revoked) };
        assert_eq!(
            ordered.pull(),
            Ruling::Known("pull order 2 of package eba-acme-000001 names it already".to_owned())
        );
        assert_eq!(ordered.cancel(), Ok(Stop::Password), "the order is out");
        let used = case(LetterStatus::Mailed, PasswordStatus::Redeemed);
        assert!(used.cancel().unwrap_err().contains("was used"));
        let cancelled = LetterCase { is_cancelled: true, ..case(LetterStatus::Mailed, PasswordStatus::Revoked) };
        assert!(cancelled.cancel().unwrap_err().contains("cancelled before"));
    }
}
