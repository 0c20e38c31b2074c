//! The proof that is read from a finished file: whatever is wrong on a page is found, and held against its letter alone.
#![allow(clippy::unwrap_used, reason = "what a test prepares outside its test function must succeed too")]

#[path = "support/letters.rs"]
mod letters;

use letterpost::domain::letter::LetterId;
use letterpost::domain::request::{Format, Language};
use letterpost::letter::{DocumentInfo, LetterFiles, Misprint, Piece, PrintStream, Stationery};

use letters::{Letter, day, mode, stationery};

/// A letter to someone on a street of their own.
fn letter(name: &str, street: &str, password: &'static str, sequence: u32, format: Format) -> Letter {
    let mut letter = letters::letter(name, (Language::En, format), password, sequence);
    letter.recipient.address.address_line_1 = street.into();
    letter
}

fn letters() -> [Letter; 4] {
    [
        letter("Ann Example", "12 Sample Street", "9QX2-K7D0-4MZH", 1, Format::Standard),
        letter("Adéṣọlá Ẹ̀bùn", "7 Placeholder Lane", "77HX-J67M-PTEE", 2, Format::Standard),
        letter("Nguyễn Thị Ánh Tuyết", "1 Readable Row", "ZM4J-5F2G-WE9S", 3, Format::LargePrint),
        letter("Bo Li", "99 Invented Avenue", "XQNG-6SWC-T75S", 4, Format::Standard),
    ]
}

