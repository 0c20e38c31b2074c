//! Business days, postal days, print days and the life of a password, against counts made another way.
//!
//! The lists in `tests/fixtures/` come from two Python packages that must agree (see the script beside them).

#![allow(clippy::unwrap_used, clippy::panic, reason = "the small functions of a test fail as the test does")]

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday, WeekdaySet};
use chrono_tz::America::New_York;
use chrono_tz::{Pacific, Tz};
use letterpost::domain::address::DeliveryZone::{self, Contiguous, Outside};
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::domain::holidays::FederalHoliday;
use letterpost::domain::postal_days::PostalCalendar;
use letterpost::domain::print_days::{PrintSchedule, PrintScheduleError};
use letterpost::domain::validity::{
    ValidityError, ValidityPolicy, ValidityWindow, expected_from, expected_to, mail_by_on, promised_by_on,
};

#[path = "calendar/oracle.rs"]
mod oracle;
#[path = "calendar/reckoning.rs"]
mod reckoning;

const OBSERVED: &str = include_str!("fixtures/federal-observed-2024-2040.csv");
const ACTUAL: &str = include_str!("fixtures/federal-actual-2024-2040.csv");

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dates(lines: &str) -> BTreeSet<NaiveDate> {
    lines.lines().map(|line| date(line.split(',').next().unwrap())).collect()
}

/// Every day of the fixtures, January 2024 to February 2041.
fn all_days() -> impl Iterator<Item = NaiveDate> {
    date("2024-01-01").iter_days().take_while(|day| *day <= date("2041-02-28"))
}

fn days_2024_to_2040() -> impl Iterator<Item = NaiveDate> {
    all_days().take_while(|day| day.year() <= 2040)
}

/// The days of a sorted list strictly after `day`: the n-th of them is the answer by list, without any counting.
fn list_after(list: &[NaiveDate], day: NaiveDate) -> &[NaiveDate] {
    &list[list.partition_point(|listed| *listed <= day)..]
}

fn listed_business_days() -> Vec<NaiveDate> {
    let off = dates(OBSERVED);
    all_days().filter(|day| day.weekday().number_from_monday() <= 5 && !off.contains(day)).collect()
}

fn listed_postal_days() -> Vec<NaiveDate> {
    let holidays = dates(ACTUAL);
    let moved: BTreeSet<_> =
        holidays.iter().filter(|day| day.weekday() == Weekday::Sun).map(|day| *day + Days::new(1)).collect();
    let stops = |day: &NaiveDate| day.weekday() == Weekday::Sun || holidays.contains(day) || moved.contains(day);
    all_days().filter(|day| !stops(day)).collect()
}

#[test]
fn observed_holidays_are_those_of_the_list() {
    let found: BTreeSet<_> = all_days().filter(|day| FederalHoliday::observed_on(*day).is_some()).collect();
    assert_eq!(found, dates(OBSERVED));
}

#[test]
fn holidays_themselves_are_those_of_the_list_by_name_too() {
    let found: BTreeSet<_> = all_days().filter(|day| FederalHoliday::on(*day).is_some()).collect();
    assert_eq!(found, dates(ACTUAL));
    for line in ACTUAL.lines() {
        let (day, name) = line.split_once(',').unwrap();
        let ours = FederalHoliday::on(date(day)).unwrap().to_string();
        // The list has a shorter name for the one; the statute's is longer.
        let same = ours == name.trim_matches('"') || (name.contains("Luther King") && ours.contains("Luther King"));
        assert!(same, "{day}: {ours} / {name}");
    }
}

#[test]
fn every_start_and_window_of_2024_to_2040_agrees_with_the_list() {
    let calendar = BusinessCalendar::default();
    let listed = listed_business_days();
    let mut counted = 0;
    for start in days_2024_to_2040() {
        let following = list_after(&listed, start);
        assert_eq!(calendar.is_business_day(start), Ok(listed.binary_search(&start).is_ok()), "{start}");
        for window in 1..=20u32 {
            let end = calendar.add_business_days(start, window).unwrap();
            assert_eq!(end, following[window as usize - 1], "{start} + {window}");
            counted += 1;
        }
        let on_or_after = listed[listed.partition_point(|day| *day < start)];
        assert_eq!(calendar.next_business_day_on_or_after(start), Ok(on_or_after), "{start}");
    }
    assert_eq!(counted, 6210 * 20);
}

