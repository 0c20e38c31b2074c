//! Judging an address: domestic by the rules of the United States Postal Service, foreign by what can be known.

use super::super::address::PostalAddress;
use super::super::{country, state, zip_state};
use super::RawRequest;
use super::judge::Findings;
use super::text::shown;

/// Characters in an address line, at most.
pub const LINE_LIMIT: usize = 100;
/// Characters in the name of a city, or of a region abroad, at most.
pub const CITY_LIMIT: usize = 60;
/// Characters in a foreign postal code, at most.
const POSTAL_CODE_LIMIT: usize = 20;

/// The address of a row; what is wrong with it goes to `findings`.
pub(super) fn judge_address(raw: &RawRequest, findings: &mut Findings) -> Option<PostalAddress> {
    let address_line_1 = findings.required("address_line_1", raw.address_line_1.as_deref(), LINE_LIMIT);
    let address_line_2 = findings.optional("address_line_2", raw.address_line_2.as_deref(), LINE_LIMIT);
    let city = findings.required("city", raw.city.as_deref(), CITY_LIMIT);
    let state = findings.optional("state", raw.state.as_deref(), CITY_LIMIT);
    let postal_code = findings.optional("postal_code", raw.postal_code.as_deref(), POSTAL_CODE_LIMIT);
    let country = judge_country(raw.country.as_deref(), findings)?;
    let (state, postal_code) = if country == "US" {
        let state = state.and_then(|found| judge_state(&found, findings));
        let postal_code = postal_code.and_then(|found| judge_zip(&found, findings));
        judge_agreement(city.as_deref(), state.as_deref(), postal_code.as_deref(), findings);
        (state, postal_code)
    } else {
        (state, postal_code)
    };
    Some(PostalAddress {
        address_line_1: address_line_1?,
        address_line_2: address_line_2?,
        city: city?,
        state: state?,
        postal_code: postal_code?,
        country,
    })
}

/// The country's code in capitals; the United States where none is given.
fn judge_country(found: Option<&str>, findings: &mut Findings) -> Option<String> {
    let code = found.map(str::trim).filter(|code| !code.is_empty()).unwrap_or("US").to_ascii_uppercase();
    if country::name(&code).is_none() {
        let remedy = country::code_of(&code).map_or_else(
            || "write the two-letter code of ISO 3166-1, as in US, CA or MX".to_owned(),
            |meant| format!("write {meant}"),
        );
        findings.add("country", format!("{} is not a country code", shown(&code)), remedy);
        return None;
    }
    if code != "US" && state::name(&code).is_some_and(|area| is_island_area(&code, area)) {
        findings.add(
            "country",
            format!("{code} is served as a domestic destination of the United States"),
            format!("write US as the country and {code} as the state"),
        );
        return None;
    }
    Some(code)
}

/// Whether a code that names both a country and a state names the same place in both lists: `PR` is Puerto Rico in
/// both, while `CA` is Canada and California.
fn is_island_area(code: &str, area: &str) -> bool {
    country::name(code).is_some_and(|country| country.ends_with(area))
}

/// A state's code in capitals.
fn judge_state(found: &str, findings: &mut Findings) -> Option<String> {
    let code = found.to_ascii_uppercase();
    if state::name(&code).is_some() {
        return Some(code);
    }
    let problem = if code.is_empty() { "is missing".to_owned() } else { format!("{} is not a state", shown(found)) };
    let remedy = state::meant_by(found).map_or_else(
        || "write the two-letter code of a state, territory or military area, as in NY, PR or AE".to_owned(),
        |(meant, name)| format!("write {meant} for {name}"),
    );
    findings.add("state", problem, remedy);
    None
}

/// A ZIP code as `12345` or `12345-6789`.
fn judge_zip(found: &str, findings: &mut Findings) -> Option<String> {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let (five, four) = found.split_once('-').unwrap_or(match found.get(..5) {
        Some(five) if digits(found, 9) => (five, found.get(5..).unwrap_or_default()),
        _ => (found, ""),
    });
    if digits(five, 5) && (digits(four, 4) || found == five) {
        return Some(if four.is_empty() { five.to_owned() } else { format!("{five}-{four}") });
    }
    let problem = if found.is_empty() { "is missing".to_owned() } else { "is not a ZIP code".to_owned() };
    let remedy = "write five digits, or nine as in 12345-6789; a spreadsheet may have eaten a leading zero";
    findings.add("postal_code", problem, remedy.to_owned());
    None
}

