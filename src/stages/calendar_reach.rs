//! How far the calendars can be relied on, and whether the letters of a night need more.
//!
//! Holidays are known by rule to the last year of the calendar. Closures by executive order and days without mail follow no
//! rule: somebody looks for them, writes them into the configuration, and says up to which day they looked. A date beyond that
//! day may be wrong, and a printed date cannot be taken back. So nothing is minted that needs one.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::preflight::{Checked, Finding};
use super::site::{Site, refused};
use super::world::World;
use crate::domain::address::DeliveryZone;
use crate::domain::calendar::LAST_YEAR;
use crate::domain::package_name::Environment;
use crate::domain::validity::{cap_on, expected_to, mail_by_on};

/// Days before minting stops in which it is worth a note.
const NOTICE_DAYS: u64 = 90;
/// The name of the check.
const WHAT: &str = "calendar";
/// What moves the day on.
const REMEDY: &str = "look for closures by executive order and days without mail after it, write them into [calendar] closed \
                      and postal_closed, then move vouched_to on";

/// Whether every date that a letter made at `now` needs can be relied on.
#[must_use]
pub fn check(site: &Site, now: DateTime<Utc>) -> Checked {
    let needed_to = match needed_to(site, now) {
        Ok(date) => date,
        Err(error) => {
            let remedy = "look at the machine's clock, [calendar] and the print days of each [[vendor]]; a letterpost that \
                          knows later years may be needed";
            return Checked::bad(WHAT, error.to_string(), remedy);
        }
    };
    match site.vouched_to {
        Some(day) if needed_to > day => Checked::bad(
            WHAT,
            format!("letters made now have dates up to {needed_to}, and [calendar] vouched_to is {day}"),
            REMEDY,
        ),
        Some(day) if days_after(needed_to, NOTICE_DAYS) > day => {
            let left = (day - needed_to).num_days();
            let message = format!("nothing is minted in {left} days, when letters need dates after {day}");
            Checked::note(WHAT, message, REMEDY)
        }
        Some(day) => Checked::good(WHAT, format!("vouched for up to {day}")),
        None if site.environment == Environment::Live => Checked::bad(
            WHAT,
            "nobody says up to which day closures by executive order and days without mail are known",
            "look for them, write them into [calendar] closed and postal_closed, and the day into vouched_to",
        ),
        None => Checked::good(
            WHAT,
            format!("by rule to {LAST_YEAR}; nobody vouches for closures by order (needed only on a live site)"),
        ),
    }
}

/// Says in a night's outcome that the calendar ends soon.
pub(super) fn note(world: &World, outcome: &mut Outcome) {
    let checked = check(&world.site, world.clock.now());
    if checked.finding == Finding::Note {
        outcome.raise(Urgency::Note, WHAT, format!("{}: {}", checked.message, checked.remedy));
    }
}

/// The latest date that letters made at `now` need: the longest life of a password, in which its printed day and its end lie;
/// the last mailing day and the last day of expected arrival of every vendor's letters.
///
/// # Errors
/// For dates that the calendar does not know, and where a vendor has no print day.
fn needed_to(site: &Site, now: DateTime<Utc>) -> StageResult<NaiveDate> {
    let cap = |zone| cap_on(&site.validity, zone, now, site.time_zone).map_err(refused);
    let mut latest = cap(DeliveryZone::Contiguous)?.max(cap(DeliveryZone::Outside)?);
    for vendor in &site.vendors {
        let planned = vendor
            .print_schedule
            .planned_mail_on(now, &site.calendar, site.time_zone)
            .map_err(|error| StageError::Refused(format!("vendor {}: {error}", vendor.code)))?;
        let mail_by = mail_by_on(&site.validity, &site.calendar, planned).map_err(refused)?;
        latest = latest.max(mail_by).max(expected_to(&site.postal, mail_by).map_err(refused)?);
    }
    site.calendar.is_business_day(latest).map_err(refused)?;
    Ok(latest)
}

fn days_after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}
