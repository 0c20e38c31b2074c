//! The states, territories and military areas that the United States Postal Service delivers to at domestic rates
//! (Publication 28, appendix B).

/// Code and name, sorted by code: 50 states, the District of Columbia, eight territories and freely associated states,
/// three military areas.
const STATES: [(&str, &str); 62] = [
    ("AA", "Armed Forces Americas"),
    ("AE", "Armed Forces Europe"),
    ("AK", "Alaska"),
    ("AL", "Alabama"),
    ("AP", "Armed Forces Pacific"),
    ("AR", "Arkansas"),
    ("AS", "American Samoa"),
    ("AZ", "Arizona"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DC", "District of Columbia"),
    ("DE", "Delaware"),
    ("FL", "Florida"),
    ("FM", "Federated States of Micronesia"),
    ("GA", "Georgia"),
    ("GU", "Guam"),
    ("HI", "Hawaii"),
    ("IA", "Iowa"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("MA", "Massachusetts"),
    ("MD", "Maryland"),
    ("ME", "Maine"),
    ("MH", "Marshall Islands"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MO", "Missouri"),
    ("MP", "Northern Mariana Islands"),
    ("MS", "Mississippi"),
    ("MT", "Montana"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("NE", "Nebraska"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NV", "Nevada"),
    ("NY", "New York"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("PW", "Palau"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VA", "Virginia"),
    ("VI", "Virgin Islands"),
    ("VT", "Vermont"),
    ("WA", "Washington"),
    ("WI", "Wisconsin"),
    ("WV", "West Virginia"),
    ("WY", "Wyoming"),
];

/// How alike a misspelled name must be to one of [`STATES`] to be taken for it, from 0 to 1 (Jaro-Winkler).
const ALIKE: f64 = 0.9;

/// The name of the state or area with this code, in capitals.
#[must_use]
pub fn name(code: &str) -> Option<&'static str> {
    let place = STATES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    STATES.get(place).map(|(_, name)| *name)
}

/// Every code, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    STATES.iter().map(|(code, _)| *code)
}

/// The state or area that a person probably meant who wrote its name, spelled rightly or nearly so: code and name.
#[must_use]
pub fn meant_by(name: &str) -> Option<(&'static str, &'static str)> {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let scored = STATES.iter().map(|(code, known)| (likeness(known), *code, *known));
    let (likeness, code, known) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness >= ALIKE).then_some((code, known))
}

/// Whether mail for this code goes through the military post.
#[must_use]
pub fn is_military(code: &str) -> bool {
    matches!(code, "AA" | "AE" | "AP")
}

/// Whether this city is a military or diplomatic post office, case aside.
#[must_use]
pub fn is_military_city(city: &str) -> bool {
    ["APO", "FPO", "DPO"].iter().any(|post| post.eq_ignore_ascii_case(city))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_complete() {
        assert!(STATES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(codes().filter(|code| is_military(code)).count(), 3);
        assert_eq!(name("WY"), Some("Wyoming"));
        for unknown in ["", "wy", "ZZ", "WYO"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn names_and_near_names_find_their_code() {
        for (written, code) in
            [("California", "CA"), ("west virginia", "WV"), ("Virginia", "VA"), ("Missisippi", "MS"), ("Kansas", "KS")]
        {
            assert_eq!(meant_by(written).map(|(code, _)| code), Some(code), "{written}");
        }
        assert_eq!(meant_by("Ontario"), None);
    }
}
