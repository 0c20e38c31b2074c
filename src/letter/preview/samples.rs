//! Invented people, to whom letters are printed before any real one is: to look at, and to see what fits.

use crate::domain::address::PostalAddress;
use crate::domain::imb::{Ancillary, Imb, Routing, ServiceType};
use crate::domain::letter::LetterId;
use crate::domain::password::TemporaryPassword;
use crate::domain::request::{CITY_LIMIT, Format, LINE_LIMIT, Language, NAME_LIMIT, Recipient};

/// An invented person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What they stand for.
    pub name: &'static str,
    /// The person.
    pub recipient: Recipient,
    /// Whether an envelope and a template that are of any use hold their letter. The others may be held for a person.
    pub must_fit: bool,
}

/// Name, two lines, city, state, postal code, country.
type Lines = [&'static str; 7];

/// What every site must be able to mail: domestic, military, Puerto Rican and foreign addresses of usual length.
const USUAL: [(&str, Lines); 5] = [
    ("usual", ["Sample Person", "123 Example Street", "Apt 4B", "Sampletown", "NY", "12345-0001", "US"]),
    ("other letters", ["Zoë Nguyễn-Żółć Жукова", "1 Calle Ñandú", "", "Sampletown", "NM", "87501", "US"]),
    ("military post", ["Sample Person", "PSC 802 Box 74", "", "APO", "AE", "09499", "US"]),
    ("Puerto Rico", ["Sample Person", "Urb Ejemplo", "150 Calle A", "San Juan", "PR", "00926", "US"]),
    ("abroad", ["Sample Person", "Beispielstraße 5", "", "Musterstadt", "", "10969", "DE"]),
];
/// The highest number of a sample in a package.
pub const MOST_NUMBERED: u32 = 9999;
/// What may be held: no font here has these letters.
const NO_FONT: Lines = ["例 太郎", "123 Example Street", "", "Sampletown", "NY", "12345-0001", "US"];

/// The sample that a letter is shown with.
#[must_use]
pub fn usual(language: Language, format: Format) -> Recipient {
    let [(_, lines), ..] = USUAL;
    recipient(lines, language, format)
}

/// Every sample for a form of the letter.
#[must_use]
pub fn all(language: Language, format: Format) -> Vec<Sample> {
    let sample = |name, recipient, must_fit| Sample { name, recipient, must_fit };
    let mut samples: Vec<Sample> =
        USUAL.iter().map(|(name, lines)| sample(name, recipient(*lines, language, format), true)).collect();
    samples.push(sample("longest", longest(language, format), false));
    samples.push(sample("no font", recipient(NO_FONT, language, format), false));
    samples
}

/// The longest data that intake takes.
#[must_use]
pub fn longest(language: Language, format: Format) -> Recipient {
    let filled = |words: &str, limit: usize| words.chars().cycle().take(limit).collect::<String>().trim().to_owned();
    let address = PostalAddress {
        address_line_1: filled("1234 Example Boulevard ", LINE_LIMIT),
        address_line_2: filled("Building Sample ", LINE_LIMIT),
        city: filled("Sampletown ", CITY_LIMIT),
        state: "NY".to_owned(),
        postal_code: "12345-0001".to_owned(),
        country: "US".to_owned(),
    };
    Recipient { full_name: filled("Wilhelmina Sample ", NAME_LIMIT), address, language, format }
}

fn recipient(lines: Lines, language: Language, format: Format) -> Recipient {
    let [full_name, address_line_1, address_line_2, city, state, postal_code, country] = lines.map(str::to_owned);
    let address = PostalAddress { address_line_1, address_line_2, city, state, postal_code, country };
    Recipient { full_name, address, language, format }
}

/// A password that is plainly nobody's: it reads `SAMP-1E00-0000`.
#[must_use]
pub fn password() -> Option<TemporaryPassword> {
    TemporaryPassword::from_typed("SAMP-LE00-0000")
}

/// The widest password that there can be.
#[must_use]
pub fn widest_password() -> Option<TemporaryPassword> {
    TemporaryPassword::from_typed("WWWW-WWWW-WWWW")
}

/// The barcode of a sample letter, with the mailer id and serial number of the postal service's published example;
/// `None` abroad.
#[must_use]
pub fn barcode(recipient: &Recipient) -> Option<Imb> {
    barcode_of(recipient, 987_654_321)
}

/// The barcode of a sample letter with another serial number, so that no two of a package have the same.
#[must_use]
pub fn barcode_of(recipient: &Recipient, serial: u32) -> Option<Imb> {
    let address = Some(&recipient.address).filter(|address| address.is_domestic())?;
    let routing = Routing::of_postal_code(&address.postal_code).ok()?;
    let service = ServiceType::first_class(Ancillary::ReturnService, false, true).ok()?;
    Imb::new(service, "567094".parse().ok()?, serial, routing).ok()
}

/// A letter id that is plainly nobody's: it reads `SAMP1-E0000`.
#[must_use]
pub fn letter_id() -> Option<LetterId> {
    "SAMPL-E0000".parse().ok()
}

/// The letter id of the sample of this number in a package: it reads `SAMP1-E0001` and so on.
#[must_use]
pub fn letter_id_of(sequence: u32) -> Option<LetterId> {
    (sequence <= MOST_NUMBERED).then(|| format!("SAMPL-E{sequence:04}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_and_the_id_are_plainly_invented() {
        assert_eq!(password().unwrap().grouped().as_str(), "SAMP-1E00-0000");
        assert_eq!(letter_id().unwrap().to_string(), "SAMP1-E0000");
        assert_eq!(widest_password().unwrap().grouped().as_str(), "WWWW-WWWW-WWWW");
    }

    #[test]
    fn the_longest_sample_is_as_long_as_intake_lets_it_be() {
        let Recipient { full_name, address, .. } = longest(Language::En, Format::Standard);
        let longest = [(full_name, 100), (address.address_line_1, 100), (address.address_line_2, 100)];
        for (text, limit) in longest.into_iter().chain([(address.city, 60)]) {
            assert!((limit - 1..=limit).contains(&text.chars().count()), "{text}");
        }
    }
}
