//! A day of mailing that the vendor gave wrongly: both days are kept, and what follows from the day moves with it.

use super::desk::{
    BO, JOSE, PACKAGE, REFERENCE_OF_BO, SOREN, all_is_well, decide, letter, newest_entry, notices, passwords, refuse,
    site_on_tuesday, states,
};
use super::nightly::TestSite;

/// The packages are receipted as mailed on Tuesday, 3 March; it is Thursday.
fn mailed_site() -> TestSite {
    let site = site_on_tuesday();
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    site.clock("2026-03-05T09:00:00-05:00");
    site
}

/// The dates of a letter, as `letter show` has them.
fn dates(site: &TestSite, letter_id: &str) -> [String; 4] {
    let shown = site.json(&["letter", "show", letter_id]);
    ["dispatched_on", "expected_from", "expected_to", "expires_on"].map(|name| shown[name].as_str().unwrap().to_owned())
}

#[test]
fn a_corrected_day_moves_what_follows_from_it_and_both_days_are_kept() {
    let site = mailed_site();
    let bo = letter(&site, BO);
    assert_eq!(dates(&site, &bo), ["2026-03-03", "2026-03-04", "2026-03-09", "2026-03-17"]);
    let arguments =
        ["letter", "correct", &bo, "--mailed-on", "2026-03-05", "--reason", "it lay a day", "--by", "Robin Sample"];
    let said = decide(&site, 0, &arguments);
    assert!(said.contains("mailed on 2026-03-05 instead of 2026-03-03"), "{said}");
    assert!(said.contains("its password ends on 2026-03-19 instead of 2026-03-17"), "{said}");
    assert_eq!(dates(&site, &bo), ["2026-03-05", "2026-03-06", "2026-03-11", "2026-03-19"]);
    let row =
        site.rows("SELECT old_mailed_on, new_mailed_on, reason, asked_by, status, settled_by FROM letter_correction");
    assert_eq!(row, [["2026-03-03", "2026-03-05", "it lay a day", "Robin Sample", "made", ""]]);
    let entry = newest_entry(&site, "letter.corrected");
    assert_eq!((&entry["by"], &entry["old_mailed_on"]), (&"Robin Sample".into(), &"2026-03-03".into()));
    let record = site.rows(&format!(
        "SELECT dispatched_on, reported_on, receipt_file FROM dispatch_records WHERE letter_id = '{bo}'"
    ));
    assert_eq!(record, [["2026-03-05", "2026-03-03", &format!("{PACKAGE}.receipt-1.csv")]]);
    assert_eq!(notices(&site, REFERENCE_OF_BO), ["minted", "mailed", "mailed"]);
    let said = decide(&site, 0, &arguments);
    assert!(said.contains("nothing to do: it was mailed on 2026-03-05"), "{said}");
    // Two weeks later the day turns out to be the earlier one after all: nothing ends in the past.
    site.clock("2026-03-18T09:00:00-04:00");
    decide(&site, 0, &["letter", "correct", &bo, "--mailed-on", "2026-03-04", "--reason", "the log was read again"]);
    assert_eq!(dates(&site, &bo), ["2026-03-04", "2026-03-05", "2026-03-10", "2026-03-18"]);
    assert_eq!(site.rows("SELECT count(*) FROM letter_correction"), [["2"]]);
    all_is_well(&site);
    // The vendor's receipts agree with themselves, and the package is accounted for as before.
    site.run(&["ingest"]).done();
    let shown = site.json(&["batch", "show", PACKAGE]);
    assert!(!shown.to_string().contains("contradiction"), "{shown}");
}

#[test]
fn a_day_that_cannot_be_is_refused_and_a_late_one_is_told() {
    let site = mailed_site();
    let (bo, jose) = (letter(&site, BO), letter(&site, JOSE));
    for (on, because) in [
        ("2026-03-06", "in the future; today is 2026-03-05"),
        ("2026-03-02", "before 2026-03-03, when it was printed"),
        ("2026-02-27", "before 2026-03-03, when it was printed"),
    ] {
        refuse(&site, &["letter", "correct", &bo, "--mailed-on", on, "--reason", "no"], because);
    }
    let grace = letter(&site, super::desk::GRACE);
    let arguments = ["letter", "correct", &grace, "--mailed-on", "2026-03-04", "--reason", "no receipt"];
    refuse(&site, &arguments, "has no day of mailing to correct");
    site.run(&["letter", "correct", &bo, "--reason", "nothing said"]).expect(2);
    site.clock("2026-03-09T09:00:00-04:00");
    let said = decide(&site, 0, &["letter", "correct", &jose, "--mailed-on", "2026-03-06", "--reason", "it lay"]);
    assert!(said.contains("warning: 2026-03-06 is after 2026-03-05"), "{said}");
}