#[test]
fn counting_between_two_dates_agrees_with_the_list() {
    let calendar = BusinessCalendar::default();
    let listed = listed_business_days();
    for start in days_2024_to_2040().step_by(3) {
        for span in [0, 1, 4, 9, 30, 59] {
            let end = start + Days::new(span);
            let expected = list_after(&listed, start).partition_point(|day| *day <= end);
            assert_eq!(calendar.business_days_between(start, end), Ok(expected as u32), "{start} to {end}");
        }
    }
    assert_eq!(calendar.business_days_between(date("2026-12-28"), date("2026-12-18")), Ok(0));
}

#[test]
fn every_postal_day_of_2024_to_2040_agrees_with_the_list() {
    let (postal, listed) = (PostalCalendar::default(), listed_postal_days());
    for start in days_2024_to_2040() {
        assert_eq!(postal.is_postal_day(start), Ok(listed.binary_search(&start).is_ok()), "{start}");
        let following = list_after(&listed, start);
        for count in 1..=10u32 {
            assert_eq!(postal.add_postal_days(start, count), Ok(following[count as usize - 1]), "{start} + {count}");
        }
    }
}

#[test]
fn known_counts_over_the_turn_of_the_year() {
    let calendar = BusinessCalendar::default();
    let cases = [
        ("2026-12-18", 5, "2026-12-28"),
        ("2026-12-18", 10, "2027-01-05"),
        ("2026-12-23", 5, "2026-12-31"),
        ("2026-12-23", 10, "2027-01-08"),
        ("2027-06-30", 10, "2027-07-15"),
        ("2027-12-17", 10, "2028-01-04"),
    ];
    for (start, count, end) in cases {
        assert_eq!(calendar.add_business_days(date(start), count), Ok(date(end)), "{start} + {count}");
    }
}

#[test]
fn ten_business_days_fit_into_the_cap_from_any_start() {
    let calendar = BusinessCalendar::default();
    let span = |start: NaiveDate| (calendar.add_business_days(start, 10).unwrap() - start).num_days();
    let longest = all_days().filter(|day| (2025..=2039).contains(&day.year())).map(span).max();
    assert_eq!(longest, Some(18));
}

// ── The life of a password ──────────────────────────────────────────────────────────────────────────────────────────

fn minted(zone: DeliveryZone, at: &str, planned: &str) -> ValidityWindow {
    let policy = ValidityPolicy::default();
    let calendar = BusinessCalendar::default();
    ValidityWindow::at_minting(&policy, zone, &calendar, utc(at), New_York, date(planned)).unwrap()
}

fn mailed(window: ValidityWindow, zone: DeliveryZone, dispatched: &str, read: &str) -> NaiveDate {
    let calendar = BusinessCalendar::default();
    let after = window.after_mailed(&ValidityPolicy::default(), zone, &calendar, date(dispatched), date(read)).unwrap();
    assert_eq!(ValidityWindow { expires_on: window.expires_on, ..after }, window, "a receipt moves nothing else");
    after.expires_on
}

#[test]
fn the_cap_counts_hours_and_a_date_counts_when_it_is_over() {
    let cases = [
        // Minted at 22:30; 21 days later at 22:30 that day is not over, so the last day is the one before.
        (Contiguous, "2026-06-02T02:30:00Z", "2026-06-21"),
        // Minted at local midnight: the 21st day is over at that very instant.
        (Contiguous, "2026-06-02T04:00:00Z", "2026-06-22"),
        (Contiguous, "2026-06-02T03:59:59Z", "2026-06-21"),
        // Clocks go back on 2026-11-01: 504 hours after midnight EDT it is 23:00 EST, an hour short.
        (Contiguous, "2026-10-20T04:00:00Z", "2026-11-08"),
        (Contiguous, "2026-10-20T05:00:00Z", "2026-11-09"),
        // Clocks go forward on 2027-03-14: 504 hours after 23:00 EST it is midnight EDT.
        (Contiguous, "2027-03-02T04:00:00Z", "2027-03-22"),
        (Contiguous, "2027-03-02T03:59:59Z", "2027-03-21"),
        (Outside, "2026-06-02T02:30:00Z", "2026-06-30"),
        // 29 February.
        (Contiguous, "2028-02-16T03:30:00Z", "2028-03-06"),
    ];
    for (zone, at, cap) in cases {
        let planned = (utc(at) + TimeDelta::days(1)).date_naive().to_string();
        assert_eq!(minted(zone, at, &planned).cap_on, date(cap), "{at}");
    }
}

