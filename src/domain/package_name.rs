//! The name of a package: whose it is, who prints it, and its number.

use std::fmt;
use std::str::FromStr;

use super::letter::named;

named! {
    /// Whether a site's letters go to people or are for trying things out.
    Environment {
        /// Nothing may reach a real person.
        Test = "test",
        /// Real letters to real people.
        Live = "live",
    }
}

/// The longest code of a site or a vendor, in characters.
pub const MAX_CODE_LENGTH: usize = 8;

/// A package's name, `{site}-{vendor}-{number:06}`; a site that is not live says so: `{site}-test-{vendor}-{number:06}`.
///
/// A name and its bytes are for ever. Numbers count from 1 without gaps per site and vendor, so that a vendor sees a
/// missing one. From 1,000,000 on, the number simply has more digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName {
    site: String,
    environment: Environment,
    vendor: String,
    number: u32,
}

impl PackageName {
    /// The name of package `number` from a site to a vendor.
    ///
    /// # Errors
    /// Where a code is not one to eight lower-case letters and digits, or the number is 0.
    pub fn new(site: &str, environment: Environment, vendor: &str, number: u32) -> Result<Self, NotAPackageName> {
        if is_code(site) && is_code(vendor) && number > 0 {
            Ok(Self { site: site.to_owned(), environment, vendor: vendor.to_owned(), number })
        } else {
            Err(NotAPackageName::shorten(&format!("{site}-{vendor}-{number:06}")))
        }
    }

    /// The code of the site that made it.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Whether it carries real letters.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The code of the vendor that prints it.
    #[must_use]
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }
}

/// Whether a text can stand for a site or a vendor in a package's name: one to eight lower-case letters and digits.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (1..=MAX_CODE_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.environment {
            Environment::Test => "-test",
            Environment::Live => "",
        };
        write!(f, "{}{mark}-{}-{:06}", self.site, self.vendor, self.number)
    }
}

/// A text that is no package name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a package name; one looks like eba-acme-000123, or eba-test-acme-000123 from a test site: codes of at \
     most eight lower-case letters and digits, and a number from 1 in six digits"
)]
pub struct NotAPackageName(pub String);

impl NotAPackageName {
    fn shorten(text: &str) -> Self {
        Self(text.chars().take(60).collect())
    }
}

impl FromStr for PackageName {
    type Err = NotAPackageName;

    /// Reads a name as it is written and no other way: what it reads prints back the same.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAPackageName::shorten(text);
        let parts: Vec<&str> = text.splitn(5, '-').collect();
        let (site, environment, vendor, digits) = match parts.as_slice() {
            [site, vendor, digits] => (site, Environment::Live, vendor, digits),
            [site, "test", vendor, digits] => (site, Environment::Test, vendor, digits),
            _ => return Err(refused()),
        };
        let number = digits.parse().map_err(|_| refused())?;
        let name = Self::new(site, environment, vendor, number).map_err(|_| refused())?;
        if name.to_string() == text { Ok(name) } else { Err(refused()) }
    }
}

impl serde::Serialize for PackageName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PackageName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_and_read_back() {
        let live = PackageName::new("eba", Environment::Live, "acme", 123).unwrap();
        assert_eq!(live.to_string(), "eba-acme-000123");
        let test = PackageName::new("eba", Environment::Test, "acme", 123).unwrap();
        assert_eq!(test.to_string(), "eba-test-acme-000123");
        for name in [live, test, PackageName::new("test", Environment::Live, "test", 1_234_567).unwrap()] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn a_name_reads_one_way_only() {
        for refused in [
            "",
            "eba",
            "eba-acme",
            "eba-acme-123",
            "eba-acme-000000",
            "eba-acme-0000123",
            "eba-acme-+00123",
            "eba-acme-00012a",
            "EBA-acme-000123",
            "eba-ac.me-000123",
            "../acme-000123",
            "eba--000123",
            "ninechars-acme-000123",
            "eba-live-acme-000123",
            "eba-test-acme-000123-1",
            "eba-acme-000123 ",
            "eba-acme-99999999999",
        ] {
            assert!(refused.parse::<PackageName>().is_err(), "{refused}");
        }
    }
}
