//! `[password]`: what a verifier costs and for which passwords that is enough, and how many wrong tries a password stands.

use std::path::PathBuf;

use super::kind::{count, file, one_of, whole};
use super::section::Section;
use crate::domain::letter::named;
use crate::domain::verifier::Cost;

/// NIST SP 800-63B-4 section 3.2.2: no more than 100 wrong tries in a row.
const MOST_FAILURES: u32 = 100;
/// Argon2id's least memory in KiB for a number of passes, as OWASP's Password Storage Cheat Sheet lists them.
const LEAST_ARGON2ID: [(u32, u32); 5] = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];
/// What Argon2id costs under [`Preset::RandomSecret`]; SECURITY.md has the argument.
const RANDOM_SECRET: Cost = Cost::Argon2id { memory_kib: 1024, passes: 1, lanes: 1 };
/// The rounds of PBKDF2 with HMAC-SHA-256, from the same list; the default, and the least of a live site.
const LEAST_ROUNDS: u32 = 600_000;

named! {
    /// How verifiers are made.
    VerifierName {
        /// Argon2id.
        Argon2id = "argon2id",
        /// PBKDF2 with HMAC-SHA-256, where FIPS 140 rules.
        Pbkdf2Sha256 = "pbkdf2-sha256",
    }
}

named! {
    /// For which kind of secret a verifier of Argon2id is dear enough.
    Preset {
        /// For those that people choose: OWASP's least, or what the keys of the cost say.
        Owasp = "owasp",
        /// For those that a generator draws and that end within weeks, as letterpost's do.
        RandomSecret = "random-secret",
    }
}

/// `[password]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordSection {
    /// What a verifier costs.
    pub cost: Cost,
    /// The file of the pepper, as written.
    pub pepper: PathBuf,
    /// Wrong tries until a password is locked.
    pub failures_until_locked: u32,
}

/// For which passwords a cost is enough, should ledger and pepper both be stolen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnoughFor {
    /// Also for those that people choose.
    Chosen,
    /// For those that are random and end within weeks.
    Random,
    /// For none: trying things out.
    Nothing,
}

impl PasswordSection {
    /// For which passwords the cost is enough.
    #[must_use]
    pub fn enough_for(&self) -> EnoughFor {
        let is_least = match self.cost {
            Cost::Argon2id { memory_kib, passes, .. } => {
                least_memory_kib(passes).is_some_and(|least| memory_kib >= least)
            }
            Cost::Pbkdf2Sha256 { rounds } => rounds >= LEAST_ROUNDS,
        };
        match is_least {
            true => EnoughFor::Chosen,
            false if self.cost == RANDOM_SECRET => EnoughFor::Random,
            false => EnoughFor::Nothing,
        }
    }

    pub(super) fn read(section: &Section<'_>, is_live: bool) -> Self {
        let cost = match section.or("verifier", VerifierName::Argon2id, &one_of(VerifierName::ALL)) {
            VerifierName::Argon2id => argon2id(section, is_live),
            VerifierName::Pbkdf2Sha256 => pbkdf2(section, is_live),
        };
        Self {
            cost,
            pepper: section.or("pepper", "keys/pepper".into(), &file()),
            failures_until_locked: section.or("failures_until_locked", MOST_FAILURES, &whole(1..=MOST_FAILURES)),
        }
    }
}

fn argon2id(section: &Section<'_>, is_live: bool) -> Cost {
    refuse_other_keys(section, &["rounds"], "pbkdf2-sha256");
    if section.or("preset", Preset::Owasp, &one_of(Preset::ALL)) == Preset::RandomSecret {
        refuse_set_keys(section, &["memory_kib", "passes", "lanes"]);
        return RANDOM_SECRET;
    }
    let memory_kib = section.or("memory_kib", 19_456, &whole(8..=4_194_304));
    let passes = section.or("passes", 2, &whole(1..=1000));
    let lanes = section.or("lanes", 1, &whole(1..=64));
    if memory_kib < 8 * lanes {
        section.refuse("memory_kib", &format!("Argon2id needs 8 for each lane; write {} or more", 8 * lanes));
    }
    if let Some(least) = least_memory_kib(passes).filter(|least| is_live && memory_kib < *least) {
        let message = format!("a live site with passes = {passes} needs {least} or more (OWASP); write {least}");
        section.refuse("memory_kib", &message);
    }
    Cost::Argon2id { memory_kib, passes, lanes }
}

/// The least memory of a live site for so many passes, in KiB.
fn least_memory_kib(passes: u32) -> Option<u32> {
    LEAST_ARGON2ID.iter().filter(|(least, _)| *least <= passes).map(|(_, memory)| *memory).min()
}

fn pbkdf2(section: &Section<'_>, is_live: bool) -> Cost {
    refuse_other_keys(section, &["preset", "memory_kib", "passes", "lanes"], "argon2id");
    let rounds = section.or("rounds", LEAST_ROUNDS, &count());
    if rounds == 0 {
        section.refuse("rounds", &format!("write {LEAST_ROUNDS} or more"));
    } else if is_live && rounds < LEAST_ROUNDS {
        section.refuse("rounds", &format!("a live site needs {LEAST_ROUNDS} or more (OWASP); write {LEAST_ROUNDS}"));
    }
    Cost::Pbkdf2Sha256 { rounds }
}

/// A key of the other verifier would be without effect, which nobody who wrote it expects.
fn refuse_other_keys(section: &Section<'_>, keys: &[&'static str], other: &str) {
    for key in keys.iter().filter(|key| section.has(key)) {
        section.complain(key, &format!("belongs to verifier = \"{other}\"; remove it, or set that verifier"));
    }
}

/// A preset is a cost whose argument was made; another cost would need another one.
fn refuse_set_keys(section: &Section<'_>, keys: &[&'static str]) {
    for key in keys.iter().filter(|key| section.has(key)) {
        section.complain(key, &format!("is set by preset = \"{}\"; remove one of them", Preset::RandomSecret));
    }
}
