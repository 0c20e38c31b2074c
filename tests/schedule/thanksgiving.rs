//! Passwords are minted as late as can be: the nights around Thanksgiving 2026, a Thursday, through the front door.

use super::listing::add_job;
use super::nightly::TestSite;

/// From Wednesday, 25 November, to Monday: the print day of the letters that each night makes, as the calendar on the wall
/// has it.
const NIGHTS: [(&str, Option<&str>); 6] = [
    ("2026-11-25", None),
    ("2026-11-26", Some("2026-11-27")),
    ("2026-11-27", None),
    ("2026-11-28", None),
    ("2026-11-29", Some("2026-11-30")),
    ("2026-11-30", Some("2026-12-01")),
];

fn site() -> TestSite {
    let site = TestSite::before_the_night("2026-11-25T12:00:00-05:00");
    site.configure(r#"mint = "every-run""#, r#"mint = "last-run""#);
    site
}

/// Somebody asks by day, and the print day of that request's letter after the night's run, if one was made.
fn ask_and_run(site: &TestSite, number: usize, night: &str, at: &str, job: &str) -> Option<String> {
    site.clock(&format!("{night}T12:00:00-05:00"));
    let row = format!(
        "ASK-{number:03},person{number}@example.com,Robin Invented,{number} Example Way,,Springfield,IL,62701,US,\
         202-555-0100,email,en,standard,{night}T08:00:00-05:00"
    );
    site.import(&format!("ask-{number}.csv"), &row).expect(0);
    run(site, at, job)
}

/// The print day of the newest package, if a run made one.
fn run(site: &TestSite, at: &str, job: &str) -> Option<String> {
    site.clock(at);
    let packages = || site.rows("SELECT mail_on FROM batch WHERE status = 'delivered' ORDER BY id");
    let before = packages().len();
    site.run(&["run", job]).done();
    let after = packages();
    assert!(after.len() <= before + 3, "{after:?}");
    (after.len() > before).then(|| after.concat().last().unwrap().clone())
}

#[test]
fn a_night_before_a_day_without_printing_collects_and_mints_nothing() {
    let site = site();
    let forecast = site.json(&["jobs", "nightly", "--next", "6"]);
    for (number, (night, print_on)) in NIGHTS.iter().enumerate() {
        let made = ask_and_run(&site, number, night, &format!("{night}T22:30:00-05:00"), "nightly");
        assert_eq!(made.as_deref(), *print_on, "{night}");
        // The list of the Wednesday before said so.
        assert_eq!(forecast[number]["local"], format!("{night}T22:30"));
        assert_eq!(forecast[number]["mints"][0]["print_on"].as_str(), *print_on, "{night}");
        let pending = site.value("SELECT count(*) FROM request WHERE status = 'pending'");
        assert_eq!(pending == "0", print_on.is_some(), "{night}: {pending} pending");
    }
    let because = |place: usize| forecast[place]["notes"][0].as_str().unwrap();
    assert_eq!(because(0), "collects, and mints nothing: acme does not print on Thu 26 Nov 2026 (Thanksgiving Day)");
    assert_eq!(because(2), "collects, and mints nothing: acme does not print on Sat 28 Nov 2026 (weekend)");
    assert_eq!(because(1), "mints: acme prints on Fri 27 Nov 2026");
    site.closed_accounting();
}

#[test]
fn another_job_that_makes_letters_later_leaves_the_night_nothing_to_mint() {
    let site = site();
    // Over by 05:30, before the vendor's cut-off at 06:00.
    let stages = "stages = [\"collect\", \"produce\", \"deliver\"]";
    add_job(&site, "morning", &["schedule = \"30 4 * * *\"", "deadline = \"1h\"", stages]);
    assert_eq!(ask_and_run(&site, 1, "2026-11-26", "2026-11-26T22:30:00-05:00", "nightly"), None);
    let later = site.json(&["jobs", "nightly", "--next", "5"]);
    let because = &later[4]["mints"][0]["because"];
    assert_eq!(because, "a later run still makes acme's print day, Wed 02 Dec 2026", "{later}");
    assert_eq!(run(&site, "2026-11-27T04:30:00-05:00", "morning").as_deref(), Some("2026-11-27"));
    // Where it rests on that day, the night does it.
    add_job(&site, "morning", &["schedule = \"30 4 * * MON-THU\"", "deadline = \"1h\"", stages]);
    assert_eq!(
        ask_and_run(&site, 2, "2026-12-03", "2026-12-03T22:30:00-05:00", "nightly").as_deref(),
        Some("2026-12-04")
    );
}
