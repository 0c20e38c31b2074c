//! Limits on requests: who asks too often, or for an address that a person should look at, waits, and harms nobody.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use nightly::{REQUEST_HEADER, Ran, TestSite};

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const HERE: &str = "12 Sample Street,Apt 4,Springfield,IL,62701";

/// A row of a file; `asked` is a date.
fn row(reference: &str, account: &str, address: &str, asked: &str) -> String {
    format!("{reference},{account}@example.com,Sample Person,{address},US,,email,en,standard,{asked}T08:00:00-05:00")
}

fn status(site: &TestSite, reference: &str) -> String {
    site.value(&format!("SELECT status FROM request WHERE reference = '{reference}'"))
}

/// A night, and the vendor's word that all of it was mailed, at this instant the day after.
fn night_and_mailing(site: &TestSite, night: &str, day_after: &str) {
    site.clock(night);
    site.night();
    site.clock(day_after);
    let mailed = "SELECT name FROM batch WHERE status = 'delivered'";
    for package in site.rows(mailed).into_iter().flatten() {
        site.receipt(&package, &[]).done();
    }
}

/// Redeems the newest letter's password behind the program's back, so that the account may have another.
fn use_up(site: &TestSite, account: &str) {
    site.tamper(&format!(
        "UPDATE letter SET password_status = 'redeemed', ended_on = '2026-03-03', end_reason = 'used'
         WHERE username = '{account}@example.com' AND password_status = 'live'"
    ));
}

#[test]
fn the_fifth_letter_to_an_account_in_thirty_days_waits_for_a_person_and_what_was_there_stays() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let nights = [
        ("2026-03-02T22:30:00-05:00", "2026-03-03T20:00:00-05:00", "2026-03-02"),
        ("2026-03-03T22:30:00-05:00", "2026-03-04T20:00:00-05:00", "2026-03-03"),
        ("2026-03-04T22:30:00-05:00", "2026-03-05T20:00:00-05:00", "2026-03-04"),
    ];
    for (place, (night, day_after, asked)) in nights.iter().enumerate() {
        let elsewhere = format!("{place} Placeholder Lane,,Springfield,IL,62701");
        site.import(&format!("{place}.csv"), &row(&format!("R-{place}"), "ann", &elsewhere, asked)).expect(0);
        night_and_mailing(&site, night, day_after);
        use_up(&site, "ann");
    }
    // The fourth is still pending when the fifth comes, and stays so.
    site.import("fourth.csv", &row("R-4TH", "ann", HERE, "2026-03-05")).expect(0);
    let fifth = site.import("fifth.csv", &row("R-5TH", "ann", "9 Elsewhere Road,,Springfield,IL,62701", "2026-03-05"));
    let told = "R-5TH: held: the account has had 4 letters in 30 days, and [limits] letters_an_account is 4; act by";
    assert!(fifth.expect(1).stdout.contains(told));
    assert_eq!((status(&site, "R-4TH"), status(&site, "R-5TH")), ("pending".into(), "held".into()));
    // Asking once more leaves one request to look at, and the pending one where it is.
    site.import("sixth.csv", &row("R-6TH", "ann", HERE, "2026-03-05")).expect(1);
    let states = ["R-4TH", "R-5TH", "R-6TH"].map(|reference| status(&site, reference));
    assert_eq!(states, ["pending", "withdrawn", "held"]);
    let by = site.value("SELECT held_by FROM request WHERE reference = 'R-6TH'");
    assert_eq!(by, "rule");
    // A person lets it go on, once the other is out of the way.
    site.run(&["request", "release", "R-6TH", "--reason", "spoke to her"]).expect(2);
    night_and_mailing(&site, "2026-03-05T22:30:00-05:00", "2026-03-06T20:00:00-05:00");
    assert_eq!(status(&site, "R-4TH"), "lettered");
    site.run(&["request", "release", "R-6TH", "--reason", "spoke to her"]).expect(0);
    site.clock("2026-03-06T22:30:00-05:00");
    site.night();
    assert_eq!(status(&site, "R-6TH"), "lettered");
    // Thirty days later all is forgotten.
    site.clock("2026-04-06T12:00:00-04:00");
    site.import("later.csv", &row("R-LATER", "ann", HERE, "2026-04-06")).expect(0);
    assert_eq!(status(&site, "R-LATER"), "pending");
    site.closed_accounting();
}

