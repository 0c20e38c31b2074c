//! The agency's barcodes over whole nights: on every letter at home, on none abroad, never one twice.

use std::collections::BTreeSet;

use letterpost::domain::imb::Imb;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;
use super::opened::open_all;

const BLOCKS: &str = "SELECT CAST(first AS TEXT), CAST(count AS TEXT), taken_on, free_on FROM serial_block ORDER BY id";

#[test]
fn every_letter_at_home_has_a_barcode_of_its_own() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let (mut serials, mut abroad) = (BTreeSet::new(), 0);
    for letter in packages.iter().flat_map(|package| &package.letters) {
        let digits = &letter.row["imb"];
        assert_eq!(site.value(&format!("SELECT imb FROM letter WHERE id = '{}'", letter.id())), *digits);
        if letter.row["country"] != "US" {
            assert_eq!(digits, "");
            abroad += 1;
            continue;
        }
        let imb: Imb = digits.parse().unwrap();
        assert_eq!(digits[..11], *"00340567094", "returned, never forwarded, traced");
        assert_eq!(imb.routing().to_string(), letter.row["postal_code"].replace('-', ""));
        assert!(serials.insert(imb.serial()), "{} stands on two letters", imb.serial());
        let shown = site.json(&["letter", "show", digits]);
        assert_eq!((&shown["letter_id"], &shown["imb"]), (&letter.id().into(), &digits.as_str().into()));
        let grouped = format!("{}-{}", &digits[..20], &digits[20..]);
        assert!(site.run(&["letter", "show", &grouped]).expect(0).stdout.contains(digits));
    }
    assert_eq!((serials.len(), abroad), (16, 1));
    assert_eq!(serials, (0..16).collect());
    // The package is mailed on Thursday at the latest; 45 days later its numbers are free.
    let blocks = site.rows(BLOCKS);
    assert!(blocks.iter().all(|block| block[2..] == ["2026-03-02", "2026-04-19"]), "{blocks:?}");
    let listed = site.json(&["letter", "list"]);
    let listed: BTreeSet<&str> = listed.as_array().unwrap().iter().map(|row| row["imb"].as_str().unwrap()).collect();
    assert_eq!(listed.len(), 17, "sixteen barcodes and one empty");
}

#[test]
fn letters_wait_while_no_serial_number_is_free_and_go_when_there_are_more() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# serials_to = 999999999", "serials_to = 15");
    let first = site.night();
    let told = first.text();
    // The package in large print is one letter, and the other one's letters take all that is left, or the reverse.
    assert!(told.contains("16 of 16 serial numbers are in use (100 %)"), "{told}");
    site.configure("serials_to = 15", "serials_to = 16");
    site.clock("2026-03-03T22:30:00-05:00");
    let doctor = site.run(&["doctor"]).text();
    assert!(doctor.contains("mailer id 567094 of vendor acme") && doctor.contains("16 of 17"), "{doctor}");
    let ask = |reference: &str, name: &str| {
        let row = format!(
            "{reference},{name}@example.com,Late Comer,7 Placeholder Lane,,San Francisco,CA,94103,US,202-555-0104,email,\
             en,standard,2026-03-03T08:00:00-05:00"
        );
        site.import(&format!("{reference}.csv"), &row).expect(0);
    };
    ask("EBA-2026-000901", "late.one");
    ask("EBA-2026-000902", "late.two");
    let second = site.run(&["produce"]).text();
    assert!(second.contains("no 2 serial numbers in a row that are free before 2026-04-19"), "{second}");
    assert_eq!(site.value("SELECT CAST(count(*) AS TEXT) FROM batch WHERE status = 'claimed'"), "1");
    // While it waits, nothing more is claimed for that vendor: those requests can still be withdrawn.
    ask("EBA-2026-000903", "late.three");
    site.run(&["produce"]).done();
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'EBA-2026-000903'"), "pending");
    assert_eq!(site.value("SELECT CAST(count(*) AS TEXT) FROM batch WHERE status = 'claimed'"), "1");
    // More numbers, and the batch that waited is made.
    site.configure("serials_to = 16", "serials_to = 40");
    site.run(&["produce"]).done();
    assert_eq!(site.value("SELECT CAST(count(*) AS TEXT) FROM batch WHERE status = 'claimed'"), "0");
    let blocks: Vec<Vec<String>> = site.rows(BLOCKS).into_iter().map(|block| block[..2].to_vec()).collect();
    assert_eq!(blocks[blocks.len() - 2..], [["16", "2"], ["18", "1"]]);
    site.closed_accounting();
}

#[test]
fn a_vendor_that_adds_its_own_barcode_gets_none_of_ours() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    for line in ["imb = \"agency\"", "[vendor.barcode]", "mailer_id = \"567094\""] {
        site.configure(line, "");
    }
    site.night();
    assert!(open_all(&site).iter().flat_map(|package| &package.letters).all(|letter| letter.row["imb"].is_empty()));
    assert!(site.rows(BLOCKS).is_empty());
}
