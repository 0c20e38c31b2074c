//! Every job that comes with letterpost, on every date of 2024 to 2040, as a daemon that sleeps until something falls due
//! would run it: the agenda's times against `croner`'s, and its skips against the Python package `holidays`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc, Weekday, WeekdaySet};
use chrono_tz::America::New_York;
use chrono_tz::{America, Pacific, Tz};
use letterpost::daemon::agenda::{Agenda, LastRuns};
use letterpost::daemon::forecast::{Forecast, forecast};
use letterpost::daemon::job::Job;
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::domain::print_days::PrintSchedule;
use letterpost::stages::site::Mint;

use super::{date, job, utc};

/// A job's file, and its schedule as `croner` reads it.
type Shipped = (&'static str, &'static str);

/// The jobs as shipped, and the schedule of each as `croner` reads it.
const JOBS: [Shipped; 5] = [
    (include_str!("../../jobs/nightly.toml"), "30 22 * * *"),
    (include_str!("../../jobs/receipts.toml"), "*/30 * * * *"),
    (include_str!("../../jobs/expire.toml"), "5 0 * * *"),
    (include_str!("../../jobs/checkpoint.toml"), "0 18 * * *"),
    (include_str!("../../jobs/retention.toml"), "0 4 * * *"),
];
const ZONES: [Tz; 6] =
    [New_York, America::Anchorage, Pacific::Honolulu, America::Puerto_Rico, Pacific::Guam, Pacific::Auckland];

/// Runs of a job: the scheduled local time and the instant.
type Runs = BTreeMap<String, Vec<(NaiveDateTime, DateTime<Utc>)>>;

fn shipped(jobs: &[Shipped], zone: Tz) -> Vec<Job> {
    let moved = |text: &str| text.replace("\"America/New_York\"", &format!("\"{}\"", zone.name()));
    jobs.iter().map(|(text, _)| Job::from_toml(&moved(text)).unwrap()).collect()
}

/// What a daemon runs between two instants that wakes when something falls due, and at no other time.
fn run_by_agenda(jobs: Vec<Job>, from: DateTime<Utc>, until: DateTime<Utc>) -> Runs {
    let agenda = Agenda::new(jobs, BusinessCalendar::default());
    let mut runs = Runs::new();
    let ran_before = agenda.latest(from).unwrap().into_iter();
    let mut last_runs: LastRuns = ran_before.map(|(job, time)| (job.to_owned(), time.local)).collect();
    let mut now = from;
    loop {
        now = agenda.next_wake(now).unwrap().unwrap();
        if now >= until {
            return runs;
        }
        let due = agenda.due(&last_runs, now).unwrap();
        assert!(due.given_up.is_empty() && !due.due.is_empty(), "{now}: {due:?}");
        for due in due.due {
            assert!(!due.is_missed && due.time.at == now, "{now}: {due:?}");
            let earlier = last_runs.insert(due.job.clone(), due.time.local);
            assert!(earlier.is_none_or(|earlier| earlier < due.time.local), "{due:?}");
            runs.entry(due.job).or_default().push((due.time.local, due.time.at));
        }
    }
}

/// What `croner` runs, less the second time of what the clocks show twice, which only jobs of many times a day have in it.
fn run_by_croner(jobs: &[Shipped], zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Runs {
    let mut runs = Runs::new();
    for (text, schedule) in jobs {
        let name = Job::from_toml(text).unwrap().name;
        let cron: croner::Cron = schedule.parse().unwrap();
        let times = cron.iter_after(from.with_timezone(&zone)).take_while(|at| at.to_utc() < until);
        let once = times.filter(|at| {
            let shown = zone.from_local_datetime(&at.naive_local());
            shown.earliest() == Some(*at)
        });
        let named = once.map(|at| (scheduled(schedule, &at), at.to_utc()));
        runs.insert(name, named.collect());
    }
    runs
}

/// The time that a schedule named for an instant: what the clocks show, or the first half hour that they skipped.
fn scheduled(schedule: &str, at: &DateTime<Tz>) -> NaiveDateTime {
    let shown = at.naive_local();
    let before = (*at - TimeDelta::minutes(1)).naive_local();
    let skipped = shown - before - TimeDelta::minutes(1);
    if schedule.starts_with("*/30") && !skipped.is_zero() { shown - skipped } else { shown }
}

fn assert_no_difference(ours: &Runs, theirs: &Runs, zone: Tz) -> usize {
    let mut compared = 0;
    for (job, runs) in theirs {
        let differs = ours[job].iter().zip(runs).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differs, None, "{job} {zone}");
        assert_eq!(ours[job].len(), runs.len(), "{job} {zone}");
        compared += runs.len();
    }
    compared
}

#[test]
fn every_job_runs_on_every_date_when_croner_says() {
    let (from, until) = (utc("2024-01-01T04:59:59Z"), utc("2041-01-01T05:00:00Z"));
    let ours = run_by_agenda(shipped(&JOBS, New_York), from, until);
    let compared = assert_no_difference(&ours, &run_by_croner(&JOBS, New_York, from, until), New_York);
    // 6,210 dates: four daily jobs, and 48 half hours, two of which the clocks skip once a year.
    assert_eq!(compared, 4 * 6210 + 6210 * 48 - 17 * 2);
}

