//! Letters to invented people, for the tests that print some and read them back.
#![allow(dead_code, clippy::unwrap_used, reason = "no test needs all of it, and what it prepares must be there")]

use chrono::NaiveDate;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::imb::{Ancillary, Imb, Routing, ServiceType};
use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::request::{Format, Language, Recipient};
use letterpost::letter::{
    DocumentInfo, LetterFiles, Letterhead, Piece, PrintMode, PrintStream, SheetGeometry, Stationery, TemplateSet,
};

/// The package that the letters are of.
pub const PACKAGE: &str = "eba-test-acme-000123";

/// One letter: everything that may differ from person to person.
#[derive(Clone)]
pub struct Letter {
    pub recipient: Recipient,
    pub letter_id: LetterId,
    pub password: &'static str,
    pub requested_on: NaiveDate,
    /// The serial number of its barcode; `None` where it has none.
    pub serial: Option<u32>,
    pub sequence: u32,
}

impl Letter {
    /// The barcode that is drawn: of domestic letters only.
    pub fn barcode(&self) -> Option<Imb> {
        let address = &self.recipient.address;
        let serial = self.serial.filter(|_| address.is_domestic())?;
        let service = ServiceType::first_class(Ancillary::ReturnService, false, true).unwrap();
        let routing = Routing::of_postal_code(&address.postal_code).unwrap();
        Some(Imb::new(service, "567094".parse().unwrap(), serial, routing).unwrap())
    }
}

pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, day).unwrap()
}

/// A letter to someone in Springfield, with a barcode.
pub fn letter(name: &str, (language, format): (Language, Format), password: &'static str, sequence: u32) -> Letter {
    let address = PostalAddress {
        address_line_1: "12 Sample Street".into(),
        address_line_2: "Apt 3".into(),
        city: "Springfield".into(),
        state: "IL".into(),
        postal_code: "62701-1234".into(),
        country: "US".into(),
    };
    Letter {
        recipient: Recipient { full_name: name.into(), address, language, format },
        letter_id: LetterId::from_entropy([sequence as u8 + 20; 10]),
        password,
        requested_on: day(11),
        serial: Some(sequence),
        sequence,
    }
}

/// A letter that leaves the country.
pub fn letter_abroad(sequence: u32) -> Letter {
    let mut letter = letter("Änne Beispiel", (Language::En, Format::Standard), "KT4V-93MD-7QAX", sequence);
    letter.recipient.address = PostalAddress {
        address_line_1: "Lindenstraße 5".into(),
        address_line_2: String::new(),
        city: "Musterstadt".into(),
        state: String::new(),
        postal_code: "10969".into(),
        country: "DE".into(),
    };
    letter
}

/// One letter of each language and format, and one abroad.
pub fn one_of_each() -> Vec<Letter> {
    use {Format::LargePrint, Format::Standard, Language::En, Language::Es};
    vec![
        letter("Ann Example", (En, Standard), "9QX2-K7D0-4MZH", 1),
        letter("Nguyễn Thị Ánh Tuyết", (En, LargePrint), "ZM4J-5F2G-WE9S", 2),
        letter("José Núñez Ibáñez", (Es, Standard), "77HX-J67M-PTEE", 3),
        letter("Adéṣọlá Ẹ̀bùn", (Es, LargePrint), "XQNG-6SWC-T75S", 4),
        letter_abroad(5),
    ]
}

pub fn letterhead() -> Letterhead {
    Letterhead {
        agency: "Example Benefits Agency".into(),
        return_address: vec!["100 Sample Plaza".into(), "Springfield IL 62701".into()],
        help_phone: "1-800-555-0100".into(),
        help_hours_en: "Monday through Friday, 8 a.m. to 7 p.m.".into(),
        help_hours_es: "de lunes a viernes, de 8 a. m. a 7 p. m.".into(),
        sign_in_address: "www.example.gov/account".into(),
    }
}

pub fn stationery() -> Stationery {
    Stationery::compile(&TemplateSet::builtin(), &letterhead(), &SheetGeometry::default()).unwrap()
}

/// A mode with room for barcodes.
pub fn mode(duplex: bool) -> PrintMode {
    PrintMode { duplex, barcode_room: true }
}

/// Does something with the letters as pieces of a document.
pub fn with_pieces<T>(letters: &[Letter], mode: PrintMode, act: impl FnOnce(&DocumentInfo, &[Piece<'_>]) -> T) -> T {
    let passwords: Vec<TemporaryPassword> =
        letters.iter().map(|letter| TemporaryPassword::from_typed(letter.password).unwrap()).collect();
    let barcodes: Vec<Option<Imb>> = letters.iter().map(Letter::barcode).collect();
    let pieces: Vec<Piece<'_>> = letters
        .iter()
        .zip(&passwords)
        .zip(&barcodes)
        .map(|((letter, password), barcode)| Piece {
            recipient: &letter.recipient,
            letter_id: letter.letter_id,
            password,
            sequence: letter.sequence,
            made_on: day(14),
            use_by_on: day(30),
            zone_name: "Eastern Time",
            requested_on: letter.requested_on,
            barcode: barcode.as_ref(),
        })
        .collect();
    let made_at = "2026-12-15T02:30:00Z".parse().unwrap();
    act(&DocumentInfo { package: PACKAGE.into(), made_at, mode }, &pieces)
}

/// Prints letters into one file, and reads them back.
pub fn print_stream(stationery: &Stationery, letters: &[Letter], mode: PrintMode) -> PrintStream {
    with_pieces(letters, mode, |document, pieces| {
        let stream = stationery.print_stream(document, pieces).unwrap();
        assert_eq!(stationery.proofread(document, pieces, &stream).unwrap(), [], "what was printed reads back");
        stream
    })
}

/// Prints letters, each into a file of its own, and reads them back.
pub fn letter_files(stationery: &Stationery, letters: &[Letter], mode: PrintMode) -> LetterFiles {
    with_pieces(letters, mode, |document, pieces| {
        let files = stationery.letter_files(document, pieces).unwrap();
        assert_eq!(stationery.proofread_files(document, pieces, &files).unwrap(), [], "what was printed reads back");
        files
    })
}
