//! How long a mailed password is good: dates that are fixed when it is minted and moved once, when it is mailed.
//!
//! All dates are inclusive and in the site's time zone. A password has an end from its birth, never past the cap of
//! NIST SP 800-63B-4 section 4.2.1.2 for codes sent by post, never before the date printed in the letter, and no
//! receipt ends one in the past.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::address::DeliveryZone;
use super::calendar::{BusinessCalendar, CalendarError};
use super::letter::named;
use super::local_time;
use super::postal_days::PostalCalendar;

/// The longest life of a mailed code in the contiguous United States, in days of 24 hours.
pub const LONGEST_CAP_DAYS: u32 = 21;
/// The longest life of a mailed code elsewhere, in days of 24 hours.
pub const LONGEST_CAP_DAYS_OUTSIDE: u32 = 30;
/// The postal service's standard for First-Class letters is one to five postal days.
pub const FASTEST_POSTAL_DAYS: u32 = 1;
/// See [`FASTEST_POSTAL_DAYS`].
pub const SLOWEST_POSTAL_DAYS: u32 = 5;

/// The lengths that a site sets for the life of its passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityPolicy {
    /// Business days of use after mailing, in the contiguous United States.
    pub window_business_days: u32,
    /// Business days of use after mailing, elsewhere.
    pub window_business_days_outside: u32,
    /// Days of 24 hours after minting in which the password ends whatever happens, in the contiguous United States.
    pub cap_days: u32,
    /// The same, elsewhere.
    pub cap_days_outside: u32,
    /// Business days after its print day on which a package may still be mailed, and not later.
    pub mail_by_business_days: u32,
    /// Business days after the request by which the portal tells a person that the letter comes.
    pub promised_business_days: u32,
    /// The fewest business days that a reader has after the last day on which the letter is expected; 0 for no such rule.
    pub shortest_window_business_days: u32,
}

impl Default for ValidityPolicy {
    fn default() -> Self {
        Self {
            window_business_days: 10,
            window_business_days_outside: 20,
            cap_days: LONGEST_CAP_DAYS,
            cap_days_outside: LONGEST_CAP_DAYS_OUTSIDE,
            mail_by_business_days: 2,
            promised_business_days: 10,
            shortest_window_business_days: 5,
        }
    }
}

impl ValidityPolicy {
    /// This policy, if every length is at least a day and no cap is longer than NIST allows.
    ///
    /// # Errors
    /// [`ValidityError::OutOfBounds`], naming the first key at fault.
    pub fn checked(self) -> Result<Self, ValidityError> {
        let bounds = [
            ("window_business_days", self.window_business_days, LONGEST_CAP_DAYS),
            ("window_business_days_outside", self.window_business_days_outside, LONGEST_CAP_DAYS_OUTSIDE),
            ("cap_days", self.cap_days, LONGEST_CAP_DAYS),
            ("cap_days_outside", self.cap_days_outside, LONGEST_CAP_DAYS_OUTSIDE),
        ];
        for (key, days, longest) in bounds {
            if days == 0 || days > longest {
                return Err(ValidityError::OutOfBounds { key, days, longest });
            }
        }
        Ok(self)
    }

    /// Business days of use after mailing to this zone.
    #[must_use]
    pub fn window(&self, zone: DeliveryZone) -> u32 {
        match zone {
            DeliveryZone::Contiguous => self.window_business_days,
            DeliveryZone::Outside => self.window_business_days_outside,
        }
    }

    /// The longest life of a password mailed to this zone, from its minting.
    #[must_use]
    pub fn cap(&self, zone: DeliveryZone) -> TimeDelta {
        let days = match zone {
            DeliveryZone::Contiguous => self.cap_days,
            DeliveryZone::Outside => self.cap_days_outside,
        };
        TimeDelta::hours(i64::from(days) * 24)
    }
}

