//! How a date was counted and the date itself come from one walk; here both are held against each other and against the lists.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, Weekday};
use chrono_tz::America::New_York;
use letterpost::domain::address::DeliveryZone;
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::domain::postal_days::PostalCalendar;
use letterpost::domain::print_days::{PrintSchedule, PrintScheduleError};
use letterpost::domain::reckoning::{Reckoning, Why};
use letterpost::domain::validity::{EndTerm, ValidityPolicy, ValidityWindow, cap_on, use_by_on};

use super::{daily, date, days_2024_to_2040, listed_business_days, listed_postal_days, prints, utc};

/// Every day from `first` to the result either counts or is passed over with a reason, and those that count are of the list.
fn assert_whole(reckoning: &Reckoning, first: NaiveDate, listed: &BTreeSet<NaiveDate>) {
    let passed: BTreeSet<NaiveDate> = reckoning.not_counted.iter().map(|day| day.on).collect();
    assert_eq!(passed.len(), reckoning.not_counted.len(), "no day twice: {reckoning:?}");
    let walked = first.iter_days().take_while(|day| *day <= reckoning.result);
    let (over, counted): (Vec<_>, Vec<_>) = walked.partition(|day| passed.contains(day));
    assert_eq!(over.len(), passed.len(), "{reckoning:?}");
    assert_eq!(counted.len(), reckoning.count as usize, "{reckoning:?}");
    assert!(counted.iter().all(|day| listed.contains(day)), "{reckoning:?}");
    assert!(over.iter().all(|day| !listed.contains(day)), "{reckoning:?}");
}

#[test]
fn every_date_of_2024_to_2040_and_its_reckoning_agree() {
    let (business, postal) = (BusinessCalendar::default(), PostalCalendar::default());
    let listed: BTreeSet<_> = listed_business_days().into_iter().collect();
    let listed_postal: BTreeSet<_> = listed_postal_days().into_iter().collect();
    for day in days_2024_to_2040() {
        for count in [0, 1, 2, 5, 10, 20] {
            let reckoning = business.reckon(day, count).unwrap();
            assert_eq!(business.add_business_days(day, count), Ok(reckoning.result), "{day} + {count}");
            assert_whole(&reckoning, day + Days::new(1), &listed);
            let reckoning = postal.reckon(day, count).unwrap();
            assert_eq!(postal.add_postal_days(day, count), Ok(reckoning.result), "{day} + {count}");
            assert_whole(&reckoning, day + Days::new(1), &listed_postal);
        }
    }
}

#[test]
fn every_print_day_of_2024_to_2040_and_its_reckoning_agree() {
    let calendar = BusinessCalendar::default();
    let plant = [date("2026-12-28"), date("2026-12-29")];
    let schedule = prints(&[Weekday::Mon, Weekday::Tue, Weekday::Thu], "06:00:00", 1);
    let schedule = schedule.closed_on(plant.into()).unwrap();
    for day in days_2024_to_2040() {
        let now = day.and_hms_opt(14, 0, 0).unwrap().and_utc();
        let reckoning = schedule.reckon(now, &calendar, New_York).unwrap();
        assert_eq!(schedule.planned_mail_on(now, &calendar, New_York), Ok(reckoning.result), "{day}");
        assert_eq!(reckoning.from, day);
        let found = reckoning.not_counted.iter().map(|day| day.on).chain([reckoning.result]);
        assert!(found.eq(day.iter_days().take_while(|day| *day <= reckoning.result)), "{reckoning:?}");
    }
    let now = utc("2026-12-24T14:00:00Z");
    let reckoning = schedule.reckon(now, &calendar, New_York).unwrap();
    let why: Vec<String> = reckoning.not_counted.iter().map(|day| day.why.to_string()).collect();
    let expected =
        ["cut-off passed", "Christmas Day", "weekend", "weekend", "vendor closed", "vendor closed", "no print day"];
    assert_eq!((why, reckoning.result), (expected.map(str::to_owned).to_vec(), date("2026-12-31")));
}