/// For each instant: the midnight after `cap_on` is inside the cap, and the midnight after the next day is not.
#[test]
fn the_cap_is_the_last_date_that_is_over_in_time_in_every_hour_of_two_years() {
    let policy = ValidityPolicy::default();
    let calendar = BusinessCalendar::default();
    let midnight_after = |day: NaiveDate, zone: Tz| {
        (day + Days::new(1)).and_time(NaiveTime::MIN).and_local_timezone(zone).unwrap().to_utc()
    };
    for zone in [New_York, Pacific::Honolulu, Pacific::Guam] {
        for hour in 0..(2 * 366 * 24) {
            let at = utc("2027-01-01T00:29:00Z") + TimeDelta::hours(hour);
            let window = ValidityWindow::at_minting(&policy, Contiguous, &calendar, at, zone, at.date_naive()).unwrap();
            let end_at = at + TimeDelta::hours(21 * 24);
            assert!(midnight_after(window.cap_on, zone) <= end_at, "{at} {zone}");
            assert!(midnight_after(window.cap_on + Days::new(1), zone) > end_at, "{at} {zone}");
        }
    }
}

#[test]
fn the_printed_date_is_the_window_or_the_cap_whichever_is_first() {
    // Minted on Monday evening, 2 November 2026; printed the day after. Veterans Day lies in the window.
    let window = minted(Contiguous, "2026-11-03T03:30:00Z", "2026-11-03");
    assert_eq!(window.use_by_on, date("2026-11-18"));
    assert_eq!((window.cap_on, window.expires_on), (date("2026-11-22"), date("2026-11-22")));
    // Twenty business days reach beyond thirty days: the cap is printed.
    let window = minted(Outside, "2026-11-18T03:30:00Z", "2026-11-18");
    assert_eq!((window.use_by_on, window.cap_on), (date("2026-12-16"), date("2026-12-16")));
    let late = minted(Contiguous, "2026-12-17T03:30:00Z", "2026-12-23");
    assert_eq!((late.use_by_on, late.cap_on), (date("2027-01-05"), date("2027-01-05")));
}

#[test]
fn a_letter_that_would_be_mailed_after_its_end_is_refused() {
    let policy = ValidityPolicy::default();
    let calendar = BusinessCalendar::default();
    let planned_mail_on = date("2026-11-24");
    let minted_at = utc("2026-11-03T03:30:00Z");
    let refused = ValidityWindow::at_minting(&policy, Contiguous, &calendar, minted_at, New_York, planned_mail_on);
    assert_eq!(refused, Err(ValidityError::MailedAfterCap { planned_mail_on, cap_on: date("2026-11-22") }));
}

#[test]
fn a_receipt_moves_the_end_once_and_never_into_the_past() {
    let window = minted(Contiguous, "2026-11-03T03:30:00Z", "2026-11-03");
    let cases = [
        // Mailed as planned: the printed date holds.
        ("2026-11-03", "2026-11-04", "2026-11-18"),
        // Mailed early: still the printed date.
        ("2026-11-02", "2026-11-03", "2026-11-18"),
        // Mailed a day and two late: the reader gets the days back.
        ("2026-11-04", "2026-11-05", "2026-11-19"),
        ("2026-11-05", "2026-11-06", "2026-11-20"),
        // Mailed so late that the window passes the cap.
        ("2026-11-10", "2026-11-11", "2026-11-22"),
        // Mailed as planned, the receipt read after the printed date: good on the day of reading, not beyond.
        ("2026-11-03", "2026-11-20", "2026-11-20"),
        ("2026-11-03", "2026-11-22", "2026-11-22"),
        // Read after the cap: it ended with the cap already.
        ("2026-11-03", "2026-11-23", "2026-11-22"),
        ("2026-11-10", "2026-12-24", "2026-11-22"),
    ];
    for (dispatched, read, expires) in cases {
        assert_eq!(mailed(window, Contiguous, dispatched, read), date(expires), "{dispatched}, read {read}");
    }
    let outside = minted(Outside, "2026-11-03T03:30:00Z", "2026-11-03");
    assert_eq!((outside.use_by_on, outside.cap_on), (date("2026-12-01"), date("2026-12-01")));
    assert_eq!(mailed(outside, Outside, "2026-11-04", "2026-11-05"), date("2026-12-01"));
}

#[test]
fn a_corrected_date_does_not_wake_a_password_that_has_ended() {
    let policy = ValidityPolicy::default();
    let calendar = BusinessCalendar::default();
    let window = minted(Contiguous, "2026-11-03T03:30:00Z", "2026-11-03");
    let day = |text| date(text);
    let first = window.after_mailed(&policy, Contiguous, &calendar, day("2026-11-03"), day("2026-11-04")).unwrap();
    assert_eq!(first.expires_on, day("2026-11-18"));
    let corrected = first.after_mailed(&policy, Contiguous, &calendar, day("2026-11-06"), day("2026-11-19")).unwrap();
    assert_eq!(corrected, first);
    let in_time = first.after_mailed(&policy, Contiguous, &calendar, day("2026-11-05"), day("2026-11-18")).unwrap();
    assert_eq!(in_time.expires_on, day("2026-11-20"));
}