#[test]
fn a_password_that_has_ended_stays_ended_when_a_day_is_corrected() {
    let site = mailed_site();
    let printed = passwords(&site);
    let (bo, jose) = (letter(&site, BO), letter(&site, JOSE));
    assert_eq!(site.redeem(BO, &printed[&bo]), (0, "accepted".to_owned()));
    decide(&site, 0, &["letter", "returned", &jose, "--on", "2026-03-05", "--reason", "nixie"]);
    for id in [&bo, &jose] {
        let before = dates(&site, id)[3].clone();
        decide(&site, 0, &["letter", "correct", id, "--mailed-on", "2026-03-05", "--reason", "it lay"]);
        assert_eq!(dates(&site, id)[3], before);
    }
    assert_eq!(states(&site, &bo), ("mailed".to_owned(), "redeemed".to_owned()));
    assert_eq!(states(&site, &jose), ("returned".to_owned(), "revoked".to_owned()));
    all_is_well(&site);
}

#[test]
fn where_the_site_asks_for_it_a_second_person_confirms() {
    let site = mailed_site();
    site.configure("# corrections = false", "corrections = true");
    let (bo, soren) = (letter(&site, BO), letter(&site, SOREN));
    let said = decide(
        &site,
        0,
        &["letter", "correct", &bo, "--mailed-on", "2026-03-04", "--reason", "it lay", "--by", "Robin Sample"],
    );
    assert!(said.contains("waits for a second person"), "{said}");
    assert_eq!(dates(&site, &bo)[0], "2026-03-03", "nothing has changed yet");
    let report = site.run(&["report", "night"]).expect(0).stdout;
    assert!(report.contains(&format!("letter {bo} waits for a second person")), "{report}");
    for same in ["Robin Sample", "robin  SAMPLE "] {
        refuse(&site, &["letter", "correct", &bo, "--confirm", "--by", same], "another person has to confirm it");
    }
    refuse(&site, &["letter", "correct", &soren, "--confirm", "--by", "Kim Example"], "no correction of letter");
    // The first person thinks again: the newer word counts.
    let second =
        ["letter", "correct", &bo, "--mailed-on", "2026-03-05", "--reason", "two days", "--by", "Robin Sample"];
    decide(&site, 0, &second);
    let said = decide(&site, 0, &["letter", "correct", &bo, "--confirm", "--by", "Kim Example"]);
    assert!(said.contains("asked for because: two days"), "{said}");
    assert_eq!(dates(&site, &bo), ["2026-03-05", "2026-03-06", "2026-03-11", "2026-03-19"]);
    let kept = site.rows("SELECT new_mailed_on, status, asked_by, settled_by FROM letter_correction ORDER BY id");
    assert_eq!(
        kept,
        [
            ["2026-03-04", "dropped", "Robin Sample", "Robin Sample"],
            ["2026-03-05", "made", "Robin Sample", "Kim Example"]
        ]
    );
    let entry = newest_entry(&site, "letter.corrected");
    assert_eq!((&entry["by"], &entry["confirmed_by"]), (&"Robin Sample".into(), &"Kim Example".into()));
    refuse(&site, &["letter", "correct", &bo, "--confirm", "--by", "Kim Example"], "no correction of letter");
    // One that waits can be dropped.
    decide(&site, 0, &["letter", "correct", &soren, "--mailed-on", "2026-03-04", "--reason", "a guess"]);
    decide(&site, 0, &["letter", "correct", &soren, "--drop", "--reason", "it was right"]);
    refuse(&site, &["letter", "correct", &soren, "--drop", "--reason", "it was right"], "waits for a second person");
    all_is_well(&site);
}
