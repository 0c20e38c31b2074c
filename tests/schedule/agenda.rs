//! What is due, given what has run.

use letterpost::daemon::agenda::{Agenda, DueTimes, LastRuns, MOST_CAUGHT_UP};
use letterpost::daemon::job::Job;
use letterpost::domain::calendar::BusinessCalendar;

use super::{job, utc};

fn agenda(jobs: Vec<Job>) -> Agenda {
    Agenda::new(jobs, BusinessCalendar::default())
}

/// The nightly agenda of one job with these lines, and what is due at `now` after its last run at a local time.
fn due(lines: &[&str], last_run: Option<&str>, now: &str) -> DueTimes {
    let last_runs: LastRuns = last_run.map(|local| ("night".to_owned(), local.parse().unwrap())).into_iter().collect();
    agenda(vec![job(lines).unwrap()]).due(&last_runs, utc(now)).unwrap()
}

/// What is to be run, as "24 22:30 missed", and what is given up, as "21 22:30 to 23 22:30".
fn told(due: &DueTimes) -> (Vec<String>, Vec<String>) {
    let runs = due
        .due
        .iter()
        .map(|due| format!("{}{}", due.time.local.format("%d %H:%M"), if due.is_missed { " missed" } else { "" }));
    let lost = due
        .given_up
        .iter()
        .map(|lost| format!("{} to {}", lost.first.local.format("%d %H:%M"), lost.last.local.format("%d %H:%M")));
    (runs.collect(), lost.collect())
}

const NONE: [&str; 0] = [];

/// An outage from Saturday to Wednesday, with the last run on Friday the 20th.
#[test]
fn after_an_outage_none_last_and_all_do_what_they_say() {
    let after = |catch_up: &str, now: &str| {
        let (runs, lost) = told(&due(&[&format!("catch_up = \"{catch_up}\"")], Some("2026-11-20T22:30:00"), now));
        (runs.join(", "), lost.join(", "))
    };
    let told = |runs: &str, lost: &str| (runs.to_owned(), lost.to_owned());
    // Wednesday the 25th, 12:00 in New York: the night of Tuesday is long past.
    let noon = "2026-11-25T17:00:00Z";
    assert_eq!(after("none", noon), told("", "21 22:30 to 24 22:30"));
    assert_eq!(after("last", noon), told("24 22:30 missed", "21 22:30 to 23 22:30"));
    assert_eq!(after("all", noon), told("21 22:30 missed, 22 22:30 missed, 23 22:30 missed, 24 22:30 missed", ""));
    // Wednesday, 23:00: tonight's run is late, not missed.
    let night = "2026-11-26T04:00:00Z";
    assert_eq!(after("none", night), told("25 22:30", "21 22:30 to 24 22:30"));
    assert_eq!(after("last", night), told("25 22:30", "21 22:30 to 24 22:30"));
    assert!(after("all", night).0.ends_with("24 22:30 missed, 25 22:30"));
    // The deadline of four hours is the grace: at 02:30 the run is late, a second later it is missed.
    assert_eq!(after("none", "2026-11-26T07:30:00Z").0, "25 22:30");
    assert_eq!(after("none", "2026-11-26T07:30:01Z").0, "");
}

#[test]
fn nothing_is_due_that_has_run_and_nothing_before_its_time() {
    for catch_up in ["none", "last", "all"] {
        let line = format!("catch_up = \"{catch_up}\"");
        let due = |now: &str| told(&due(&[&line], Some("2026-11-24T22:30:00"), now));
        assert_eq!(due("2026-11-26T03:29:59Z"), (vec![], vec![]), "{catch_up}");
        assert_eq!(due("2026-11-26T03:30:00Z"), (vec!["25 22:30".to_owned()], vec![]), "{catch_up}");
    }
}

#[test]
fn a_new_job_has_missed_nothing() {
    for catch_up in ["none", "last", "all"] {
        let line = format!("catch_up = \"{catch_up}\"");
        assert_eq!(told(&due(&[&line], None, "2026-11-25T17:00:00Z")).0, NONE, "{catch_up}");
        assert_eq!(told(&due(&[&line], None, "2026-11-26T04:00:00Z")), (vec!["25 22:30".to_owned()], vec![]));
    }
}

