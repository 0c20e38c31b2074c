//! Hostile and rare people: each is printed and reads back exactly, by poppler, in the salutation and in the window; or
//! is refused, by the intake or by the letter, with a reason that names the field and the character.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test prepares outside its test function must succeed too"
)]

#[path = "support/letters.rs"]
mod letters;
#[path = "support/readers.rs"]
mod readers;

#[path = "hostile_people/names.rs"]
mod names;
#[path = "hostile_people/places.rs"]
mod places;

use std::io::Write as _;
use std::process::Command;

use chrono::NaiveDate;
use letterpost::domain::address::PostalAddress;
use letterpost::domain::imb::{Ancillary, Imb, Routing, ServiceType};
use letterpost::domain::letter::LetterId;
use letterpost::domain::password::TemporaryPassword;
use letterpost::domain::request::{Format, Language, RawRequest, Recipient, judge};
use letterpost::letter::{DocumentInfo, Piece, PrintMode, Rect, SheetGeometry, Stationery};
use unicode_normalization::UnicodeNormalization as _;

use letters::stationery;
use readers::flowing;

/// What becomes of a row.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// Printed, with these lines in the window below the letter's id.
    Printed(&'static [&'static str]),
    /// Printed, with the name in plain capitals above the usual address.
    Plain,
    /// Refused: a reason that holds each of these.
    Refused(&'static [&'static str]),
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// What it tries.
    tries: &'static str,
    name: &'static str,
    /// address_line_1, address_line_2, city, state, postal_code, country.
    place: [&'static str; 6],
    outcome: Outcome,
}

const USUAL_PLACE: [&str; 6] = ["1 Example Street", "", "Springfield", "IL", "62701", "US"];
const USUAL_LINES: [&str; 2] = ["1 EXAMPLE STREET", "SPRINGFIELD IL 62701"];

fn rows() -> Vec<Row> {
    let named =
        names::NAMES.iter().map(|(tries, name, outcome)| Row { tries, name, place: USUAL_PLACE, outcome: *outcome });
    let placed = places::PLACES.iter().map(|(tries, place, outcome)| Row {
        tries,
        name: "Ann Example",
        place: *place,
        outcome: *outcome,
    });
    named.chain(placed).collect()
}

/// Who the row's letter goes to; or every reason against it, from the intake or from the letter.
fn judged(stationery: &Stationery, row: &Row) -> Result<Recipient, String> {
    let some = |text: &str| Some(text.to_owned());
    let [line_1, line_2, city, state, postal_code, country] = row.place.map(some);
    let raw = RawRequest {
        reference: some("EBA-1"),
        username: some("ann@example.com"),
        full_name: some(row.name),
        address_line_1: line_1,
        address_line_2: line_2,
        city,
        state,
        postal_code,
        country,
        second_factor: some("email"),
        requested_at: some("2026-12-11T09:00:00-05:00"),
        ..RawRequest::default()
    };
    let told = |problem: &letterpost::domain::request::FieldProblem| format!("{}: {}", problem.column, problem.problem);
    let request = judge(&raw).map_err(|problems| problems.iter().map(told).collect::<Vec<_>>().join("; "))?;
    stationery.check(&request.recipient).map_err(|refusal| refusal.to_string())?;
    Ok(request.recipient)
}

/// The barcode of a domestic letter.
fn barcode(recipient: &Recipient, serial: u32) -> Option<Imb> {
    let address = &recipient.address;
    let service = ServiceType::first_class(Ancillary::ReturnService, false, true).unwrap();
    let routing = address.is_domestic().then(|| Routing::of_postal_code(&address.postal_code).unwrap())?;
    Some(Imb::new(service, "567094".parse().unwrap(), serial, routing).unwrap())
}

