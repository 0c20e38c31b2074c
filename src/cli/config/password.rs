//! `[password]`: what a verifier costs, and how many wrong tries a password stands.

use std::path::PathBuf;

use super::kind::{count, file, one_of, whole};
use super::section::Section;
use crate::domain::letter::named;
use crate::domain::verifier::Cost;

/// NIST SP 800-63B-4 section 3.2.2: no more than 100 wrong tries in a row.
const MOST_FAILURES: u32 = 100;
/// Argon2id's least memory in KiB for a number of passes, as OWASP's Password Storage Cheat Sheet lists them.
const LEAST_ARGON2ID: [(u32, u32); 5] = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];
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

impl PasswordSection {
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
    let memory_kib = section.or("memory_kib", 19_456, &whole(8..=4_194_304));
    let passes = section.or("passes", 2, &whole(1..=1000));
    let lanes = section.or("lanes", 1, &whole(1..=64));
    if memory_kib < 8 * lanes {
        section.refuse("memory_kib", &format!("Argon2id needs 8 for each lane; write {} or more", 8 * lanes));
    }
    let least = LEAST_ARGON2ID.iter().filter(|(least, _)| *least <= passes).map(|(_, memory)| *memory).min();
    if let Some(least) = least.filter(|least| is_live && memory_kib < *least) {
        let message = format!("a live site with passes = {passes} needs {least} or more (OWASP); write {least}");
        section.refuse("memory_kib", &message);
    }
    Cost::Argon2id { memory_kib, passes, lanes }
}

fn pbkdf2(section: &Section<'_>, is_live: bool) -> Cost {
    refuse_other_keys(section, &["memory_kib", "passes", "lanes"], "argon2id");
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
