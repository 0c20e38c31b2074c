//! Where an account stands when a new request for it comes in, and what becomes of that request.
//!
//! An account has at most one letter on its way, and nobody can kill a letter in the mail by asking again: a request
//! for an account whose letter is on its way joins that letter. A request that is still waiting is replaced by the
//! newer one. Only when neither holds is a letter made.

use chrono::NaiveDate;

use super::letter::named;
use super::letter::{LetterId, LetterStatus, PasswordStatus};

named! {
    /// Who put a request on hold.
    HeldBy {
        /// A rule of letterpost; a newer request may take its place.
        Rule = "rule",
        /// A person; only a person lets it go.
        Person = "person",
    }
}

/// A request of the account that has not become a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// The portal's id of it.
    pub reference: String,
    /// Where it stands.
    pub state: OpenState,
}

/// The states in which a request is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenState {
    /// Waiting for the next night.
    Pending,
    /// In a batch that is being made.
    Claimed,
    /// Waiting for a person.
    Held {
        /// Who put it there.
        by: HeldBy,
        /// Why.
        reason: String,
        /// The day by which a person acts.
        act_by_on: NaiveDate,
    },
}

/// The newest letter of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestLetter {
    /// Its id.
    pub letter_id: LetterId,
    /// The request that it answers.
    pub reference: String,
    /// Where it is.
    pub status: LetterStatus,
    /// What its password is good for.
    pub password_status: PasswordStatus,
    /// The last postal day on which it should arrive.
    pub expected_to: NaiveDate,
}

/// What is known of an account. An import of many rows keeps one for each, so what is seldom there lies apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Its open request, if it has one: the one that is pending or claimed, or else the newest that is held.
    pub open: Option<OpenRequest>,
    /// The newest request that is held beside one that is pending or claimed.
    pub held_beside: Option<Box<OpenRequest>>,
    /// Its newest letter, if it had one.
    pub newest_letter: Option<Box<NewestLetter>>,
}

/// What becomes of a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It waits for the next night, and replaces the request named, if any.
    Wait {
        /// The older request that is withdrawn.
        replaces: Option<String>,
    },
    /// It is served by the letter of an earlier request.
    Join {
        /// The earlier request.
        reference: String,
        /// Its letter, once there is one.
        letter_id: Option<LetterId>,
        /// When that letter should have come, once it is known.
        expected_to: Option<NaiveDate>,
    },
    /// It waits for a person, and what is pending, claimed or on its way stays as it is.
    Review {
        /// The older request that is withdrawn: one that a rule holds, so that an account has one to look at.
        replaces: Option<String>,
    },
    /// It takes the place of a request that a person has on hold, and is held as that one was.
    StayHeld {
        /// The older request that is withdrawn.
        replaces: String,
        /// Why the person holds it.
        reason: String,
        /// The day by which a person acts.
        act_by_on: NaiveDate,
    },
}

impl NewestLetter {
    /// Whether the account's holder should still wait for this letter on `today`.
    #[must_use]
    pub fn should_still_come(&self, today: NaiveDate) -> bool {
        self.status.is_on_its_way()
            && matches!(self.password_status, PasswordStatus::Waiting | PasswordStatus::Live)
            && today <= self.expected_to
    }
}

impl Standing {
    /// What becomes of a new request for this account on `today`, a date in the site's zone.
    #[must_use]
    pub fn decide(&self, today: NaiveDate) -> Decision {
        if let Some(letter) = self.newest_letter.as_ref().filter(|l| l.should_still_come(today)) {
            return Decision::Join {
                reference: letter.reference.clone(),
                letter_id: Some(letter.letter_id),
                expected_to: Some(letter.expected_to),
            };
        }
        let Some(open) = &self.open else { return Decision::Wait { replaces: None } };
        let reference = open.reference.clone();
        match &open.state {
            OpenState::Claimed => Decision::Join { reference, letter_id: None, expected_to: None },
            OpenState::Held { by: HeldBy::Person, reason, act_by_on } => {
                Decision::StayHeld { replaces: reference, reason: reason.clone(), act_by_on: *act_by_on }
            }
            OpenState::Pending | OpenState::Held { by: HeldBy::Rule, .. } => {
                Decision::Wait { replaces: Some(reference) }
            }
        }
    }
}

impl Standing {
    /// What becomes of a new request that a person should look at before anything is done for it.
    #[must_use]
    pub fn review(&self) -> Decision {
        let held = [self.open.as_ref(), self.held_beside.as_deref()].into_iter().flatten();
        let mut held = held.filter(|request| matches!(request.state, OpenState::Held { .. }));
        match held.next() {
            None => Decision::Review { replaces: None },
            Some(OpenRequest { reference, state: OpenState::Held { by: HeldBy::Person, reason, act_by_on } }) => {
                let (reason, act_by_on) = (reason.clone(), *act_by_on);
                Decision::StayHeld { replaces: reference.clone(), reason, act_by_on }
            }
            Some(other) => Decision::Review { replaces: Some(other.reference.clone()) },
        }
    }

