//! Receipts under names that are not theirs.

use std::fs;

use super::print_vendor::{PACKAGE, VENDOR_KEY};
use super::{ingest, refused_because, vendor_with_a_first_receipt};

/// Names that no receipt has: the number, the package or the ending is wrong.
const STRANGE: [&str; 16] = [
    "eba-test-acme-000001.receipt-0.csv",
    "eba-test-acme-000001.receipt-02.csv",
    "eba-test-acme-000001.receipt-+2.csv",
    "eba-test-acme-000001.receipt--2.csv",
    "eba-test-acme-000001.receipt-2.0.csv",
    "eba-test-acme-000001.receipt-10000.csv",
    "eba-test-acme-000001.receipt-4294967296.csv",
    "eba-test-acme-000001.receipt-2 (1).csv",
    "eba-test-acme-000001.receipt-2.csv.csv",
    "eba-test-acme-000001.receipt-2.CSV",
    "EBA-TEST-ACME-000001.receipt-2.csv",
    "eba-test-acme-1.receipt-2.csv",
    "..receipt-2.csv",
    "'; DROP TABLE letter; --.csv",
    "receipt\nalarm: all is lost.csv",
    "\u{202e}vsc.2-tpiecer.csv",
];

#[test]
fn a_file_that_is_named_as_no_receipt_is_told_once_and_not_read() {
    let vendor = vendor_with_a_first_receipt();
    let good = vendor.receipt(&[vendor.line(3, "mailed", "2026-03-03")]);
    for name in STRANGE {
        fs::write(vendor.outbox(name), &good).unwrap();
        vendor.sign_file(name, VENDOR_KEY);
    }
    // What a vendor may have there besides is its own affair.
    for name in ["README.txt", "eba-test-acme-000001.receipt-2.csv.part", ".hidden", "eba-test-acme-000001.zip.pgp"] {
        fs::write(vendor.outbox(name), &good).unwrap();
    }
    let before = vendor.dump();
    let said = ingest(&vendor, 1).stderr;
    assert!(said.contains("person: 16 files in an outbox: not read: "), "{said}");
    assert!(said.contains("is not the name of a receipt") && said.contains("and 11 more"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with("alarm")), "{said}");
    assert_eq!(vendor.dump(), before);
    for name in STRANGE {
        assert!(refused_because(&vendor, name).contains("is not the name of a receipt"), "{name:?}");
    }
    ingest(&vendor, 0);
}

#[test]
fn a_receipt_speaks_only_of_the_package_in_its_name() {
    let vendor = vendor_with_a_first_receipt();
    let good = vendor.receipt(&[vendor.line(3, "mailed", "2026-03-03")]);
    let cases = [
        ("eba-test-acme-000002.receipt-1.csv", "and ours is"),
        ("eba-test-acme-000003.receipt-1.csv", "this site never made a package eba-test-acme-000003"),
        ("eba-test-acme-999999.receipt-1.csv", "this site never made a package"),
        ("eba-test-best-000001.receipt-1.csv", "this site never made a package"),
        ("eba-acme-000001.receipt-1.csv", "this site never made a package eba-acme-000001"),
        ("xyz-test-acme-000001.receipt-1.csv", "this site never made a package"),
    ];
    for (name, _) in cases {
        fs::write(vendor.outbox(name), &good).unwrap();
        vendor.sign_file(name, VENDOR_KEY);
    }
    let before = vendor.dump();
    ingest(&vendor, 1);
    assert_eq!(vendor.dump(), before);
    for (name, words) in cases {
        let reason = refused_because(&vendor, name);
        assert!(reason.contains(words), "{name}: {reason}");
    }
}

#[test]
fn a_number_far_ahead_waits_and_changes_nothing() {
    let vendor = vendor_with_a_first_receipt();
    let before = vendor.dump();
    vendor.put(9999, &[vendor.line(3, "mailed", "2026-03-03")]);
    vendor.put(3, &[vendor.line(3, "mailed", "2026-03-03")]);
    let said = ingest(&vendor, 0).stderr;
    for number in [3, 9999] {
        let waits = format!("note: receipt {PACKAGE}.receipt-{number}.csv: receipt 2 of this package has not come");
        assert!(said.contains(&waits), "{said}");
    }
    assert_eq!(vendor.dump(), before);
    let gap = vendor.shown()["exceptions"]["gap"].take();
    assert_eq!((gap["count"].as_u64(), gap["cases"][0]["receipt"].as_u64()), (Some(9996), Some(2)));
    let told = vendor.site.run(&["batch", "show", PACKAGE]).expect(0).stdout;
    assert!(told.contains("exception gap, 9996: 2: receipt 2 has not come; 4: receipt 4 has not come"), "{told}");
}
