//! Jobs as they are written.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::America::New_York;
use letterpost::daemon::job::{CatchUp, Job, JobError, Moved};
use letterpost::daemon::schedule::{Schedule, ScheduleError, read_key};
use letterpost::stages::night::Stage;

use super::{job, new_york, shown, utc};

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
fn a_second_before_the_five_fields_is_part_of_the_time_and_of_the_key() {
    let schedule = new_york("15 30 22 * * *");
    let time = schedule.times_after(utc("2026-11-27T12:00:00Z")).next().unwrap();
    assert_eq!((time.at, time.key().as_str()), (utc("2026-11-28T03:30:15Z"), "2026-11-27T22:30:15"));
    assert_eq!(read_key(&time.key()), Some(time.local));
    assert_eq!(schedule.latest_at_or_before(time.at), Some(time));
    assert_ne!(schedule.latest_at_or_before(time.at - TimeDelta::seconds(1)), Some(time));
    let whole = new_york("0 30 22 * * *").times_after(utc("2026-11-27T12:00:00Z")).next().unwrap();
    assert_eq!(whole.key(), "2026-11-27T22:30");
    assert_eq!(read_key("2026-11-27T22:30"), Some(whole.local));
}

#[test]
fn schedules_that_cannot_be_followed_are_refused() {
    let refused = |text: &str| Schedule::parse(text, New_York).unwrap_err();
    assert!(matches!(refused("30 22 * *"), ScheduleError::Fields { count: 4, .. }));
    assert!(matches!(refused("0 30 22 * * * 2027"), ScheduleError::Fields { count: 7, .. }));
    assert!(matches!(refused("@daily"), ScheduleError::Nickname { fields: "0 0 * * *", .. }));
    assert!(matches!(refused("@reboot"), ScheduleError::Fields { count: 1, .. }));
    assert!(matches!(refused("0 2 13 * 5"), ScheduleError::BothDays { .. }));
    for (text, field) in [
        ("*/10 30 22 * * *", "second"),
        ("60 2 * * *", "minute"),
        ("*/0 2 * * *", "minute"),
        ("5-1 2 * * *", "minute"),
        ("5/15 2 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 22-2 * * *", "hour"),
        ("0 2 0 * *", "day of month"),
        ("0 2 L * *", "day of month"),
        ("0 2 15W * *", "day of month"),
        ("0 2 * 13 *", "month"),
        ("0 2 * ? *", "month"),
        ("0 2 * * 8", "day of week"),
        ("0 2 * * 5#2", "day of week"),
        ("0 2 * * FRI-MON", "day of week"),
    ] {
        assert!(matches!(refused(text), ScheduleError::Item { field: named, .. } if named == field), "{text}");
    }
    assert_eq!(
        refused("0 22-2 * * *").to_string(),
        "'22-2' of the field hour turns back, and is two ranges with a comma between them; write 0 to 23: 22, 6,18, 8-17, */6"
    );
    for text in ["0 2 30 2 *", "0 2 31 4,6,9,11 *", "0 2 30-31 2 *"] {
        assert!(matches!(refused(text), ScheduleError::NeverDue { .. }), "{text}");
    }
    assert!(Schedule::parse("0 2 29 2 *", New_York).is_ok());
}

#[test]
fn clocks_far_astray_end_the_search_and_nothing_hangs() {
    for text in ["* * * * *", "0 2 29 2 *", "30 22 * * *"] {
        let schedule = new_york(text);
        for at in [DateTime::<Utc>::MAX_UTC, utc("2100-06-01T00:00:00Z")] {
            assert_eq!(schedule.times_after(at).next(), None);
            assert_eq!(schedule.latest_at_or_before(at).map(|time| time.local.year() >= 2096), Some(true));
        }
        for at in [DateTime::<Utc>::MIN_UTC, utc("1969-06-01T00:00:00Z")] {
            assert_eq!(schedule.latest_at_or_before(at), None);
            assert!(schedule.times_after(at).next().is_some_and(|time| time.local.year() <= 1988));
        }
    }
}

const NIGHTLY: &str = include_str!("../../jobs/nightly.toml");

#[test]
fn the_job_that_comes_with_letterpost_reads() {
    use Stage::{Checkpoint, Collect, Deliver, Expire, Ingest, Produce};
    let job = Job::from_toml(NIGHTLY).unwrap();
    assert_eq!(job.name, "nightly");
    assert_eq!(job.stages, [Ingest, Expire, Collect, Produce, Deliver, Checkpoint]);
    assert_eq!((job.catch_up, job.deadline), (CatchUp::Last, TimeDelta::hours(4)));
    assert_eq!(shown(&job.schedule, "2027-01-01T12:00:00Z", 1), ["01-01 22:30 -> 22:30-05:00"]);
}

#[test]
fn what_may_be_left_out_has_a_default() {
    let job = job(&[]).unwrap();
    assert_eq!((job.skip.as_slice(), job.moved), (&[][..], Moved::Never));
    assert_eq!((job.catch_up, job.deadline), (CatchUp::Last, TimeDelta::hours(4)));
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
    let cases: [(&[&str], &str); 13] = [
        (&["shedule = \"1 2 * * *\""], "unknown key 'shedule'; did you mean 'schedule'?"),
        (&["Catch-Up = \"last\""], "unknown key 'Catch-Up'; did you mean 'catch_up'?"),
        (
            &["zzz = 1"],
            "unknown key 'zzz'; a job has name, schedule, time_zone, skip, moved, catch_up, deadline, stages",
        ),
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
        (&["catch_up = true"], "catch_up = true is not right; write \"none\", \"last\" or \"all\""),
        (&["catch_up = \"latest\""], "catch_up = \"latest\" is not right; write \"none\", \"last\" or \"all\""),
        (
            &["skip = [\"weekends\"]", "moved = \"later\""],
            "moved = \"later\" is not right; write \"never\", \"before\" or \"after\"",
        ),
        (
            &["moved = \"after\""],
            "moved = \"after\" is not right; write what is skipped, skip = [\"weekends\", \"holidays\"], or leave it out",
        ),
        (
            &["stages = [\"ingest\", \"ingest\"]"],
            "stages = \"ingest\" is not right; write a list of any of these, each once: ingest, expire, collect, produce, deliver, checkpoint, retention",
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
