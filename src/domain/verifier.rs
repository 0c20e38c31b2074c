//! The verifier: what the ledger keeps of a temporary password.
//!
//! ```text
//! bound    = HMAC-SHA-256(pepper, "letterpost verifier 1" and account and letter id and password, each with its length)
//! verifier = Argon2id(bound, salt)   or   PBKDF2-HMAC-SHA-256(bound, salt)
//! ```
//!
//! The pepper lies in a file outside the ledger, so a stolen ledger alone gives nobody a guess to test. Account and
//! letter are bound in, so a row that is copied to another account or letter verifies nothing. The result is a PHC
//! string (github.com/P-H-C/phc-string-format). Costs are OWASP's: Argon2id with 19 MiB, two passes, one lane;
//! where FIPS 140 rules, PBKDF2 with 600,000 rounds.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::letter::LetterId;
use super::password::TemporaryPassword;

/// Bytes of a pepper.
pub const PEPPER_BYTES: usize = 32;
/// Bytes of a salt; NIST SP 800-63B-4 section 3.1.2 asks for four at least.
pub const SALT_BYTES: usize = 16;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;
/// Tells this use of the pepper from any other.
const PURPOSE: &[u8] = b"letterpost verifier 1";

/// Tells its mark from any other use of it.
const MARK_PURPOSE: &[u8] = b"letterpost pepper mark 1";

/// The site's pepper, wiped when dropped.
pub struct Pepper(Zeroizing<[u8; PEPPER_BYTES]>);

impl Pepper {
    /// The pepper of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; PEPPER_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A mark by which two machines see that they have the same pepper; nothing of it can be told from that. `None` never
    /// with a key of this length.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).ok()?;
        mac.update(MARK_PURPOSE);
        Some(hex::encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(hidden)")
    }
}

/// What a verifier costs to make and to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Argon2id of RFC 9106.
    Argon2id {
        /// Memory in KiB, at least eight a lane.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// PBKDF2 of RFC 8018 with HMAC-SHA-256.
    Pbkdf2Sha256 {
        /// Rounds.
        rounds: u32,
    },
}

impl Default for Cost {
    fn default() -> Self {
        Self::Argon2id { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2id { memory_kib, passes, lanes } => {
                write!(f, "Argon2id with {memory_kib} KiB, passes: {passes}, lanes: {lanes}")
            }
            Self::Pbkdf2Sha256 { rounds } => write!(f, "PBKDF2 with HMAC-SHA-256, rounds: {rounds}"),
        }
    }
}

/// Why a verifier could not be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// The cost is outside what the algorithm allows.
    #[error("the cost of the verifier is not possible: {0}; set [password] to the defaults of the manual")]
    Cost(String),
    /// A stored text is no verifier that this version writes.
    #[error("a stored verifier cannot be read; the ledger was changed by something else, restore it from a backup")]
    Unreadable,
}

/// The one that the password is for: both go into the hash.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The account's username.
    pub account: &'a str,
    /// The letter on which the password is printed.
    pub letter: LetterId,
}

/// Makes and checks verifiers. It keeps the memory that Argon2id works in, so use one a thread.
pub struct Hasher<'a> {
    pepper: &'a Pepper,
    memory: Vec<Block>,
}

impl<'a> Hasher<'a> {
    /// A hasher under this pepper.
    #[must_use]
    pub fn new(pepper: &'a Pepper) -> Self {
        Self { pepper, memory: Vec::new() }
    }

    /// The verifier of a password for its account and letter.
    ///
    /// # Errors
    /// [`VerifierError::Cost`] where the algorithm does not allow such a cost.
    pub fn make(
        &mut self,
        password: &TemporaryPassword,
        bound: Bound<'_>,
        cost: Cost,
        salt: [u8; SALT_BYTES],
    ) -> Result<String, VerifierError> {
        let hash = self.hash(password, bound, cost, &salt)?;
        Ok(format!("{}${}${}", prefix(cost), BASE64.encode(salt), BASE64.encode(hash.as_slice())))
    }

    /// Whether this is the password that the verifier was made of, for this account and letter.
    ///
    /// # Errors
    /// [`VerifierError::Unreadable`] where `verifier` is not a verifier.
    pub fn verify(
        &mut self,
        password: &TemporaryPassword,
        bound: Bound<'_>,
        verifier: &str,
    ) -> Result<bool, VerifierError> {
        let stored = parse(verifier).ok_or(VerifierError::Unreadable)?;
        let hash = self.hash(password, bound, stored.cost, &stored.salt)?;
        Ok(hash.as_slice().ct_eq(&stored.hash).into())
    }

    fn hash(
        &mut self,
        password: &TemporaryPassword,
        bound: Bound<'_>,
        cost: Cost,
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; HASH_BYTES]>, VerifierError> {
        let input = self.bind(password, bound)?;
        let mut hash = Zeroizing::new([0; HASH_BYTES]);
        match cost {
            Cost::Argon2id { memory_kib, passes, lanes } => {
                let params = Params::new(memory_kib, passes, lanes, Some(HASH_BYTES)).map_err(cost_error)?;
                self.memory.resize(params.block_count(), Block::default());
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into_with_memory(input.as_slice(), salt, hash.as_mut_slice(), &mut self.memory)
                    .map_err(cost_error)?;
            }
            Cost::Pbkdf2Sha256 { rounds } => {
                pbkdf2::pbkdf2_hmac::<Sha256>(input.as_slice(), salt, rounds, hash.as_mut_slice());
            }
        }
        Ok(hash)
    }