/// Prints all of them into one file, with barcodes where there is room for them; in files of their own too. Each letter
/// of either is read again from its bytes.
fn printed(stationery: &Stationery, people: &[Recipient], mode: PrintMode) -> Vec<u8> {
    let password = (0..u8::MAX).find_map(|salt| {
        TemporaryPassword::from_entropy(&std::array::from_fn(|place| (place as u8).wrapping_mul(13) ^ salt))
    });
    let password = password.unwrap();
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let barcodes: Vec<Option<Imb>> =
        (0..).zip(people).map(|(serial, recipient)| barcode(recipient, serial).filter(|_| mode.barcode_room)).collect();
    let pieces: Vec<Piece<'_>> = people
        .iter()
        .zip(&barcodes)
        .enumerate()
        .map(|(place, (recipient, barcode))| Piece {
            recipient,
            letter_id: id(place),
            password: &password,
            sequence: place as u32 + 1,
            made_on: day(12, 14),
            use_by_on: day(12, 31),
            zone_name: "Eastern Time",
            requested_on: day(12, 11),
            barcode: barcode.as_ref(),
        })
        .collect();
    let made_at = "2026-12-15T02:30:00Z".parse().unwrap();
    let document = DocumentInfo { package: "eba-test-acme-000123".into(), made_at, mode };
    let stream = stationery.print_stream(&document, &pieces).unwrap();
    assert_eq!(stationery.proofread(&document, &pieces, &stream).unwrap(), []);
    let files = stationery.letter_files(&document, &pieces).unwrap();
    assert_eq!(stationery.proofread_files(&document, &pieces, &files).unwrap(), []);
    stream.pdf.to_vec()
}

fn id(place: usize) -> LetterId {
    LetterId::from_entropy(std::array::from_fn(|byte| (place * 7 + byte * 31) as u8))
}

/// The text of each page, of the whole page or of a part of it.
fn pages(pdf: &[u8], part: Option<Rect>) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let mut command = Command::new("pdftotext");
    command.args(["-layout", "-r", "72"]);
    if let Some(part) = part {
        for (flag, points) in [("-x", part.left), ("-y", part.top), ("-W", part.width()), ("-H", part.height())] {
            command.args([flag, &format!("{points:.0}")]);
        }
    }
    let output = command.arg(file.path()).arg("-").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut pages: Vec<String> = text.split('\u{C}').map(str::to_owned).collect();
    assert_eq!(pages.pop().as_deref(), Some(""), "each page ends with a form feed");
    pages
}

