//! Invented people: they ask for letters, some ask again, most sign in with what came, some letters find nobody.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::RehearseArgs;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::vendor::simulate::{Chance, Percent};
use crate::domain::letter::{LetterStatus, PasswordStatus};
use crate::domain::postal_days::PostalCalendar;
use crate::ports::ledger::{IntakeCounts, LetterRecord};
use crate::stages::collect::{self, Imported, Source};
use crate::stages::world::World;

const FIRST_NAMES: [&str; 12] =
    ["Avery", "Blair", "Casey", "Devon", "Ellis", "Finley", "Harper", "Indigo", "Jules", "Lane", "Noel", "Quinn"];
const FAMILY_NAMES: [&str; 6] = ["Sample", "Specimen", "Muestra", "Ejemplo", "Placeholder", "Example-Núñez"];
/// City, state, ZIP code, country.
const PLACES: [(&str, &str, &str, &str); 9] = [
    ("Springfield", "IL", "62701", "US"),
    ("El Paso", "TX", "79901", "US"),
    ("Miami", "FL", "33130", "US"),
    ("San Francisco", "CA", "94103", "US"),
    ("New York", "NY", "10001", "US"),
    ("Anchorage", "AK", "99501", "US"),
    ("Honolulu", "HI", "96813", "US"),
    ("San Juan", "PR", "00901", "US"),
    ("Toronto", "ON", "M5H 2N2", "CA"),
];
const HEADER: &str = "reference,username,full_name,address_line_1,address_line_2,city,state,postal_code,country,phone,\
                      second_factor,language,format,requested_at";
/// Of those who ask, how many sign in by telephone and are routed away, read Spanish, and want large print.
const BY_TELEPHONE: u32 = 2;
const IN_SPANISH: u32 = 15;
const LARGE_PRINT: u32 = 8;
/// Of those who asked before, how many ask again on a day, whether or not their letter is on its way.
const ASK_AGAIN: u32 = 1;
/// Of those whose letter came, how many set a new password with it.
const SIGN_IN: u32 = 88;
/// Postal days from the mailing to the letter box, and from there back to the agency.
const DAYS_TO_ARRIVE: u32 = 3;
const DAYS_TO_COME_BACK: u32 = 7;

/// Everybody who ever asked.
pub(super) struct People {
    chance: Chance,
    a_day: u32,
    /// How many letters come back to the agency itself.
    pub(super) come_back: Percent,
    accounts: u32,
    asked: u32,
    /// Accounts whose letter came back, and who have been told so.
    moved: BTreeSet<String>,
    /// How often each account asked.
    askings: BTreeMap<String, u32>,
    /// What became of all rows that were ever handed in.
    pub(super) counts: IntakeCounts,
    /// Passwords that were used.
    pub(super) signed_in: u64,
}

impl People {
    pub(super) fn new(args: &RehearseArgs) -> Self {
        Self {
            chance: Chance(args.seed),
            a_day: args.letters,
            come_back: args.returned.half(),
            accounts: 0,
            asked: 0,
            moved: BTreeSet::new(),
            askings: BTreeMap::new(),
            counts: IntakeCounts::default(),
            signed_in: 0,
        }
    }

    /// A day's requests come in as one file: new people, people who ask again, and people whose letter came back.
    pub(super) async fn ask(&mut self, world: &World, day: NaiveDate, came_back: &[LetterRecord]) -> CliResult<()> {
        let mut rows = vec![HEADER.to_owned()];
        let at = world.clock.now();
        for account in 0..self.accounts {
            if self.chance.happens(Percent::of(ASK_AGAIN), "ask again", &format!("{account} {day}")) {
                rows.push(self.row(account, at));
            }
        }
        for letter in came_back {
            if self.moved.insert(letter.letter_id.clone())
                && let Some(account) = account_of(&letter.username)
            {
                rows.push(self.row(account, at));
            }
        }
        for account in self.accounts..self.accounts + self.a_day {
            rows.push(self.row(account, at));
        }
        self.accounts += self.a_day;
        let text = rows.join("\n") + "\n";
        match collect::import(world, Source::of(&format!("people-{day}.csv"), text.as_bytes()), false).await? {
            Imported::Taken(import) => {
                self.counts = self.counts + import.counts;
                Ok(())
            }
            Imported::Refused { reason, .. } => {
                Err(Failure::usage(format!("the invented requests were refused: {reason}")))
            }
        }
    }

