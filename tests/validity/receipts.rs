//! What a `mailed` receipt does to the last day of a password.
//!
//! All letters here are minted on Monday night, 2 March 2026, for Tuesday's print. Summer time begins on 8 March.

use super::nightly::TestSite;
use super::opened::{letter_of, open_all};

const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// In California, and in Alaska.
const CONTIGUOUS: &str = "bo.li@example.com";
const OUTSIDE: &str = "dakota.unreal@example.com";

/// A receipt that says `mailed` on a date, read at an instant, and the last days that follow for the two people.
struct Case {
    mailed_on: &'static str,
    read_at: &'static str,
    contiguous: &'static str,
    outside: &'static str,
}

#[test]
fn a_receipt_moves_the_last_day_between_the_printed_day_and_the_cap() {
    for case in [
        // Early: ten business days would be over on 16 March, and the page says the 17th.
        Case {
            mailed_on: "2026-03-02",
            read_at: "2026-03-03T20:00:00-05:00",
            contiguous: "2026-03-17",
            outside: "2026-03-31",
        },
        // On the planned day.
        Case {
            mailed_on: "2026-03-03",
            read_at: "2026-03-03T20:00:00-05:00",
            contiguous: "2026-03-17",
            outside: "2026-03-31",
        },
        // Two business days late: the window follows; outside, the cap of thirty days stands before it.
        Case {
            mailed_on: "2026-03-05",
            read_at: "2026-03-05T20:00:00-05:00",
            contiguous: "2026-03-19",
            outside: "2026-03-31",
        },
        // Read late: nothing ends in the past.
        Case {
            mailed_on: "2026-03-03",
            read_at: "2026-03-20T20:00:00-04:00",
            contiguous: "2026-03-20",
            outside: "2026-03-31",
        },
        // Read after the cap of one of them: that one stays as it was.
        Case {
            mailed_on: "2026-03-03",
            read_at: "2026-03-24T20:00:00-04:00",
            contiguous: "2026-03-22",
            outside: "2026-03-31",
        },
    ] {
        let site = TestSite::after_the_night(MONDAY_NIGHT);
        let dates = |account: &str| {
            site.rows(&format!("SELECT use_by_on, cap_on, expires_on FROM letter WHERE username = '{account}'"))
        };
        assert_eq!(dates(CONTIGUOUS), [["2026-03-17", "2026-03-22", "2026-03-22"]], "before any receipt");
        assert_eq!(dates(OUTSIDE), [["2026-03-31", "2026-03-31", "2026-03-31"]], "before any receipt");
        site.clock(case.read_at);
        for package in site.packages() {
            site.receipt(&package, &["--on", case.mailed_on]).done();
        }
        let said = format!("mailed on {}, read at {}", case.mailed_on, case.read_at);
        assert_eq!(dates(CONTIGUOUS), [["2026-03-17", "2026-03-22", case.contiguous]], "{said}");
        assert_eq!(dates(OUTSIDE), [["2026-03-31", "2026-03-31", case.outside]], "{said}");
        assert_ends_with(&site, CONTIGUOUS, case.contiguous);
        assert_ends_with(&site, OUTSIDE, case.outside);
    }
}

/// The printed password is taken in the last minute of its last day, unless that is past, and not a minute later.
fn assert_ends_with(site: &TestSite, account: &str, last_day: &str) {
    let packages = open_all(site);
    let letter = letter_of(site, &packages, account);
    let read_at = site.now();
    if *last_day >= read_at[..10] {
        site.clock(&format!("{last_day}T23:59:00-04:00"));
        assert_eq!(site.check(account, &letter.password), (0, "accepted".to_owned()), "{account} on {last_day}");
    }
    let midnight = chrono::DateTime::parse_from_rfc3339(&format!("{last_day}T23:59:00-04:00")).unwrap();
    site.clock(&(midnight + chrono::TimeDelta::minutes(1)).to_rfc3339());
    assert_eq!(site.check(account, &letter.password), (5, "expired".to_owned()), "{account} after {last_day}");
    site.clock(&read_at);
}

#[test]
fn a_receipt_that_is_read_after_the_end_revives_nothing() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, CONTIGUOUS);
    site.clock("2026-03-23T22:30:00-04:00");
    site.run(&["expire"]).expect(0);
    for package in site.packages() {
        site.receipt(&package, &["--on", "2026-03-04"]).done();
    }
    assert_eq!(site.check(CONTIGUOUS, &letter.password), (5, "expired".to_owned()));
    let kept = site.rows(&format!(
        "SELECT status, dispatched_on, password_status, expires_on, ended_on FROM letter WHERE id = '{}'",
        letter.id()
    ));
    assert_eq!(kept, [["mailed", "2026-03-04", "expired", "2026-03-22", "2026-03-22"]]);
    site.closed_accounting();
}