#[test]
fn each_person_is_printed_exactly_or_refused_with_the_reason() {
    let (stationery, rows) = (stationery(), rows());
    assert!(rows.len() >= 200, "{}", rows.len());
    let mut letters = Vec::new();
    let mut wrong = Vec::new();
    for row in &rows {
        match (judged(&stationery, row), row.outcome) {
            (Ok(recipient), Outcome::Printed(_) | Outcome::Plain) => letters.push((row, recipient)),
            (Err(reason), Outcome::Refused(parts)) if parts.iter().all(|part| reason.contains(part)) => {}
            (found, _) => wrong.push(format!("{}: {:?} {:?}", row.tries, row.name, found.err())),
        }
    }
    let people: Vec<Recipient> = letters.iter().map(|(_, recipient)| recipient.clone()).collect();
    let pdf = printed(&stationery, &people, PrintMode::default());
    let (whole, window) = (pages(&pdf, None), pages(&pdf, Some(SheetGeometry::default().always_visible())));
    assert_eq!((whole.len(), window.len()), (letters.len(), letters.len()), "one page each");
    for (place, (row, recipient)) in letters.iter().enumerate() {
        let salutation = format!("Dear {},", flowing(&recipient.full_name));
        if !flowing(&whole[place]).contains(&salutation) {
            wrong.push(format!("{}: {salutation:?} not in the letter:\n{}", row.tries, whole[place]));
        }
        let name: String = row.name.to_uppercase().nfc().collect();
        let mut lines = vec![format!("#{}", id(place))];
        match row.outcome {
            Outcome::Printed(expected) => lines.extend(expected.iter().map(|line| (*line).to_owned())),
            _ => lines.extend([name.as_str(), USUAL_LINES[0], USUAL_LINES[1]].map(flowing)),
        }
        let seen: Vec<String> = window[place].lines().map(flowing).filter(|line| !line.is_empty()).collect();
        if seen != lines {
            wrong.push(format!("{}: {seen:?} in the window, not {lines:?}", row.tries));
        }
    }
    assert!(wrong.is_empty(), "{} wrong of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// A barcode takes a fifth of the window. Whoever fits without one fits below it too, in smaller type or abbreviated, and
/// nobody's name is another one for it.
#[test]
fn with_a_barcode_above_it_every_address_still_fits() {
    let (stationery, rows) = (stationery(), rows());
    let mode = PrintMode { barcode_room: true, ..PrintMode::default() };
    let mut checker = stationery.checker(mode);
    let mut people = Vec::new();
    for row in rows.iter().filter(|row| !matches!(row.outcome, Outcome::Refused(_))) {
        let recipient = judged(&stationery, row).unwrap();
        checker.check(&recipient).unwrap_or_else(|refusal| panic!("{}: {refusal}", row.tries));
        people.push((row, recipient));
    }
    assert!(people.len() > 150, "{}", people.len());
    let recipients: Vec<Recipient> = people.iter().map(|(_, recipient)| recipient.clone()).collect();
    let pdf = printed(&stationery, &recipients, mode);
    let (whole, window) = (pages(&pdf, None), pages(&pdf, Some(SheetGeometry::default().always_visible())));
    for (place, (row, recipient)) in people.iter().enumerate() {
        assert!(flowing(&whole[place]).contains(&format!("Dear {},", flowing(&recipient.full_name))), "{}", row.tries);
        let name: String = recipient.full_name.to_uppercase().nfc().collect();
        let lines: Vec<String> = window[place].lines().map(flowing).filter(|line| !line.is_empty()).collect();
        let expected = flowing(&name);
        assert!(lines[..2].contains(&expected), "{}: {expected:?} not above {lines:?}", row.tries);
    }
}

/// Every letter of the alphabets that names here are written in, and letters under every mark: a name with them is
/// refused before anything is minted, or it prints and the proofreader reads it.
#[test]
fn whatever_passes_the_check_reads_back() {
    let stationery = stationery();
    let blocks = [0xC0..=0x24F, 0x250..=0x2AF, 0x370..=0x52F, 0x1E00..=0x1FFF, 0x2C60..=0x2C7F, 0xA720..=0xA7FF];
    let alone = blocks.into_iter().flatten().filter_map(char::from_u32).map(String::from);
    let marks = || (0x300..=0x36F).chain(0x1DC0..=0x1DFF).filter_map(char::from_u32);
    let marked = "aeijnosyAEIJMS\u{12F}\u{1ECB}\u{268}αωЄи".chars();
    let marked = marked.flat_map(|letter| marks().map(move |mark| format!("{letter}{mark}")));
    let person = |name: String| Recipient {
        // As the intake gives it.
        full_name: name.nfc().collect(),
        address: PostalAddress {
            address_line_1: USUAL_PLACE[0].into(),
            address_line_2: String::new(),
            city: USUAL_PLACE[2].into(),
            state: USUAL_PLACE[3].into(),
            postal_code: USUAL_PLACE[4].into(),
            country: USUAL_PLACE[5].into(),
        },
        language: Language::En,
        format: Format::Standard,
    };
    let mut checker = stationery.checker(PrintMode::default());
    let printable: Vec<String> =
        alone.chain(marked).filter(|letters| checker.check(&person(format!("A{letters}n"))).is_ok()).collect();
    assert!(printable.len() > 1_000, "{}", printable.len());
    let people: Vec<Recipient> = printable
        .chunks(6)
        .map(|letters| person(letters.join("n")))
        .filter(|person| checker.check(person).is_ok())
        .collect();
    assert!(people.len() * 7 > printable.len(), "{} names", people.len());
    printed(&stationery, &people, PrintMode::default());
}
