//! The number of a postal statement: the form on which a vendor hands a mailing to the postal service (PS Form 3600 for
//! First-Class Mail, 3602 for other mail), and which the postal service accepts and keeps.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The longest number, in characters.
pub const MAX_CHARACTERS: usize = 40;

/// A postal statement's number: letters, digits and hyphens, at most [`MAX_CHARACTERS`], not beginning with a hyphen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostalStatement(String);

/// A text that is no number of a postal statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a postal statement's number is letters, digits and hyphens, at most {MAX_CHARACTERS}, not beginning with a hyphen"
)]
pub struct NotAStatement;

impl PostalStatement {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PostalStatement {
    type Err = NotAStatement;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if is_number && begins_well && text.len() <= MAX_CHARACTERS {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAStatement)
        }
    }
}

impl fmt::Display for PostalStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for PostalStatement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_hyphens_are_a_number_and_nothing_else_is() {
        for number in ["3600-2026-0303", "1", "PS3602R7", &"9".repeat(40)] {
            assert_eq!(number.parse::<PostalStatement>().unwrap().as_str(), number);
        }
        let long = "9".repeat(41);
        for refused in ["", "-1", "a b", "a_b", "=1", "é", "12/3", "１２", "a\u{0}", long.as_str()] {
            assert_eq!(refused.parse::<PostalStatement>(), Err(NotAStatement), "{refused:?}");
        }
    }
}
