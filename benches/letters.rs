//! How fast letters are printed: `cargo bench --bench letters -- one print-stream 10000`.
//!
//! Passwords are minted before the clock starts. What is measured is all the rest, in packages of a thousand: shaping,
//! barcode, mark, page, file, and the proof that reads the finished file again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark fails loudly")]

use std::time::Instant;

use chrono::NaiveDate;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::imb::{Ancillary, Imb, Routing, ServiceType};
use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::request::{Format, Language, Recipient};
use letterpost::letter::{DocumentInfo, Letterhead, Piece, PrintMode, SheetGeometry, Stationery, TemplateSet};

/// Letters in a package.
const PACKAGE: usize = 1_000;

const GIVEN: [&str; 12] =
    ["Avery", "Bo", "Casey", "Dana", "Eli", "Flor", "Gael", "Hana", "Iker", "José", "Kaya", "Lucía"];
const FAMILY: [&str; 8] = ["Sample", "Invented", "Muestra", "Example", "Núñez", "Specimen", "Ejemplo", "Placeholder"];
const PLACES: [(&str, &str, &str); 4] = [
    ("Springfield", "IL", "62701"),
    ("El Paso", "TX", "79901"),
    ("Boston", "MA", "02108-1234"),
    ("Albany", "NY", "12207"),
];

struct Person {
    recipient: Recipient,
    letter_id: LetterId,
    password: TemporaryPassword,
    requested_on: NaiveDate,
    barcode: Imb,
}

/// A small generator: the same people each time.
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

fn person(n: usize, numbers: &mut Numbers) -> Person {
    let (city, state, postal_code) = PLACES[n % PLACES.len()];
    let given = GIVEN[n % GIVEN.len()];
    let address = PostalAddress {
        address_line_1: format!("{} Example Street", n + 1),
        address_line_2: if n % 3 == 0 { format!("Apt {}", n % 97 + 1) } else { String::new() },
        city: city.into(),
        state: state.into(),
        postal_code: postal_code.into(),
        country: "US".into(),
    };
    let language = if n % 4 == 0 { Language::Es } else { Language::En };
    let full_name = format!("{given} {}", FAMILY[n / 7 % FAMILY.len()]);
    let password = loop {
        if let Some(password) = TemporaryPassword::from_entropy(&numbers.bytes()) {
            break password;
        }
    };
    Person {
        recipient: Recipient { full_name, address, language, format: Format::Standard },
        letter_id: LetterId::from_entropy(numbers.bytes()),
        password,
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

fn letterhead() -> Letterhead {
    Letterhead {
        agency: "Example Benefits Agency".into(),
        return_address: vec!["PO Box 100".into(), "Springfield, NY 12345".into()],
        help_phone: "1-800-555-0142".into(),
        help_hours_en: "Monday to Friday, 8 a.m. to 6 p.m. Eastern Time".into(),
        help_hours_es: "de lunes a viernes, de 8 a. m. a 6 p. m., hora del Este".into(),
        sign_in_address: "benefits.example/sign-in".into(),
    }
}

fn pieces(people: &[Person]) -> Vec<Piece<'_>> {
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
            use_by_on: NaiveDate::from_ymd_opt(2026, 12, 10).unwrap(),
            zone_name: "Eastern Time",
            requested_on: person.requested_on,
        })
        .collect()
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let letters: usize = words.get(2).map_or(10_000, |count| count.parse().expect("a number of letters"));
    let stationery = Stationery::compile(&TemplateSet::builtin(), &letterhead(), &SheetGeometry::default()).unwrap();
    let mut numbers = Numbers(7);
    let (mut seconds, mut bytes) = (0.0, 0);
    let (mut check, mut proof) = (0.0, 0.0);
    for package in 0..letters.div_ceil(PACKAGE) {
        let people: Vec<Person> = (0..PACKAGE.min(letters - package * PACKAGE))
            .map(|n| person(package * PACKAGE + n, &mut numbers))
            .collect();
        let pieces = pieces(&people);
        let document = DocumentInfo {
            package: format!("eba-acme-{:06}", package + 1),
            made_at: "2026-11-24T23:30:00Z".parse().unwrap(),
            mode: PrintMode { duplex: false, barcode_room: true },
        };
        let start = Instant::now();
        let stream = stationery.print_stream(&document, &pieces).unwrap();
        seconds += start.elapsed().as_secs_f64();
        let start = Instant::now();
        assert!(stationery.proofread(&document, &pieces, &stream).unwrap().is_empty());
        proof += start.elapsed().as_secs_f64();
        bytes += stream.pdf.len();
        let start = Instant::now();
        let mut checker = stationery.checker(document.mode);
        for piece in &pieces {
            checker.check(piece.recipient).unwrap();
        }
        check += start.elapsed().as_secs_f64();
    }
    println!(
        "{letters} letters {:.0} letters/s {:.1} us {} bytes a letter",
        letters as f64 / seconds,
        seconds * 1e6 / letters as f64,
        bytes / letters
    );
    println!(
        "proof {:.1} us, together {:.0} letters/s",
        proof * 1e6 / letters as f64,
        letters as f64 / (seconds + proof)
    );
    println!("check {:.1} us", check * 1e6 / letters as f64);
}
