//! When people are forgotten: a number of days after the end of all that was done with their request.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::local_time::date_at;

/// The end of a request: the last of all that happened to it and to its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The last day of its passwords; `None` where it never had one.
    pub ended_on: Option<NaiveDate>,
    /// The last instant at which it changed: its own state, the fate of each piece, the closing of each package.
    pub last_at: DateTime<Utc>,
}

/// A term as it stands at one moment: what ended before it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Whole days after the end.
    pub days: u32,
    /// Dates before this one are due.
    pub ended_before: NaiveDate,
    /// Instants before this one are due.
    pub last_before: DateTime<Utc>,
    /// The zone of the dates.
    pub zone: Tz,
}

impl Term {
    /// The term of so many days, at `now`, which is `today` in `zone`; `None` where no calendar reaches back so far.
    #[must_use]
    pub fn at(now: DateTime<Utc>, today: NaiveDate, days: u32, zone: Tz) -> Option<Self> {
        let ended_before = today.checked_sub_days(Days::new(days.into()))?;
        let last_before = now.checked_sub_signed(TimeDelta::days(days.into()))?;
        Some(Self { days, ended_before, last_before, zone })
    }

    /// The first date on which something with this end is due; `None` where no calendar reaches so far.
    #[must_use]
    pub fn due_on(&self, end: &End) -> Option<NaiveDate> {
        let by_instant = date_at(end.last_at.checked_add_signed(TimeDelta::days(self.days.into()))?, self.zone)?;
        let Some(ended_on) = end.ended_on else { return Some(by_instant) };
        Some(by_instant.max(ended_on.checked_add_days(Days::new(u64::from(self.days) + 1))?))
    }

    /// Whether something with this end is due.
    #[must_use]
    pub fn is_due(&self, end: &End) -> bool {
        end.last_at < self.last_before && end.ended_on.is_none_or(|ended_on| ended_on < self.ended_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    const ZONE: Tz = chrono_tz::America::New_York;

    fn at(y: i32, m: u32, d: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(y, m, d, hour, 0, 0).unwrap()
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn term(now: DateTime<Utc>, days: u32) -> Term {
        Term::at(now, date_at(now, ZONE).unwrap(), days, ZONE).unwrap()
    }

    #[test]
    fn a_day_that_ended_is_over_before_its_days_are_counted() {
        // Ended on 16 March, seen on 3 March: ninety whole days later it is 14 June, so it is due on the 15th.
        let end = End { ended_on: Some(day(2026, 3, 16)), last_at: at(2026, 3, 4, 1) };
        assert!(!term(at(2026, 6, 15, 3), 90).is_due(&end), "23:00 on 14 June in New York");
        assert!(term(at(2026, 6, 15, 4), 90).is_due(&end), "midnight there");
        assert_eq!(term(at(2026, 6, 1, 4), 90).due_on(&end), Some(day(2026, 6, 15)));
    }

    #[test]
    fn an_instant_counts_where_it_is_the_last() {
        // The package was closed at 20:00 on 1 May in New York, long after the password had ended.
        let end = End { ended_on: Some(day(2026, 3, 16)), last_at: at(2026, 5, 2, 0) };
        assert!(!term(at(2026, 7, 31, 0), 90).is_due(&end));
        assert!(term(at(2026, 7, 31, 1), 90).is_due(&end));
        assert_eq!(term(at(2026, 7, 1, 1), 90).due_on(&end), Some(day(2026, 7, 30)));
        let never_a_letter = End { ended_on: None, last_at: at(2026, 5, 2, 0) };
        assert_eq!(term(at(2026, 7, 1, 1), 0).due_on(&never_a_letter), Some(day(2026, 5, 1)));
    }

    #[test]
    fn whatever_is_due_is_due_on_a_day_that_has_come() {
        for hour in 0..24 * 8 {
            let now = at(2026, 6, 10, 0) + TimeDelta::hours(hour);
            let today = date_at(now, ZONE).unwrap();
            for (ended, last) in [(12, 0), (14, 30), (16, 60), (10, 100)] {
                let end =
                    End { ended_on: Some(day(2026, 3, ended)), last_at: at(2026, 3, 14, 0) + TimeDelta::hours(last) };
                let term = term(now, 90);
                let due_on = term.due_on(&end).unwrap();
                assert!(!term.is_due(&end) || due_on <= today, "{now} {end:?}");
                assert!(term.is_due(&end) || due_on >= today, "{now} {end:?}");
            }
        }
    }
}