#[test]
fn a_vendors_own_holiday_is_no_print_day_and_a_day_like_any_other_for_the_agency() {
    let calendar = BusinessCalendar::default();
    let closed = |days: &[&str]| daily("06:00:00", 0).closed_on(days.iter().map(|day| date(day)).collect());
    let schedule = closed(&["2026-12-24"]).unwrap();
    assert_eq!(schedule.off_on(date("2026-12-24"), &calendar), Ok(Some(Why::VendorClosed)));
    assert_eq!(calendar.is_business_day(date("2026-12-24")), Ok(true));
    let planned = schedule.planned_mail_on(utc("2026-12-24T03:30:00Z"), &calendar, New_York);
    assert_eq!(planned, Ok(date("2026-12-28")), "the 25th is Christmas");
    let year: Vec<String> = date("2026-12-23").iter_days().take(400).map(|day| day.to_string()).collect();
    let always = closed(&year.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let refused = always.planned_mail_on(utc("2026-12-24T03:30:00Z"), &calendar, New_York);
    assert_eq!(refused, Err(PrintScheduleError::NoPrintDay(date("2026-12-23"))));
    assert!(closed(&["0226-12-24"]).is_err());
    let _: &PrintSchedule = &schedule;
}

#[test]
fn turns_of_the_year_and_leap_days_are_told_day_by_day() {
    let calendar = BusinessCalendar::default();
    let said = |from: &str, count| {
        let reckoning = calendar.reckon(date(from), count).unwrap();
        (reckoning.result.to_string(), reckoning.passed_over().unwrap_or_default())
    };
    let told = |result: &str, passed: &str| (result.to_owned(), passed.to_owned());
    assert_eq!(said("2026-11-24", 10), told("2026-12-09", "Thu 26 Nov Thanksgiving Day, 2 weekends not counted"));
    // New Year 2028 falls on a Saturday and is kept in the year before.
    assert_eq!(
        said("2027-12-17", 10),
        told("2028-01-04", "Fri 24 Dec Christmas Day, Fri 31 Dec New Year's Day, 3 weekends not counted")
    );
    assert_eq!(said("2028-02-28", 2), told("2028-03-01", ""));
    assert_eq!(PostalCalendar::default().reckon(date("2027-12-31"), 1).unwrap().result, date("2028-01-03"));
}

#[test]
fn the_rule_that_gave_a_last_day_is_named() {
    let (policy, calendar) = (ValidityPolicy::default(), BusinessCalendar::default());
    let zone = DeliveryZone::Contiguous;
    let minted_at = utc("2026-11-03T03:30:00Z");
    let window = ValidityWindow::at_minting(&policy, zone, &calendar, minted_at, New_York, date("2026-11-03")).unwrap();
    assert_eq!(cap_on(&policy, zone, minted_at, New_York), Ok(window.cap_on));
    assert_eq!(use_by_on(date("2026-11-18"), window.cap_on), (date("2026-11-18"), EndTerm::Window));
    assert_eq!(use_by_on(date("2026-11-23"), window.cap_on), (date("2026-11-22"), EndTerm::Cap));
    for (mailed, read, end, term) in [
        ("2026-11-02", "2026-11-03", "2026-11-18", EndTerm::Printed),
        ("2026-11-03", "2026-11-04", "2026-11-18", EndTerm::Window),
        ("2026-11-05", "2026-11-06", "2026-11-20", EndTerm::Window),
        ("2026-11-10", "2026-11-11", "2026-11-22", EndTerm::Cap),
        ("2026-11-03", "2026-11-20", "2026-11-20", EndTerm::ReceiptRead),
    ] {
        let window_ends_on = calendar.add_business_days(date(mailed), 10).unwrap();
        assert_eq!(window.end(window_ends_on, date(read)), (date(end), term), "{mailed}, read {read}");
        let after = window.after_mailed(&policy, zone, &calendar, date(mailed), date(read)).unwrap();
        assert_eq!(after.expires_on, date(end));
    }
    // Outside, the printed day is the cap: mailed early it is kept because it is printed, mailed late because it is the cap.
    let zone = DeliveryZone::Outside;
    let window = ValidityWindow::at_minting(&policy, zone, &calendar, minted_at, New_York, date("2026-11-03")).unwrap();
    assert_eq!((window.use_by_on, window.cap_on), (date("2026-12-01"), date("2026-12-01")));
    for (window_ends_on, term) in
        [("2026-11-30", EndTerm::Printed), ("2026-12-01", EndTerm::Window), ("2026-12-02", EndTerm::Cap)]
    {
        assert_eq!(window.end(date(window_ends_on), date("2026-11-04")), (date("2026-12-01"), term));
    }
}
