//! The clock between two nights: one that went back, or that is long after the last night, begins nothing.

use super::nightly::TestSite;
use super::{MONDAY_NIGHT, ROBIN, engaged, people};

const TUESDAY_NIGHT: &str = "2026-03-03T22:30:00-05:00";
const STAGES: [&str; 6] = ["ingest", "expire", "collect", "produce", "deliver", "checkpoint"];

/// Everything of the ledger that a night changes.
fn state(site: &TestSite) -> Vec<Vec<String>> {
    site.rows(
        "SELECT 'run', count(*), max(finished_at) FROM run UNION ALL SELECT 'letter', count(*), max(status_at) FROM letter
         UNION ALL SELECT 'request', count(*), max(status_at) FROM request
         UNION ALL SELECT 'head', count(*), max(taken_at) FROM audit_head
         UNION ALL SELECT 'entry', count(*), '' FROM audit_entry WHERE kind NOT LIKE 'brake.%'",
    )
}

#[test]
fn a_clock_that_went_back_begins_nothing_until_it_is_set_right() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.night();
    site.import("more.csv", &people(0, 2)).expect(0);
    let mut written = "2026-03-03 03:30:00";
    for (back, shown) in
        [("2026-03-02T21:30:00-05:00", "2026-03-03 02:30:00"), ("2026-03-01T22:30:00-05:00", "2026-03-02 03:30:00")]
    {
        let before = state(&site);
        site.clock(back);
        let rehearsed = site.run(&["run", "nightly", "--dry-run"]).expect(4);
        assert!(rehearsed.stderr.contains(shown), "{}", rehearsed.text());
        assert!(site.run(&["doctor"]).expect(4).stdout.contains(shown));
        assert_eq!(engaged(&site).len(), 0, "a look engages nothing");
        let refused = site.run(&["run", "nightly"]).expect(4);
        let told = format!("shows {shown} UTC, and the ledger was written at {written} UTC; nothing was done");
        assert!(
            refused.stderr.contains(&told) && refused.stderr.contains("set the machine's clock"),
            "{}",
            refused.text()
        );
        for stage in STAGES {
            site.run(&[stage]).expect(4);
        }
        assert_eq!((state(&site), engaged(&site).len()), (before.clone(), 1));
        assert_eq!(engaged(&site)[0]["kind"], "clock-behind");
        // Set right, the same start goes on by itself.
        site.clock("2026-03-02T22:31:00-05:00");
        site.run(&["checkpoint"]).expect(0);
        assert_eq!(engaged(&site).len(), 0);
        written = "2026-03-03 03:31:00";
    }
    site.clock(TUESDAY_NIGHT);
    site.night();
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0");
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn half_a_minute_back_is_no_jump_and_the_clocks_of_spring_are_none() {
    let site = TestSite::before_the_night("2026-03-07T22:30:00-05:00");
    site.night();
    site.clock("2026-03-07T22:29:30-05:00");
    site.run(&["checkpoint"]).expect(0);
    // The night after it, the clocks have gone from two to three: 23 hours later.
    site.clock("2026-03-08T22:30:00-04:00");
    site.night();
    site.clock("2026-11-01T00:30:00-04:00");
    site.night();
    // The hour that autumn shows twice goes on.
    site.clock("2026-11-01T01:40:00-04:00");
    site.run(&["checkpoint"]).expect(0);
    site.clock("2026-11-01T01:10:00-05:00");
    site.run(&["checkpoint"]).expect(0);
    assert_eq!(site.value("SELECT count(*) FROM brake"), "0");
}

#[test]
fn where_the_clock_was_wrong_before_a_named_person_says_that_it_is_right_now() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // A month ahead, somebody imports; then the clock is set right.
    site.clock("2026-04-02T12:00:00-04:00");
    site.import("early.csv", &people(0, 2)).expect(0);
    site.clock(MONDAY_NIGHT);
    let refused = site.run(&["run", "nightly"]).expect(4);
    assert!(refused.stderr.contains("if the clock is right now and was wrong before"), "{}", refused.text());
    site.run(&["brake", "release", "1", "--reason", "set by hand"]).expect(2);
    let released = site.run(&[&["brake", "release", "1"][..], &ROBIN].concat()).expect(0);
    assert!(released.stdout.contains("the clock as it is now counts as right"), "{}", released.text());
    site.night();
    site.clock(TUESDAY_NIGHT);
    site.night();
    assert_eq!(site.value("SELECT ended_as FROM brake"), "released");
    site.closed_accounting();
}

#[test]
fn three_missed_nights_pass_and_forty_days_wait_for_a_named_person() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# longest_gap_days = 10", "longest_gap_days = 10");
    site.night();
    site.clock("2026-03-06T22:30:00-05:00");
    site.night();
    site.clock("2026-04-15T22:30:00-04:00");
    // What others do under a wrong clock does not make it right.
    site.import("late.csv", &people(0, 2)).expect(0);
    let before = state(&site);
    let refused = site.run(&["run", "nightly"]).expect(4);
    let told = "the machine's clock shows 2026-04-16 02:30:00 UTC, and the last night was at 2026-03-07 03:30:00 UTC: that is \
                longer than [limits] longest_gap_days allows, 10 days; nothing was done";
    assert!(refused.stderr.contains(told), "{}", refused.text());
    for stage in STAGES {
        site.run(&[stage]).expect(4);
    }
    assert_eq!(state(&site), before, "no password ends early, and nothing is withdrawn");
    site.clock("2026-04-16T22:30:00-04:00");
    site.run(&["run", "nightly"]).expect(4);
    assert_eq!(site.value("SELECT count(*) FROM brake"), "1");
    site.run(&[&["brake", "release", "1"][..], &ROBIN].concat()).expect(0);
    site.night();
    site.clock("2026-04-17T22:30:00-04:00");
    site.night();
    // The clock of a rehearsal goes where it is sent, unless its configuration says otherwise.
    site.configure("longest_gap_days = 10", "# longest_gap_days = 10");
    site.clock("2026-06-17T22:30:00-04:00");
    site.night();
}

#[test]
fn a_clock_that_was_ahead_and_is_set_right_needs_nobody() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# longest_gap_days = 10", "longest_gap_days = 10");
    site.night();
    site.clock("2026-04-15T22:30:00-04:00");
    site.run(&["run", "nightly"]).expect(4);
    assert_eq!(engaged(&site)[0]["kind"], "clock-ahead");
    site.clock(TUESDAY_NIGHT);
    site.night();
    assert_eq!(site.value("SELECT ended_as FROM brake"), "over");
}

#[test]
fn a_clock_that_went_back_makes_no_ended_password_good_again() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let letters = super::opened::open_all(&site);
    let letter = &letters[0].letters[0];
    let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
    assert_eq!(site.check(&username, &letter.password), (0, "accepted".to_owned()));
    site.clock("2026-04-20T12:00:00-04:00");
    site.import("late.csv", &people(0, 1)).expect(0);
    site.clock("2026-03-03T12:00:00-05:00");
    assert_eq!(site.check(&username, &letter.password), (5, "expired".to_owned()));
}
