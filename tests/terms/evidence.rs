//! Copies of receipts: there before the receipt is taken, whatever becomes of the outbox, and for as long as they are asked for.

use std::fs;

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, entries, names, retention, sql};

const TUESDAY: &str = "2026-03-03T20:00:00-05:00";

fn first_letter(site: &TestSite, package: &str) -> String {
    site.value(&format!(
        "SELECT letter.id FROM letter JOIN batch ON batch.id = letter.batch_id WHERE batch.name = '{package}' LIMIT 1"
    ))
}

#[test]
fn a_receipt_is_taken_only_when_its_copy_is_kept_and_the_copy_outlives_the_outbox() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY);
    let package = site.packages().remove(0);
    let letter = first_letter(&site, &package);
    // Where the copy cannot be kept, nothing is taken.
    fs::write(site.path("receipts"), "in the way").unwrap();
    let ran = site.receipt(&package, &[]).expect(3);
    assert!(ran.text().contains("receipts"), "{}", ran.text());
    assert_eq!(site.json(&["letter", "show", &letter])["status"], "delivered");
    fs::remove_file(site.path("receipts")).unwrap();
    site.run(&["ingest"]).done();
    assert_eq!(site.json(&["letter", "show", &letter])["status"], "mailed");
    let outbox = site.path("vendor/outbox");
    let copies = names(&site, "receipts");
    assert_eq!(copies.len(), 2, "{copies:?}");
    assert!(copies[0].starts_with(&format!("{package}.receipt-1.csv.")) && copies[1] == format!("{}.asc", copies[0]));
    for (copy, original) in [(&copies[0], ""), (&copies[1], ".asc")] {
        let original = outbox.join(format!("{package}.receipt-1.csv{original}"));
        assert_eq!(fs::read(site.path("receipts").join(copy)).unwrap(), fs::read(original).unwrap());
    }
    fs::remove_dir_all(&outbox).unwrap();
    fs::create_dir(&outbox).unwrap();
    let copy = site.path("receipts").join(&copies[0]).display().to_string();
    assert_eq!(site.json(&["letter", "show", &letter])["receipt"]["copy"], copy.as_str());
    assert_eq!(site.json(&["batch", "show", &package])["receipt_copies"][0], copy.as_str());
    assert!(site.run(&["letter", "show", &letter]).expect(0).stdout.contains(&copy));
}

#[test]
fn receipts_from_before_copies_were_kept_are_copied_when_they_are_seen_again() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY);
    let package = site.packages().remove(0);
    site.receipt(&package, &[]).done();
    let copies = names(&site, "receipts");
    // As an older letterpost left it.
    fs::remove_dir_all(site.path("receipts")).unwrap();
    sql(
        &site,
        "letterpost.db",
        "DROP TRIGGER kept_file_is_never_deleted; DELETE FROM kept_file WHERE kind = 'receipt'",
    );
    site.run(&["ingest", "--dry-run"]).done();
    assert!(names(&site, "receipts").is_empty());
    site.run(&["ingest"]).done();
    assert_eq!(names(&site, "receipts"), copies);
    assert_eq!(site.value("SELECT count(*) FROM kept_file WHERE kind = 'receipt'"), "2");
    // One whose term is over is not copied again, though it lies in the outbox yet.
    site.configure("# receipt_days = 2190", "receipt_days = 30");
    site.clock("2026-04-02T21:00:01-04:00");
    assert_eq!(retention(&site, 0, &[])["receipts_removed"], 2);
    site.run(&["ingest"]).done();
    assert!(names(&site, "receipts").is_empty());
    let removed = entries(&site, "receipt.removed");
    let receipt = site.value("SELECT sha256 FROM receipt_file");
    assert!(removed.iter().any(|entry| entry["sha256"] == receipt.as_str() && entry["due_on"] == "2026-04-02"));
    assert!(
        removed.iter().any(|entry| entry["of"] == receipt.as_str()),
        "the signature says whose it was: {removed:?}"
    );
}

#[test]
fn a_copy_that_is_not_what_was_kept_is_told() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY);
    let package = site.packages().remove(0);
    site.receipt(&package, &[]).done();
    let copy = site.path("receipts").join(&names(&site, "receipts")[0]);
    fs::write(&copy, "other words").unwrap();
    site.configure("# receipt_days = 2190", "receipt_days = 30");
    site.clock("2026-04-02T21:00:01-04:00");
    let ran = site.run(&["retention"]).expect(1);
    assert!(ran.text().contains("it is no evidence as it stands"), "{}", ran.text());
    assert!(copy.exists());
    assert_eq!(entries(&site, "receipt.left").len(), 1);
    assert_eq!(retention(&site, 0, &[])["receipts_removed"], 0);
}
