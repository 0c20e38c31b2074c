//! Who did what an entry tells of: a person, by the account of the system, or a service.

use serde::Serialize;

/// The name of letterpost itself, where no person is at work.
pub const LETTERPOST: &str = "letterpost";
/// The name for calls of the portal.
pub const PORTAL: &str = "portal";

/// An account of the system that a person logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its number.
    pub uid: u32,
    /// Its name; empty where the system has none for the number.
    pub login: String,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person.
    Person(Person),
    /// A service, as [`LETTERPOST`].
    Service(&'static str),
}

/// Who did it, and within which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person or service.
    pub who: Who,
    /// The number of the run; `None` outside of runs.
    pub run: Option<u64>,
}

/// An actor in the order of its canonical keys.
#[derive(Serialize)]
pub(super) struct Placed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
}

impl Actor {
    pub(super) fn placed(&self) -> Placed<'_> {
        let nobody = Placed { login: None, run: self.run, service: None, uid: None };
        match &self.who {
            Who::Person(person) => Placed { login: Some(&person.login), uid: Some(person.uid), ..nobody },
            Who::Service(service) => Placed { service: Some(service), ..nobody },
        }
    }
}

/// Who can be at work in a process, as far as the system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actors {
    /// The person whose login this process comes from, if any.
    pub login: Option<Person>,
    /// The account under which the process runs: who decides where a person decides and no login is known.
    pub account: Option<Person>,
    /// What works where no person does.
    pub service: &'static str,
}

impl Actors {
    /// No person: what a service does by itself.
    #[must_use]
    pub fn service(service: &'static str) -> Self {
        Self { login: None, account: None, service }
    }

    /// Who does it; `person_decides` says that a person's decision stands behind it.
    #[must_use]
    pub fn who(&self, person_decides: bool) -> Who {
        let account = || self.account.clone().filter(|_| person_decides);
        self.login.clone().or_else(account).map_or(Who::Service(self.service), Who::Person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(uid: u32, login: &str) -> Person {
        Person { uid, login: login.to_owned() }
    }

    #[test]
    fn a_login_is_a_person_and_an_account_is_one_only_where_somebody_decides() {
        let of_cron = Actors { login: None, account: Some(person(980, "letterpost")), service: LETTERPOST };
        assert_eq!(of_cron.who(false), Who::Service("letterpost"));
        assert_eq!(of_cron.who(true), Who::Person(person(980, "letterpost")));
        let of_robin = Actors { login: Some(person(1000, "robin")), ..of_cron };
        assert_eq!(of_robin.who(false), Who::Person(person(1000, "robin")));
        assert_eq!(of_robin.who(true), Who::Person(person(1000, "robin")));
        assert_eq!(Actors::service(PORTAL).who(true), Who::Service("portal"), "no person is behind a portal's call");
    }
}
