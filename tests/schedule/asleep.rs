//! A daemon that is asleep now and then: whatever it sleeps through, each time runs once, in order, or is given up by name.

use chrono::{DateTime, TimeDelta, Utc};
use letterpost::daemon::agenda::{Agenda, LastRuns, MOST_CAUGHT_UP};
use letterpost::daemon::job::{CatchUp, Job};
use letterpost::domain::calendar::BusinessCalendar;
use proptest::prelude::*;

use super::{job, utc};

fn any_job() -> impl Strategy<Value = Job> {
    let schedule =
        proptest::sample::select(vec!["30 22 * * *", "*/30 * * * *", "30 1,2 * * *", "0 6 * * MON,SAT", "15 0 1 * *"]);
    let skip = proptest::sample::select(vec!["[]", "[\"weekends\", \"holidays\"]"]);
    let moved = proptest::sample::select(vec!["never", "before", "after"]);
    let catch_up = proptest::sample::select(vec!["none", "last", "all"]);
    (schedule, skip, moved, catch_up, 1i64..1440).prop_map(|(schedule, skip, moved, catch_up, deadline)| {
        let moved = if skip == "[]" { "never" } else { moved };
        job(&[
            &format!("schedule = \"{schedule}\""),
            &format!("skip = {skip}"),
            &format!("moved = \"{moved}\""),
            &format!("catch_up = \"{catch_up}\""),
            &format!("deadline = {deadline}"),
        ])
        .unwrap()
    })
}

/// Seconds that a daemon sleeps: until the next minute, the next hour, over the night, for weeks.
fn any_sleep() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 1i64..60, 4 => 60i64..7200, 2 => 7200i64..200_000, 1 => 200_000i64..4_000_000]
}

/// Every time at which the job runs, after one instant and up to another.
fn every_time(
    job: &Job,
    calendar: &BusinessCalendar,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let next = |from| job.next_run_after(from, calendar).unwrap().map(|run| run.at).filter(|at| *at <= until);
    std::iter::successors(next(after), |at| next(*at)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_time_runs_once_in_order_or_is_given_up_by_name(
        job in any_job(),
        begins in prop_oneof![Just("2027-03-10T00:00:00Z"), Just("2027-11-03T00:00:00Z"), Just("2026-11-20T00:00:00Z")],
        sleeps in proptest::collection::vec(any_sleep(), 1..20),
    ) {
        let calendar = BusinessCalendar::default();
        let agenda = Agenda::new(vec![job.clone()], calendar.clone());
        let mut now = utc(begins);
        let first = job.latest_run_at_or_before(now, &calendar).unwrap().unwrap();
        let mut last_runs: LastRuns = [(job.name.clone(), first.local)].into();
        let mut done = first.at;
        for sleep in sleeps {
            now += TimeDelta::seconds(sleep);
            let due = agenda.due(&last_runs, now).unwrap();
            let given_up: Vec<_> = due.given_up.iter().flat_map(|lost| {
                times_from(&job, &calendar, lost.first.at, lost.last.at)
            }).collect();
            let runs: Vec<_> = due.due.iter().map(|due| due.time.at).collect();
            // What is given up comes before what runs, and together they are all that passed.
            prop_assert_eq!([given_up.clone(), runs.clone()].concat(), every_time(&job, &calendar, done, now));
            match job.catch_up {
                CatchUp::None => prop_assert!(runs.len() <= 1 && due.due.iter().all(|due| !due.is_missed)),
                CatchUp::Last => prop_assert!(runs.len() == usize::from(!runs.is_empty() || !given_up.is_empty())),
                CatchUp::All => prop_assert!(given_up.is_empty() || runs.len() == MOST_CAUGHT_UP),
            }
            for due in &due.due {
                prop_assert_eq!(due.is_missed, now - due.time.at > job.deadline);
                last_runs.insert(job.name.clone(), due.time.local);
                done = due.time.at;
            }
            let next = agenda.next_wake(now).unwrap().unwrap();
            prop_assert!(next > now && agenda.due(&last_runs, next - TimeDelta::seconds(1)).unwrap().due.is_empty());
        }
    }
}

/// The times from one to another, both among them.
fn times_from(job: &Job, calendar: &BusinessCalendar, first: DateTime<Utc>, last: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    every_time(job, calendar, first - TimeDelta::seconds(1), last)
}