    /// Adds an open request, in the place of the one named, which is withdrawn.
    pub fn replace(&mut self, replaced: Option<&str>, request: OpenRequest) {
        let is_replaced = |known: &mut OpenRequest| replaced == Some(known.reference.as_str());
        if self.open.take_if(is_replaced).is_some() {
            self.open = self.held_beside.take().map(|request| *request);
        }
        self.held_beside.take_if(|known| is_replaced(known));
        self.add(request);
    }

    /// Adds an open request that came after those that are known.
    pub fn add(&mut self, request: OpenRequest) {
        let is_held = |open: &OpenRequest| matches!(open.state, OpenState::Held { .. });
        match &self.open {
            Some(open) if !is_held(open) && is_held(&request) => self.held_beside = Some(Box::new(request)),
            Some(open) if is_held(open) && !is_held(&request) => {
                self.held_beside = self.open.replace(request).map(Box::new);
            }
            _ => self.open = Some(request),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn letter(status: LetterStatus, password_status: PasswordStatus) -> Standing {
        Standing {
            open: None,
            held_beside: None,
            newest_letter: Some(Box::new(NewestLetter {
                letter_id: LetterId::from_entropy([7; 10]),
                reference: "R1".to_owned(),
                status,
                password_status,
                expected_to: day("2026-12-08"),
            })),
        }
    }

    fn open(state: OpenState) -> Standing {
        Standing { open: Some(OpenRequest { reference: "R1".to_owned(), state }), ..Standing::default() }
    }

    #[test]
    fn a_letter_on_its_way_is_joined_until_it_is_overdue() {
        let mailed = letter(LetterStatus::Mailed, PasswordStatus::Live);
        assert!(matches!(mailed.decide(day("2026-12-08")), Decision::Join { reference, .. } if reference == "R1"));
        assert_eq!(mailed.decide(day("2026-12-09")), Decision::Wait { replaces: None });
    }

    #[test]
    fn a_letter_that_helps_nobody_is_not_joined() {
        for (status, password) in [
            (LetterStatus::Mailed, PasswordStatus::Redeemed),
            (LetterStatus::Mailed, PasswordStatus::Locked),
            (LetterStatus::Mailed, PasswordStatus::Expired),
            (LetterStatus::Returned, PasswordStatus::Revoked),
            (LetterStatus::Voided, PasswordStatus::Revoked),
        ] {
            assert_eq!(
                letter(status, password).decide(day("2026-12-01")),
                Decision::Wait { replaces: None },
                "{status}"
            );
        }
    }

    #[test]
    fn a_waiting_request_is_replaced_and_a_claimed_one_is_joined() {
        let today = day("2026-12-01");
        assert_eq!(open(OpenState::Pending).decide(today), Decision::Wait { replaces: Some("R1".to_owned()) });
        assert!(matches!(open(OpenState::Claimed).decide(today), Decision::Join { letter_id: None, .. }));
    }

    #[test]
    fn what_a_person_should_look_at_leaves_the_rest_as_it_is() {
        assert_eq!(Standing::default().review(), Decision::Review { replaces: None });
        for state in [OpenState::Pending, OpenState::Claimed] {
            assert_eq!(open(state).review(), Decision::Review { replaces: None });
        }
        let on_its_way = letter(LetterStatus::Mailed, PasswordStatus::Live);
        assert_eq!(on_its_way.review(), Decision::Review { replaces: None });
    }

    #[test]
    fn an_account_has_one_request_to_look_at() {
        let held = |by| OpenState::Held { by, reason: "looked at".to_owned(), act_by_on: day("2026-12-04") };
        let request = |reference: &str, state| OpenRequest { reference: reference.to_owned(), state };
        let by_rule = Decision::Review { replaces: Some("R2".to_owned()) };
        for (first, second) in [(OpenState::Pending, held(HeldBy::Rule)), (held(HeldBy::Rule), OpenState::Pending)] {
            let is_pending_first = first == OpenState::Pending;
            let mut standing = Standing::default();
            standing.add(request(if is_pending_first { "R1" } else { "R2" }, first));
            standing.add(request(if is_pending_first { "R2" } else { "R1" }, second));
            assert_eq!(standing.review(), by_rule);
            let takes_the_pending_ones_place = Decision::Wait { replaces: Some("R1".to_owned()) };
            assert_eq!(standing.decide(day("2026-12-01")), takes_the_pending_ones_place);
        }
        let by_person = open(held(HeldBy::Person));
        assert!(matches!(by_person.review(), Decision::StayHeld { replaces, .. } if replaces == "R1"));
    }

    #[test]
    fn asking_again_does_not_get_round_a_person() {
        let held = |by| OpenState::Held { by, reason: "looked at".to_owned(), act_by_on: day("2026-12-04") };
        assert!(matches!(open(held(HeldBy::Person)).decide(day("2026-12-01")), Decision::StayHeld { .. }));
        assert!(matches!(open(held(HeldBy::Rule)).decide(day("2026-12-01")), Decision::Wait { replaces: Some(_) }));
    }
}
