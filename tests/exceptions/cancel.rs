//! `request cancel` at each stage: what it can still stop, and what it cannot.

use std::fs;

use super::desk::{
    BO, CARMEN, GRACE, JOSE, LARGE_PRINT, MONDAY_NIGHT, PACKAGE, REFERENCE_OF_BO, REFERENCE_OF_CARMEN,
    REFERENCE_OF_GRACE, REFERENCE_OF_JOSE, REFERENCE_OF_SOREN, SOREN, all_is_well, decide, letter, newest_entry, night,
    notices, passwords, refuse, request, site_on_tuesday, states,
};
use super::nightly::TestSite;

fn cancel<'a>(reference: &'a str, reason: &'a str) -> [&'a str; 5] {
    ["request", "cancel", reference, "--reason", reason]
}

#[test]
fn a_request_that_waits_is_withdrawn() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.run(&["request", "hold", REFERENCE_OF_JOSE, "--reason", "is it them?"]).expect(0);
    for reference in [REFERENCE_OF_BO, REFERENCE_OF_JOSE] {
        let said = decide(&site, 0, &cancel(reference, "asked for by mistake"));
        assert!(said.contains("is withdrawn; the portal is told"), "{said}");
        assert_eq!(request(&site, reference), "withdrawn");
        assert_eq!(notices(&site, reference).last().unwrap(), "cancelled");
        refuse(&site, &cancel(reference, "again"), "is withdrawn already");
    }
    refuse(&site, &cancel("EBA-2026-000106", "by telephone"), "is routed already");
    refuse(&site, &cancel("no-such", "nobody"), "there is no request no-such");
    all_is_well(&site);
}

#[test]
fn a_letter_that_is_not_mailed_is_pulled_and_one_that_is_mailed_is_not() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    let [bo, jose, grace] = [BO, JOSE, GRACE].map(|username| letter(&site, username));
    let said = decide(&site, 0, &cancel(REFERENCE_OF_BO, "asked for by mistake"));
    assert!(said.contains("is delivered: its password ends at once, and Acme Print"), "{said}");
    assert!(site.path(&format!("vendor/inbox/{PACKAGE}.pull-1.json.pgp")).exists());
    assert_eq!(site.check(BO, &printed[&bo]), (5, "revoked".to_owned()));
    assert_eq!(request(&site, REFERENCE_OF_BO), "lettered");
    let shown = site.json(&["request", "show", REFERENCE_OF_BO]);
    assert_eq!(shown["reason"], "cancelled: asked for by mistake");
    assert!(shown["cancelled_at"].is_string());
    assert_eq!(notices(&site, REFERENCE_OF_BO), ["minted", "cancelled"]);
    refuse(&site, &cancel(REFERENCE_OF_BO, "again"), "was cancelled before");
    refuse(&site, &["letter", "reissue", &bo, "--reason", "after all"], "was cancelled");

    // One whose letter has its order already, one in the mail, one that was used.
    site.run(&["batch", "pull", &jose, "--reason", "wrong insert"]).expect(0);
    let said = decide(&site, 0, &cancel(REFERENCE_OF_JOSE, "no need"));
    assert!(said.contains("the vendor has its order to pull it"), "{said}");
    // The vendor reads both orders and takes the letters out.
    let orders = [1, 2].map(|number| site.path(&format!("vendor/inbox/{PACKAGE}.pull-{number}.json.pgp")));
    let [first, second] = orders.each_ref().map(|order| order.to_str().unwrap());
    let read = site.run(&["vendor", "pulls", first, second]).expect(0).stdout;
    assert!(read.contains(&bo) && read.contains(&jose) && read.contains("asked for by mistake"), "{read}");
    assert_eq!(site.receipt(PACKAGE, &["--pulled-by", first, "--pulled-by", second]).code, 0);
    assert_eq!(states(&site, &bo), ("pulled".to_owned(), "revoked".to_owned()));
    let soren = letter(&site, SOREN);
    let said = decide(&site, 0, &cancel(REFERENCE_OF_SOREN, "stolen from the letter box"));
    assert!(said.contains("is mailed and cannot be stopped any more: its password ends at once"), "{said}");
    assert_eq!(site.check(SOREN, &printed[&soren]), (5, "revoked".to_owned()));
    assert_eq!(states(&site, &soren), ("mailed".to_owned(), "revoked".to_owned()));
    assert_eq!(newest_entry(&site, "request.cancelled")["letter"], soren.as_str());
    let carmen = letter(&site, CARMEN);
    assert_eq!(site.redeem(CARMEN, &printed[&carmen]), (0, "accepted".to_owned()));
    refuse(&site, &cancel(REFERENCE_OF_CARMEN, "too late"), "was used to make a new one");
    // A letter that failed and was cancelled is not made anew by any rule.
    decide(&site, 0, &cancel(REFERENCE_OF_GRACE, "no need"));
    let spoiled = format!("{grace}=spoiled");
    let ran = site.receipt(LARGE_PRINT, &["--except", &spoiled]).done();
    assert!(!ran.stdout.contains("reissued"), "{}", ran.text());
    assert_eq!(states(&site, &grace), ("spoiled".to_owned(), "revoked".to_owned()));
    let missed = site.json(&["report", "night"])["missed_promises"].clone();
    assert_eq!(missed, serde_json::json!([]), "nothing is promised to who was cancelled");
    all_is_well(&site);
}

