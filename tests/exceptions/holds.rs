//! Held requests over the days: a quiet night is green, an overdue hold is said, and nothing is held for ever.

use super::desk::{MONDAY_NIGHT, all_is_well, decide, newest_entry, night, notices, refuse, request};
use super::nightly::TestSite;

/// Their letters cannot be printed.
const UNPRINTABLE: [&str; 3] = ["EBA-2026-000103", "EBA-2026-000105", "EBA-2026-000114"];

#[test]
fn a_hold_is_said_when_it_is_new_and_when_it_is_overdue_and_then_it_ends() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // Monday night: new. They are to be looked at by Wednesday.
    let ran = night(&site, "2026-03-02");
    assert_eq!(ran.code, 1);
    assert!(UNPRINTABLE.iter().all(|reference| ran.stderr.contains(reference)), "{}", ran.stderr);
    for package in site.packages() {
        site.clock("2026-03-03T20:00:00-05:00");
        assert_eq!(site.receipt(&package, &[]).code, 0);
    }
    // Tuesday and Wednesday: nothing new, nothing overdue.
    for day in ["2026-03-03", "2026-03-04"] {
        let ran = night(&site, day);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{day}");
        let report = site.run(&["report", "night"]).expect(0).stdout;
        assert!(report.contains("act by 2026-03-04, withdrawn after 2026-03-09"), "{report}");
        assert!(!report.contains("(overdue)"), "{report}");
    }
    // Thursday, Friday and Monday: overdue.
    for day in ["2026-03-05", "2026-03-06", "2026-03-09"] {
        let ran = night(&site, day);
        assert_eq!(ran.code, 1, "{day}");
        assert!(ran.stderr.contains("nobody acted by 2026-03-04"), "{}", ran.stderr);
        assert!(ran.stderr.contains("or it is withdrawn after 2026-03-09"), "{}", ran.stderr);
        let shown = site.json(&["report", "night"]);
        assert_eq!(
            (&shown["held"][0]["overdue"], &shown["held"][0]["withdrawn_after"]),
            (&true.into(), &"2026-03-09".into())
        );
    }
    assert_eq!(request(&site, UNPRINTABLE[0]), "held");
    // Tuesday: five business days are over. The portal is told, and nothing is left for a person.
    let planned = site.run(&["collect", "--dry-run"]);
    assert!(!planned.stdout.contains("withdrawn"), "{}", planned.stdout);
    let ran = night(&site, "2026-03-10");
    assert_eq!(ran.code, 0, "{}", ran.text());
    assert!(ran.stdout.contains("3 withdrawn"), "{}", ran.stdout);
    for reference in UNPRINTABLE {
        assert_eq!(request(&site, reference), "withdrawn");
        assert_eq!(notices(&site, reference), ["held", "withdrawn"]);
    }
    let entry = newest_entry(&site, "request.withdrawn");
    assert!(entry["reason"].as_str().unwrap().starts_with("nobody acted on it within 5 business days: "), "{entry}");
    let ran = night(&site, "2026-03-11");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    all_is_well(&site);
}

#[test]
fn asking_again_gives_no_more_time_and_a_person_does() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let (bo, jose) = (super::desk::REFERENCE_OF_BO, super::desk::REFERENCE_OF_JOSE);
    for reference in [bo, jose] {
        site.run(&["request", "hold", reference, "--reason", "is it them?", "--by", "Robin Sample"]).expect(0);
    }
    site.clock("2026-03-06T12:00:00-05:00");
    let row = "EBA-2026-000901,bo.li@example.com,Bo Li,7 Placeholder Lane,,San Francisco,CA,94103,US,202-555-0104,email,\
               en,standard,2026-03-06T08:00:00-05:00";
    site.import("again.csv", row).expect(1);
    assert_eq!((request(&site, bo), request(&site, "EBA-2026-000901")), ("withdrawn".to_owned(), "held".to_owned()));
    let said = decide(&site, 0, &["request", "hold", jose, "--reason", "the portal checks", "--by", "Kim Example"]);
    assert!(said.contains("act by 2026-03-10, or it is withdrawn after 2026-03-13"), "{said}");
    refuse(&site, &["request", "hold", bo, "--reason", "too late"], "it is withdrawn and cannot be held");
    let shown = site.json(&["report", "night"]);
    let until: Vec<_> = shown["held"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| {
            (
                held["reference"].as_str().unwrap(),
                held["act_by_on"].as_str().unwrap(),
                held["withdrawn_after"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(until, [(jose, "2026-03-10", "2026-03-13"), ("EBA-2026-000901", "2026-03-04", "2026-03-09")]);
    site.clock("2026-03-10T12:00:00-04:00");
    let planned = site.run(&["collect", "--dry-run"]).expect(0);
    assert!(planned.stdout.contains("1 withdrawn"), "{}", planned.stdout);
    assert_eq!(request(&site, "EBA-2026-000901"), "held", "that was a dry run");
    site.run(&["collect"]).expect(0);
    assert_eq!((request(&site, jose), request(&site, "EBA-2026-000901")), ("held".to_owned(), "withdrawn".to_owned()));
}

#[test]
fn a_release_may_need_a_second_person() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let bo = super::desk::REFERENCE_OF_BO;
    let release = ["request", "release", bo, "--reason", "it is them", "--by", "Robin Sample"];
    refuse(&site, &release, "it is not held");
    site.run(&["request", "hold", bo, "--reason", "is it them?"]).expect(0);
    decide(&site, 0, &release);
    assert_eq!(request(&site, bo), "pending");
    assert_eq!(newest_entry(&site, "request.released")["by"], "Robin Sample");

    site.configure("# releases = false", "releases = true");
    site.run(&["request", "hold", bo, "--reason", "once more"]).expect(0);
    let confirm = |by| ["request", "release", bo, "--confirm", "--by", by];
    refuse(&site, &confirm("Kim Example"), "no release of it waits");
    let said = decide(&site, 0, &release);
    assert!(said.contains(&format!("'letterpost request release {bo} --confirm --by NAME'")), "{said}");
    assert_eq!(request(&site, bo), "held");
    let report = site.run(&["report", "night"]).expect(0).stdout;
    assert!(report.contains(&format!("{bo} waits for a second person: to be released, says Robin Sample")), "{report}");
    refuse(&site, &confirm("ROBIN sample"), "another person has to confirm it");
    // Held anew meanwhile: what was asked before does not count any more.
    site.clock("2026-03-03T08:00:00-05:00");
    site.run(&["request", "hold", bo, "--reason", "wait"]).expect(0);
    refuse(&site, &confirm("Kim Example"), "no release of it waits");
    decide(&site, 0, &release);
    decide(&site, 0, &confirm("Kim Example"));
    assert_eq!(request(&site, bo), "pending");
    let entry = newest_entry(&site, "request.released");
    assert_eq!((&entry["by"], &entry["confirmed_by"]), (&"Robin Sample".into(), &"Kim Example".into()));
    refuse(&site, &confirm("Kim Example"), "it is not held");
    all_is_well(&site);
}
