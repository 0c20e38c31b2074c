//! Jobs and their times, through the front of the library and against the `croner` crate.
//!
//! `croner` maps wall clocks to instants by code of its own. It agrees with letterpost on jobs at one time of day, on
//! nights of clock changes too. Jobs at many times of day it runs in both of the repeated hours and in none that is
//! skipped, where letterpost runs each scheduled time once; those are compared on all other days.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the small functions of a test fail as the test does")]

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::America::New_York;
use chrono_tz::{America, Asia, Australia, Europe, Tz};
use letterpost::daemon::job::{CatchUp, Job, JobError, Skip};
use letterpost::daemon::schedule::{Schedule, ScheduleError};
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::stages::night::Stage;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn new_york(text: &str) -> Schedule {
    Schedule::parse(text, New_York).unwrap()
}

/// The times after an instant as "scheduled local time -> time on the clock with its offset".
fn shown(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let line = |time: letterpost::daemon::schedule::ScheduledTime| {
        format!("{} -> {}", time.local.format("%m-%d %H:%M"), time.at.with_timezone(&New_York).format("%H:%M%:z"))
    };
    schedule.times_after(utc(after)).take(count).map(line).collect()
}

// ── Nights on which the clocks change ───────────────────────────────────────────────────────────────────────────────

#[test]
fn a_skipped_time_runs_when_the_clocks_have_jumped() {
    let days = shown(&new_york("30 2 * * *"), "2027-03-13T12:00:00Z", 2);
    assert_eq!(days, ["03-14 02:30 -> 03:00-04:00", "03-15 02:30 -> 02:30-04:00"]);
}

#[test]
fn a_repeated_time_runs_the_first_time_only() {
    let days = shown(&new_york("30 1 * * *"), "2027-11-06T12:00:00Z", 2);
    assert_eq!(days, ["11-07 01:30 -> 01:30-04:00", "11-08 01:30 -> 01:30-05:00"]);
}

#[test]
fn times_every_half_hour_rise_through_both_nights_and_none_runs_twice() {
    let spring = shown(&new_york("*/30 * * * *"), "2027-03-14T06:00:00Z", 4);
    let jumped = ["03-14 01:30 -> 01:30-05:00", "03-14 02:00 -> 03:00-04:00", "03-14 03:30 -> 03:30-04:00"];
    assert_eq!(spring[..3], jumped);
    let autumn = shown(&new_york("*/30 * * * *"), "2027-11-07T05:00:00Z", 3);
    assert_eq!(autumn, ["11-07 01:30 -> 01:30-04:00", "11-07 02:00 -> 02:00-05:00", "11-07 02:30 -> 02:30-05:00"]);
}

#[test]
fn the_latest_time_in_the_repeated_hour_is_the_one_that_ran_in_the_first() {
    let schedule = new_york("45 1 * * *");
    // 01:15 for the second time: 01:45 has been.
    let latest = schedule.latest_at_or_before(utc("2027-11-07T06:15:00Z")).unwrap();
    assert_eq!(latest.at, utc("2027-11-07T05:45:00Z"));
    // 01:15 for the first time: it has not.
    let latest = schedule.latest_at_or_before(utc("2027-11-07T05:15:00Z")).unwrap();
    assert_eq!(latest.local.date(), date("2027-11-06"));
}

#[test]
fn a_date_names_its_times_whether_the_clocks_show_them_or_not() {
    let times = |text: &str, day: &str| -> Vec<String> {
        new_york(text).on_date(date(day)).iter().map(|time| time.at.format("%H:%MZ").to_string()).collect()
    };
    assert_eq!(times("30 2 * * *", "2027-03-14"), ["07:00Z"]);
    assert_eq!(times("30 1 * * *", "2027-11-07"), ["05:30Z"]);
    assert_eq!(times("0 */6 * * *", "2027-11-07"), ["04:00Z", "11:00Z", "17:00Z", "23:00Z"]);
    assert!(times("30 2 * * 1", "2027-03-14").is_empty());
}

// ── Against croner ──────────────────────────────────────────────────────────────────────────────────────────────────

const ZONES: [Tz; 7] =
    [New_York, Europe::London, America::Santiago, America::Havana, Australia::Lord_Howe, Asia::Kolkata, chrono_tz::UTC];

/// A field of single numbers, ranges, steps and lists between two bounds.
fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    let number = low..=high;
    prop_oneof![
        3 => number.clone().prop_map(|n| n.to_string()),
        1 => (number.clone(), number.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (number.clone(), number.clone(), 1u32..9).prop_map(|(a, b, s)| format!("{}-{}/{s}", a.min(b), a.max(b))),
        1 => (2u32..9).prop_map(|step| format!("*/{step}")),
        1 => (number.clone(), number).prop_map(|(a, b)| format!("{a},{b}")),
    ]
}

