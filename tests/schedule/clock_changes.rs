//! Nights on which the clocks change.

use letterpost::domain::calendar::BusinessCalendar;

use super::{date, job, new_york, shown, utc};

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
        let job = job(&[&format!("schedule = \"{text}\"")]).unwrap();
        let runs = job.runs_on_date(date(day), &BusinessCalendar::default()).unwrap();
        runs.iter().map(|time| time.at.format("%H:%MZ").to_string()).collect()
    };
    assert_eq!(times("30 2 * * *", "2027-03-14"), ["07:00Z"]);
    assert_eq!(times("30 1 * * *", "2027-11-07"), ["05:30Z"]);
    assert_eq!(times("0 */6 * * *", "2027-11-07"), ["04:00Z", "11:00Z", "17:00Z", "23:00Z"]);
    assert!(times("30 2 * * 1", "2027-03-14").is_empty());
}
