//! What a start does after an outage, through the front door.

use std::fs;

use super::nightly::TestSite;

/// A site whose last night was Friday, 20 November 2026, started again at noon on Wednesday with this `catch_up`: the runs
/// of that start, and what it said.
fn after_an_outage(catch_up: &str) -> (Vec<String>, String) {
    let site = TestSite::before_the_night("2026-11-20T22:30:00-05:00");
    let path = site.path("jobs/nightly.toml");
    let text = fs::read_to_string(&path).unwrap();
    let line = "\ncatch_up = \"last\"";
    assert_eq!(text.matches(line).count(), 1);
    fs::write(&path, text.replace(line, &format!("\ncatch_up = \"{catch_up}\""))).unwrap();
    site.night();
    site.clock("2026-11-25T12:00:00-05:00");
    let ran = site.night();
    let runs = ran.stdout.lines().filter(|line| line.starts_with("nightly for ")).map(str::to_owned).collect();
    let nights: Vec<_> = site.rows("SELECT scheduled_for FROM run ORDER BY id").concat();
    assert!(nights.is_sorted(), "{nights:?}");
    // Once it is made up for, nothing of it is due again.
    let again = site.night();
    assert_eq!(again.stdout.trim(), "nightly for 2026-11-24T22:30: already completed");
    (runs, ran.stderr)
}

#[test]
fn all_runs_every_missed_night_in_order() {
    let (runs, said) = after_an_outage("all");
    let nights = ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"];
    assert_eq!(runs, nights.map(|night| format!("nightly for {night}T22:30: completed")));
    assert!(!said.contains("have passed"), "{said}");
}

#[test]
fn last_runs_the_latest_and_names_the_others() {
    let (runs, said) = after_an_outage("last");
    assert_eq!(runs, ["nightly for 2026-11-24T22:30: completed"]);
    let named = "the times 2026-11-21T22:30 to 2026-11-23T22:30 of nightly have passed, and are not made up for";
    assert!(said.contains(named), "{said}");
}

#[test]
fn a_start_by_hand_runs_the_latest_even_where_nothing_is_made_up_for() {
    let (runs, said) = after_an_outage("none");
    assert_eq!(runs, ["nightly for 2026-11-24T22:30: completed"]);
    assert!(said.contains("the times 2026-11-21T22:30 to 2026-11-23T22:30 of nightly"), "{said}");
}