/// Day of month, month and day of week, not both kinds of day.
fn days() -> impl Strategy<Value = String> {
    let month = prop_oneof![3 => Just("*".to_owned()), 1 => field(1, 12)];
    let day = prop_oneof![
        2 => Just(("*".to_owned(), "*".to_owned())),
        1 => field(1, 28).prop_map(|day| (day, "*".to_owned())),
        1 => (29u32..=31).prop_map(|day| (day.to_string(), "*".to_owned())),
        2 => field(0, 7).prop_map(|weekday| ("*".to_owned(), weekday)),
        1 => prop_oneof![Just("MON-FRI"), Just("SAT,SUN"), Just("fri-sun"), Just("wed")]
            .prop_map(|weekday| ("*".to_owned(), weekday.to_owned())),
    ];
    (day, month).prop_map(|((day, weekday), month)| format!("{day} {month} {weekday}"))
}

fn at_one_time_of_day() -> impl Strategy<Value = String> {
    (0u32..60, prop_oneof![2 => 0u32..4, 1 => 4u32..24], days())
        .prop_map(|(minute, hour, days)| format!("{minute} {hour} {days}"))
}

fn at_many_times_of_day() -> impl Strategy<Value = String> {
    (field(0, 59), field(0, 23), days()).prop_map(|(minute, hour, days)| format!("{minute} {hour} {days}"))
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (utc("2024-01-01T00:00:00Z").timestamp(), utc("2041-01-01T00:00:00Z").timestamp());
    (first..last).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// An instant within a day of a change of the clocks in New York, some year.
fn instant_near_a_change() -> impl Strategy<Value = DateTime<Utc>> {
    (2024i32..2041, any::<bool>(), -90_000i64..90_000).prop_map(|(year, spring, seconds)| {
        let (month, week, hour) = if spring { (3, 2, 7) } else { (11, 1, 6) };
        let sunday = NaiveDate::from_weekday_of_month_opt(year, month, chrono::Weekday::Sun, week).unwrap();
        sunday.and_hms_opt(hour, 0, 0).unwrap().and_utc() + TimeDelta::seconds(seconds)
    })
}

fn croner(text: &str) -> croner::Cron {
    text.parse().unwrap_or_else(|error| panic!("croner refuses '{text}': {error}"))
}

/// Whether the clocks change on this date or the one before it.
fn clocks_change_about(day: NaiveDate, zone: Tz) -> bool {
    let offset = |day: NaiveDate| zone.offset_from_utc_datetime(&day.and_time(NaiveTime::MIN)).to_string();
    offset(day - Days::new(1)) != offset(day + Days::new(2))
}

fn is_in_calendar(at: &DateTime<Tz>) -> bool {
    at.year() <= 2099
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn next_times_at_one_time_of_day_are_those_of_croner(
        text in at_one_time_of_day(),
        zone in proptest::sample::select(&ZONES),
        from in prop_oneof![instant(), instant_near_a_change()],
    ) {
        let Ok(schedule) = Schedule::parse(&text, zone) else { return Ok(()) };
        let ours: Vec<_> = schedule.times_after(from).take(30).map(|time| time.at).collect();
        let theirs = croner(&text).iter_after(from.with_timezone(&zone)).take_while(is_in_calendar).take(30);
        prop_assert_eq!(ours, theirs.map(|at| at.to_utc()).collect::<Vec<_>>(), "{} {}", text, zone);
    }

    #[test]
    fn latest_times_at_one_time_of_day_are_those_of_croner(
        text in at_one_time_of_day(),
        zone in proptest::sample::select(&ZONES),
        from in prop_oneof![instant(), instant_near_a_change()],
    ) {
        let Ok(schedule) = Schedule::parse(&text, zone) else { return Ok(()) };
        let ours = schedule.latest_at_or_before(from).map(|time| time.at);
        let theirs = croner(&text).find_previous_occurrence(&from.with_timezone(&zone), true);
        prop_assert_eq!(ours, theirs.ok().map(|at| at.to_utc()), "{} {}", text, zone);
    }

    #[test]
    fn times_at_many_times_of_day_are_those_of_croner_where_clocks_do_not_change(
        text in at_many_times_of_day(),
        zone in proptest::sample::select(&ZONES),
        from in instant(),
    ) {
        let Ok(schedule) = Schedule::parse(&text, zone) else { return Ok(()) };
        let until = from + TimeDelta::days(20);
        let is_plain = |at: &DateTime<Utc>| !clocks_change_about(at.with_timezone(&zone).date_naive(), zone);
        let ours = schedule.times_after(from).map(|time| time.at).take_while(|at| *at < until).filter(is_plain);
        let theirs = croner(&text).iter_after(from.with_timezone(&zone)).map(|at| at.to_utc());
        let theirs = theirs.take_while(|at| *at < until).filter(is_plain);
        prop_assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>(), "{} {}", text, zone);
    }

    #[test]
    fn times_rise_and_every_question_gets_the_same_answer(
        text in at_many_times_of_day(),
        zone in proptest::sample::select(&ZONES),
        from in prop_oneof![instant(), instant_near_a_change()],
    ) {
        let Ok(schedule) = Schedule::parse(&text, zone) else { return Ok(()) };
        let times: Vec<_> = schedule.times_after(from).take(12).collect();
        prop_assert!(times.iter().all(|time| time.at > from));
        for pair in times.windows(2) {
            prop_assert!(pair[0].at < pair[1].at && pair[0].local < pair[1].local, "{} {}: {:?}", text, zone, pair);
            prop_assert_eq!(schedule.times_after(pair[0].at).next(), Some(pair[1]));
            prop_assert_eq!(schedule.latest_at_or_before(pair[1].at), Some(pair[1]));
            prop_assert_eq!(schedule.latest_at_or_before(pair[1].at - TimeDelta::seconds(1)), Some(pair[0]));
            prop_assert!(schedule.on_date(pair[1].local.date()).contains(&pair[1]));
        }
    }
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn days_of_the_week_are_numbered_as_in_unix() {
    let weekday = |text: &str| new_york(text).times_after(utc("2027-01-01T00:00:00Z")).next().unwrap().local.weekday();
    for (number, name) in ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().enumerate() {
        let expected = name.parse::<chrono::Weekday>().unwrap();
        assert_eq!(weekday(&format!("0 12 * * {number}")), expected);
        assert_eq!(weekday(&format!("0 12 * * {name}")), expected);
    }
}

#[test]
fn six_fields_begin_with_seconds() {
    let next = new_york("15 30 22 * * *").times_after(utc("2027-01-01T12:00:00Z")).next().unwrap();
    assert_eq!(next.local.to_string(), "2027-01-01 22:30:15");
}

#[test]
fn schedules_that_cannot_be_followed_are_refused() {
    let refused = |text: &str| Schedule::parse(text, New_York).unwrap_err();
    assert!(matches!(refused("30 22 * *"), ScheduleError::Fields { count: 4, .. }));
    assert!(matches!(refused("@daily"), ScheduleError::Fields { count: 1, .. }));
    assert!(matches!(refused("0 30 22 * * * 2027"), ScheduleError::Fields { count: 7, .. }));
    assert!(matches!(refused("0 2 13 * 5"), ScheduleError::BothDays { .. }));
    assert!(matches!(refused("0 2 * * 8"), ScheduleError::DayOfWeek { .. }));
    for text in
        ["60 2 * * *", "0 24 * * *", "0 2 0 * *", "0 2 L * *", "0 2 * 13 *", "*/0 2 * * *", "5-1 2 * * *", "x 2 * * *"]
    {
        assert!(matches!(refused(text), ScheduleError::Syntax { .. }), "{text}");
    }
    for text in ["0 2 30 2 *", "0 2 31 4,6,9,11 *", "0 2 30-31 2 *"] {
        assert!(matches!(refused(text), ScheduleError::NeverDue { .. }), "{text}");
    }
    assert!(Schedule::parse("0 2 29 2 *", New_York).is_ok());
}

#[test]
fn clocks_far_astray_end_the_search_and_nothing_hangs() {
    for text in ["* * * * * *", "0 2 29 2 *", "30 22 * * *"] {
        let schedule = new_york(text);
        for at in [DateTime::<Utc>::MAX_UTC, utc("2100-06-01T00:00:00Z")] {
            assert_eq!(schedule.times_after(at).next(), None);
            assert_eq!(schedule.latest_at_or_before(at).map(|time| time.local.year() >= 2096), Some(true));
        }
        for at in [DateTime::<Utc>::MIN_UTC, utc("1969-06-01T00:00:00Z")] {
            assert_eq!(schedule.latest_at_or_before(at), None);
            assert!(schedule.times_after(at).next().is_some_and(|time| time.local.year() <= 1988));
        }
        assert!(schedule.on_date(NaiveDate::MIN).is_empty() && schedule.on_date(date("2101-01-01")).is_empty());
    }
}

const NIGHTLY: &str = include_str!("../jobs/nightly.toml");

#[test]
fn the_job_that_comes_with_letterpost_reads() {
    use Stage::{Checkpoint, Collect, Deliver, Expire, Ingest, Produce};
    let job = Job::from_toml(NIGHTLY).unwrap();
    assert_eq!(job.name, "nightly");
    assert_eq!(job.stages, [Ingest, Expire, Collect, Produce, Deliver, Checkpoint]);
    assert_eq!((job.catch_up, job.deadline), (CatchUp::Latest, TimeDelta::hours(4)));
    assert_eq!(shown(&job.schedule, "2027-01-01T12:00:00Z", 1), ["01-01 22:30 -> 22:30-05:00"]);
}

/// A job with these lines in place of or beside the usual ones.
fn job(lines: &[&str]) -> Result<Job, JobError> {
    let usual =
        ["name = \"night\"", "schedule = \"30 22 * * *\"", "time_zone = \"America/New_York\"", "stages = [\"ingest\"]"];
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let mut text = String::new();
    for line in usual.iter().filter(|line| !lines.iter().any(|other| key(other) == key(line))).chain(lines) {
        writeln!(text, "{line}").unwrap();
    }
    Job::from_toml(&text)
}

#[test]
fn what_may_be_left_out_has_a_default() {
    let job = job(&[]).unwrap();
    assert_eq!((job.skip.as_slice(), job.catch_up, job.deadline), (&[][..], CatchUp::Latest, TimeDelta::hours(4)));
}

#[test]
fn a_deadline_is_minutes_or_a_span() {
    for (written, minutes) in [("90", 90), ("\"4h\"", 240), ("\"90m\"", 90), ("\"1h30m\"", 90), ("1440", 1440)] {
        let job = job(&[&format!("deadline = {written}")]).unwrap();
        assert_eq!(job.deadline, TimeDelta::minutes(minutes), "{written}");
    }
    for written in ["0", "-5", "1441", "\"4\"", "\"h\"", "\"4h30\"", "\"+4h\"", "\"65536m\"", "\"25h\"", "true", "4.5"]
    {
        assert!(job(&[&format!("deadline = {written}")]).is_err(), "{written}");
    }
}

#[test]
fn every_refusal_names_the_key_and_what_to_write() {
    let cases: [(&[&str], &str); 10] = [
        (&["shedule = \"1 2 * * *\""], "unknown key 'shedule'; did you mean 'schedule'?"),
        (&["Catch-Up = \"latest\""], "unknown key 'Catch-Up'; did you mean 'catch_up'?"),
        (&["zzz = 1"], "unknown key 'zzz'; a job has name, schedule, time_zone, skip, catch_up, deadline, stages"),
        (
            &["name = \"Night Run\""],
            "name = \"Night Run\" is not right; write lower-case letters, digits and hyphens, at most 40: \"nightly\"",
        ),
        (
            &["time_zone = \"EST5\""],
            "time_zone = \"EST5\" is not right; write a name of the time zone database: \"America/New_York\"",
        ),
        (
            &["skip = [\"sundays\"]"],
            "skip = \"sundays\" is not right; write a list of any of these, each once: weekends, holidays",
        ),
        (
            &["skip = \"weekends\""],
            "skip = \"weekends\" is not right; write a list of any of these, each once: weekends, holidays",
        ),
        (&["catch_up = true"], "catch_up = true is not right; write \"latest\" or \"never\""),
        (
            &["stages = [\"ingest\", \"ingest\"]"],
            "stages = \"ingest\" is not right; write a list of any of these, each once: ingest, expire, collect, produce, deliver, checkpoint",
        ),
        (
            &["schedule = \"30 22 1 * 1\""],
            "schedule: '30 22 1 * 1' sets both day of month and day of week, which programs read differently; put * in one of them",
        ),
    ];
    for (lines, message) in cases {
        assert_eq!(job(lines).unwrap_err().to_string(), message);
    }
    let missing = Job::from_toml("name = \"night\"\ntime_zone = \"America/New_York\"").unwrap_err();
    assert!(matches!(missing, JobError::Missing { key: "schedule", .. }), "{missing}");
    assert!(matches!(job(&["stages = []"]), Err(JobError::Missing { key: "stages", .. })));
    assert!(matches!(Job::from_toml("name = "), Err(JobError::Syntax(_))));
}

// ── Skips ───────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn skipped_times_are_listed_with_the_reason() {
    let job = job(&["skip = [\"weekends\", \"holidays\"]"]).unwrap();
    let closed = [date("2026-11-27")].into();
    let calendar = BusinessCalendar::new(closed, [date("2026-11-29")].into()).unwrap();
    let planned = job.next_times(6, utc("2026-11-25T12:00:00Z"), &calendar).unwrap();
    let lines: Vec<_> = planned
        .iter()
        .map(|planned| {
            let reason = planned.skip.map_or_else(|| "runs".to_owned(), |skip| skip.to_string());
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
    let reasons: Vec<_> = planned.iter().map(|time| time.skip.map(|skip| skip.to_string())).collect();
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
