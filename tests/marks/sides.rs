//! Both sides of the paper: every letter begins on a front, and a blank back is blank.

use letterpost::domain::request::Format;
use letterpost::letter::{LetterFiles, PrintStream, PrintedPiece};
use letterpost::package::manifest::ManifestRow;
use letterpost::package::pages::{LetterPages, check_letter_file};

use crate::letters::{Letter, letter_files, mode, one_of_each, print_stream, stationery};
use crate::readers::{Picture, draw, text_of};

/// A glance is enough to see whether there is anything on a page.
const DOTS: u32 = 60;

fn row(letter: &Letter, printed: &PrintedPiece, file: &str) -> ManifestRow {
    ManifestRow {
        sequence: letter.sequence,
        letter_id: letter.letter_id,
        file: file.to_owned(),
        first_page: printed.first_page,
        pages: printed.pages,
        sheets: printed.sheets,
        sha256: hex::encode(printed.sha256).parse().unwrap(),
        imb: String::new(),
        postal_code: letter.recipient.address.postal_code.clone(),
        country: letter.recipient.address.country.clone(),
        language: letter.recipient.language,
        format: letter.recipient.format,
    }
}

fn rows(letters: &[Letter], printed: &[PrintedPiece]) -> Vec<ManifestRow> {
    letters.iter().zip(printed).map(|(letter, printed)| row(letter, printed, "letters.pdf")).collect()
}

/// Which pages are blank, and whether anything can be read on those.
fn blank_pages(pdf: &[u8]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let blank: Vec<bool> = draw(pdf, DOTS, folder.path()).iter().map(Picture::is_blank).collect();
    for (page, _) in (1..).zip(&blank).filter(|(_, blank)| **blank) {
        assert_eq!(text_of(pdf, page, page).trim(), "", "page {page}");
    }
    blank
}

#[test]
fn in_duplex_every_letter_begins_on_a_front_and_blank_backs_are_blank() {
    let (stationery, letters) = (stationery(), one_of_each());
    let PrintStream { pdf, pieces } = print_stream(&stationery, &letters, mode(true));
    let simplex = print_stream(&stationery, &letters, mode(false));
    let blank = blank_pages(&pdf);
    assert_eq!(blank.len() as u32, pieces.iter().map(|piece| piece.pages).sum::<u32>());
    for ((letter, piece), one_sided) in letters.iter().zip(&pieces).zip(&simplex.pieces) {
        assert_eq!(piece.first_page % 2, 1, "a front");
        assert_eq!(piece.sheets * 2, piece.pages);
        assert_eq!((one_sided.sheets, one_sided.sheets.div_ceil(2)), (one_sided.pages, piece.sheets));
        let own = &blank[piece.first_page as usize - 1..][..piece.pages as usize];
        let expected: Vec<bool> = (0..piece.pages).map(|page| page >= one_sided.pages).collect();
        assert_eq!(own, expected, "printed pages first, and then at most one blank back");
        if letter.recipient.format == Format::LargePrint {
            assert!(piece.sheets < one_sided.sheets, "{} and {}", piece.sheets, one_sided.sheets);
        }
    }
    assert!(blank.contains(&true) && pieces.iter().any(|piece| piece.first_page > 2));
    assert!(!blank_pages(&simplex.pdf).contains(&true), "nothing is blank on one side");
}

#[test]
fn the_manifests_arithmetic_holds_on_one_side_and_on_both() {
    let (stationery, letters) = (stationery(), one_of_each());
    for duplex in [false, true] {
        let PrintStream { pdf, pieces } = print_stream(&stationery, &letters, mode(duplex));
        let pages = LetterPages::open("letters.pdf", &pdf).unwrap();
        pages.check_print_stream(&rows(&letters, &pieces)).unwrap();
        let mut wrong = rows(&letters, &pieces);
        wrong[1].pages += 1;
        assert!(pages.check_print_stream(&wrong).is_err());
        let LetterFiles { files, pieces: printed } = letter_files(&stationery, &letters, mode(duplex));
        for (((letter, printed), in_stream), file) in letters.iter().zip(&printed).zip(&pieces).zip(&files) {
            assert_eq!((printed.first_page, printed.pages, printed.sheets), (1, in_stream.pages, in_stream.sheets));
            let row = row(letter, printed, "letters/000001.pdf");
            check_letter_file(&row, file).unwrap();
            assert!(check_letter_file(&ManifestRow { pages: row.pages + 1, ..row.clone() }, file).is_err());
            let blank = blank_pages(file);
            assert_eq!(blank.len() as u32, printed.pages);
            assert!(!blank[0] && blank.iter().filter(|blank| **blank).count() <= usize::from(duplex));
        }
    }
}
