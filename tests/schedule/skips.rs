//! Dates on which a job does not run, and where its times go.

use letterpost::daemon::job::{Job, Skip};
use letterpost::daemon::times::{Fate, PlannedTime};
use letterpost::domain::calendar::BusinessCalendar;

use super::{date, job, utc};

/// Why a time is skipped; `None` if it runs.
fn reason(planned: &PlannedTime) -> Option<String> {
    match &planned.fate {
        Fate::Runs { .. } => None,
        Fate::Skipped { reason, .. } => Some(reason.to_string()),
    }
}

#[test]
fn skipped_times_are_listed_with_the_reason() {
    let job = job(&["skip = [\"weekends\", \"holidays\"]"]).unwrap();
    let closed = [date("2026-11-27")].into();
    let calendar = BusinessCalendar::new(closed, [date("2026-11-29")].into()).unwrap();
    let planned = job.next_times(6, utc("2026-11-25T12:00:00Z"), &calendar).unwrap();
    let lines: Vec<_> = planned
        .iter()
        .map(|planned| {
            let reason = reason(planned).unwrap_or_else(|| "runs".to_owned());
            format!("{} {reason}", planned.time.local.format("%a %d"))
        })
        .collect();
    let expected = [
        "Wed 25 runs",
        "Thu 26 Thanksgiving Day",
        "Fri 27 closed by configuration",
        "Sat 28 weekend",
        "Sun 29 runs",
        "Mon 30 runs",
    ];
    assert_eq!(lines, expected);
    let run = |at: &str| job.next_run_after(utc(at), &calendar).unwrap().unwrap().local.date();
    assert_eq!(run("2026-11-26T12:00:00Z"), date("2026-11-29"));
    let last = |at: &str| job.latest_run_at_or_before(utc(at), &calendar).unwrap().unwrap().local.date();
    assert_eq!(last("2026-11-29T12:00:00Z"), date("2026-11-25"));
    assert_eq!(last("2026-11-30T12:00:00Z"), date("2026-11-29"));
}

#[test]
fn a_job_that_rests_on_holidays_only_runs_at_weekends() {
    let job = job(&["skip = [\"holidays\"]"]).unwrap();
    assert_eq!(job.skip, [Skip::Holidays]);
    // Independence Day 2026 is a Saturday, kept on Friday.
    let planned = job.next_times(4, utc("2026-07-02T12:00:00Z"), &BusinessCalendar::default()).unwrap();
    let reasons: Vec<_> = planned.iter().map(reason).collect();
    let holiday = Some("Independence Day".to_owned());
    assert_eq!(reasons, [None, holiday.clone(), holiday, None]);
}

#[test]
fn a_job_whose_every_time_is_skipped_has_no_next_run() {
    let job = job(&["schedule = \"* * * * 6\"", "skip = [\"weekends\"]"]).unwrap();
    let calendar = BusinessCalendar::default();
    assert_eq!(job.next_run_after(utc("2026-07-02T12:00:00Z"), &calendar), Ok(None));
    assert_eq!(job.latest_run_at_or_before(utc("2026-07-02T12:00:00Z"), &calendar), Ok(None));
    assert!(job.next_run_after(utc("2099-06-01T00:00:00Z"), &calendar).is_ok());
}

// ── Moved times ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// The runs of a job from one date to another, as "Fri 27 22:30".
fn runs(job: &Job, from: &str, to: &str, calendar: &BusinessCalendar) -> Vec<String> {
    let days = date(from).iter_days().take_while(|day| *day <= date(to));
    let runs = days.flat_map(|day| job.runs_on_date(day, calendar).unwrap());
    runs.map(|run| run.local.format("%a %d %H:%M").to_string()).collect()
}

#[test]
fn a_weekly_time_on_a_holiday_moves_to_the_day_beside_it() {
    let calendar = BusinessCalendar::default();
    let weekly = |moved: &str| {
        let skip = "skip = [\"weekends\", \"holidays\"]";
        job(&["schedule = \"0 6 * * THU\"", skip, &format!("moved = \"{moved}\"")]).unwrap()
    };
    let around = |moved: &str| runs(&weekly(moved), "2026-11-19", "2026-12-03", &calendar);
    assert_eq!(around("never"), ["Thu 19 06:00", "Thu 03 06:00"]);
    assert_eq!(around("before"), ["Thu 19 06:00", "Wed 25 06:00", "Thu 03 06:00"]);
    assert_eq!(around("after"), ["Thu 19 06:00", "Fri 27 06:00", "Thu 03 06:00"]);
    // New Year's Day 2027 is a Friday, and a closed Thursday before it makes the way longer.
    let closed = BusinessCalendar::new([date("2026-12-31")].into(), [].into()).unwrap();
    assert_eq!(runs(&weekly("after"), "2026-12-28", "2027-01-06", &closed), ["Mon 04 06:00"]);
    assert_eq!(runs(&weekly("before"), "2026-12-28", "2027-01-06", &closed), ["Wed 30 06:00"]);
}

#[test]
fn a_time_that_is_moved_to_where_the_job_runs_anyway_is_one_run_with_that() {
    let calendar = BusinessCalendar::default();
    let daily = job(&["schedule = \"0 6,18 * * *\"", "skip = [\"weekends\"]", "moved = \"before\""]).unwrap();
    let expected = ["Fri 20 06:00", "Fri 20 18:00", "Mon 23 06:00", "Mon 23 18:00"];
    assert_eq!(runs(&daily, "2026-11-20", "2026-11-23", &calendar), expected);
    let planned = daily.next_times(6, utc("2026-11-20T12:00:00Z"), &calendar).unwrap();
    let Fate::Runs { also_for } = &planned[0].fate else { panic!("{planned:?}") };
    assert_eq!(also_for.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [date("2026-11-21"), date("2026-11-22")]);
    let Fate::Skipped { moved_to, .. } = &planned[1].fate else { panic!("{planned:?}") };
    assert_eq!((planned[1].time.local.date(), *moved_to), (date("2026-11-21"), Some(date("2026-11-20"))));
}

#[test]
fn every_question_about_moved_times_gets_the_same_answer() {
    let calendar = BusinessCalendar::default();
    for moved in ["never", "before", "after"] {
        for schedule in ["30 2 * * *", "0 6,18 * * SAT", "15 1 1 * *", "*/30 * * * 0"] {
            let lines = [
                format!("schedule = \"{schedule}\""),
                "skip = [\"weekends\", \"holidays\"]".to_owned(),
                format!("moved = \"{moved}\""),
            ];
            let job = job(&lines.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
            let mut from = utc("2027-02-20T00:00:00Z");
            let mut listed = job.next_times(5000, from, &calendar).unwrap().into_iter();
            while let Some(run) =
                job.next_run_after(from, &calendar).unwrap().filter(|run| run.at < utc("2027-12-20T00:00:00Z"))
            {
                assert!(run.at > from, "{schedule} {moved}");
                assert_eq!(job.latest_run_at_or_before(run.at, &calendar), Ok(Some(run)));
                assert!(job.runs_on_date(run.local.date(), &calendar).unwrap().contains(&run));
                let next_listed = listed.find(|planned| matches!(planned.fate, Fate::Runs { .. }));
                assert_eq!(next_listed.map(|planned| planned.time), Some(run), "{schedule} {moved}");
                from = run.at;
            }
        }
    }
}
