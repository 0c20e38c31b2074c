//! Receipts as vendors, spreadsheets and attackers may write them.

use letterpost::domain::letter::LetterId;
use letterpost::domain::receipt::{PackageEvent, ReceiptEvent};
use letterpost::package::digest::Sha256Digest;
use letterpost::package::receipt::{
    HoldReason, MAX_LINE_BYTES, MAX_LINES, MAX_RECEIPT_BYTES, PackageRow, ReceiptError, ReceiptLine, parse_receipt,
    write_receipt,
};
use proptest::prelude::*;

fn package_row() -> PackageRow {
    let event_on = "2026-03-03".parse().unwrap();
    PackageRow { event: PackageEvent::Accepted, event_on, sha256: Sha256Digest::of(b"abc") }
}

fn line(number: u8, event: ReceiptEvent, detail: &str) -> ReceiptLine {
    ReceiptLine {
        line_number: usize::from(number) + 2,
        letter_id: LetterId::from_entropy([number; 10]),
        event,
        event_on: "2026-03-04".parse().unwrap(),
        sheets: u32::from(number),
        detail: detail.into(),
    }
}

fn good() -> String {
    write_receipt(
        &package_row(),
        &[
            line(1, ReceiptEvent::Printed, ""),
            line(2, ReceiptEvent::Spoiled, "remade"),
            line(3, ReceiptEvent::Returned, "tray 4, \"north\""),
        ],
    )
}

#[test]
fn a_receipt_is_written_as_the_contract_says_and_read_back() {
    let expected = "record,letter_id,event,event_on,sheets,detail\r\n\
        package,,accepted,2026-03-03,,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n\
        letter,11111-11111,printed,2026-03-04,1,\r\n\
        letter,22222-22222,spoiled,2026-03-04,2,remade\r\n\
        letter,33333-33333,returned,2026-03-04,3,\"tray 4, \"\"north\"\"\"\r\n\
        trailer,,,,6,3\r\n";
    assert_eq!(good(), expected);
    let receipt = parse_receipt(good().as_bytes()).unwrap();
    assert_eq!(receipt.package_row, package_row());
    assert_eq!((receipt.trailer.sheets, receipt.trailer.letter_rows), (6, 3));
    assert_eq!(receipt.letter_rows[2], line(3, ReceiptEvent::Returned, "tray 4, \"north\""));
    assert!(receipt.held_lines.is_empty());
}