#[test]
fn every_job_runs_through_both_clock_changes_of_every_year_in_every_zone() {
    for zone in ZONES {
        let mut compared = 0;
        for year in 2024..=2040 {
            for change in changes(zone, year) {
                let (from, until) = (change - TimeDelta::days(2), change + TimeDelta::days(2));
                let ours = run_by_agenda(shipped(&JOBS, zone), from, until);
                compared += assert_no_difference(&ours, &run_by_croner(&JOBS, zone, from, until), zone);
            }
        }
        assert!(compared > 17 * 2 * (4 * 46 + 12), "{zone}: {compared}");
    }
}

#[test]
fn every_job_of_one_time_a_day_runs_on_every_date_in_every_zone() {
    let (from, until) = (utc("2024-01-01T00:00:00Z"), utc("2041-01-01T00:00:00Z"));
    let jobs: Vec<Shipped> = JOBS.into_iter().filter(|(_, schedule)| !schedule.starts_with("*/30")).collect();
    for zone in ZONES {
        let ours = run_by_agenda(shipped(&jobs, zone), from, until);
        let compared = assert_no_difference(&ours, &run_by_croner(&jobs, zone, from, until), zone);
        assert_eq!(compared, 4 * 6210, "{zone}");
    }
}

/// The two instants of a year at which the clocks of a zone change; where they never do, those of New York.
fn changes(zone: Tz, year: i32) -> Vec<DateTime<Utc>> {
    let hours = (0..366 * 24).map(|hour| {
        NaiveDate::from_ymd_opt(year, 1, 2).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::hours(hour)
    });
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let found: Vec<_> =
        hours.filter(|at| at.year() == year && offset(*at) != offset(*at - TimeDelta::hours(1))).collect();
    if found.is_empty() { changes(New_York, year) } else { found }
}

// ── Holidays ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The weekdays on which federal staff are off, as the Python package counts them.
fn days_off() -> BTreeSet<NaiveDate> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("readers/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run once, which installs holidays there", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schedule/days_off.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let days: BTreeSet<_> = String::from_utf8(output.stdout).unwrap().lines().map(date).collect();
    assert!(days.len() > 19 * 9, "{}", days.len());
    days
}

fn dates() -> impl Iterator<Item = NaiveDate> {
    date("2024-01-01").iter_days().take_while(|day| day.year() <= 2040)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[test]
fn dates_are_skipped_and_moved_as_the_python_package_counts_them() {
    let off = days_off();
    let skipped = |day: NaiveDate| is_weekend(day) || off.contains(&day);
    for (moved, way) in [("never", 0), ("before", -1), ("after", 1)] {
        for (schedule, weekday) in
            [("30 22 * * *", None), ("15 6 * * MON", Some(Weekday::Mon)), ("15 6 * * SAT", Some(Weekday::Sat))]
        {
            let lines = [format!("schedule = \"{schedule}\""), format!("moved = \"{moved}\"")];
            let job = job(&["skip = [\"weekends\", \"holidays\"]", &lines[0], &lines[1]]).unwrap();
            // Each date of the schedule, and where it goes: as many steps as it takes.
            let mut expected = BTreeSet::new();
            for day in date("2023-12-01").iter_days().take_while(|day| day.year() <= 2040 || day.month() == 1) {
                let mut target = day;
                while way != 0 && skipped(target) {
                    target += TimeDelta::days(way);
                }
                if weekday.is_none_or(|weekday| day.weekday() == weekday) && !skipped(target) {
                    expected.insert(target);
                }
            }
            let mut found = BTreeSet::new();
            let mut now = utc("2024-01-01T04:59:59Z");
            let calendar = BusinessCalendar::default();
            while let Some(run) = job.next_run_after(now, &calendar).unwrap().filter(|run| run.local.year() <= 2040) {
                assert!(found.insert(run.local.date()), "{run:?}");
                now = run.at;
            }
            expected.retain(|day| (2024..=2040).contains(&day.year()));
            assert_eq!(
                found.symmetric_difference(&expected).collect::<Vec<_>>(),
                Vec::<&NaiveDate>::new(),
                "{schedule} {moved}"
            );
        }
    }
}

#[test]
fn letters_are_made_on_the_night_before_a_day_on_which_the_vendor_prints_and_on_no_other() {
    let off = days_off();
    let calendar = BusinessCalendar::default();
    let agenda = Agenda::new(shipped(&JOBS, New_York), calendar.clone());
    let cut_off = "06:00:00".parse().unwrap();
    let weekdays: WeekdaySet =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri].into_iter().collect();
    let schedule = PrintSchedule::new(weekdays, cut_off, 0).unwrap();
    let nightly = &agenda.jobs()[0];
    for night in dates() {
        let at = nightly.runs_on_date(night, &calendar).unwrap()[0].at;
        let next = agenda.next_delivery_by(at).unwrap();
        let made = forecast(at, next, (&schedule, Mint::LastRun), &calendar, New_York).unwrap();
        let morrow = night + Days::new(1);
        let prints = !is_weekend(morrow) && !off.contains(&morrow);
        match made {
            Forecast::Mints { print_on } => assert!(prints && print_on == morrow, "{night}: {made:?}"),
            Forecast::NoPrintDay { day, .. } => assert!(!prints && day == morrow, "{night}: {made:?}"),
            Forecast::LaterRun { .. } => panic!("{night}: {made:?}"),
        }
    }
}
