//! Routing: which vendor prints a letter. The first of the site's vendors that takes it, in their order.
//!
//! A pure function of what the letter is and what the vendors take, so that a rehearsal and a night say the same.

use std::collections::BTreeSet;

use super::request::{Format, Language};

/// The word for every country but the United States, among the countries that a vendor takes.
pub const ABROAD: &str = "abroad";
/// The country of letters at domestic rates.
const DOMESTIC: &str = "US";

/// What of a letter decides who prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Its form.
    pub format: Format,
    /// Its language.
    pub language: Language,
    /// Where it goes: ISO 3166-1 alpha-2, capitals.
    pub country: String,
}

/// The letters that a vendor takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The vendor's code.
    pub vendor: String,
    /// Their languages.
    pub languages: BTreeSet<Language>,
    /// Their forms.
    pub formats: BTreeSet<Format>,
    /// Where they go: codes of countries, and [`ABROAD`]; empty for everywhere.
    pub countries: BTreeSet<String>,
}

/// Why a vendor does not take a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// The vendor's code.
    pub vendor: String,
    /// Every reason, as "takes en; not es".
    pub because: Vec<String>,
}

impl std::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.vendor, self.because.join(", "))
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} letters in {} to {}", self.format, self.language, self.country)
    }
}

/// The code of the first vendor that takes letters of this kind.
///
/// # Errors
/// Where none does: why each does not.
pub fn route<'a>(kind: &Kind, profiles: &'a [Profile]) -> Result<&'a str, Vec<NotTaken>> {
    let mut refusals = Vec::new();
    for profile in profiles {
        match profile.refusal(kind) {
            None => return Ok(&profile.vendor),
            Some(refusal) => refusals.push(refusal),
        }
    }
    Err(refusals)
}

/// Why a letter is held that no vendor takes.
#[must_use]
pub fn unserved(kind: &Kind, refusals: &[NotTaken]) -> String {
    let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    format!("no vendor takes {kind} ({})", told.join("; "))
}

impl Profile {
    /// Why this vendor does not take such a letter; `None` where it does.
    fn refusal(&self, kind: &Kind) -> Option<NotTaken> {
        let takes_country = self.countries.is_empty()
            || self.countries.contains(&kind.country)
            || (self.countries.contains(ABROAD) && kind.country != DOMESTIC);
        let mut because = Vec::new();
        if !self.languages.contains(&kind.language) {
            because.push(lacks(&self.languages, &kind.language));
        }
        if !self.formats.contains(&kind.format) {
            because.push(lacks(&self.formats, &kind.format));
        }
        if !takes_country {
            because.push(lacks(&self.countries, &kind.country));
        }
        (!because.is_empty()).then(|| NotTaken { vendor: self.vendor.clone(), because })
    }
}

fn lacks<T: ToString>(takes: &BTreeSet<T>, wanted: &T) -> String {
    let takes: Vec<String> = takes.iter().map(ToString::to_string).collect();
    format!("takes {} and not {}", takes.join(", "), wanted.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(vendor: &str, languages: &[Language], formats: &[Format], countries: &[&str]) -> Profile {
        Profile {
            vendor: vendor.to_owned(),
            languages: languages.iter().copied().collect(),
            formats: formats.iter().copied().collect(),
            countries: countries.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    fn kind(language: Language, format: Format, country: &str) -> Kind {
        Kind { format, language, country: country.to_owned() }
    }

    use Format::{LargePrint, Standard};
    use Language::{En, Es};

    #[test]
    fn of_two_vendors_that_take_a_letter_the_first_prints_it() {
        let (acme, west) = (profile("acme", &[En], &[Standard], &["US"]), profile("west", &[En, Es], &[Standard], &[]));
        let both = [acme.clone(), west.clone()];
        assert_eq!(route(&kind(En, Standard, "US"), &both), Ok("acme"));
        assert_eq!(route(&kind(Es, Standard, "US"), &both), Ok("west"));
        assert_eq!(route(&kind(En, Standard, "CA"), &both), Ok("west"));
        assert_eq!(route(&kind(En, Standard, "US"), &[west, acme]), Ok("west"));
    }

    #[test]
    fn a_letter_that_nobody_takes_has_the_reasons_of_each() {
        let profiles = [profile("acme", &[En], &[Standard], &["US"]), profile("west", &[En, Es], &[LargePrint], &[])];
        let wanted = kind(Es, Standard, "CA");
        let refusals = route(&wanted, &profiles).unwrap_err();
        assert_eq!(
            unserved(&wanted, &refusals),
            "no vendor takes standard letters in es to CA (acme: takes en and not es, takes US and not CA; west: takes \
             large-print and not standard)"
        );
    }

    #[test]
    fn abroad_is_everywhere_but_the_united_states() {
        let abroad = [profile("globe", &[En], &[Standard], &["abroad"])];
        for (country, taken) in [("CA", true), ("DE", true), ("US", false)] {
            assert_eq!(route(&kind(En, Standard, country), &abroad).is_ok(), taken, "{country}");
        }
        let some = [profile("globe", &[En], &[Standard], &["abroad", "US"])];
        assert_eq!(route(&kind(En, Standard, "US"), &some), Ok("globe"));
    }
}