/// Does something with the letters as pieces of a document.
fn with_pieces<T>(letters: &[Letter], duplex: bool, act: impl FnOnce(&DocumentInfo, &[Piece<'_>]) -> T) -> T {
    letters::with_pieces(letters, mode(duplex), act)
}

fn print(stationery: &Stationery, letters: &[Letter], duplex: bool) -> PrintStream {
    with_pieces(letters, duplex, |document, pieces| stationery.print_stream(document, pieces).unwrap())
}

fn proofread(stationery: &Stationery, letters: &[Letter], duplex: bool, stream: &PrintStream) -> Vec<Misprint> {
    with_pieces(letters, duplex, |document, pieces| stationery.proofread(document, pieces, stream).unwrap())
}

#[test]
fn files_of_their_own_read_back_and_differences_are_found() {
    let stationery = stationery();
    for duplex in [false, true] {
        let files =
            with_pieces(&letters(), duplex, |document, pieces| stationery.letter_files(document, pieces).unwrap());
        let read = |letters: &[Letter], files: &LetterFiles| {
            with_pieces(letters, duplex, |document, pieces| {
                stationery.proofread_files(document, pieces, files).unwrap()
            })
        };
        assert_eq!(read(&letters(), &files), []);
        let mut others = letters();
        others[3].password = "77HX-J67M-PTEE";
        others[1].recipient.full_name = "Adéṣọlá Bùn".into();
        let found: Vec<u32> = read(&others, &files).iter().map(|misprint| misprint.sequence).collect();
        assert_eq!(found, [2, 4]);
        // A byte of what all share, in one file: that file alone no longer begins like the others.
        let mut damaged = files;
        let place = damaged.files[3].len() / 2;
        damaged.files[3][place] ^= 0x55;
        assert_eq!(read(&letters(), &damaged).iter().map(|misprint| misprint.sequence).collect::<Vec<_>>(), [4]);
    }
}

#[test]
fn what_was_printed_reads_back_on_one_side_and_on_both() {
    let stationery = stationery();
    for duplex in [false, true] {
        let stream = print(&stationery, &letters(), duplex);
        assert_eq!(proofread(&stationery, &letters(), duplex, &stream), [], "duplex {duplex}");
        let sheets: Vec<u32> = stream.pieces.iter().map(|piece| piece.sheets).collect();
        let pages: Vec<u32> = stream.pieces.iter().map(|piece| piece.pages).collect();
        assert_eq!(
            (sheets, pages),
            if duplex { (vec![1, 1, 1, 1], vec![2; 4]) } else { (vec![1, 1, 2, 1], vec![1, 1, 2, 1]) }
        );
        assert!(
            !proofread(&stationery, &letters()[..3], duplex, &print(&stationery, &letters()[1..], duplex)).is_empty()
        );
    }
}

/// Each difference between a page and the person that it is for is held against that letter, and no other.
#[test]
fn a_letter_with_anything_of_another_is_found() {
    let stationery = stationery();
    let stream = print(&stationery, &letters(), false);
    type Change = fn(&mut Letter);
    let changes: [(&str, Change); 12] = [
        ("name", |letter| letter.recipient.full_name = "Ann Examples".into()),
        ("street", |letter| letter.recipient.address.address_line_1 = "13 Sample Street".into()),
        ("unit", |letter| letter.recipient.address.address_line_2 = String::new()),
        ("city", |letter| letter.recipient.address.city = "Springfeild".into()),
        ("postal code", |letter| letter.recipient.address.postal_code = "62701-1235".into()),
        ("language", |letter| letter.recipient.language = Language::Es),
        ("password", |letter| letter.password = "9QX2-K7D0-4MZJ"),
        ("another's password", |letter| letter.password = "77HX-J67M-PTEE"),
        ("id", |letter| letter.letter_id = LetterId::from_entropy([3; 10])),
        ("date", |letter| letter.requested_on = day(12)),
        ("barcode", |letter| letter.serial = Some(99)),
        ("sequence", |letter| letter.sequence += 7),
    ];
    for place in [0, 2] {
        for (what, change) in changes {
            let mut others = letters();
            change(&mut others[place]);
            let found = proofread(&stationery, &others, false, &stream);
            assert_eq!(
                found.iter().map(|misprint| misprint.sequence).collect::<Vec<_>>(),
                [others[place].sequence],
                "{what}"
            );
            let told = &found[0].reason;
            for secret in [others[place].password, &others[place].recipient.full_name, "Sample Street"] {
                assert!(!told.contains(secret), "{told}");
            }
        }
    }
    let mut swapped = letters();
    swapped.swap(0, 3);
    assert_eq!(proofread(&stationery, &swapped, false, &stream).len(), 2);
}

/// The bytes between two marks, wherever they stand.
fn strings(content: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let (mut open, mut escaped) = (false, false);
    for (place, byte) in content.iter().enumerate() {
        match (open, byte) {
            (false, b'(') => open = true,
            (true, b'\\') if !escaped => {
                escaped = true;
                continue;
            }
            (true, b')') if !escaped => open = false,
            (true, _) => places.push(place),
            _ => {}
        }
        escaped = false;
    }
    places
}

/// Every byte of every glyph of a letter, turned into another, is found.
#[test]
fn no_glyph_of_a_page_can_change_unseen() {
    let stationery = stationery();
    let letters = &letters()[..2];
    let stream = print(&stationery, letters, false);
    // The first letter's own content is the first that is not compressed; its image is not text.
    let start = stream.pdf.windows(6).position(|word| word == b"/Span<").unwrap();
    let image = start + stream.pdf[start..].windows(3).position(|word| word == b" BI").unwrap();
    let places: Vec<usize> = strings(&stream.pdf[start..image]).into_iter().map(|place| start + place).collect();
    assert!(places.len() > 300, "{}", places.len());
    let mut changed = stream;
    for place in places {
        let before = changed.pdf[place];
        changed.pdf[place] = if before == b'x' { b'y' } else { b'x' };
        let found = with_pieces(letters, false, |document, pieces| stationery.proofread(document, pieces, &changed));
        let found = found.map(|misprints| misprints.iter().map(|misprint| misprint.sequence).collect::<Vec<_>>());
        assert_eq!(found.as_deref().ok(), Some(&[1][..]), "byte {place}, {before:#04x}");
        changed.pdf[place] = before;
    }
}

/// A file that is damaged anywhere is refused, or its letters are found, or it still says all that it should: nothing
/// panics.
#[test]
fn damage_anywhere_is_survived() {
    let stationery = stationery();
    let letters = &letters()[..1];
    let mut stream = print(&stationery, letters, false);
    for place in (0..stream.pdf.len()).step_by(37) {
        let before = stream.pdf[place];
        stream.pdf[place] = before.wrapping_add(1);
        let _ = with_pieces(letters, false, |document, pieces| stationery.proofread(document, pieces, &stream));
        stream.pdf[place] = before;
    }
    for length in [0, 10, 200, stream.pdf.len() / 2, stream.pdf.len() - 1] {
        let pdf = stream.pdf[..length].to_vec().into();
        let cut = PrintStream { pdf, pieces: stream.pieces.clone() };
        assert!(with_pieces(letters, false, |document, pieces| stationery.proofread(document, pieces, &cut)).is_err());
    }
}

/// The drawings of the four bars are not compressed: a digit of each in turn is another one, and the file is refused.
#[test]
fn a_bar_that_is_drawn_otherwise_is_found() {
    let stationery = stationery();
    let letters = &letters()[..1];
    let mut stream = print(&stationery, letters, false);
    let ends = stream.pdf.windows(5).enumerate().filter(|(_, word)| *word == b" re f").map(|(place, _)| place);
    let ends: Vec<usize> = ends.collect();
    assert_eq!(ends.len(), 4);
    for end in ends {
        // The height ends with three decimals; the digit before them is whole points.
        let place = end - 5;
        let before = stream.pdf[place];
        assert!(before.is_ascii_digit());
        stream.pdf[place] = if before == b'9' { b'8' } else { before + 1 };
        let read = with_pieces(letters, false, |document, pieces| stationery.proofread(document, pieces, &stream));
        let told = read.unwrap_err().to_string();
        assert!(told.contains("a bar of the barcode's font does not look like it"), "{told}");
        stream.pdf[place] = before;
    }
    assert_eq!(proofread(&stationery, letters, false, &stream), []);
}
