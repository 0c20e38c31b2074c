//! The lines of the address as they stand in the window: capitals, the unit above the street, the town last.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::publication28;
use crate::domain::request::Recipient;

use crate::letter::envelope::countries;
use crate::letter::error::Unprintable;
use crate::letter::typeset::characters;

/// The state code under which an urbanization may be given.
const PUERTO_RICO: &str = "PR";

/// A line of the address block and the field of the request that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) struct AddressLine {
    pub field: &'static str,
    pub text: String,
    /// The same, abbreviated as in Publication 28, where that makes a difference. Never for a name or an address abroad.
    pub short: Option<String>,
    /// Where the line is of several fields: each with its own text, to say which cannot be printed.
    pub parts: Vec<(&'static str, String)>,
}

impl AddressLine {
    fn new(field: &'static str, text: String) -> Self {
        Self { field, text, short: None, parts: Vec::new() }
    }

    /// The line with its abbreviated form, in Puerto Rico without those of English streets.
    fn abbreviated(mut self, in_puerto_rico: bool) -> Self {
        let region = if in_puerto_rico { publication28::Region::PuertoRico } else { publication28::Region::Mainland };
        self.short = Some(publication28::abbreviated(&self.text, region)).filter(|short| *short != self.text);
        self
    }
}

/// The address block, from the name down.
///
/// Domestic (Publication 28, chapter 2): secondary line above the delivery line, then `CITY ST ZIP`. In Puerto Rico the
/// urbanization stands above the street, whichever line it was given in (Publication 28, section 29). Foreign
/// (Publication 28, appendix A, section A31): lines as given, then the town with its code, then the country alone.
pub(in crate::letter) fn lines(recipient: &Recipient) -> Result<Vec<AddressLine>, Unprintable> {
    let address = &recipient.address;
    let needed =
        [("full_name", &recipient.full_name), ("address_line_1", &address.address_line_1), ("city", &address.city)];
    if let Some((field, _)) = needed.into_iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(Unprintable::new(field, "is empty; mail cannot be delivered without it"));
    }
    let mut lines = vec![line("full_name", &recipient.full_name)?];
    let (street, unit) =
        (line("address_line_1", &address.address_line_1)?, line("address_line_2", &address.address_line_2)?);
    if address.is_domestic() {
        let in_puerto_rico = address.state == PUERTO_RICO;
        let (street, unit) = (street.abbreviated(in_puerto_rico), unit.abbreviated(in_puerto_rico));
        if in_puerto_rico && is_urbanization(&street) {
            lines.extend([street, unit]);
        } else {
            lines.extend([unit, street]);
        }
        lines.push(town(recipient, ["city", "state", "postal_code"])?);
    } else {
        lines.extend([street, unit]);
        let order = if countries::writes_code_first(&address.country) {
            ["postal_code", "city", "state"]
        } else {
            ["city", "state", "postal_code"]
        };
        lines.push(town(recipient, order)?);
        lines.push(AddressLine::new("country", country(&address.country)?));
    }
    lines.retain(|line| !line.text.is_empty());
    Ok(lines)
}

/// Whether a line in capitals names an urbanization: the quarter that tells two streets of one name apart.
fn is_urbanization(line: &AddressLine) -> bool {
    let first = line.text.split_whitespace().next().unwrap_or_default();
    ["URB", "URB.", "URBANIZACION", "URBANIZACIÓN"].contains(&first)
}

/// One field in capitals.
fn line(field: &'static str, text: &str) -> Result<AddressLine, Unprintable> {
    match characters::refusal(text) {
        Some(reason) => Err(Unprintable::new(field, reason)),
        None => Ok(AddressLine::new(field, capitals(text.trim()))),
    }
}

/// A text in capitals, in normal form C: some letters have no capital of their own and come apart into a letter and a
/// mark, which may compose again.
fn capitals(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.to_uppercase().nfc().collect() }
}

