//! A whole package that is kept back before any vendor is offered it.

use std::fs;

use super::desk::{LARGE_PRINT, MONDAY_NIGHT, PACKAGE, all_is_well, decide, newest_entry, night, refuse};
use super::nightly::TestSite;

/// Both packages are sealed and still here, on Tuesday morning.
fn sealed_site() -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    site.run(&["run", "nightly"]).expect(1);
    fs::rename(&away, &inbox).unwrap();
    site.clock("2026-03-03T04:00:00-05:00");
    site
}

fn hold(package: &str) -> [&str; 7] {
    ["batch", "hold", package, "--reason", "the vendor asked us to wait", "--by", "Robin Sample"]
}

fn release(package: &str) -> [&str; 7] {
    ["batch", "release", package, "--reason", "the press runs again", "--by", "Robin Sample"]
}

#[test]
fn a_held_package_stays_until_it_is_released() {
    let site = sealed_site();
    let said = decide(&site, 0, &hold(PACKAGE));
    assert!(said.contains("act by 2026-03-05; after 2026-03-05 it is withdrawn"), "{said}");
    let planned = site.json(&["deliver", "--dry-run"]);
    assert_eq!(planned["did"]["would_deliver"], serde_json::json!([LARGE_PRINT]));
    site.run(&["deliver"]).expect(0);
    assert_eq!(site.packages(), [LARGE_PRINT]);
    assert!(site.run(&["batch", "list"]).stdout.contains("sealed, held"));
    let shown = site.run(&["batch", "show", PACKAGE]).stdout;
    assert!(shown.contains("the vendor asked us to wait") && shown.contains("Robin Sample"), "{shown}");
    let report = site.run(&["report", "night"]).expect(0).stdout;
    assert!(report.contains(&format!("held package {PACKAGE}")) && report.contains("act by 2026-03-05"), "{report}");
    // Nothing is overdue yet, so the nights are green.
    let ran = night(&site, "2026-03-03");
    assert_eq!(ran.code, 0, "{}", ran.text());
    assert!(!ran.stderr.contains("person:"), "{}", ran.stderr);

    refuse(&site, &hold(LARGE_PRINT), "is delivered and cannot be held; the vendor has it: 'letterpost batch pull'");
    decide(&site, 0, &release(PACKAGE));
    refuse(&site, &release(PACKAGE), "it is not held");
    site.run(&["deliver"]).expect(0);
    assert_eq!(site.packages(), [PACKAGE, LARGE_PRINT]);
    assert_eq!(newest_entry(&site, "package.held")["by"], "Robin Sample");
    assert_eq!(newest_entry(&site, "package.released")["reason"], "the press runs again");
    all_is_well(&site);
}

#[test]
fn a_package_whose_delivery_is_in_doubt_cannot_be_held() {
    let site = sealed_site();
    site.tamper(&format!("UPDATE batch SET offered_at = '2026-03-03T03:31:00Z' WHERE name = '{PACKAGE}'"));
    refuse(&site, &hold(PACKAGE), "so the vendor may have it and it cannot be held");
    refuse(&site, &hold("eba-test-acme-000009"), "there is no package eba-test-acme-000009");
}

#[test]
fn a_held_package_escalates_and_is_withdrawn_after_its_last_mailing_day() {
    let site = sealed_site();
    // A day to act that comes before the last mailing day.
    site.configure("# act_within_business_days = 2", "act_within_business_days = 1");
    decide(&site, 0, &hold(PACKAGE));
    assert_eq!(night(&site, "2026-03-04").code & 1, 0, "its day is not over");
    let ran = night(&site, "2026-03-05");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(&format!("package {PACKAGE}: held and nobody acted by 2026-03-04")), "{}", ran.stderr);
    let ran = night(&site, "2026-03-06");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("the last day to mail it, and held: withdrawn"), "{}", ran.stderr);
    assert_eq!(site.value(&format!("SELECT status FROM batch WHERE name = '{PACKAGE}'")), "void");
    assert!(site.path(&format!("vendor/inbox/{PACKAGE}.void")).exists());
    refuse(&site, &release(PACKAGE), "it is not held");
    all_is_well(&site);
    // Its people are in the next package.
    site.clock("2026-03-07T09:00:00-05:00");
    site.run(&["produce"]).done();
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0");
    all_is_well(&site);
}

#[test]
fn the_release_of_a_package_may_need_a_second_person() {
    let site = sealed_site();
    site.configure("# releases = false", "releases = true");
    decide(&site, 0, &hold(PACKAGE));
    decide(&site, 0, &release(PACKAGE));
    site.run(&["deliver"]).expect(0);
    assert_eq!(site.packages(), [LARGE_PRINT], "it waits for the second person");
    let confirm = |by| ["batch", "release", PACKAGE, "--confirm", "--by", by];
    refuse(&site, &confirm("Robin Sample"), "another person has to confirm it");
    decide(&site, 0, &confirm("Kim Example"));
    site.run(&["deliver"]).expect(0);
    assert_eq!(site.packages(), [PACKAGE, LARGE_PRINT]);
    assert_eq!(newest_entry(&site, "package.released")["confirmed_by"], "Kim Example");
    all_is_well(&site);
}
