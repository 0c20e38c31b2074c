//! Schedules of every form against the `croner` crate, which maps wall clocks to instants by code of its own.
//!
//! It agrees with letterpost on jobs at one time of day, on nights of clock changes too. Jobs at many times of day it runs
//! in both of the repeated hours and in none that is skipped, where letterpost runs each scheduled time once; those are
//! compared on all other days.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::America::New_York;
use chrono_tz::{America, Asia, Australia, Europe, Tz};
use letterpost::daemon::schedule::Schedule;
use proptest::prelude::*;

use super::utc;

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
            prop_assert!(schedule.is_on(pair[1].local.date()));
        }
    }
}