/// A life of a password that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The calendar has no answer.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The policy asks for a length that makes no sense or is not allowed.
    #[error("[validity] {key} = {days}: write 1 to {longest}")]
    OutOfBounds {
        /// The key of the configuration.
        key: &'static str,
        /// What it says.
        days: u32,
        /// The most that it may say.
        longest: u32,
    },
    /// The letter would be mailed when its password has ended.
    #[error(
        "the letter would be mailed on {planned_mail_on}, after its password ends with {cap_on}; \
         mint it later, or give the vendor more print days"
    )]
    MailedAfterCap {
        /// The print day that the package can make.
        planned_mail_on: NaiveDate,
        /// The last day on which the password can be good.
        cap_on: NaiveDate,
    },
}

named! {
    /// Which of the rules gave the last day of a password.
    EndTerm {
        /// The window of business days after mailing.
        Window = "window",
        /// The longest life of a mailed code.
        Cap = "cap",
        /// The date that the reader holds in hand.
        Printed = "printed date",
        /// No receipt ends a password in the past.
        ReceiptRead = "day on which the receipt was read",
    }
}

/// The last date that is over, in the site's zone, when the longest life of a password has passed since its minting.
///
/// # Errors
/// [`CalendarError::OutsideYears`] for an instant that no calendar knows.
pub fn cap_on(
    policy: &ValidityPolicy,
    zone: DeliveryZone,
    minted_at: DateTime<Utc>,
    site_zone: Tz,
) -> Result<NaiveDate, CalendarError> {
    let outside = CalendarError::OutsideYears { date: minted_at.date_naive() };
    last_date_over_by(minted_at, policy.cap(zone), site_zone).ok_or(outside)
}

/// The printed last day, from the end of the window after the planned mailing and the cap: whichever comes first.
#[must_use]
pub fn use_by_on(window_ends_on: NaiveDate, cap_on: NaiveDate) -> (NaiveDate, EndTerm) {
    if window_ends_on <= cap_on { (window_ends_on, EndTerm::Window) } else { (cap_on, EndTerm::Cap) }
}

/// The dates of one password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidityWindow {
    /// The vendor's first print day that the package can make.
    pub planned_mail_on: NaiveDate,
    /// The last date that is over, in the site's zone, when the longest life is.
    pub cap_on: NaiveDate,
    /// The date printed in the letter: the last day of use that the reader is promised.
    pub use_by_on: NaiveDate,
    /// The last day on which the password is taken.
    pub expires_on: NaiveDate,
}

impl ValidityWindow {
    /// The dates of a password minted at `minted_at` for a letter to `zone` that is planned to be mailed on
    /// `planned_mail_on`.
    ///
    /// The cap is counted in hours, so a day of 23 or 25 hours on the way does not move it; a date counts as inside
    /// only if the midnight after it is.
    ///
    /// # Errors
    /// [`ValidityError::Calendar`] for dates that the calendar does not know; [`ValidityError::MailedAfterCap`].
    pub fn at_minting(
        policy: &ValidityPolicy,
        zone: DeliveryZone,
        calendar: &BusinessCalendar,
        minted_at: DateTime<Utc>,
        site_zone: Tz,
        planned_mail_on: NaiveDate,
    ) -> Result<Self, ValidityError> {
        let cap_on = cap_on(policy, zone, minted_at, site_zone)?;
        if planned_mail_on > cap_on {
            return Err(ValidityError::MailedAfterCap { planned_mail_on, cap_on });
        }
        let window_ends_on = calendar.add_business_days(planned_mail_on, policy.window(zone))?;
        let (use_by_on, _) = use_by_on(window_ends_on, cap_on);
        Ok(Self { planned_mail_on, cap_on, use_by_on, expires_on: cap_on })
    }

    /// These dates once a receipt says that the letter was mailed on `dispatched_on`.
    ///
    /// The password ends a window of business days after that, but not past the cap, not before the printed date, and
    /// not before `receipt_read_on`, the site's date when the receipt is read. One that has already ended stays so.
    ///
    /// # Errors
    /// [`ValidityError::Calendar`] for dates that the calendar does not know.
    pub fn after_mailed(
        self,
        policy: &ValidityPolicy,
        zone: DeliveryZone,
        calendar: &BusinessCalendar,
        dispatched_on: NaiveDate,
        receipt_read_on: NaiveDate,
    ) -> Result<Self, ValidityError> {
        let window_ends_on = calendar.add_business_days(dispatched_on, policy.window(zone))?;
        if receipt_read_on > self.expires_on {
            return Ok(self);
        }
        let (expires_on, _) = self.end(window_ends_on, receipt_read_on);
        Ok(Self { expires_on, ..self })
    }

