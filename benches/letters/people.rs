//! Invented people, and what is printed to them: the same each time.

use std::io::Write;

use chrono::NaiveDate;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::imb::{Ancillary, Bar, Imb, Routing, ServiceType};
use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::request::{Format, Language, Recipient};
use letterpost::letter::{DocumentInfo, Letterhead, Piece, PrintMode};
use serde_json::json;

const GIVEN: [&str; 12] =
    ["Avery", "Bo", "Casey", "Dana", "Eli", "Flor", "Gael", "Hana", "Iker", "José", "Kaya", "Lucía"];
const FAMILY: [&str; 8] = ["Sample", "Invented", "Muestra", "Example", "Núñez", "Specimen", "Ejemplo", "Placeholder"];
const PLACES: [(&str, &str, &str); 4] = [
    ("Springfield", "IL", "62701"),
    ("El Paso", "TX", "79901"),
    ("Boston", "MA", "02108-1234"),
    ("Albany", "NY", "12207"),
];

/// What a package is made of: its password is drawn here, so that minting is apart.
pub struct Person {
    pub recipient: Recipient,
    letter_id: LetterId,
    password: TemporaryPassword,
    requested_on: NaiveDate,
    barcode: Imb,
}

/// A small generator of numbers.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

/// The people from `first` on, as many as a package has.
pub fn people(first: usize, count: usize) -> Vec<Person> {
    let mut numbers = Numbers(7 + first as u64);
    (first..first + count).map(|n| person(n, &mut numbers)).collect()
}

fn person(n: usize, numbers: &mut Numbers) -> Person {
    let (city, state, postal_code) = PLACES[n % PLACES.len()];
    let address = PostalAddress {
        address_line_1: format!("{} Example Street", n + 1),
        address_line_2: if n.is_multiple_of(3) { format!("Apt {}", n % 97 + 1) } else { String::new() },
        city: city.into(),
        state: state.into(),
        postal_code: postal_code.into(),
        country: "US".into(),
    };
    let full_name = format!("{} {}", GIVEN[n % GIVEN.len()], FAMILY[n / 7 % FAMILY.len()]);
    let password = std::iter::repeat_with(|| TemporaryPassword::from_entropy(&numbers.bytes())).flatten().next();
    Person {
        recipient: Recipient { full_name, address, language: Language::En, format: Format::Standard },
        letter_id: LetterId::from_entropy(numbers.bytes()),
        password: password.unwrap(),
        requested_on: day(20 + (n % 4) as u32),
        barcode: Imb::new(
            ServiceType::first_class(Ancillary::ReturnService, false, true).unwrap(),
            "567094".parse().unwrap(),
            n as u32,
            Routing::of_postal_code(postal_code).unwrap(),
        )
        .unwrap(),
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn use_by_on() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 10).unwrap()
}

/// The site that writes.
pub fn letterhead() -> Letterhead {
    Letterhead {
        agency: "Example Benefits Agency".into(),
        return_address: vec!["PO Box 100".into(), "Springfield, NY 12345".into()],
        help_phone: "1-800-555-0142".into(),
        help_hours_en: "Monday to Friday, 8 a.m. to 6 p.m. Eastern Time".into(),
        help_hours_es: "de lunes a viernes, de 8 a. m. a 6 p. m., hora del Este".into(),
        sign_in_address: "benefits.example/sign-in".into(),
    }
}

/// The package of this number, from zero.
pub fn document(number: usize) -> DocumentInfo {
    DocumentInfo {
        package: format!("eba-acme-{:06}", number + 1),
        made_at: "2026-11-24T23:30:00Z".parse().unwrap(),
        mode: PrintMode { duplex: false, barcode_room: true },
    }
}

pub fn pieces(people: &[Person]) -> Vec<Piece<'_>> {
    people
        .iter()
        .zip(1..)
        .map(|(person, sequence)| Piece {
            recipient: &person.recipient,
            barcode: Some(&person.barcode),
            letter_id: person.letter_id,
            password: &person.password,
            sequence,
            made_on: day(24),
            use_by_on: use_by_on(),
            zone_name: "Eastern Time",
            requested_on: person.requested_on,
        })
        .collect()
}

/// What a letter says, for peers: one JSON object.
pub fn told(person: &Person, sequence: usize) -> serde_json::Value {
    let (recipient, long) = (&person.recipient, "%B %-d, %Y");
    let address = &recipient.address;
    let town = format!("{} {} {}", address.city, address.state, address.postal_code);
    let lines = [&recipient.full_name, &address.address_line_2, &address.address_line_1, &town];
    let bar = |bar: &Bar| match bar {
        Bar::Full => 'F',
        Bar::Ascender => 'A',
        Bar::Descender => 'D',
        Bar::Tracker => 'T',
    };
    json!({
        "full_name": recipient.full_name,
        "address": lines.iter().filter(|line| !line.is_empty()).map(|line| line.to_uppercase()).collect::<Vec<_>>(),
        "letter_id": person.letter_id.to_string(),
        "password": person.password.grouped().as_str(),
        "made_on": day(24).format(long).to_string(),
        "requested_on": person.requested_on.format(long).to_string(),
        "use_by_on": use_by_on().format("%A, %B %-d, %Y").to_string(),
        "zone_name": "Eastern Time",
        "mark": format!("{} {sequence:06} 1/1", document(0).package),
        "barcode": person.barcode.digits(),
        "bars": person.barcode.bars().iter().map(bar).collect::<String>(),
    })
}

/// Writes what the first letters say, one a line.
pub fn tell(letters: usize, out: &mut impl Write) -> std::io::Result<()> {
    people(0, letters).iter().zip(1..).try_for_each(|(person, sequence)| writeln!(out, "{}", told(person, sequence)))
}
