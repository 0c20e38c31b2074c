//! The dates of a letter, with what each was counted from.

use chrono::{DateTime, NaiveDate, Utc};

/// The dates of a letter as they are recorded, and the instants and dates from which they were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterDates {
    /// The vendor that prints it.
    pub vendor: String,
    /// Whether it goes outside the contiguous United States.
    pub outside: bool,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
    /// The day by which the person was told that it comes.
    pub promised_by_on: NaiveDate,
    /// When its password was made.
    pub minted_at: DateTime<Utc>,
    /// When it should be mailed.
    pub planned_mail_on: NaiveDate,
    /// The last day on which it may be mailed.
    pub mail_by_on: Option<NaiveDate>,
    /// The last day that its password may ever have.
    pub cap_on: NaiveDate,
    /// The printed last day.
    pub use_by_on: NaiveDate,
    /// When it was mailed.
    pub dispatched_on: Option<NaiveDate>,
    /// When that was recorded: a receipt was read, or a person corrected it.
    pub recorded_at: Option<DateTime<Utc>>,
    /// The last day of its password.
    pub expires_on: NaiveDate,
    /// The first day on which it should arrive.
    pub expected_from: NaiveDate,
    /// The last day on which it should arrive.
    pub expected_to: NaiveDate,
}
