//! `vendor verify` reads the pages: each sheet bears its own mark, its letter's id and barcode, as the manifest says.

use letterpost::cli::vendor::VendorError;
use letterpost::letter::{marks_of_pages, sheet_mark_text};
use letterpost::package::assemble::{Letters, assemble};
use letterpost::package::manifest::ManifestRow;
use letterpost::package::pages::LetterPages;

use crate::letters::Letter;
use crate::pressed::{archive_of_files, letters, pressed};
use crate::sample::{NAME, sealed, ticket};
use crate::shop::Shop;

/// A shop whose package holds these pages under these rows. Digests and totals fit; only marks can be wrong.
fn shop_with(pdf: &[u8], rows: &[ManifestRow], duplex: bool) -> Shop {
    let mut ticket = ticket(rows);
    ticket.duplex = duplex;
    let shop = Shop::new();
    shop.receive(&sealed(&assemble(rows, &ticket, Letters::PrintStream(pdf)).unwrap()));
    shop
}

/// What is said of pages that were printed for `printed`, under the manifest of `listed`.
fn refusal(printed: &[Letter], listed: impl Fn(&mut Vec<ManifestRow>)) -> String {
    let (pdf, mut rows) = pressed(printed, false);
    listed(&mut rows);
    let pages = LetterPages::open("letters.pdf", &pdf).unwrap();
    rows.iter_mut().for_each(|row| row.sha256 = pages.digest(row.first_page, row.pages).unwrap());
    let error = shop_with(&pdf, &rows, false).verify(&[]).expect_err("it was accepted");
    assert!(matches!(error, VendorError::WrongMarks { .. }), "{error}");
    assert_eq!(error.exit_code(), 5);
    let told = error.to_string();
    for secret in ["9QX2-K7D0-4MZH", "Ann", "ANN", "Sample Street"] {
        assert!(!told.contains(secret), "{told}");
    }
    told
}

#[test]
fn marks_ids_and_barcodes_are_read_in_every_layout() {
    let verified = Shop::new().verify(&[]).unwrap();
    assert_eq!((verified.sheet_marks, verified.barcodes), (4, 2));
    assert!(verified.to_text().contains("marks     read on 4 sheets, with 2 barcodes"));
    let shop = Shop::new();
    shop.receive(&sealed(&archive_of_files()));
    let verified = shop.verify(&[]).unwrap();
    assert_eq!((verified.sheet_marks, verified.barcodes), (4, 2));
    let (pdf, rows) = pressed(&letters(), true);
    let verified = shop_with(&pdf, &rows, true).verify(&[]).unwrap();
    assert_eq!((verified.sheet_marks, verified.pages), (3, 6));
}

#[test]
fn a_page_tells_its_marks_without_a_recipient() {
    let pages = marks_of_pages(&pressed(&letters(), true).0).unwrap();
    assert_eq!(pages.len(), 6);
    assert!(pages[1].is_blank() && !pages[3].is_blank());
    let mark = sheet_mark_text(NAME, 2, 1, 1);
    assert_eq!(mark, format!("{NAME} 000002 1/1"));
    assert_eq!(pages[2].matrices, [Some(mark.clone())]);
    assert!(pages[2].has_line(&mark) && pages[3].matrices.is_empty());
    // Above the address, and in the foot; on the back, in the foot only.
    assert_eq!(pages[2].letter_ids(), [letters()[1].letter_id; 2]);
    assert_eq!(pages[3].letter_ids(), [letters()[1].letter_id]);
    assert_eq!(pages[2].barcodes, [Ok(letters()[1].barcode().unwrap())]);
    assert!(marks_of_pages(b"%PDF-1.7\n%%EOF\n").is_err());
}

#[test]
fn a_sheet_with_another_mark_is_refused() {
    // The second letter was printed as the first one's neighbour's: sequence 3 where 2 belongs.
    let mut printed = letters();
    printed[1].sequence = 3;
    let told = refusal(&printed, |rows| rows[1].sequence = 2);
    assert!(told.contains(&format!("says '{NAME} 000003 1/2', not '{NAME} 000002 1/2'")), "{told}");
    // One letter of two sheets is listed as two of one.
    let told = refusal(&letters(), |rows| {
        rows[1].sheets = 1;
        rows[1].pages = 1;
        rows[2].pages = 2;
        rows[2].sheets = 2;
        rows[2].first_page = 3;
    });
    assert!(told.contains(&format!("says '{NAME} 000002 1/2', not '{NAME} 000002 1/1'")), "{told}");
}

#[test]
fn a_letter_that_is_printed_as_another_is_refused() {
    let ids = |rows: &mut Vec<ManifestRow>| {
        let first = rows[0].letter_id;
        rows[0].letter_id = rows[2].letter_id;
        rows[2].letter_id = first;
    };
    let told = refusal(&letters(), ids);
    assert!(
        told.contains("row 1") && told.contains(&format!("printed as letter {}", letters()[0].letter_id)),
        "{told}"
    );
    let told = refusal(&letters(), |rows| rows[2].letter_id = "ZZZZZ-ZZZZZ".parse().unwrap());
    assert!(told.contains("row 3") && told.contains("id is not printed"), "{told}");
}

#[test]
fn a_barcode_that_the_manifest_does_not_have_is_refused() {
    let told = refusal(&letters(), |rows| rows[0].imb = letters()[1].barcode().unwrap().digits());
    assert!(told.contains("the barcode says 0034056709400000000162701"), "{told}");
    let told = refusal(&letters(), |rows| rows[2].imb = letters()[1].barcode().unwrap().digits());
    assert!(told.contains("row 3") && told.contains("barcode is missing"), "{told}");
    let told = refusal(&letters(), |rows| rows[1].imb.clear());
    assert!(told.contains("row 2") && told.contains("does not have"), "{told}");
}

/// Where the vendor prints the barcode, the manifest has none and the pages have none.
#[test]
fn a_barcode_that_is_the_vendors_own_is_not_looked_for() {
    let without = || letters().into_iter().map(|letter| Letter { serial: None, ..letter }).collect::<Vec<_>>();
    let (pdf, rows) = pressed(&without(), false);
    let verified = shop_with(&pdf, &rows, false).verify(&[]).unwrap();
    assert_eq!((verified.sheet_marks, verified.barcodes), (4, 0));
}

#[test]
fn pages_that_do_not_make_the_sheets_are_refused() {
    let (pdf, rows) = pressed(&letters(), false);
    let shop = shop_with(&pdf, &rows, true);
    assert!(shop.verify(&[]).unwrap_err().to_string().contains("1 pages do not make 1 sheets"));
    // A package that is good but for its pages: they are no letters.
    let plain = crate::sample::archive();
    let shop = Shop::new();
    shop.receive(&sealed(&plain));
    let told = shop.verify(&[]).unwrap_err().to_string();
    assert!(told.contains("letters.pdf do not read as letters do"), "{told}");
    // No receipt is written for pages that must not be printed.
    assert_eq!(shop.receipt(&[]).unwrap_err().exit_code(), 5);
    assert!(shop.list("outbox").is_empty());
}