    fn bind(
        &self,
        password: &TemporaryPassword,
        bound: Bound<'_>,
    ) -> Result<Zeroizing<[u8; HASH_BYTES]>, VerifierError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.pepper.0.as_slice()).map_err(cost_error)?;
        let letter = bound.letter.to_string();
        for part in [PURPOSE, bound.account.as_bytes(), letter.as_bytes(), password.expose()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

fn cost_error(error: impl fmt::Display) -> VerifierError {
    VerifierError::Cost(error.to_string())
}

/// The algorithm and its parameters as a PHC string begins.
fn prefix(cost: Cost) -> String {
    match cost {
        Cost::Argon2id { memory_kib, passes, lanes } => format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}"),
        Cost::Pbkdf2Sha256 { rounds } => format!("$pbkdf2-sha256$i={rounds}"),
    }
}

struct Stored {
    cost: Cost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

fn parse(verifier: &str) -> Option<Stored> {
    let mut parts = verifier.strip_prefix('$')?.split('$');
    let cost = match parts.next()? {
        "argon2id" => {
            (parts.next()? == "v=19").then_some(())?;
            let [memory_kib, passes, lanes] = numbers(parts.next()?, ["m=", "t=", "p="])?;
            Cost::Argon2id { memory_kib, passes, lanes }
        }
        "pbkdf2-sha256" => {
            let [rounds] = numbers(parts.next()?, ["i="])?;
            Cost::Pbkdf2Sha256 { rounds }
        }
        _ => return None,
    };
    let salt = BASE64.decode(parts.next()?).ok()?;
    let hash = BASE64.decode(parts.next()?).ok()?;
    (parts.next().is_none() && hash.len() == HASH_BYTES).then_some(Stored { cost, salt, hash })
}

/// The numbers of `m=1,t=2,p=3`, each under its expected key.
fn numbers<const N: usize>(text: &str, keys: [&str; N]) -> Option<[u32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(',');
    for (number, key) in found.iter_mut().zip(keys) {
        *number = parts.next()?.strip_prefix(key)?.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEPPER: [u8; PEPPER_BYTES] = [0x42; PEPPER_BYTES];
    const SALT: [u8; SALT_BYTES] = *b"0123456789abcdef";
    const SMALL: Cost = Cost::Argon2id { memory_kib: 64, passes: 2, lanes: 1 };

    fn password() -> TemporaryPassword {
        TemporaryPassword::from_typed("9QX2-K7D0-4MZH").unwrap()
    }

    fn bound(account: &str) -> Bound<'_> {
        Bound { account, letter: "7K2QX-90DMC".parse().unwrap() }
    }

    #[test]
    fn verifiers_equal_those_of_other_implementations() {
        // Made with Python's hmac and hashlib, and argon2-cffi 25.1 (the reference implementation in C).
        let pepper = Pepper::new(PEPPER);
        let mut hasher = Hasher::new(&pepper);
        for (cost, expected) in [
            (SMALL, "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$qhKKxdnvmBGedMeGZyoLr79PXtgd9C1ls6TsyrdndHg"),
            (
                Cost::Pbkdf2Sha256 { rounds: 1000 },
                "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$vEC9VabK6ep3UEArxhI5S3Gg0iHC8VAqii1hNLTUPkY",
            ),
        ] {
            assert_eq!(hasher.make(&password(), bound("mara.example"), cost, SALT).unwrap(), expected);
        }
    }

    #[test]
    fn only_the_same_password_account_letter_and_pepper_verify() {
        let (pepper, other_pepper) = (Pepper::new(PEPPER), Pepper::new([0x43; PEPPER_BYTES]));
        let mut hasher = Hasher::new(&pepper);
        for cost in [SMALL, Cost::Pbkdf2Sha256 { rounds: 10 }] {
            let verifier = hasher.make(&password(), bound("mara.example"), cost, SALT).unwrap();
            assert_eq!(hasher.verify(&password(), bound("mara.example"), &verifier), Ok(true));
            assert_eq!(hasher.verify(&password(), bound("mara.example2"), &verifier), Ok(false));
            let other_letter = Bound { letter: "7K2QX-90DMD".parse().unwrap(), ..bound("mara.example") };
            assert_eq!(hasher.verify(&password(), other_letter, &verifier), Ok(false));
            let other = TemporaryPassword::from_typed("9QX2-K7D0-4MZJ").unwrap();
            assert_eq!(hasher.verify(&other, bound("mara.example"), &verifier), Ok(false));
            assert_eq!(Hasher::new(&other_pepper).verify(&password(), bound("mara.example"), &verifier), Ok(false));
        }
    }

    #[test]
    fn texts_that_are_no_verifiers_are_refused() {
        let pepper = Pepper::new(PEPPER);
        for text in
            ["", "$", "$argon2id$v=19$m=64,t=2$YQ$YQ", "$argon2i$v=19$m=64,t=2,p=1$YQ$YQ", "$pbkdf2-sha256$i=1$YQ$YQ"]
        {
            assert_eq!(
                Hasher::new(&pepper).verify(&password(), bound("a"), text),
                Err(VerifierError::Unreadable),
                "{text}"
            );
        }
    }
}