#[test]
fn one_place_is_one_address_however_it_is_written() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let spellings = [
        "12 Sample Street,Apt 4,Springfield,IL,62701",
        "12 SAMPLE ST,APARTMENT 4,Springfield,IL,62701-1234",
        "12 Sample St. Unit 4,,Springfield,IL,62701",
        "12 Sample Street,c/o Bo Li # 4,Springfield,IL,62701",
        "\"12  Sample  Street, Apt. 4\",c/o Bo Li,Springfield,IL,62701",
        "12 Sample St #4,,spring field,IL,62701",
        "12 Sample Street,Apt 5,Springfield,IL,62701",
    ];
    let rows: Vec<String> = spellings
        .iter()
        .enumerate()
        .map(|(place, address)| row(&format!("R-{place}"), &format!("person{place}"), address, "2026-03-01"))
        .collect();
    let imported = site.import("many.csv", &rows.join("\n")).expect(1);
    let states: Vec<String> = (0..spellings.len()).map(|place| status(&site, &format!("R-{place}"))).collect();
    // The fourth has its number after a name: it is another place as far as spelling can tell.
    assert_eq!(
        states,
        ["pending", "pending", "pending", "pending", "pending", "held", "pending"],
        "{}",
        imported.text()
    );
    let told = "R-5: held: its address has had 4 letters in 30 days, and [limits] letters_an_address is 4";
    assert!(imported.stdout.contains(told), "{}", imported.text());
    let audited = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry").concat().concat();
    assert!(!audited.contains("SAMPLE ST") && !audited.contains("Sample Street"), "no address in the log");
    // Others who live there count as well when their letters are made.
    site.night();
    site.clock("2026-03-05T12:00:00-05:00");
    site.import("more.csv", &row("R-MORE", "person9", HERE, "2026-03-05")).expect(1);
    assert_eq!(status(&site, "R-MORE"), "held");
    site.configure("# letters_an_address = 4", "letters_an_address = 0");
    site.import("shelter.csv", &row("R-SHELTER", "person10", HERE, "2026-03-05")).expect(0);
    site.closed_accounting();
}

/// What the portal's table does: a night collects it.
fn collect(site: &TestSite, reference: &str, account: &str, basis: &str, since: &str) -> Ran {
    let path = site.path("with-basis.csv");
    let row = row(reference, account, "7 Placeholder Lane,,Springfield,IL,62701", "2026-03-02");
    fs::write(&path, format!("{REQUEST_HEADER},address_basis,address_since\n{row},{basis},{since}\n")).unwrap();
    site.run(&["request", "import", path.to_str().unwrap()])
}

#[test]
fn addresses_that_are_supplied_or_new_wait_where_the_site_says_so() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    collect(&site, "R-FREE", "free", "supplied", "2026-03-01").expect(0);
    assert_eq!(status(&site, "R-FREE"), "pending", "by default nothing of it is held");
    site.configure("# hold_supplied_addresses = false", "hold_supplied_addresses = true");
    site.configure("# hold_addresses_newer_than_days = 0", "hold_addresses_newer_than_days = 14");
    site.configure("# letters_an_address = 4", "letters_an_address = 0");
    for (reference, basis, since, told) in [
        ("R-GOOD", "of-record", "2026-02-16", ""),
        ("R-SUPPLIED", "supplied", "2020-01-01", "its address was supplied by the person who asked"),
        ("R-UNKNOWN", "", "2020-01-01", "the portal does not say where its address is from"),
        ("R-NEW", "of-record", "2026-02-17", "its address was 13 days old when it was asked for"),
        ("R-UNDATED", "of-record", "", "the portal does not say since when it has its address"),
    ] {
        let imported = collect(&site, reference, &reference.to_lowercase(), basis, since);
        let expected = if told.is_empty() { ("pending", 0) } else { ("held", 1) };
        assert_eq!((status(&site, reference).as_str(), imported.code), expected, "{reference}: {}", imported.text());
        assert!(imported.stdout.contains(told), "{}", imported.text());
    }
    // Nobody gets at another's letter by asking for it at an address of their own.
    collect(&site, "R-VICTIM", "victim", "of-record", "2020-01-01").expect(0);
    collect(&site, "R-THIEF", "victim", "supplied", "2026-03-02").expect(1);
    assert_eq!((status(&site, "R-VICTIM"), status(&site, "R-THIEF")), ("pending".into(), "held".into()));
    // A better request takes the place of one that a rule holds.
    collect(&site, "R-MENDED", "r-supplied", "of-record", "2020-01-01").expect(0);
    assert_eq!((status(&site, "R-SUPPLIED"), status(&site, "R-MENDED")), ("withdrawn".into(), "pending".into()));
    site.closed_accounting();
}

/// Were each account or address looked up by reading all that is there, the second file would take as many times longer as
/// the first one has rows.
#[test]
fn a_large_file_is_counted_in_a_few_questions_whatever_is_in_the_ledger() {
    const ROWS: u32 = 10_000;
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let took = |first: u32| {
        let rows = (first..first + ROWS).fold(String::new(), |mut rows, place| {
            let address = format!("{place} Example Street,,Springfield,IL,62701");
            writeln!(rows, "{}", row(&format!("BIG-{place}"), &format!("person{place}"), &address, "2026-03-01"))
                .unwrap();
            rows
        });
        let begun = Instant::now();
        site.import(&format!("{first}.csv"), rows.trim_end()).expect(0);
        begun.elapsed()
    };
    let (first, second) = (took(0), took(ROWS));
    assert!(second < first * 4 + Duration::from_secs(2), "first {first:?}, second {second:?}");
}
