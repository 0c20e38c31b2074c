//! `NAME.pull-{n}.json.pgp`: the agency's order to take pieces of a package out of production before they are mailed.
//!
//! Signed by the site, so that nobody else can stop a letter; encrypted to the vendor, because it tells whose letters
//! are withheld and why. The vendor answers in a receipt: `pulled` for each piece that it took out, `mailed` for one
//! that it could not.

use chrono::{DateTime, Utc};
use rand08::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

use super::name::{NotAPullName, PullFileName};
use super::openpgp::{Certificate, OpenPgpError, SecretKey, open, seal};
use super::ticket::whole_seconds;
use crate::domain::letter::LetterId;
use crate::domain::package_name::PackageName;

/// The form of the order that is described here.
pub const FORMAT_VERSION: u32 = 1;
/// The most bytes that an order unfolds to: a package's worth of letter ids, many times over.
pub const MAX_ORDER_BYTES: u64 = 1 << 20;

/// What a pull order says. Fields are written in the order of this declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullOrder {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The package that the letters are in.
    pub package: PackageName,
    /// The order's number for that package, from 1 without gaps: a missing one is a lost file.
    pub number: u32,
    /// The letters to take out: at least one, each once.
    #[serde(with = "letter_ids")]
    pub letters: Vec<LetterId>,
    /// Why, in words for the vendor; never of a person.
    pub reason: String,
    /// When it was given; whole seconds.
    #[serde(serialize_with = "whole_seconds")]
    pub made_at: DateTime<Utc>,
    /// Whom to ask.
    pub contact: String,
}

/// Why a pull order is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// The file is not named as a pull order.
    #[error(transparent)]
    Name(#[from] NotAPullName),
    /// It cannot be opened, or is not signed by the pinned site key.
    #[error("the pull order's seal is not good: {0}")]
    Seal(#[from] OpenPgpError),
    /// What was sealed is not a pull order.
    #[error("the pull order cannot be read: {0}")]
    NotAnOrder(String),
    /// A later form than this program knows.
    #[error(
        "the pull order has format_version {0}, and this program reads {FORMAT_VERSION}; use a program as new as the site's"
    )]
    UnknownVersion(u64),
    /// It is another order than its file name says; both by the names of their files.
    #[error("the pull order is {found}, and its file is named {wanted}: renamed or swapped")]
    OtherOrder {
        /// The order inside.
        found: String,
        /// What the file's name says.
        wanted: String,
    },
    /// It names no letter.
    #[error("the pull order names no letter")]
    NoLetters,
    /// It names a letter twice.
    #[error("the pull order names letter {0} twice")]
    RepeatedLetter(LetterId),
}

impl PullOrder {
    /// The name of its file in the vendor's inbox.
    #[must_use]
    pub fn file_name(&self) -> PullFileName {
        PullFileName { package: self.package.clone(), number: self.number }
    }

    /// The order's bytes: JSON, signed by the site and encrypted to the vendor in one OpenPGP message, as a package is.
    ///
    /// # Errors
    /// Where the order names no letter or one twice, or a key may not be used at `at`.
    pub fn seal<R: CryptoRng + RngCore>(
        &self,
        signer: &SecretKey,
        recipients: &[&Certificate],
        at: DateTime<Utc>,
        rng: &mut R,
    ) -> Result<Vec<u8>, PullError> {
        self.check_letters()?;
        let json = serde_json::to_string_pretty(self).map_err(|error| PullError::NotAnOrder(error.to_string()))?;
        Ok(seal((json + "\n").as_bytes(), signer, recipients, at, rng)?)
    }

    /// Opens the order in the file of this name (without folders) with the vendor's `key`.
    ///
    /// # Errors
    /// Where it is not sealed to this key by the pinned site `signer`, is not an order, is another order than the file's
    /// name says, or names no letter or one twice.
    pub fn open(
        file_name: &str,
        sealed: &[u8],
        key: &SecretKey,
        signer: &Certificate,
        at: DateTime<Utc>,
    ) -> Result<Self, PullError> {
        let wanted: PullFileName = file_name.parse()?;
        let opened = open(sealed, key, signer, at, MAX_ORDER_BYTES)?;
        let order = Self::read(&opened.plaintext)?;
        let found = order.file_name();
        if found != wanted {
            return Err(PullError::OtherOrder { found: found.to_string(), wanted: wanted.to_string() });
        }
        order.check_letters()?;
        Ok(order)
    }

    /// Reads the JSON. Its version is looked at before anything else.
    fn read(bytes: &[u8]) -> Result<Self, PullError> {
        #[derive(Deserialize)]
        struct Version {
            format_version: u64,
        }
        let refused = |error: serde_json::Error| PullError::NotAnOrder(error.to_string());
        let version: Version = serde_json::from_slice(bytes).map_err(refused)?;
        if version.format_version != u64::from(FORMAT_VERSION) {
            return Err(PullError::UnknownVersion(version.format_version));
        }
        serde_json::from_slice(bytes).map_err(refused)
    }

    fn check_letters(&self) -> Result<(), PullError> {
        let mut seen = std::collections::BTreeSet::new();
        match self.letters.iter().find(|letter| !seen.insert(**letter)) {
            Some(repeated) => Err(PullError::RepeatedLetter(*repeated)),
            None if self.letters.is_empty() => Err(PullError::NoLetters),
            None => Ok(()),
        }
    }
}

/// Letter ids as they are printed.
mod letter_ids {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::domain::letter::LetterId;

    pub(super) fn serialize<S: Serializer>(letters: &[LetterId], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(letters.iter().map(ToString::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LetterId>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
    }
}