/// The line of the town.
fn town(recipient: &Recipient, order: [&'static str; 3]) -> Result<AddressLine, Unprintable> {
    let address = &recipient.address;
    let mut parts = Vec::with_capacity(order.len());
    for field in order {
        let text = match field {
            "city" => &address.city,
            "state" => &address.state,
            _ => &address.postal_code,
        };
        parts.push((field, line(field, text)?.text));
    }
    let given: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty()).collect();
    let text = given.join(" ");
    Ok(AddressLine { parts, ..AddressLine::new("city", text) })
}

/// The English name of the country.
fn country(code: &str) -> Result<String, Unprintable> {
    countries::name(code).ok_or_else(|| {
        let reason = if countries::DOMESTIC.contains(&code) {
            "is domestic mail: give US as the country and the two-letter code as the state"
        } else {
            "is not a country code of ISO 3166-1 that this letter knows"
        };
        Unprintable::new("country", reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::PostalAddress;
    use crate::domain::request::{Format, Language};

    fn recipient(country: &str, lines: [&str; 5]) -> Recipient {
        let [address_line_1, address_line_2, city, state, postal_code] = lines.map(str::to_owned);
        let country = country.to_owned();
        let address = PostalAddress { address_line_1, address_line_2, city, state, postal_code, country };
        Recipient { full_name: "José Núñez".to_owned(), address, language: Language::En, format: Format::Standard }
    }

    fn texts(country: &str, given: [&str; 5]) -> Vec<String> {
        lines(&recipient(country, given)).unwrap().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn domestic_and_foreign_blocks() {
        assert_eq!(
            texts("US", ["12 Elm St", "Apt 4", "Springfield", "VA", "22150-1234"]),
            ["JOSÉ NÚÑEZ", "APT 4", "12 ELM ST", "SPRINGFIELD VA 22150-1234"]
        );
        assert_eq!(
            texts("US", ["PSC 802 Box 74", "", "APO", "AE", "09499"]),
            ["JOSÉ NÚÑEZ", "PSC 802 BOX 74", "APO AE 09499"]
        );
        assert_eq!(
            texts("DE", ["Lindenstraße 5", "", "Berlin", "", "10969"]),
            ["JOSÉ NÚÑEZ", "LINDENSTRASSE 5", "10969 BERLIN", "GERMANY"]
        );
        assert_eq!(
            texts("CA", ["10 King St W", "Unit 3", "Toronto", "ON", "M5H 1A1"]),
            ["JOSÉ NÚÑEZ", "10 KING ST W", "UNIT 3", "TORONTO ON M5H 1A1", "CANADA"]
        );
    }

    #[test]
    fn letters_without_a_capital_of_their_own_compose_again() {
        for (given, expected) in
            [("Strauß", "STRAUSS"), ("\u{0390}", "\u{03AA}\u{301}"), ("ﬁ ŉ ǰ ς", "FI ʼN J\u{30C} Σ")]
        {
            assert_eq!(capitals(given), expected);
        }
        assert_eq!(capitals("e\u{301}"), "\u{C9}", "what comes in apart");
    }

    #[test]
    fn an_urbanization_stands_above_its_street() {
        let block = ["JOSÉ NÚÑEZ", "URB LAS GLADIOLAS", "150 CALLE A", "SAN JUAN PR 00926"];
        assert_eq!(texts("US", ["Urb Las Gladiolas", "150 Calle A", "San Juan", "PR", "00926"]), block);
        assert_eq!(texts("US", ["150 Calle A", "Urb Las Gladiolas", "San Juan", "PR", "00926"]), block);
        assert_eq!(
            texts("US", ["1 Urban Way", "Apt 2", "San Juan", "PR", "00926"]),
            ["JOSÉ NÚÑEZ", "APT 2", "1 URBAN WAY", "SAN JUAN PR 00926"]
        );
    }

    #[test]
    fn a_country_without_a_name_is_refused() {
        for code in ["XX", "PR", "", "us"] {
            let refused = lines(&recipient(code, ["1 A St", "", "Town", "", "1"])).unwrap_err();
            assert_eq!(refused.field, "country", "{code}");
        }
    }
}
