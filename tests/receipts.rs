//! Receipts through the front door: what a vendor's file may change, and what it may not.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/print_vendor.rs"]
mod print_vendor;

use std::fs;

use nightly::TestSite;
use print_vendor::{PACKAGE, SITE_KEY, VENDOR_KEY, Vendor};

/// A Monday night; its package is offered on that day and planned for Tuesday.
const NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// The evening after it was mailed.
const NEXT_DAY: &str = "2026-03-03T22:00:00-05:00";

/// A vendor that has the package, one day on.
fn vendor_with_a_package() -> Vendor {
    Vendor::of(TestSite::after_the_night(NIGHT), NEXT_DAY)
}

/// The same, where the job ticket lets it make a spoiled letter again.
fn vendor_that_makes_letters_again() -> Vendor {
    let site = TestSite::before_the_night(NIGHT);
    site.configure(r#"# remake = "forbidden""#, r#"remake = "vendor""#);
    site.night();
    Vendor::of(site, NEXT_DAY)
}

fn states(state: &str, dispatched_on: &str) -> (String, String) {
    (state.to_owned(), dispatched_on.to_owned())
}

#[test]
fn a_receipt_dates_its_letters_and_the_same_file_twice_changes_nothing() {
    let vendor = vendor_with_a_package();
    let lines = [vendor.line(0, "printed", "2026-03-03"), vendor.line(0, "mailed", "2026-03-03")];
    vendor.tell(1, &lines).expect(0);
    assert_eq!(vendor.letter(0), states("mailed", "2026-03-03"));
    assert_eq!(vendor.letter(1), states("accepted", ""));
    let entries = vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry");
    vendor.site.run(&["ingest"]).expect(0);
    assert_eq!(vendor.site.value("SELECT CAST(count(*) AS TEXT) FROM audit_entry"), entries);
}

#[test]
fn an_unsigned_or_foreign_receipt_is_refused_until_the_right_signature_comes() {
    let vendor = vendor_with_a_package();
    let csv = vendor.receipt(&[vendor.line(0, "mailed", "2026-03-03")]);
    vendor.write(1, &csv);
    let refused = vendor.site.run(&["ingest"]).expect(1);
    assert!(refused.stderr.contains("it has no signature"), "{}", refused.stderr);
    vendor.sign(1, SITE_KEY);
    let refused = vendor.site.run(&["ingest"]).expect(1);
    assert!(refused.stderr.contains("not by the pinned key"), "{}", refused.stderr);
    assert_eq!(vendor.letter(0), states("delivered", ""));
    let kept = fs::read_dir(vendor.site.path("quarantine")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(kept.into_iter().any(|name| name.to_str().unwrap().starts_with(&format!("{PACKAGE}.receipt-1.csv"))));
    vendor.sign(1, VENDOR_KEY);
    vendor.site.run(&["ingest"]).expect(0);
    assert_eq!(vendor.letter(0), states("mailed", "2026-03-03"));
}

#[test]
fn a_line_that_contradicts_what_is_known_is_held_and_the_others_are_taken() {
    let vendor = vendor_with_a_package();
    let lines = [
        vendor.line(0, "mailed", "2026-03-03"),
        vendor.line(1, "mailed", "2026-03-04"),
        vendor.line(2, "mailed", "2026-03-01"),
        "00000-00000,mailed,2026-03-03,1,".to_owned(),
        format!("{},mailed,2026-03-03,2,", vendor.letters[3]),
        vendor.line(4, "returned", "2026-03-03"),
        vendor.line(0, "printed", "2026-03-03"),
        vendor.line(0, "mailed", "2026-03-02"),
        vendor.line(5, "mailed", "2026-03-03"),
    ];
    let told = vendor.tell(1, &lines).expect(1).stderr;
    for reason in [
        "line 4: held: 2026-03-04 is in the future; today is 2026-03-03",
        "line 5: held: 2026-03-01 is before 2026-03-02, when the package was first offered",
        "line 6: held: letter 00000-00000 is not in this package",
        "line 7: held: 2 sheets, and the letter has 1",
        "line 8: held: the letter is accepted, and cannot be returned after that",
        "line 9: held: the letter is mailed, and cannot be printed after that",
        "line 10: held: mailed on 2026-03-03 by an earlier receipt, and now on 2026-03-02",
    ] {
        assert!(told.contains(reason), "{reason}\nin\n{told}");
    }
    assert_eq!(vendor.letter(0), states("mailed", "2026-03-03"));
    for untouched in 1..=4 {
        assert_eq!(vendor.letter(untouched), states("accepted", ""), "{untouched}");
    }
    assert_eq!(vendor.letter(5), states("mailed", "2026-03-03"));
    vendor.site.closed_accounting();
}

#[test]
fn letters_that_end_unmailed_end_their_passwords() {
    let vendor = vendor_that_makes_letters_again();
    let lines = [
        vendor.line(0, "rejected", "2026-03-03"),
        vendor.line(1, "pulled", "2026-03-03"),
        vendor.line(2, "spoiled", "2026-03-03"),
        format!("{}remade", vendor.line(3, "spoiled", "2026-03-03")),
        vendor.line(4, "mailed", "2026-03-03"),
    ];
    vendor.tell(1, &lines).expect(0);
    vendor.tell(2, &[vendor.line(4, "returned", "2026-03-03")]).expect(0);
    for (letter, state, password) in [
        (0, "rejected", "revoked"),
        (1, "pulled", "revoked"),
        (2, "spoiled", "revoked"),
        (3, "accepted", "live"),
        (4, "returned", "revoked"),
    ] {
        assert_eq!(vendor.letter(letter).0, state);
        let query = format!("SELECT password_status FROM letter WHERE id = '{}'", vendor.letters[letter]);
        assert_eq!(vendor.site.value(&query), password, "{state}");
    }
    // The vendor mails a letter that it had rejected: the line is held.
    vendor.tell(3, &[vendor.line(0, "mailed", "2026-03-03")]).expect(1);
    assert_eq!(vendor.letter(0).0, "rejected");
}

#[test]
fn a_gap_in_the_numbers_is_waited_for_and_a_changed_receipt_is_an_alarm() {
    let vendor = vendor_with_a_package();
    let waits = vendor.tell(2, &[vendor.line(1, "mailed", "2026-03-03")]).expect(0);
    assert!(waits.stderr.contains("receipt 1 of this package has not come"), "{}", waits.stderr);
    assert_eq!(vendor.letter(1), states("delivered", ""));
    vendor.tell(1, &[vendor.line(0, "mailed", "2026-03-03")]).expect(0);
    assert_eq!(vendor.letter(1), states("mailed", "2026-03-03"));
    let alarm = vendor.tell(1, &[vendor.line(2, "mailed", "2026-03-03")]).expect(4);
    assert!(alarm.stderr.contains("was taken before with other bytes"), "{}", alarm.stderr);
    assert_eq!(vendor.letter(2), states("accepted", ""));
}

#[test]
fn a_refused_package_ends_all_its_passwords() {
    let vendor = vendor_with_a_package();
    vendor.site.receipt(PACKAGE, &["--refuse", "the stock has run out"]).expect(1);
    assert_eq!(vendor.letter(0), states("rejected", ""));
    let query = "SELECT CAST(count(*) AS TEXT) FROM letter JOIN batch ON batch.id = letter.batch_id
                 WHERE batch.name = 'eba-test-acme-000001' AND password_status <> 'revoked'";
    assert_eq!(vendor.site.value(query), "0");
    vendor.site.closed_accounting();
}

#[test]
fn mailing_a_letter_whose_password_was_revoked_is_an_alarm_and_is_recorded() {
    let vendor = vendor_with_a_package();
    vendor.site.tamper(&format!(
        "UPDATE letter SET password_status = 'revoked', ended_on = '2026-03-03', end_reason = 'replaced by a newer one'
         WHERE id = '{}'",
        vendor.letters[0]
    ));
    let alarm = vendor.tell(1, &[vendor.line(0, "mailed", "2026-03-03")]).expect(4);
    assert!(alarm.stderr.contains("its password was revoked before"), "{}", alarm.stderr);
    assert_eq!(vendor.letter(0), states("mailed", "2026-03-03"));
}

#[test]
fn garbled_receipts_change_nothing_and_stop_nothing() {
    let vendor = vendor_with_a_package();
    let good = vendor.receipt(&[vendor.line(0, "mailed", "2026-03-03")]);
    let other_package = good.replace(&vendor.package_sha256, &"0".repeat(64));
    let no_trailer = good.lines().take(3).map(|line| format!("{line}\n")).collect::<String>();
    let formula = good.replace(&vendor.letters[0], "=HYPERLINK(1)");
    let utf_16: String = good.chars().flat_map(|c| [c, '\0']).collect();
    for garbled in
        [other_package, no_trailer, good.replace(",1,\n", ",9,\n"), utf_16, String::new(), good.replace('\n', "")]
    {
        vendor.write(1, &garbled);
        vendor.sign(1, VENDOR_KEY);
        let refused = vendor.site.run(&["ingest"]).expect(1);
        assert!(refused.stderr.contains("refused"), "{}", refused.stderr);
        assert_eq!(vendor.letter(0), states("delivered", ""), "{garbled}");
    }
    // A line that cannot be read is held; the file is taken.
    vendor.write(1, &formula);
    vendor.sign(1, VENDOR_KEY);
    vendor.site.run(&["ingest"]).expect(1);
    assert_eq!(vendor.letter(0), states("accepted", ""));
}