#[test]
fn an_end_is_never_past_the_cap_nor_before_the_printed_date_whatever_the_receipt() {
    let (policy, calendar) = (ValidityPolicy::default(), BusinessCalendar::default());
    for night in 0..400 {
        let at = utc("2027-01-02T03:30:00Z") + TimeDelta::days(night);
        let planned = calendar.next_business_day_on_or_after(at.date_naive()).unwrap();
        for zone in [Contiguous, Outside] {
            let window = ValidityWindow::at_minting(&policy, zone, &calendar, at, New_York, planned).unwrap();
            for (late, lag) in [(0, 0), (0, 1), (1, 3), (2, 9), (5, 20), (12, 2), (25, 1), (40, 40)] {
                let dispatched = planned + Days::new(late);
                let read = dispatched + Days::new(lag);
                let after = window.after_mailed(&policy, zone, &calendar, dispatched, read).unwrap();
                assert!(after.expires_on <= window.cap_on && after.expires_on >= window.use_by_on);
                assert!(after.expires_on >= read || after.expires_on == window.cap_on);
                assert!(after.is_usable_on(after.expires_on) && !after.is_usable_on(after.expires_on + Days::new(1)));
            }
        }
    }
}

#[test]
fn a_policy_longer_than_the_rule_is_refused_by_name() {
    assert_eq!(ValidityPolicy::default().checked(), Ok(ValidityPolicy::default()));
    let refused = ValidityPolicy { cap_days: 22, ..ValidityPolicy::default() }.checked().unwrap_err();
    assert_eq!(refused.to_string(), "[validity] cap_days = 22: write 1 to 21");
    assert!(ValidityPolicy { window_business_days_outside: 0, ..ValidityPolicy::default() }.checked().is_err());
}

#[test]
fn dates_told_to_people_and_vendors() {
    let (policy, calendar) = (ValidityPolicy::default(), BusinessCalendar::default());
    let postal = PostalCalendar::default();
    // Mailed on the Wednesday before Thanksgiving 2026.
    let mailed_on = date("2026-11-25");
    assert_eq!(mail_by_on(&policy, &calendar, mailed_on), Ok(date("2026-11-30")));
    assert_eq!(expected_from(&postal, mailed_on), Ok(date("2026-11-27")));
    assert_eq!(expected_to(&postal, mailed_on), Ok(date("2026-12-02")));
    assert_eq!(promised_by_on(&policy, &calendar, date("2026-12-18")), Ok(date("2027-01-05")));
    let other = ValidityPolicy { mail_by_business_days: 1, promised_business_days: 5, ..policy };
    assert_eq!(mail_by_on(&other, &calendar, mailed_on), Ok(date("2026-11-27")));
    assert_eq!(promised_by_on(&other, &calendar, date("2026-12-18")), Ok(date("2026-12-28")));
}

#[test]
fn clocks_far_astray_are_refused_without_a_panic() {
    let (policy, calendar) = (ValidityPolicy::default(), BusinessCalendar::default());
    for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, utc("1970-01-01T00:00:00Z")] {
        let day = at.date_naive();
        assert!(ValidityWindow::at_minting(&policy, Contiguous, &calendar, at, New_York, day).is_err(), "{at}");
        assert!(daily("10:00:00", 0).planned_mail_on(at, &calendar, New_York).is_err(), "{at}");
    }
    assert!(expected_to(&PostalCalendar::default(), NaiveDate::MAX).is_err());
}

// ── Print days ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn prints(weekdays: &[Weekday], cut_off: &str, days_before: u32) -> PrintSchedule {
    let weekdays = weekdays.iter().copied().collect::<WeekdaySet>();
    PrintSchedule::new(weekdays, cut_off.parse().unwrap(), days_before).unwrap()
}

fn daily(cut_off: &str, days_before: u32) -> PrintSchedule {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    prints(&[Mon, Tue, Wed, Thu, Fri], cut_off, days_before)
}

