//! The key of an address: the same for every way in which people write one place, so that letters to it can be counted.
//!
//! A key is never printed and mails nothing. Two addresses of one key are one place almost surely; one place may still have
//! two keys, where it is written in ways that no rule of spelling joins.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::address::PostalAddress;
use super::publication28::{self, Region};

/// Names the encoding, so that a later one can never be taken for it.
const ENCODING: &str = "letterpost address key 1";
/// Words for a unit that its number follows, in their short forms: people take one for the other.
const UNIT_WORDS: [&str; 7] = ["APT", "UNIT", "STE", "RM", "SPC", "LOT", "#"];

/// SHA-256 of the key: what the ledger keeps of it.
#[must_use]
pub fn address_sha256(address: &PostalAddress) -> [u8; 32] {
    Sha256::digest(format!("{ENCODING}\n{}", address_key(address))).into()
}

/// The address in one spelling: capitals without accents and marks, streets and units in the forms of Publication 28, the
/// ZIP code without its last four digits.
///
/// A domestic place is told by its lines and its ZIP code: the city of one ZIP code has several names.
#[must_use]
pub fn address_key(address: &PostalAddress) -> String {
    let lines = [&address.address_line_1, &address.address_line_2];
    if address.is_domestic() {
        let region = if address.state == "PR" { Region::PuertoRico } else { Region::Mainland };
        let street: Vec<String> = lines.into_iter().map(|line| domestic(line, region)).collect();
        let zip = address.postal_code.get(..5).unwrap_or(&address.postal_code);
        return joined(&[street.join(" ").trim().to_owned(), zip.to_owned(), address.country.clone()]);
    }
    let mut parts: Vec<String> = lines.into_iter().chain([&address.city, &address.state]).map(|it| plain(it)).collect();
    parts.push(plain(&address.postal_code).replace(' ', ""));
    parts.push(address.country.clone());
    joined(&parts)
}

fn domestic(line: &str, region: Region) -> String {
    let capitals = without_accents(line);
    if publication28::is_care_of(&capitals) {
        return String::new();
    }
    // A number that touches its mark is written apart from it: #4.
    let apart = publication28::abbreviated(&capitals, region).replace('#', " # ");
    let words = without_marks(&apart);
    let mut key: Vec<&str> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let word = if UNIT_WORDS.contains(&word) { "#" } else { word };
        // APT # 4 names its unit twice.
        if !(word == "#" && key.last() == Some(&"#")) {
            key.push(word);
        }
    }
    key.join(" ")
}

/// Capitals, and letters without their accents.
fn without_accents(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase).collect()
}

fn plain(text: &str) -> String {
    without_marks(&without_accents(text))
}

/// Words with one space between them.
fn without_marks(text: &str) -> String {
    let no_mark = |c: char| c.is_alphanumeric() || c == '#';
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}' | '.'))
        .map(|c| if no_mark(c) { c } else { ' ' })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn joined(parts: &[String]) -> String {
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line_1: &str, line_2: &str, city: &str, state: &str, postal_code: &str, country: &str) -> String {
        address_key(&PostalAddress {
            address_line_1: line_1.to_owned(),
            address_line_2: line_2.to_owned(),
            city: city.to_owned(),
            state: state.to_owned(),
            postal_code: postal_code.to_owned(),
            country: country.to_owned(),
        })
    }

    fn in_springfield(line_1: &str, line_2: &str) -> String {
        key(line_1, line_2, "Springfield", "IL", "62701", "US")
    }

    #[test]
    fn one_place_has_one_key_however_it_is_written() {
        let expected = in_springfield("12 N Sample St", "Apt 4");
        assert_eq!(expected, "12 N SAMPLE ST # 4\n62701\nUS");
        for (line_1, line_2) in [
            ("12 North Sample Street", "Apartment 4"),
            ("12  n.  sample  street,", "apt. 4"),
            ("12 North Sample Street Apt 4", ""),
            ("12 North Sample Street, Unit 4", ""),
            ("12 North Sample Street #4", ""),
            ("12 North Sample Street", "# 4"),
            ("12 North Sample Street", "Apt #4"),
            ("12 Nörth Sàmple Street", "Suite 4"),
        ] {
            assert_eq!(in_springfield(line_1, line_2), expected, "{line_1} / {line_2}");
        }
        let other_city = key("12 N Sample St", "Apt 4", "SPRING FIELD", "IL", "62701-1234", "US");
        assert_eq!(other_city, expected, "a city has several names, and a ZIP code one street of a name");
    }

    #[test]
    fn who_takes_the_letter_in_makes_no_other_place() {
        let expected = in_springfield("12 Sample St", "");
        assert_eq!(in_springfield("12 Sample Street", "c/o Bo Li"), expected);
        assert_eq!(in_springfield("Attn: Bo Li", "12 Sample Street"), expected);
        assert_ne!(in_springfield("12 Sample Street", "Bo Li"), expected);
    }

    #[test]
    fn other_places_have_other_keys() {
        let places = [
            in_springfield("12 Sample St", ""),
            in_springfield("12 Sample St", "Apt 4"),
            in_springfield("12 Sample Ave", ""),
            in_springfield("PO Box 12", ""),
            key("12 Sample St", "", "Springfield", "IL", "62702", "US"),
            key("PSC 802 Box 74", "", "APO", "AE", "09499", "US"),
            key("PSC 802 Box 75", "", "APO", "AE", "09499", "US"),
            key("12 Sample St", "", "Springfield", "", "62701", "CA"),
        ];
        let distinct: std::collections::BTreeSet<&String> = places.iter().collect();
        assert_eq!(distinct.len(), places.len(), "{places:#?}");
    }

    #[test]
    fn boxes_and_places_abroad_are_folded_too() {
        assert_eq!(in_springfield("P.O. Box 12", ""), in_springfield("Post Office Box 12", ""));
        let berlin = key("Beispielstraße 5", "", "Musterstadt", "", "10969", "DE");
        assert_eq!(berlin, "BEISPIELSTRASSE 5\n\nMUSTERSTADT\n\n10969\nDE");
        assert_eq!(key("BEISPIELSTRASSE 5.", "", " Musterstadt ", "", "109 69", "DE"), berlin);
        let ottawa = key("40 Example Crescent", "", "Ottawa", "Ontario", "K1A 0B1", "CA");
        assert_eq!(key("40 EXAMPLE CRESCENT", "", "OTTAWA", "ONTARIO", "k1a-0b1", "CA"), ottawa);
    }

    #[test]
    fn the_digest_stands_for_ever() {
        let address = PostalAddress {
            address_line_1: "1 Example Street".to_owned(),
            address_line_2: String::new(),
            city: "Springfield".to_owned(),
            state: "IL".to_owned(),
            postal_code: "62701".to_owned(),
            country: "US".to_owned(),
        };
        // printf 'letterpost address key 1\n1 EXAMPLE ST\n62701\nUS' | sha256sum
        assert_eq!(
            hex::encode(address_sha256(&address)),
            "2b4d98213bab685f4abfbd2d7da61fddf8ff9c2dcdb27d45b6cc3e16a9e8db94"
        );
    }
}
