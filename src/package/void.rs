//! `NAME.void`: a signed notice that a number will never come, so that a missing number is always a lost file.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::openpgp::{Certificate, OpenPgpError, SecretKey, sign_cleartext, verify_cleartext};
use super::ticket::whole_seconds;
use crate::domain::package_name::PackageName;

/// What a void notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoidNotice {
    /// The package that will not come.
    pub name: PackageName,
    /// Why, in words for the vendor; never of a person.
    pub reason: String,
    /// When that was decided; whole seconds.
    #[serde(serialize_with = "whole_seconds")]
    pub at: DateTime<Utc>,
}

/// Why a void notice is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoidError {
    /// Its signature is not good.
    #[error("the void notice is not signed as it must be: {0}")]
    NotSigned(#[from] OpenPgpError),
    /// What is signed is not a void notice.
    #[error("the void notice cannot be read: {0}")]
    NotANotice(String),
    /// It is about another package than its file name says.
    #[error("the void notice is about {found}, and its file is named after {wanted}")]
    OtherPackage {
        /// The package in the notice.
        found: PackageName,
        /// The package in the file's name.
        wanted: PackageName,
    },
}

impl VoidNotice {
    /// The notice's bytes: JSON in an OpenPGP cleartext signature, which `gpg --verify` checks.
    ///
    /// # Errors
    /// Where the key may not sign at `at`.
    pub fn sign(&self, key: &SecretKey, at: DateTime<Utc>) -> Result<String, VoidError> {
        let json = serde_json::to_string_pretty(self).map_err(|error| VoidError::NotANotice(error.to_string()))?;
        Ok(sign_cleartext(&json, key, at)?)
    }

    /// Reads the notice in the file that is named after package `name`.
    ///
    /// # Errors
    /// Where it is not signed by the pinned key, is not a notice, or is about another package.
    pub fn read(bytes: &[u8], name: &PackageName, signer: &Certificate, at: DateTime<Utc>) -> Result<Self, VoidError> {
        let (json, _) = verify_cleartext(bytes, signer, at)?;
        let notice: Self = serde_json::from_str(&json).map_err(|error| VoidError::NotANotice(error.to_string()))?;
        if notice.name == *name {
            Ok(notice)
        } else {
            Err(VoidError::OtherPackage { found: notice.name, wanted: name.clone() })
        }
    }
}
