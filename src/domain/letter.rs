//! The letter: one mail piece, its id, and the states that it and its password go through.

use std::fmt;
use std::str::FromStr;

use super::crockford;

/// The public name of one mail piece: ten symbols of Crockford base32, 50 random bits, printed `XXXXX-XXXXX`.
///
/// It names the piece and nothing else: it is drawn apart from the password and is no key to any account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterId([u8; 10]);

impl LetterId {
    /// Letters and digits of an id, without the hyphen.
    pub const SYMBOLS: usize = 10;
    /// How many random bytes an id takes: one a symbol, of which the low five bits count.
    pub const ENTROPY_BYTES: usize = Self::SYMBOLS;

    /// The id that these random bytes give.
    #[must_use]
    pub fn from_entropy(bytes: [u8; Self::ENTROPY_BYTES]) -> Self {
        Self(bytes.map(crockford::symbol))
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in self.0.iter().enumerate() {
            if place == 5 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no letter id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a letter id; a letter id has ten letters and digits, as in 7K2QX-90DMC")]
pub struct NotALetterId(pub String);

impl FromStr for LetterId {
    type Err = NotALetterId;

    /// Reads an id as a person would type it: case, spaces, hyphens and lookalikes are forgiven, and the `#` that
    /// stands before it in the envelope's window.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotALetterId(text.chars().take(40).collect());
        let mut symbols = [0u8; 10];
        let mut count = 0;
        let typed = text.trim_start();
        for typed in typed.strip_prefix('#').unwrap_or(typed).chars().filter(|c| !crockford::is_separator(*c)) {
            *symbols.get_mut(count).ok_or_else(refused)? = crockford::forgive(typed).ok_or_else(refused)?;
            count += 1;
        }
        if count == symbols.len() { Ok(Self(symbols)) } else { Err(refused()) }
    }
}

/// Defines an enum whose variants have one stable name each, as stored, shown and read.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::from_name(&name).ok_or_else(|| {
                    let known = Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", ");
                    serde::de::Error::custom(format!("unknown name '{name}', one of: {known}"))
                })
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where a letter is on its way.
    LetterStatus {
        /// In a sealed package that nobody has been given yet.
        Sealed = "sealed",
        /// The vendor can take its package.
        Delivered = "delivered",
        /// The vendor opened the package and took the job.
        Accepted = "accepted",
        /// On paper.
        Printed = "printed",
        /// Handed to the postal service.
        Mailed = "mailed",
        /// Its package was withdrawn before any vendor had it.
        Voided = "voided",
        /// The vendor will not print it.
        Rejected = "rejected",
        /// Destroyed in production, and not made again.
        Spoiled = "spoiled",
        /// Taken out of production on the agency's order.
        Pulled = "pulled",
        /// Came back from the postal service.
        Returned = "returned",
    }
}

impl LetterStatus {
    /// Whether the letter is still on its way to its reader, or with them.
    #[must_use]
    pub fn is_on_its_way(self) -> bool {
        matches!(self, Self::Sealed | Self::Delivered | Self::Accepted | Self::Printed | Self::Mailed)
    }
}

named! {
    /// What a temporary password is good for.
    PasswordStatus {
        /// Its package is not delivered yet.
        Waiting = "waiting",
        /// Good until its last day.
        Live = "live",
        /// Tried wrongly too often.
        Locked = "locked",
        /// A new password was set with it.
        Redeemed = "redeemed",
        /// Its last day has passed.
        Expired = "expired",
        /// Ended by a person, a newer letter, or what happened to the paper.
        Revoked = "revoked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_a_person_types_it() {
        let id = LetterId::from_entropy([0, 1, 2, 10, 31, 32, 63, 17, 22, 9]);
        assert_eq!(id.to_string(), "012AZ-0ZHP9");
        for typed in ["012AZ-0ZHP9", "o12az ozhp9", "0L2AZ0ZHP9", "#012AZ-0ZHP9", " # 012AZ-0ZHP9"] {
            assert_eq!(typed.parse::<LetterId>(), Ok(id), "{typed}");
        }
        for refused in ["", "012AZ-0ZHP", "012AZ-0ZHP99", "U12AZ-0ZHP9", "##012AZ-0ZHP9", "012AZ-#0ZHP9"] {
            assert!(refused.parse::<LetterId>().is_err(), "{refused}");
        }
    }
}
