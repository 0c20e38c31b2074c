//! The day that the portal promised is apart from the day on which a password ends: missing it is told, and ends nothing.

use serde_json::{Value, json};

use super::nightly::TestSite;

/// The demo's people asked on that Monday, 2 March 2026: ten business days are over with Monday the 16th.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const STANDARD: &str = "eba-test-acme-000001";
const LARGE_PRINT: &str = "eba-test-acme-000002";
const BO: &str = "EBA-2026-000104";
/// Wants large print.
const GRACE: &str = "EBA-2026-000118";
/// Has a name that cannot be printed.
const ROBIN: &str = "EBA-2026-000114";

fn missed(site: &TestSite, reference: &str) -> Value {
    let report = site.json(&["report", "night"]);
    let missed = report["missed_promises"].as_array().unwrap();
    missed.iter().find(|missed| missed["reference"] == reference).cloned().unwrap_or_default()
}

#[test]
fn a_missed_promise_says_its_age_where_the_letter_hangs_and_what_to_do() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-16T20:00:00-04:00");
    assert_eq!(site.json(&["report", "night"])["missed_promises"], json!([]), "the day is not over");
    site.clock("2026-03-18T20:00:00-04:00");
    let bo = missed(&site, BO);
    let letter = site.value("SELECT id FROM letter WHERE username = 'bo.li@example.com'");
    for (field, expected) in [
        ("promised_by_on", json!("2026-03-16")),
        ("business_days_late", json!(2)),
        ("stage", json!("delivered")),
        ("letter_id", json!(letter)),
        ("package", json!(STANDARD)),
        ("dispatched_on", json!(null)),
        ("command", json!(format!("letterpost batch show {STANDARD}"))),
    ] {
        assert_eq!(bo[field], expected, "{field}: {bo}");
    }
    let robin = missed(&site, ROBIN);
    assert_eq!((&robin["stage"], &robin["letter_id"]), (&json!("held"), &json!(null)));
    assert_eq!(robin["command"], format!("letterpost request release {ROBIN} --reason '…'"));
    let text = site.run(&["report", "night"]).expect(0).stdout;
    let line = format!(
        "{BO}, letter {letter}: promised by 2026-03-16, 2 business days late: the vendor has not taken package {STANDARD}"
    );
    // Lines end before the hundred and first column.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&line), "{text}");
}

#[test]
fn a_letter_that_was_mailed_too_late_for_its_promise_counts_while_it_is_under_way() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-17T20:00:00-04:00");
    site.receipt(STANDARD, &["--on", "2026-03-05"]).done();
    site.receipt(LARGE_PRINT, &["--on", "2026-03-17"]).done();
    assert_eq!(missed(&site, BO), json!(null), "mailed in time");
    let grace = missed(&site, GRACE);
    assert_eq!((&grace["stage"], &grace["dispatched_on"]), (&json!("mailed"), &json!("2026-03-17")));
    assert_eq!((&grace["expected_to"], &grace["business_days_late"]), (&json!("2026-03-23"), &json!(1)));
    // The promise and the end of the password are two things.
    let ends = site.value("SELECT expires_on FROM letter WHERE username = 'grace.bigtype@example.com'");
    assert_eq!(ends, "2026-03-22");
    site.clock("2026-03-23T20:00:00-04:00");
    assert_ne!(missed(&site, GRACE), json!(null), "it may come today");
    site.clock("2026-03-24T20:00:00-04:00");
    assert_eq!(missed(&site, GRACE), json!(null), "it was to be there by now");
}