#[test]
fn other_line_ends_a_mark_and_quotes_are_tolerated() {
    let whole = parse_receipt(good().as_bytes()).unwrap();
    for variant in [
        good().replace("\r\n", "\n"),
        format!("\u{feff}{}", good()),
        good().trim_end().to_owned(),
        format!("{}\r\n\r\n", good()),
        good().replace("letter,11111-11111,printed", "\"letter\",\"11111-11111\",\"printed\""),
        good().replace("11111-11111", "iiiii-lllll"),
    ] {
        assert_eq!(parse_receipt(variant.as_bytes()).as_ref(), Ok(&whole), "{variant}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_held_and_the_others_are_taken() {
    for (from, to) in [
        ("22222-22222", ""),
        ("22222-22222", "22222-2222"),
        ("22222-22222", "22222-2222U"),
        ("22222-22222", "=22222-22222"),
        ("22222-22222", "../../etc/passwd"),
        ("22222-22222", "\u{202e}22222-22222"),
        ("22222-22222", "２２２２２-22222"),
        ("spoiled", "Spoiled"),
        ("spoiled", "delivered"),
        ("spoiled", ""),
        ("spoiled", "accepted"),
        ("spoiled,2026-03-04", "spoiled,2026-02-30"),
        ("spoiled,2026-03-04", "spoiled,03/04/2026"),
        ("spoiled,2026-03-04", "spoiled,2026-3-4"),
        ("spoiled,2026-03-04", "spoiled,"),
        ("spoiled,2026-03-04", "spoiled,46085"),
        ("spoiled,2026-03-04", "spoiled,+99999-01-01"),
        ("remade", "re\u{1b}[2Jmade"),
        ("remade", "re\tmade"),
        ("remade", "re\rmade"),
    ] {
        let changed = good().replacen(from, to, 1);
        assert_ne!(changed, good());
        let receipt = parse_receipt(changed.as_bytes()).unwrap_or_else(|error| panic!("{from} -> {to:?}: {error}"));
        assert_eq!((receipt.letter_rows.len(), receipt.held_lines.len()), (2, 1), "{from} -> {to:?}");
        let held = &receipt.held_lines[0];
        assert_eq!(held.line_number, 4);
        assert!(!held.text.chars().any(char::is_control) && !held.reason.to_string().is_empty());
    }
    let nowhere = good().replace("11111-11111", "nobody").replace("22222-22222", "x").replace("returned", "posted");
    let receipt = parse_receipt(nowhere.as_bytes()).unwrap();
    assert_eq!((receipt.letter_rows.len(), receipt.held_lines.len()), (0, 3));
    assert_eq!(receipt.held_lines[2].reason, HoldReason::UnknownEvent("posted".into()));
}

#[test]
fn a_file_that_is_wrong_as_a_whole_is_refused() {
    let header = "record,letter_id,event,event_on,sheets,detail\r\n";
    let changes = [
        ("record,letter_id", "Record,letter_id"),
        ("record,letter_id", "letter_id,record"),
        ("sheets,detail\r\n", "sheets\r\n"),
        ("sheets,detail\r\n", "sheets,detail,more\r\n"),
        (header, ""),
        (header, "\r\nrecord,letter_id,event,event_on,sheets,detail\r\n"),
        ("package,,accepted", "letter,,accepted"),
        ("package,,accepted", "package,11111-11111,accepted"),
        ("package,,accepted", "package,,mailed"),
        ("package,,accepted", "package,,"),
        ("accepted,2026-03-03", "accepted,yesterday"),
        ("accepted,2026-03-03", "accepted,"),
        ("ba7816bf", "BA7816BF"),
        ("ba7816bf", ""),
        ("letter,22222-22222", "package,22222-22222"),
        ("letter,22222-22222", "header,22222-22222"),
        ("letter,22222-22222", ",22222-22222"),
        ("letter,22222-22222", "=letter,22222-22222"),
        ("letter,22222-22222,", "letter,22222-22222"),
        ("letter,22222-22222", "letter,,22222-22222"),
        ("2026-03-04,2,remade", "2026-03-04,3,remade"),
        ("2026-03-04,2,remade", "2026-03-04,-2,remade"),
        ("2026-03-04,2,remade", "2026-03-04,two,remade"),
        ("2026-03-04,2,remade", "2026-03-04,,remade"),
        ("2026-03-04,2,remade", "2026-03-04,4294967296,remade"),
        ("remade", "\"remade"),
        ("remade", "re\"made"),
        ("remade", "\"re\r\nmade\""),
        ("remade", "re\0made"),
        ("trailer,,,,6,3", "trailer,,,,7,3"),
        ("trailer,,,,6,3", "trailer,,,,6,2"),
        ("trailer,,,,6,3", "trailer,,,,6,4"),
        ("trailer,,,,6,3", "trailer,,,,,"),
        ("trailer,,,,6,3", "trailer,,,,6.0,3"),
        ("trailer,,,,6,3", "trailer,,,,18446744073709551616,3"),
        ("trailer,,,,6,3", "trailer"),
        ("trailer,,,,6,3", ""),
        ("trailer,,,,6,3\r\n", "trailer,,,,6,3\r\ntrailer,,,,6,3\r\n"),
        ("trailer,,,,6,3\r\n", "trailer,,,,6,3\r\nletter,44444-44444,mailed,2026-03-04,1,\r\n"),
        ("trailer,,,,6,3\r\n", "trailer,,,,6,3\r\n   \r\n"),
    ];
    for (from, to) in changes {
        let changed = good().replacen(from, to, 1);
        assert_ne!(changed, good(), "{from}");
        let error = parse_receipt(changed.as_bytes()).expect_err(&format!("{from} -> {to:?}"));
        assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
    }
}

#[test]
fn other_encodings_are_refused() {
    let utf_16: Vec<u16> = good().encode_utf16().collect();
    let little: Vec<u8> = [0xfeff].iter().chain(&utf_16).flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = [0xfeff].iter().chain(&utf_16).flat_map(|unit| unit.to_be_bytes()).collect();
    let bare: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let latin = good().replace("remade", "rem\u{1}de").bytes().map(|b| if b == 1 { 0xe9 } else { b }).collect();
    for bytes in [little, big, bare, latin, vec![0xff; 10], vec![0; 10]] {
        assert_eq!(parse_receipt(&bytes), Err(ReceiptError::NotText));
    }
}

#[test]
fn size_is_bounded() {
    let long = good().replace("remade", &"x".repeat(MAX_LINE_BYTES));
    assert!(matches!(parse_receipt(long.as_bytes()), Err(ReceiptError::TooLarge { .. })));
    assert!(matches!(parse_receipt(&vec![b'"'; 60_000_000]), Err(ReceiptError::TooLarge { .. })));
    assert!(matches!(parse_receipt(&vec![b'\n'; 60_000_000]), Err(ReceiptError::TooLarge { .. })));
    assert!(matches!(parse_receipt(&vec![b'a'; MAX_RECEIPT_BYTES + 1]), Err(ReceiptError::TooLarge { .. })));
    let (head, tail) = good().split_at(good().find("letter,1").unwrap()).to_owned_pair();
    let many = head + &"letter,x,y,z,0,\r\n".repeat(26_000) + &tail.replace("6,3", "6,26003");
    let receipt = parse_receipt(many.as_bytes()).unwrap();
    assert_eq!((receipt.letter_rows.len(), receipt.held_lines.len()), (3, 26_000));
    let (head, tail) = good().split_at(good().find("letter,1").unwrap()).to_owned_pair();
    let too_many = head + &"letter,x,y,z,0,\r\n".repeat(MAX_LINES) + &tail;
    assert!(matches!(parse_receipt(too_many.as_bytes()), Err(ReceiptError::TooLarge { what: "lines", .. })));
}

trait OwnedPair {
    fn to_owned_pair(self) -> (String, String);
}

impl OwnedPair for (&str, &str) {
    fn to_owned_pair(self) -> (String, String) {
        (self.0.to_owned(), self.1.to_owned())
    }
}

#[test]
fn a_receipt_that_is_cut_off_is_refused() {
    let whole = good();
    let last = whole.trim_end().len();
    for end in 0..last {
        assert!(parse_receipt(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_detail_that_a_spreadsheet_would_run_is_written_so_that_it_does_not() {
    for detail in ["=HYPERLINK(\"http://x.invalid\")", "+1", "-1", "@SUM(A1)", "'=1"] {
        let text = write_receipt(&package_row(), &[line(1, ReceiptEvent::Rejected, detail)]);
        let cell = text.lines().nth(2).unwrap().splitn(6, ',').nth(5).unwrap().trim_start_matches('"');
        assert!(cell.starts_with('\''), "{cell}");
        assert_eq!(parse_receipt(text.as_bytes()).unwrap().letter_rows[0].detail, detail);
    }
    let text = write_receipt(&package_row(), &[line(1, ReceiptEvent::Rejected, "two\r\nlines")]);
    assert_eq!(parse_receipt(text.as_bytes()).unwrap().letter_rows[0].detail, "two  lines");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = parse_receipt(&bytes);
    }

    #[test]
    fn no_change_of_a_good_receipt_makes_the_reader_panic(
        place in 0usize..400, byte in any::<u8>(), cut in 0usize..60,
    ) {
        let mut bytes = good().into_bytes();
        let place = place % bytes.len();
        let end = (place + cut).min(bytes.len());
        bytes.splice(place..end, [byte]);
        let _ = parse_receipt(&bytes);
    }
}