#[test]
fn all_makes_up_for_so_many_and_names_the_rest() {
    let due = due(&["catch_up = \"all\""], Some("2026-09-30T22:30:00"), "2026-11-25T17:00:00Z");
    assert_eq!(due.due.len(), MOST_CAUGHT_UP);
    let [lost] = due.given_up.as_slice() else { panic!("{due:?}") };
    let dates = (lost.first.local.date(), lost.last.local.date(), due.due[0].time.local.date());
    assert_eq!(dates, (super::date("2026-10-01"), super::date("2026-10-24"), super::date("2026-10-25")));
}

#[test]
fn skipped_and_moved_times_are_made_up_for_as_they_were_planned() {
    let lines = [
        "skip = [\"weekends\", \"holidays\"]",
        "moved = \"after\"",
        "schedule = \"30 22 * * THU,SAT\"",
        "catch_up = \"all\"",
    ];
    // Thanksgiving moves to Friday the 27th, Saturday to Monday the 30th.
    let due = due(&lines, Some("2026-11-23T22:30:00"), "2026-12-01T17:00:00Z");
    assert_eq!(told(&due).0, ["27 22:30 missed", "30 22:30 missed"]);
}

#[test]
fn a_last_run_in_time_to_come_makes_nothing_due_and_nothing_lost() {
    assert_eq!(due(&[], Some("2027-11-24T22:30:00"), "2026-11-26T04:00:00Z"), DueTimes::default());
}

#[test]
fn the_repeated_hour_makes_nothing_due_again() {
    let receipts = ["schedule = \"*/30 * * * *\"", "deadline = \"25m\""];
    let agenda = agenda(vec![job(&receipts).unwrap()]);
    // 01:15 for the second time on 1 November 2026: the last time was 01:30, and it ran.
    let now = utc("2026-11-01T06:15:00Z");
    let latest = agenda.latest(now).unwrap();
    assert_eq!(latest[0].1.key(), "2026-11-01T01:30");
    let last_runs = [("night".to_owned(), latest[0].1.local)].into();
    assert_eq!(agenda.due(&last_runs, now).unwrap(), DueTimes::default());
    assert_eq!(agenda.next_wake(now).unwrap(), Some(utc("2026-11-01T07:00:00Z")));
}

#[test]
fn jobs_are_due_by_instant_and_the_next_of_all_is_waited_for() {
    let named = |name: &str, schedule: &str| {
        job(&[&format!("name = \"{name}\""), &format!("schedule = \"{schedule}\"")]).unwrap()
    };
    let agenda = agenda(vec![named("b", "0 5 * * *"), named("a", "30 4 * * *"), named("c", "0 5 * * *")]);
    let due = agenda.due(&LastRuns::new(), utc("2026-11-25T10:00:00Z")).unwrap();
    assert_eq!(due.due.iter().map(|due| due.job.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(agenda.next_wake(utc("2026-11-25T10:00:00Z")).unwrap(), Some(utc("2026-11-26T09:30:00Z")));
}

#[test]
fn the_next_delivery_is_that_of_any_job_that_makes_letters_after_skips() {
    let lines = |name: &str, schedule: &str, stages: &str| {
        [
            format!("name = \"{name}\""),
            format!("schedule = \"{schedule}\""),
            format!("stages = {stages}"),
            "skip = [\"holidays\"]".to_owned(),
        ]
    };
    let made = |lines: [String; 4]| job(&lines.each_ref().map(String::as_str)).unwrap();
    let agenda = agenda(vec![
        made(lines("nightly", "30 22 * * *", "[\"collect\", \"produce\", \"deliver\"]")),
        made(lines("morning", "0 3 * * *", "[\"produce\", \"deliver\"]")),
        made(lines("receipts", "*/30 * * * *", "[\"ingest\"]")),
        made(lines("drafts", "0 * * * *", "[\"produce\"]")),
    ]);
    let next = |now: &str| agenda.next_delivery_by(utc(now)).unwrap().unwrap();
    // 22:31 on Tuesday: 03:00 on Wednesday, and the four hours that it may take.
    assert_eq!(next("2026-11-25T03:31:00Z"), utc("2026-11-25T12:00:00Z"));
    // 22:31 on Wednesday: nothing runs on Thanksgiving.
    assert_eq!(next("2026-11-26T03:31:00Z"), utc("2026-11-27T12:00:00Z"));
}