#[test]
fn a_request_that_is_being_made_into_a_letter_is_left_alone() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // A run that died in the middle.
    site.tamper(&format!(
        "INSERT INTO batch (vendor, number, name, format, status, status_at, owner, attempt, claimed_at, checkpoint)
         VALUES ('acme', 1, '{PACKAGE}', 'standard', 'claimed', '2026-03-03T03:30:00Z', 'gone', 1,
             '2026-03-03T03:30:00Z', '')"
    ));
    site.tamper(&format!("UPDATE request SET status = 'claimed', batch_id = 1 WHERE reference = '{REFERENCE_OF_BO}'"));
    refuse(&site, &cancel(REFERENCE_OF_BO, "asked for by mistake"), "is being made into a letter at this moment");
}

#[test]
fn a_letter_whose_package_is_still_here_is_stopped_for_good() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    site.run(&["run", "nightly"]).expect(1);
    site.clock("2026-03-03T10:00:00-05:00");
    let bo = letter(&site, BO);
    decide(&site, 0, &cancel(REFERENCE_OF_BO, "asked for by mistake"));
    assert_eq!(states(&site, &bo), ("sealed".to_owned(), "revoked".to_owned()));
    // The package is withdrawn on Friday: the others wait for the next one, this request does not.
    assert_eq!(night(&site, "2026-03-06").code, 1);
    assert_eq!(states(&site, &bo), ("voided".to_owned(), "revoked".to_owned()));
    assert_eq!(request(&site, REFERENCE_OF_BO), "withdrawn");
    assert_eq!(site.json(&["request", "show", REFERENCE_OF_BO])["reason"], "cancelled: asked for by mistake");
    fs::rename(&away, &inbox).unwrap();
    site.clock("2026-03-07T09:00:00-05:00");
    site.night();
    assert_eq!(site.value(&format!("SELECT count(*) FROM letter WHERE username = '{BO}'")), "1");
    assert!(!inbox.join(format!("{PACKAGE}.pull-1.json.pgp")).exists(), "no vendor has that package");
    all_is_well(&site);
}

#[test]
fn cancelling_a_request_that_waits_for_another_letter_ends_the_first_ones_password() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    site.clock("2026-03-10T12:00:00-04:00");
    let bo = letter(&site, BO);
    decide(&site, 0, &["letter", "reissue", &bo, "--reason", "never came"]);
    decide(&site, 0, &cancel(REFERENCE_OF_BO, "it was not them"));
    assert_eq!(request(&site, REFERENCE_OF_BO), "withdrawn");
    assert_eq!(site.check(BO, &printed[&bo]), (5, "revoked".to_owned()));
    all_is_well(&site);
}
