//! The dates of the letters of every night of 2024 to 2040, against a count in Python that shares no code with letterpost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::America::New_York;
use letterpost::domain::address::DeliveryZone;
use letterpost::domain::calendar::BusinessCalendar;
use letterpost::domain::local_time;
use letterpost::domain::postal_days::PostalCalendar;
use letterpost::domain::print_days::PrintSchedule;
use letterpost::domain::validity::{
    ValidityPolicy, ValidityWindow, days_to_read, expected_from, expected_to, mail_by_on, promised_by_on,
};

use super::{daily, date};

/// What the oracle counts.
fn oracle() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("readers/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run once, which installs holidays there", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calendar/window_oracle.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The calendars with the closures by order that the oracle knows, and a day of mourning on which no mail moved.
struct Calendars {
    business: BusinessCalendar,
    postal: PostalCalendar,
    policy: ValidityPolicy,
    schedule: PrintSchedule,
}

impl Calendars {
    fn with(closed: BTreeSet<NaiveDate>) -> Self {
        assert!(closed.contains(&date("2024-12-24")), "the oracle knows no closure by order: {closed:?}");
        Self {
            business: BusinessCalendar::new(closed, BTreeSet::new()).unwrap(),
            postal: PostalCalendar::new([date("2025-01-09")].into()).unwrap(),
            policy: ValidityPolicy::default(),
            schedule: daily("06:00:00", 0),
        }
    }

    /// The window of a letter that is minted at 22:30 on this day.
    fn minted(&self, night: NaiveDate, zone: DeliveryZone) -> ValidityWindow {
        let at: DateTime<Utc> =
            local_time::first_instant(night.and_time(NaiveTime::from_hms_opt(22, 30, 0).unwrap()), New_York).unwrap();
        let planned = self.schedule.planned_mail_on(at, &self.business, New_York).unwrap();
        ValidityWindow::at_minting(&self.policy, zone, &self.business, at, New_York, planned).unwrap()
    }

    fn letter(&self, night: NaiveDate, zone: DeliveryZone) -> String {
        let window = self.minted(night, zone);
        let planned = window.planned_mail_on;
        let told = [
            planned,
            window.cap_on,
            window.use_by_on,
            mail_by_on(&self.policy, &self.business, planned).unwrap(),
            expected_from(&self.postal, planned).unwrap(),
            expected_to(&self.postal, planned).unwrap(),
            promised_by_on(&self.policy, &self.business, night).unwrap(),
        ];
        told.map(|day| day.to_string()).join(",")
    }

    fn mailed(&self, night: NaiveDate, zone: DeliveryZone, lag: u32) -> String {
        let window = self.minted(night, zone);
        let mailed_on = self.business.add_business_days(window.planned_mail_on, lag).unwrap();
        let after = window.after_mailed(&self.policy, zone, &self.business, mailed_on, mailed_on).unwrap();
        let to = expected_to(&self.postal, mailed_on).unwrap();
        let days = days_to_read(&self.business, to, after.expires_on).unwrap();
        format!("{},{to},{days}", after.expires_on)
    }
}

fn zone(name: &str) -> DeliveryZone {
    if name == "contiguous" { DeliveryZone::Contiguous } else { DeliveryZone::Outside }
}

#[test]
fn every_night_and_day_of_mailing_of_2024_to_2040_agrees_with_python() {
    let told = oracle();
    let closed = told.lines().filter_map(|line| line.strip_prefix("closed,")).map(date).collect();
    let calendars = Calendars::with(closed);
    let mut seen = BTreeMap::<&str, u32>::new();
    let mut differences = Vec::new();
    for line in told.lines() {
        let (kind, rest) = line.split_once(',').unwrap();
        let (day, rest) = rest.split_at(10);
        let (day, rest) = (date(day), rest.trim_start_matches(','));
        let (ours, theirs) = match kind {
            "closed" => continue,
            "day" => {
                let business = calendars.business.is_business_day(day).unwrap();
                let postal = calendars.postal.is_postal_day(day).unwrap();
                (format!("{},{}", u8::from(business), u8::from(postal)), rest)
            }
            "letter" => {
                let (name, theirs) = rest.split_once(',').unwrap();
                (calendars.letter(day, zone(name)), theirs)
            }
            _ => {
                let fields: Vec<&str> = rest.splitn(3, ',').collect();
                let [name, lag, theirs] = fields[..] else { panic!("{line}") };
                // The oracle reads the receipt on the day of mailing; one that is mailed after the end moves nothing.
                let window = calendars.minted(day, zone(name));
                let lag: u32 = lag.parse().unwrap();
                let mailed_on = calendars.business.add_business_days(window.planned_mail_on, lag).unwrap();
                assert!(mailed_on <= window.cap_on, "{line}");
                (calendars.mailed(day, zone(name), lag), theirs)
            }
        };
        *seen.entry(kind).or_default() += 1;
        if ours != theirs {
            differences.push(format!("{line}: we count {ours}"));
        }
    }
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(seen, BTreeMap::from([("day", 6210), ("letter", 2 * 6210), ("mailed", 16 * 6210)]));
}

#[test]
fn a_letter_that_is_mailed_as_planned_never_leaves_its_reader_too_few_days() {
    let told = oracle();
    let shortest = ValidityPolicy::default().shortest_window_business_days;
    let days = |lag: &str| {
        let wanted = format!(",contiguous,{lag},");
        let lines = told.lines().filter(|line| line.starts_with("mailed,") && line.contains(&wanted));
        lines.map(|line| line.rsplit(',').next().unwrap().parse::<u32>().unwrap()).min().unwrap()
    };
    assert_eq!(days("0"), shortest, "the most that every letter can have under the cap");
    assert!(days("5") < shortest, "a week late is too late");
}
