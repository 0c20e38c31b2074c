//! How a date was counted: from which day, in which calendar, and which days were passed over and why.
//!
//! A reckoning is what the counting functions themselves leave behind ([`BusinessCalendar::reckon`],
//! [`PostalCalendar::reckon`], [`PrintSchedule::reckon`]): each takes the one walk that gives the date, so that a date
//! and its reckoning cannot differ.
//!
//! [`BusinessCalendar::reckon`]: super::calendar::BusinessCalendar::reckon
//! [`PostalCalendar::reckon`]: super::postal_days::PostalCalendar::reckon
//! [`PrintSchedule::reckon`]: super::print_days::PrintSchedule::reckon

use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::calendar::Closure;
use super::holidays::FederalHoliday;
use super::letter::named;

named! {
    /// Which days are counted.
    Counted {
        /// The agency's: Monday to Friday, less the days on which federal holidays are kept and its own closures.
        Business = "business days",
        /// The postal service's: Monday to Saturday, less the holidays themselves.
        Postal = "postal days",
        /// A vendor's print days.
        Print = "print days",
        /// Days of 24 hours.
        Hours = "days of 24 hours",
    }
}

/// Why a day is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A Saturday or Sunday, on which the agency does not work.
    Weekend,
    /// A Sunday, on which no mail moves.
    Sunday,
    /// This federal holiday, or the day on which it is kept.
    Holiday(FederalHoliday),
    /// Closed by the configuration.
    Configured,
    /// No weekday on which the vendor prints.
    NotAPrintDay,
    /// The vendor is closed.
    VendorClosed,
    /// The vendor prints, and the hour by which it must have the package is over.
    CutOffPassed,
}

impl From<Closure> for Why {
    fn from(closure: Closure) -> Self {
        match closure {
            Closure::Weekend => Self::Weekend,
            Closure::Holiday(holiday) => Self::Holiday(holiday),
            Closure::Configured => Self::Configured,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekend => f.pad("weekend"),
            Self::Sunday => f.pad("Sunday"),
            Self::Holiday(holiday) => holiday.fmt(f),
            Self::Configured => f.pad("closed by configuration"),
            Self::NotAPrintDay => f.pad("no print day"),
            Self::VendorClosed => f.pad("vendor closed"),
            Self::CutOffPassed => f.pad("cut-off passed"),
        }
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A day that was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NotCounted {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub why: Why,
}

/// How a date was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reckoning {
    /// Which days.
    pub calendar: Counted,
    /// The day after which the count begins; of print days, the day on which the search begins.
    pub from: NaiveDate,
    /// How many days.
    pub count: u32,
    /// The days between that did not count, in their order.
    pub not_counted: Vec<NotCounted>,
    /// The date.
    pub result: NaiveDate,
}

impl Reckoning {
    /// The days that did not count as people say them: weekends and Sundays by their number, others by their date.
    #[must_use]
    pub fn passed_over(&self) -> Option<String> {
        let mut said: Vec<String> =
            self.not_counted.iter().filter(|day| !day.is_usual()).map(NotCounted::text).collect();
        for (why, one, many) in [(Why::Weekend, "weekend", "weekends"), (Why::Sunday, "Sunday", "Sundays")] {
            match self.runs_of(why) {
                0 => {}
                1 => said.push(format!("1 {one}")),
                count => said.push(format!("{count} {many}")),
            }
        }
        (!said.is_empty()).then(|| format!("{} not counted", said.join(", ")))
    }

    /// How many runs of days in a row there are that were passed over for this reason: a weekend has two days.
    fn runs_of(&self, why: Why) -> usize {
        let days: Vec<NaiveDate> = self.not_counted.iter().filter(|day| day.why == why).map(|day| day.on).collect();
        let joined = days.windows(2).filter(|pair| matches!(pair, [a, b] if a.succ_opt() == Some(*b))).count();
        days.len() - joined
    }
}

impl fmt::Display for Reckoning {
    /// `10 business days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day, 2 weekends not counted`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calendar, from, count, .. } = self;
        match (calendar, count) {
            (Counted::Print, _) => write!(f, "first print day from {} on", day_text(*from))?,
            (_, 1) => write!(f, "1 {} after {}", calendar.as_str().replacen("days", "day", 1), day_text(*from))?,
            _ => write!(f, "{count} {calendar} after {}", day_text(*from))?,
        }
        match self.passed_over() {
            Some(passed_over) => write!(f, "; {passed_over}"),
            None => Ok(()),
        }
    }
}

impl NotCounted {
    /// Whether nobody wonders about it.
    fn is_usual(&self) -> bool {
        matches!(self.why, Why::Weekend | Why::Sunday)
    }

    fn text(&self) -> String {
        format!("{} {}", self.on.format("%a %-d %b"), self.why)
    }
}

/// A date with its weekday, as in `Tue 24 Nov 2026`.
#[must_use]
pub fn day_text(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_reckoning_reads_as_people_count() {
        let skipped = |on, why| NotCounted { on: date(on), why };
        let reckoning = Reckoning {
            calendar: Counted::Business,
            from: date("2026-11-24"),
            count: 10,
            not_counted: vec![
                skipped("2026-11-26", Why::Holiday(FederalHoliday::Thanksgiving)),
                skipped("2026-11-28", Why::Weekend),
                skipped("2026-11-29", Why::Weekend),
                skipped("2026-12-05", Why::Weekend),
                skipped("2026-12-06", Why::Weekend),
            ],
            result: date("2026-12-09"),
        };
        let expected = "10 business days after Tue 24 Nov 2026; Thu 26 Nov Thanksgiving Day, 2 weekends not counted";
        assert_eq!(reckoning.to_string(), expected);
        let one = Reckoning { calendar: Counted::Postal, count: 1, not_counted: Vec::new(), ..reckoning };
        assert_eq!(one.to_string(), "1 postal day after Tue 24 Nov 2026");
        let sunday = Reckoning { not_counted: vec![skipped("2026-11-29", Why::Sunday)], ..one };
        assert_eq!(sunday.to_string(), "1 postal day after Tue 24 Nov 2026; 1 Sunday not counted");
    }
}
