//! Closures by order follow no rule: a site says up to which day they are known, and mints nothing that needs a later date.

use serde_json::Value;

use super::nightly::TestSite;

/// Letters abroad that are minted now live to the 31st at the latest.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";

fn vouched_to(day: &str) -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# vouched_to = 2027-12-31", &format!("vouched_to = {day}"));
    site
}

/// What `doctor` says of the calendar: finding and message.
fn doctor(site: &TestSite) -> (String, String) {
    let ran = site.run(&["--json", "doctor"]);
    let checks: Value = serde_json::from_str(&ran.stdout).unwrap();
    let check = checks.as_array().unwrap().iter().find(|check| check["check"] == "calendar").unwrap();
    (check["finding"].as_str().unwrap().to_owned(), check["message"].as_str().unwrap().to_owned())
}

#[test]
fn nothing_is_minted_that_needs_a_date_after_the_day_that_is_vouched_for() {
    let site = vouched_to("2026-03-31");
    let (finding, message) = doctor(&site);
    assert_eq!(finding, "note");
    assert!(message.starts_with("nothing is minted in 0 days, when letters need dates after 2026-03-31"), "{message}");
    let ran = site.night();
    assert!(ran.stderr.contains("note: calendar: nothing is minted in 0 days"), "{}", ran.stderr);
    let letters = site.value("SELECT count(*) FROM letter");
    // A day later a letter abroad would live to 1 April.
    site.clock("2026-03-03T12:00:00-05:00");
    let row = "LATE-1,late@example.com,Lee Sample,1 Example Street,,Springfield,IL,62701,US,,email,en,standard,\
               2026-03-03T08:00:00-05:00";
    site.import("late.csv", row).done();
    site.clock("2026-03-03T22:30:00-05:00");
    assert_eq!(doctor(&site).0, "bad");
    let ran = site.run(&["run", "nightly"]).expect(2);
    let told = "nothing was minted. calendar: letters made now have dates up to 2026-04-01, and [calendar] vouched_to is \
                2026-03-31; look for closures by executive order";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(site.value("SELECT count(*) FROM letter"), letters);
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'LATE-1'"), "pending", "nothing was claimed");
    // What was mailed before goes on: receipts are read and passwords end by the dates that they have.
    site.receipt("eba-test-acme-000001", &["--on", "2026-03-03"]).done();
    assert_eq!(site.value("SELECT dispatched_on FROM letter WHERE username = 'bo.li@example.com'"), "2026-03-03");
    site.configure("vouched_to = 2026-03-31", "vouched_to = 2026-12-31");
    site.clock("2026-03-03T22:31:00-05:00");
    site.night();
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'LATE-1'"), "lettered");
}

#[test]
fn doctor_says_it_ninety_days_ahead() {
    for (day, finding) in [("2026-06-28", "note"), ("2026-06-29", "good")] {
        let site = vouched_to(day);
        let (found, message) = doctor(&site);
        assert_eq!(found, finding, "{day}: {message}");
    }
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let (finding, message) = doctor(&site);
    assert_eq!(finding, "good");
    assert!(message.contains("nobody vouches for closures by order (needed only on a live site)"), "{message}");
}

#[test]
fn days_without_mail_and_a_vendors_own_holidays_move_the_dates_that_hang_on_them() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // Tuesday the vendor is closed; on Thursday no mail moves; on Friday the agency is closed.
    site.configure("# closed = []", "closed = [2026-03-03]");
    site.configure("# postal_closed = []", "postal_closed = [2026-03-05]");
    site.configure("# closed = [2026-12-24]", "closed = [2026-03-06]");
    site.night();
    let dates = site.rows(
        "SELECT planned_mail_on, mail_by_on, expected_from, expected_to, use_by_on FROM letter
         JOIN batch ON batch.id = letter.batch_id WHERE username = 'bo.li@example.com'",
    );
    assert_eq!(dates, [["2026-03-04", "2026-03-09", "2026-03-06", "2026-03-11", "2026-03-19"]]);
}