    /// A request of an account; each time from another address, for whoever asks again may have moved.
    fn row(&mut self, account: u32, at: DateTime<Utc>) -> String {
        self.asked += 1;
        let username = username(account);
        let asking = self.askings.entry(username.clone()).or_default();
        *asking += 1;
        let key = account.to_string();
        let (city, state, postal_code, country) = pick(self.chance, &PLACES, "place", &key);
        let name = format!(
            "{} {}",
            pick(self.chance, &FIRST_NAMES, "first name", &key),
            pick(self.chance, &FAMILY_NAMES, "family name", &key)
        );
        let is = |percent, what| self.chance.happens(Percent::of(percent), what, &key);
        let language = if is(IN_SPANISH, "Spanish") { "es" } else { "en" };
        let format = if is(LARGE_PRINT, "large print") { "large-print" } else { "standard" };
        let second_factor = if is(BY_TELEPHONE, "telephone") { "phone" } else { "email" };
        format!(
            "R-{:07},{username},{name},{} Example Street,Apt {asking},{city},{state},{postal_code},{country},,\
             {second_factor},{language},{format},{}",
            self.asked,
            account + 1,
            at.to_rfc3339()
        )
    }

    /// Whose letter came today or before, and who has not signed in yet, does so; but not all.
    pub(super) async fn sign_in(
        &mut self,
        world: &World,
        letters: &[LetterRecord],
        will_come_back: impl Fn(&LetterRecord) -> bool,
    ) -> CliResult<()> {
        let (now, today) = world.now()?;
        for letter in letters.iter().filter(|letter| is_open(letter)) {
            let is_there = arrives_on(letter, DAYS_TO_ARRIVE).is_some_and(|day| day <= today);
            let finds_its_reader = !will_come_back(letter) && !self.is_brought_back(letter);
            if is_there
                && finds_its_reader
                && self.chance.happens(Percent::of(SIGN_IN), "sign in", &letter.letter_id)
                && let Ok(letter_id) = letter.letter_id.parse()
            {
                self.signed_in += u64::from(world.ledger.redeem(letter_id, now, today).await?);
            }
        }
        Ok(())
    }

    /// The letters that the postman brings back to the agency today.
    pub(super) fn brought_back<'a>(&self, letters: &'a [LetterRecord], today: NaiveDate) -> Vec<&'a LetterRecord> {
        let is_due = |letter: &&LetterRecord| arrives_on(letter, DAYS_TO_COME_BACK).is_some_and(|day| day <= today);
        letters
            .iter()
            .filter(|letter| letter.status == LetterStatus::Mailed && self.is_brought_back(letter))
            .filter(is_due)
            .collect()
    }

    /// Whether a letter is under way that will find nobody.
    pub(super) fn expect_any_back(&self, letters: &[LetterRecord]) -> bool {
        letters.iter().any(|letter| letter.status == LetterStatus::Mailed && self.is_brought_back(letter))
    }

    fn is_brought_back(&self, letter: &LetterRecord) -> bool {
        self.chance.happens(self.come_back, "brought back", &letter.letter_id)
    }
}

/// Whether a letter is in the post and its password can be used.
fn is_open(letter: &LetterRecord) -> bool {
    letter.status == LetterStatus::Mailed && letter.password_status == PasswordStatus::Live
}

fn arrives_on(letter: &LetterRecord, postal_days: u32) -> Option<NaiveDate> {
    letter.dispatched_on.and_then(|mailed_on| PostalCalendar::default().add_postal_days(mailed_on, postal_days).ok())
}

fn username(account: u32) -> String {
    format!("person{account}@example.com")
}

fn account_of(username: &str) -> Option<u32> {
    username.strip_prefix("person")?.split('@').next()?.parse().ok()
}

fn pick<'a, T>(chance: Chance, from: &'a [T], what: &str, key: &str) -> &'a T {
    // A list has at least one item, and the place is below its length.
    from.get(chance.pick(from.len(), what, key)).unwrap_or(&from[0])
}
