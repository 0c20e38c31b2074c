//! `letter show` says of each date how it was counted, and where today's configuration would give another one.

use serde_json::{Value, json};

use super::nightly::TestSite;

/// Thanksgiving Day 2026 is Thursday, 26 November.
const MONDAY_NIGHT: &str = "2026-11-23T22:30:00-05:00";
const PACKAGE: &str = "eba-test-acme-000001";

fn letter(site: &TestSite) -> String {
    site.value("SELECT id FROM letter WHERE username = 'bo.li@example.com'")
}

fn reckoned(site: &TestSite, date: &str) -> Value {
    let shown = site.json(&["letter", "show", &letter(site)]);
    let lines = shown["reckoning"].as_array().unwrap();
    let line = lines.iter().find(|line| line["date"] == date).unwrap().clone();
    assert_eq!(line["on"], shown[date], "{date} is the recorded one: {line}");
    line
}

fn text(site: &TestSite, date: &str) -> String {
    reckoned(site, date)["text"].as_str().unwrap().to_owned()
}

#[test]
fn every_date_is_told_with_the_days_that_did_not_count() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-11-24T20:00:00-05:00");
    site.receipt(PACKAGE, &["--on", "2026-11-24"]).done();
    for (date, expected) in [
        (
            "promised_by_on",
            "Tue 8 Dec 2026: 10 business days after Mon 23 Nov 2026; Thu 26 Nov Thanksgiving Day, 2 weekends not counted",
        ),
        (
            "planned_mail_on",
            "Tue 24 Nov 2026: first print day from Mon 23 Nov 2026 on; Mon 23 Nov cut-off passed not counted",
        ),
        (
            "use_by_on",
            "Wed 9 Dec 2026: 10 business days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day, 2 weekends not counted; not past the cap, Sun 13 Dec 2026",
        ),
        ("expected_from", "Wed 25 Nov 2026: 1 postal day after Tue 24 Nov 2026"),
        (
            "expected_to",
            "Tue 1 Dec 2026: 5 postal days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day, 1 Sunday not counted",
        ),
        (
            "expires_on",
            "Wed 9 Dec 2026: 10 business days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day, 2 weekends not counted; not past the cap, Sun 13 Dec 2026",
        ),
    ] {
        assert_eq!(text(&site, date), expected, "{date}");
    }
    let shown = site.run(&["letter", "show", &letter(&site)]).expect(0).stdout;
    let line = "mailed by       Fri 27 Nov 2026: 2 business days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day not counted";
    assert!(shown.contains(line), "{shown}");
    let line = reckoned(&site, "expires_on");
    assert_eq!((&line["calendar"], &line["decided_by"]), (&json!("business days"), &json!("window")));
    assert_eq!((&line["from"], &line["count"], &line["agrees"]), (&json!("2026-11-24"), &json!(10), &json!(true)));
    assert_eq!(line["not_counted"][0], json!({ "on": "2026-11-26", "why": "Thanksgiving Day" }));
    assert_eq!(line["not_counted"].as_array().unwrap().len(), 5);
}

#[test]
fn a_last_day_says_which_rule_gave_it() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let before = text(&site, "expires_on");
    let cap = "the cap, the last day that is over 21 days of 24 hours after Mon 23 Nov 2026 22:30";
    assert_eq!(before, format!("Sun 13 Dec 2026: {cap}, until a receipt says when it was mailed"));
    // Mailed a week late: the window would reach beyond the cap.
    site.clock("2026-12-01T20:00:00-05:00");
    site.receipt(PACKAGE, &["--on", "2026-12-01"]).done();
    let line = reckoned(&site, "expires_on");
    assert_eq!(line["decided_by"], "cap");
    let expected = format!(
        "Sun 13 Dec 2026: {cap}; the window would end on Tue 15 Dec 2026, 10 business days after Tue 1 Dec 2026; 2 weekends not counted"
    );
    assert_eq!(line["text"], expected);
    let expected = text(&site, "expected_to");
    assert!(expected.starts_with("Mon 7 Dec 2026: 5 postal days after Tue 1 Dec 2026"), "{expected}");
}

#[test]
fn a_date_that_todays_configuration_would_give_otherwise_is_told() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    assert_eq!(reckoned(&site, "use_by_on")["agrees"], true);
    site.configure("# closed = [2026-12-24]", "closed = [2026-11-27]");
    let line = reckoned(&site, "use_by_on");
    assert_eq!(
        (&line["on"], &line["reckoned_on"], &line["agrees"]),
        (&json!("2026-12-09"), &json!("2026-12-10"), &json!(false))
    );
    let text = line["text"].as_str().unwrap();
    assert!(
        text.starts_with("Wed 9 Dec 2026, as recorded; by today's configuration Thu 10 Dec 2026: 10 business days"),
        "{text}"
    );
    assert!(text.contains("Fri 27 Nov closed by configuration"), "{text}");
}