    /// The last day, and the rule that gave it, where the window after the mailing ends on `window_ends_on` and the receipt
    /// was read on `receipt_read_on`, not after the end.
    #[must_use]
    pub fn end(&self, window_ends_on: NaiveDate, receipt_read_on: NaiveDate) -> (NaiveDate, EndTerm) {
        let wanted = window_ends_on.max(receipt_read_on);
        if wanted > self.cap_on {
            (self.cap_on, EndTerm::Cap)
        } else if wanted < self.use_by_on {
            (self.use_by_on, EndTerm::Printed)
        } else if wanted == window_ends_on {
            (wanted, EndTerm::Window)
        } else {
            (wanted, EndTerm::ReceiptRead)
        }
    }

    /// Whether the password is taken on this date of the site's zone, as far as dates decide.
    #[must_use]
    pub fn is_usable_on(&self, date: NaiveDate) -> bool {
        date <= self.expires_on
    }
}

/// The last day on which a package planned for `planned_mail_on` may still be mailed.
///
/// # Errors
/// [`CalendarError`] for dates that the calendar does not know.
pub fn mail_by_on(
    policy: &ValidityPolicy,
    calendar: &BusinessCalendar,
    planned_mail_on: NaiveDate,
) -> Result<NaiveDate, CalendarError> {
    calendar.add_business_days(planned_mail_on, policy.mail_by_business_days)
}

/// The first day on which a letter mailed on `mailed_on` can be expected: its dispatch date, the planned one until
/// that is known.
///
/// # Errors
/// [`CalendarError`] for dates that the calendar does not know.
pub fn expected_from(postal: &PostalCalendar, mailed_on: NaiveDate) -> Result<NaiveDate, CalendarError> {
    postal.add_postal_days(mailed_on, FASTEST_POSTAL_DAYS)
}

/// The last day on which a letter mailed on `mailed_on` is to be expected; after it, the letter is overdue.
///
/// # Errors
/// [`CalendarError`] for dates that the calendar does not know.
pub fn expected_to(postal: &PostalCalendar, mailed_on: NaiveDate) -> Result<NaiveDate, CalendarError> {
    postal.add_postal_days(mailed_on, SLOWEST_POSTAL_DAYS)
}

/// The business days that a reader has at the least: those after the last day on which the letter is expected, up to and
/// with the last day of the password. The day of arrival does not count, for the mail comes at any hour of it.
///
/// # Errors
/// [`CalendarError`] for dates that the calendar does not know.
pub fn days_to_read(
    calendar: &BusinessCalendar,
    expected_to: NaiveDate,
    expires_on: NaiveDate,
) -> Result<u32, CalendarError> {
    calendar.business_days_between(expected_to, expires_on)
}

/// The day by which a person who asked on `requested_on` was told that the letter would come.
///
/// # Errors
/// [`CalendarError`] for dates that the calendar does not know.
pub fn promised_by_on(
    policy: &ValidityPolicy,
    calendar: &BusinessCalendar,
    requested_on: NaiveDate,
) -> Result<NaiveDate, CalendarError> {
    calendar.add_business_days(requested_on, policy.promised_business_days)
}

/// The last date that is over in the zone when `life` has passed since `from`.
fn last_date_over_by(from: DateTime<Utc>, life: TimeDelta, zone: Tz) -> Option<NaiveDate> {
    let end_at = from.checked_add_signed(life)?;
    let mut date = local_time::date_at(end_at, zone)?;
    while local_time::day_ends_at(date, zone)? > end_at {
        date = date.checked_sub_days(Days::new(1))?;
    }
    Some(date)
}
