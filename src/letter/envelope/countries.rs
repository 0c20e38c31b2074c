//! The country as the last line of a letter abroad: its English name in plain capitals.
//!
//! Territories that the United States Postal Service serves as domestic mail have none here: they are addressed with
//! `US` and their two-letter code as the state.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::country;

/// Codes of ISO 3166-1 that are domestic mail: the United States, their territories and the freely associated states.
pub(in crate::letter) const DOMESTIC: &[&str] = &["US", "UM", "AS", "GU", "MP", "PR", "VI", "FM", "MH", "PW"];

/// Countries whose addresses write the postal code before the town, and nothing after it.
const CODE_FIRST: &[&str] = &[
    "AD", "AL", "AM", "AR", "AT", "BA", "BE", "BG", "CH", "CL", "CR", "CU", "CY", "CZ", "DE", "DK", "DO", "DZ", "EE",
    "ES", "ET", "FI", "FO", "FR", "GL", "GR", "GT", "HN", "HR", "HT", "HU", "IL", "IS", "IT", "LA", "LI", "LT", "LU",
    "MA", "MC", "MD", "ME", "MG", "MK", "MX", "MZ", "NE", "NL", "NO", "PH", "PL", "PT", "PY", "RO", "RS", "SE", "SI",
    "SK", "SM", "SN", "TN", "TR", "UY", "VA",
];

/// The name of the country to print as the last line; `None` for a code of no foreign country.
pub(in crate::letter) fn name(code: &str) -> Option<String> {
    let plain = |name: &str| name.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_uppercase();
    country::name(code).filter(|_| !DOMESTIC.contains(&code)).map(plain)
}

/// Whether the postal code stands before the town.
pub(in crate::letter) fn writes_code_first(code: &str) -> bool {
    CODE_FIRST.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_plain_capitals() {
        assert_eq!(name("DE").as_deref(), Some("GERMANY"));
        assert_eq!(name("CI").as_deref(), Some("COTE D'IVOIRE"));
        assert_eq!(name("AX").as_deref(), Some("ALAND ISLANDS"));
        assert_eq!(name("XX"), None);
    }

    #[test]
    fn what_is_domestic_mail_is_no_country() {
        for code in ["US", "UM", "AS", "GU", "MP", "PR", "VI", "FM", "MH", "PW"] {
            assert_eq!(name(code), None, "{code}");
        }
        // Codes that name a state and quite another country stay countries.
        for code in ["AL", "CA", "DE", "IN", "LA", "PA"] {
            assert!(name(code).is_some(), "{code}");
        }
    }
}
