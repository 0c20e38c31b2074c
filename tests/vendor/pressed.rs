//! A package of real letters to invented people: pages with marks, barcodes and ids, as a site makes them.

use std::sync::OnceLock;

use letterpost::domain::request::{Format, Language};
use letterpost::letter::{DocumentInfo, PrintedPiece, Stationery};
use letterpost::package::assemble::{Letters, PRINT_STREAM_FILE, assemble, letter_file};
use letterpost::package::digest::Sha256Digest;
use letterpost::package::manifest::ManifestRow;
use zeroize::Zeroizing;

use crate::letters::{Letter, PACKAGE, letter, letter_abroad, letter_files, mode, stationery, with_pieces};
use crate::sample::ticket;

/// Of one, two and one sheets; the third leaves the country and has no barcode.
pub fn letters() -> Vec<Letter> {
    vec![
        letter("Ann Example", (Language::En, Format::Standard), "9QX2-K7D0-4MZH", 1),
        letter("Nguyễn Thị Ánh Tuyết", (Language::En, Format::LargePrint), "ZM4J-5F2G-WE9S", 2),
        letter_abroad(3),
    ]
}

fn press() -> &'static Stationery {
    static PRESS: OnceLock<Stationery> = OnceLock::new();
    PRESS.get_or_init(stationery)
}

/// The rows of a manifest for letters that were printed.
pub fn rows_of(letters: &[Letter], pieces: &[PrintedPiece], file: impl Fn(u32) -> String) -> Vec<ManifestRow> {
    let row = |(letter, piece): (&Letter, &PrintedPiece)| ManifestRow {
        sequence: letter.sequence,
        letter_id: letter.letter_id,
        file: file(letter.sequence),
        first_page: piece.first_page,
        pages: piece.pages,
        sheets: piece.sheets,
        sha256: Sha256Digest::from(piece.sha256),
        imb: letter.barcode().map(|barcode| barcode.digits()).unwrap_or_default(),
        postal_code: letter.recipient.address.postal_code.clone(),
        country: letter.recipient.address.country.clone(),
        language: letter.recipient.language,
        format: letter.recipient.format,
    };
    letters.iter().zip(pieces).map(row).collect()
}

/// The print file of letters, and the manifest's rows for it.
pub fn pressed(letters: &[Letter], duplex: bool) -> (Zeroizing<Vec<u8>>, Vec<ManifestRow>) {
    pressed_for(PACKAGE, letters, duplex)
}

/// The same for a package of this name.
pub fn pressed_for(package: &str, letters: &[Letter], duplex: bool) -> (Zeroizing<Vec<u8>>, Vec<ManifestRow>) {
    let stream = with_pieces(letters, mode(duplex), |document, pieces| {
        let document = DocumentInfo { package: package.to_owned(), ..document.clone() };
        press().print_stream(&document, pieces).unwrap()
    });
    let rows = rows_of(letters, &stream.pieces, |_| PRINT_STREAM_FILE.to_owned());
    (stream.pdf, rows)
}

/// The manifest's rows of the package with one print file.
pub fn print_stream_rows() -> Vec<ManifestRow> {
    static ROWS: OnceLock<Vec<ManifestRow>> = OnceLock::new();
    ROWS.get_or_init(|| pressed(&letters(), false).1).clone()
}

/// The zip of a package with one print file.
pub fn archive() -> Zeroizing<Vec<u8>> {
    static ARCHIVE: OnceLock<Zeroizing<Vec<u8>>> = OnceLock::new();
    let make = || {
        let (pdf, rows) = pressed(&letters(), false);
        assemble(&rows, &ticket(&rows), Letters::PrintStream(&pdf)).unwrap()
    };
    ARCHIVE.get_or_init(make).clone()
}

/// The zip of a package with one file a letter.
pub fn archive_of_files() -> Zeroizing<Vec<u8>> {
    let files = letter_files(press(), &letters(), mode(false));
    let rows = rows_of(&letters(), &files.pieces, letter_file);
    assemble(&rows, &ticket(&rows), Letters::Files(&files.files)).unwrap()
}
