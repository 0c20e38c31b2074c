//! Letters that fail are made anew by the site's policy, or left to a person who is reminded.

use std::fs;

use super::desk::{
    BO, GRACE, JOSE, LARGE_PRINT, MONDAY_NIGHT, PACKAGE, REFERENCE_OF_BO, REFERENCE_OF_JOSE, SOREN, TUESDAY,
    all_is_well, decide, letter, newest_entry, night, notices, passwords, request, site_on_tuesday, states,
};
use super::nightly::TestSite;

#[test]
fn what_the_vendor_spoiled_or_rejected_is_made_anew_by_itself() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# remake = \"forbidden\"", "remake = \"vendor\"");
    site.night();
    site.clock(TUESDAY);
    let [bo, jose, soren, grace] = [BO, JOSE, SOREN, GRACE].map(|username| letter(&site, username));
    let excepted = [format!("{bo}=spoiled"), format!("{jose}=rejected:unreadable"), format!("{soren}=spoiled:remade")];
    let [spoiled, rejected, remade] = excepted.each_ref();
    let ran = site.receipt(PACKAGE, &["--except", spoiled, "--except", rejected, "--except", remade]).done();
    assert!(ran.stdout.contains("2 reissued"), "{}", ran.text());
    let reason = |id: &str| site.json(&["letter", "show", id])["reissue_reason"].clone();
    assert_eq!((reason(&bo), reason(&jose)), ("policy: spoiled".into(), "policy: rejected".into()));
    assert_eq!(newest_entry(&site, "letter.reissued")["by"], serde_json::Value::Null, "no person did it");
    assert!(reason(&soren).is_null(), "the vendor has made that one again");
    for reference in [REFERENCE_OF_BO, REFERENCE_OF_JOSE] {
        assert_eq!(request(&site, reference), "pending");
        assert_eq!(notices(&site, reference), ["minted", "reissued"]);
    }
    let ran = site.run(&["ingest"]).expect(0);
    assert!(!ran.stdout.contains("reissued"), "once is enough: {}", ran.stdout);
    // The vendor refuses the other package whole: its letters go the same way.
    let ran = site.receipt(LARGE_PRINT, &["--refuse", "the stock has run out"]).expect(1);
    assert!(ran.stdout.contains("reissued"), "{}", ran.text());
    assert_eq!(reason(&grace), "policy: refused");
    assert!(night(&site, "2026-03-03").code <= 1);
    let printed = passwords(&site);
    for (username, old) in [(BO, &bo), (JOSE, &jose), (GRACE, &grace)] {
        let new = letter(&site, username);
        assert_eq!(site.json(&["letter", "show", &new])["replaces"], old.as_str());
        assert_eq!(site.check(username, &printed[&new]), (0, "accepted".to_owned()));
        assert_eq!(site.check(username, &printed[old]), (5, "revoked".to_owned()));
    }
    all_is_well(&site);
}

#[test]
fn after_the_third_letter_a_person_decides() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# most_letters_a_request = 3", "most_letters_a_request = 2");
    site.night();
    site.clock("2026-03-03T20:00:00-05:00");
    let first = letter(&site, GRACE);
    let spoil = |package: &str, id: &str| site.receipt(package, &["--except", &format!("{id}=spoiled")]);
    spoil(LARGE_PRINT, &first).done();
    assert!(night(&site, "2026-03-03").code <= 1);
    let second = letter(&site, GRACE);
    assert_ne!(first, second);
    site.clock("2026-03-04T20:00:00-05:00");
    let package = site.packages().pop().unwrap();
    let ran = spoil(&package, &second).expect(1);
    assert!(ran.stderr.contains("spoiled, and its request has had 2 letters"), "{}", ran.stderr);
    assert!(ran.stderr.contains("decide by 2026-03-06"), "{}", ran.stderr);
    let report = site.run(&["report", "night"]).expect(0).stdout;
    assert!(
        report.contains(&format!("letter {second} of {package} will not come, spoiled, act by 2026-03-06")),
        "{report}"
    );
    // It is said once, and again when its day is over.
    let ran = site.run(&["ingest"]);
    assert!(!ran.stderr.contains(&second), "{}", ran.stderr);
    site.clock("2026-03-07T20:00:00-05:00");
    let ran = site.run(&["ingest"]).expect(1);
    assert!(ran.stderr.contains("nobody has decided in time"), "{}", ran.stderr);
    let report = site.run(&["report", "night"]).expect(0).stdout;
    assert!(report.contains("act by 2026-03-06 (overdue)"), "{report}");
    decide(&site, 0, &["letter", "reissue", &second, "--reason", "the press is mended"]);
    let ran = site.run(&["ingest"]);
    assert!(!ran.stderr.contains(&second), "{}", ran.stderr);
    all_is_well(&site);
}

#[test]
fn a_letter_of_which_nothing_is_heard_waits_for_a_person_or_is_made_anew() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    assert_eq!(site.receipt(LARGE_PRINT, &[]).code, 0);
    let bo = letter(&site, BO);
    // The vendor took the package and mailed nothing by Thursday; three business days later it is Tuesday.
    site.receipt(PACKAGE, &["--events", "accepted"]).done();
    site.clock("2026-03-10T20:00:00-04:00");
    let ran = site.run(&["ingest"]);
    assert!(!ran.stderr.contains("lost"), "the day is not over: {}", ran.stderr);
    site.clock("2026-03-11T20:00:00-04:00");
    let ran = site.run(&["ingest"]).expect(1);
    assert!(ran.stderr.contains("letters (") && ran.stderr.contains("will not come (lost)"), "{}", ran.stderr);
    assert_eq!(site.check(BO, &printed[&bo]), (0, "accepted".to_owned()), "it may have been mailed all the same");
    assert_eq!(notices(&site, REFERENCE_OF_BO), ["minted", "held"]);
    // A person gives one up: nothing more is asked about it.
    decide(&site, 0, &["request", "cancel", REFERENCE_OF_BO, "--reason", "served at the counter"]);
    assert_eq!(states(&site, &bo), ("accepted".to_owned(), "revoked".to_owned()));
    // Where the site says so, the others are made anew, but not while a vendor cannot be heard.
    site.configure("# lost = \"person\"", "lost = \"reissue\"");
    let (outbox, away) = (site.path("vendor/outbox"), site.path("vendor/away"));
    fs::rename(&outbox, &away).unwrap();
    let ran = site.run(&["ingest"]).expect(1);
    assert!(!ran.stdout.contains("reissued"), "{}", ran.stdout);
    fs::rename(&away, &outbox).unwrap();
    let ran = site.run(&["ingest", "--dry-run"]);
    assert!(ran.stdout.contains("reissued"), "{}", ran.text());
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0");
    site.run(&["ingest"]).done();
    assert_eq!(
        site.value("SELECT count(*) FROM letter WHERE reissue_reason = 'policy: lost'"),
        site.value("SELECT count(*) FROM request WHERE status = 'pending'")
    );
    assert_eq!(states(&site, &letter(&site, JOSE)), ("accepted".to_owned(), "live".to_owned()));
    assert_eq!(request(&site, REFERENCE_OF_BO), "lettered", "cancelled ones stay given up");
    all_is_well(&site);
}