#[test]
fn a_package_makes_the_first_print_day_whose_cut_off_is_ahead() {
    let calendar = BusinessCalendar::default();
    let monday_wednesday = prints(&[Weekday::Mon, Weekday::Wed], "06:00:00", 0);
    let monday = prints(&[Weekday::Mon], "18:00:00", 3);
    // Local times are UTC-5: January 2027. The 18th is Martin Luther King's birthday.
    let cases = [
        (daily("06:00:00", 0), "2027-01-12T10:59:59Z", "2027-01-12"),
        (daily("06:00:00", 0), "2027-01-12T11:00:00Z", "2027-01-13"),
        (daily("06:00:00", 0), "2027-01-16T03:30:00Z", "2027-01-19"),
        (monday_wednesday.clone(), "2027-01-12T03:30:00Z", "2027-01-13"),
        (monday_wednesday, "2027-01-14T03:30:00Z", "2027-01-20"),
        (monday.clone(), "2027-01-08T22:59:59Z", "2027-01-11"),
        (monday, "2027-01-08T23:00:00Z", "2027-01-25"),
    ];
    for (schedule, now, print_day) in cases {
        let planned = schedule.planned_mail_on(utc(now), &calendar, New_York);
        assert_eq!(planned, Ok(date(print_day)), "{now} {schedule:?}");
    }
}

#[test]
fn passwords_are_minted_on_the_last_run_before_the_print_day_and_on_no_other() {
    let calendar = BusinessCalendar::default();
    let runs_minting = |schedule: PrintSchedule| -> Vec<String> {
        // Runs at 22:30 each evening of two weeks from Sunday, 10 January 2027; each takes an hour.
        let run = |night: i64| utc("2027-01-11T03:30:00Z") + TimeDelta::days(night);
        let over = |night: i64| run(night) + TimeDelta::hours(1);
        (0..14)
            .filter(|n| schedule.is_last_chance(run(*n), Some(over(n + 1)), &calendar, New_York).unwrap())
            .map(|n| (date("2027-01-10") + Days::new(n as u64)).format("%a %d").to_string())
            .collect()
    };
    let daily = runs_minting(daily("06:00:00", 0));
    assert_eq!(daily, ["Sun 10", "Mon 11", "Tue 12", "Wed 13", "Thu 14", "Mon 18", "Tue 19", "Wed 20", "Thu 21"]);
    let twice = runs_minting(prints(&[Weekday::Mon, Weekday::Wed], "06:00:00", 0));
    assert_eq!(twice, ["Sun 10", "Tue 12", "Tue 19"]);
    let once = runs_minting(prints(&[Weekday::Mon], "06:00:00", 0));
    assert_eq!(once, ["Sun 10"]);
}

#[test]
fn a_run_with_no_run_after_it_is_a_last_chance() {
    let calendar = BusinessCalendar::default();
    let schedule = prints(&[Weekday::Mon], "06:00:00", 0);
    let now = utc("2027-01-05T03:30:00Z");
    let is_last = |next| schedule.is_last_chance(now, next, &calendar, New_York);
    assert_eq!(is_last(None), Ok(true));
    assert_eq!(is_last(Some(utc("2027-01-11T10:59:59Z"))), Ok(false));
    assert_eq!(is_last(Some(utc("2027-01-11T11:00:00Z"))), Ok(true));
    assert_eq!(is_last(Some(now)), Ok(true), "a run that is not later is no later run");
}

#[test]
fn a_cut_off_in_the_hour_of_the_clock_change() {
    let schedule = prints(&[Weekday::Mon], "02:30:00", 1);
    let cut_off = |day| schedule.cut_off_at(date(day), New_York).unwrap();
    assert_eq!(cut_off("2027-03-15"), utc("2027-03-14T07:00:00Z"));
    assert_eq!(
        prints(&[Weekday::Mon], "01:30:00", 1).cut_off_at(date("2027-11-08"), New_York),
        Ok(utc("2027-11-07T05:30:00Z"))
    );
}

#[test]
fn print_schedules_that_cannot_be_are_refused() {
    let noon: NaiveTime = "12:00:00".parse().unwrap();
    assert_eq!(PrintSchedule::new(WeekdaySet::EMPTY, noon, 0), Err(PrintScheduleError::NoWeekday));
    assert_eq!(PrintSchedule::new(WeekdaySet::ALL, noon, 15), Err(PrintScheduleError::CutOffTooEarly(15)));
    let sundays = prints(&[Weekday::Sun], "12:00:00", 0);
    let refused = sundays.planned_mail_on(utc("2027-01-05T03:30:00Z"), &BusinessCalendar::default(), New_York);
    assert_eq!(refused, Err(PrintScheduleError::NoPrintDay(date("2027-01-04"))));
}