/// Whether city, state and ZIP code can be of one place.
fn judge_agreement(city: Option<&str>, state: Option<&str>, zip: Option<&str>, findings: &mut Findings) {
    let Some(state) = state else { return };
    if let Some(city) = city
        && state::is_military_city(city) != state::is_military(state)
    {
        findings.add(
            "city",
            format!("this city and state {state} do not go together"),
            "APO, FPO and DPO go with AA, AE or AP, and these with nothing else".to_owned(),
        );
    }
    let Some(zip) = zip else { return };
    let states = zip_state::states_of(zip);
    if states.is_empty() {
        let problem = format!("no ZIP code begins like {zip}");
        findings.add("postal_code", problem, "check the ZIP code against the address".to_owned());
    } else if !states.contains(&state) {
        findings.add(
            "postal_code",
            format!("ZIP code {zip} is in {}, not in {state}", states.join(" or ")),
            "check the ZIP code and the state against the address".to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(changes: &[(&'static str, &str)]) -> Result<PostalAddress, Vec<(&'static str, String, String)>> {
        let mut raw = RawRequest::default();
        let given = [("address_line_1", "1 Example Street"), ("city", "Springfield"), ("state", "IL")];
        for (column, text) in given.iter().chain(&[("postal_code", "62701")]).chain(changes) {
            *raw.column_mut(column).unwrap() = Some((*text).to_owned());
        }
        let mut findings = Findings::default();
        let address = judge_address(&raw, &mut findings);
        let found = findings.into_problems();
        if found.is_empty() {
            Ok(address.unwrap())
        } else {
            Err(found.into_iter().map(|p| (p.column, p.problem, p.remedy)).collect())
        }
    }

    fn refused_columns(changes: &[(&'static str, &str)]) -> Vec<&'static str> {
        judged(changes).unwrap_err().into_iter().map(|(column, _, _)| column).collect()
    }

    #[test]
    fn domestic_codes_are_normalised() {
        let address = judged(&[("state", " il "), ("postal_code", "627010001"), ("country", "us")]).unwrap();
        assert_eq!((address.state.as_str(), address.postal_code.as_str()), ("IL", "62701-0001"));
        assert_eq!(address.country, "US");
        for refused in ["6270", "627011", "62701-", "62701-1", "6270l", "62701 0001", "-62701", "６２７０１", ""] {
            assert_eq!(refused_columns(&[("postal_code", refused)]), ["postal_code"], "{refused}");
        }
    }

    #[test]
    fn a_state_in_full_is_answered_with_its_code() {
        let problems = judged(&[("state", "Illinois")]).unwrap_err();
        assert_eq!(problems, [("state", "'Illinois' is not a state".into(), "write IL for Illinois".into())]);
        assert_eq!(refused_columns(&[("state", "ZZ")]), ["state"]);
        assert_eq!(refused_columns(&[("state", "")]), ["state"]);
    }

    #[test]
    fn zip_and_state_must_agree() {
        let problems = judged(&[("state", "OH")]).unwrap_err();
        assert_eq!(problems[0].1, "ZIP code 62701 is in IL, not in OH");
        assert_eq!(judged(&[("postal_code", "00000")]).unwrap_err()[0].1, "no ZIP code begins like 00000");
        for state in ["CT", "NY"] {
            assert!(judged(&[("state", state), ("postal_code", "06390")]).is_ok(), "{state}");
        }
    }

    #[test]
    fn military_post_offices_go_with_military_areas() {
        for (city, state, zip) in [("APO", "AE", "09012"), ("fpo", "AP", "96350"), ("DPO", "AA", "34002")] {
            assert!(judged(&[("city", city), ("state", state), ("postal_code", zip)]).is_ok(), "{city}");
        }
        assert_eq!(refused_columns(&[("city", "APO")]), ["city"]);
        assert_eq!(refused_columns(&[("state", "AE"), ("postal_code", "09012")]), ["city"]);
    }

    #[test]
    fn abroad_only_city_and_country_are_required() {
        let address = judged(&[("country", "ca"), ("state", "Ontario"), ("postal_code", "K1A 0B1")]).unwrap();
        assert_eq!((address.state.as_str(), address.country.as_str()), ("Ontario", "CA"));
        assert!(judged(&[("country", "IE"), ("state", ""), ("postal_code", "")]).is_ok());
        assert_eq!(refused_columns(&[("country", "IE"), ("city", " ")]), ["city"]);
    }

    #[test]
    fn a_country_must_be_a_code_and_islands_are_domestic() {
        assert_eq!(judged(&[("country", "Canada")]).unwrap_err()[0].2, "write CA");
        for unknown in ["UK", "USA", "XX", "\u{202E}"] {
            assert_eq!(refused_columns(&[("country", unknown)]), ["country"], "{unknown}");
        }
        for island in ["AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"] {
            let (_, _, remedy) = judged(&[("country", island)]).unwrap_err().remove(0);
            assert_eq!(remedy, format!("write US as the country and {island} as the state"));
        }
        for (abroad, _) in [("AL", "Albania"), ("DE", "Germany"), ("GA", "Gabon"), ("IN", "India"), ("AE", "Emirates")]
        {
            assert!(judged(&[("country", abroad)]).is_ok(), "{abroad}");
        }
    }
}
