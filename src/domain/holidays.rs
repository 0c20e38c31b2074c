//! The federal holidays of the United States, each by its rule (5 U.S.C. 6103).

use chrono::{Datelike, NaiveDate, Weekday};

use super::letter::named;

named! {
    /// A legal public holiday, under the name that the statute gives it.
    FederalHoliday {
        /// 1 January.
        NewYear = "New Year's Day",
        /// Third Monday of January.
        MartinLutherKing = "Birthday of Martin Luther King, Jr.",
        /// Third Monday of February.
        Washington = "Washington's Birthday",
        /// Last Monday of May.
        Memorial = "Memorial Day",
        /// 19 June, since 2021.
        Juneteenth = "Juneteenth National Independence Day",
        /// 4 July.
        Independence = "Independence Day",
        /// First Monday of September.
        Labor = "Labor Day",
        /// Second Monday of October.
        Columbus = "Columbus Day",
        /// 11 November.
        Veterans = "Veterans Day",
        /// Fourth Thursday of November.
        Thanksgiving = "Thanksgiving Day",
        /// 25 December.
        Christmas = "Christmas Day",
    }
}

/// Juneteenth became a holiday by Public Law 117-17, signed on 17 June 2021.
const JUNETEENTH_SINCE: i32 = 2021;

impl FederalHoliday {
    /// The date of this holiday itself in a year; nothing before it was a holiday.
    ///
    /// The rules are those in force since 1986; earlier years had others.
    #[must_use]
    pub fn date_in(self, year: i32) -> Option<NaiveDate> {
        let fixed = |month, day| NaiveDate::from_ymd_opt(year, month, day);
        let nth = |month, weekday, n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n);
        match self {
            Self::NewYear => fixed(1, 1),
            Self::MartinLutherKing => nth(1, Weekday::Mon, 3),
            Self::Washington => nth(2, Weekday::Mon, 3),
            Self::Memorial => nth(5, Weekday::Mon, 5).or_else(|| nth(5, Weekday::Mon, 4)),
            Self::Juneteenth => fixed(6, 19).filter(|_| year >= JUNETEENTH_SINCE),
            Self::Independence => fixed(7, 4),
            Self::Labor => nth(9, Weekday::Mon, 1),
            Self::Columbus => nth(10, Weekday::Mon, 2),
            Self::Veterans => fixed(11, 11),
            Self::Thanksgiving => nth(11, Weekday::Thu, 4),
            Self::Christmas => fixed(12, 25),
        }
    }

    /// The holiday that falls on this very date.
    #[must_use]
    pub fn on(date: NaiveDate) -> Option<Self> {
        let mut near = Self::ALL.iter().copied().filter(|holiday| holiday.month() == date.month());
        near.find(|holiday| holiday.date_in(date.year()) == Some(date))
    }

    /// The month that it falls into, in every year.
    const fn month(self) -> u32 {
        match self {
            Self::NewYear | Self::MartinLutherKing => 1,
            Self::Washington => 2,
            Self::Memorial => 5,
            Self::Juneteenth => 6,
            Self::Independence => 7,
            Self::Labor => 9,
            Self::Columbus => 10,
            Self::Veterans | Self::Thanksgiving => 11,
            Self::Christmas => 12,
        }
    }

    /// The holiday for which staff who work Monday to Friday are off on this date.
    ///
    /// A Saturday holiday is kept on the Friday before it (5 U.S.C. 6103(b)), a Sunday holiday on the Monday after
    /// it (Executive Order 11582), across the turn of a year too. Weekends are no days off: nobody works on them.
    #[must_use]
    pub fn observed_on(date: NaiveDate) -> Option<Self> {
        match date.weekday() {
            Weekday::Sat | Weekday::Sun => None,
            Weekday::Fri => Self::on(date).or_else(|| date.succ_opt().and_then(Self::on)),
            _ => Self::on(date).or_else(|| Self::moved_from_sunday_to(date)),
        }
    }

    /// The Sunday holiday that is kept on this date, a Monday.
    pub(super) fn moved_from_sunday_to(date: NaiveDate) -> Option<Self> {
        let yesterday = date.pred_opt()?;
        if yesterday.weekday() == Weekday::Sun { Self::on(yesterday) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_holiday_at_a_weekend_is_kept_on_the_weekday_beside_it() {
        assert_eq!(FederalHoliday::observed_on(date(2026, 7, 3)), Some(FederalHoliday::Independence));
        assert_eq!(FederalHoliday::observed_on(date(2026, 7, 4)), None);
        assert_eq!(FederalHoliday::observed_on(date(2027, 7, 5)), Some(FederalHoliday::Independence));
        assert_eq!(FederalHoliday::observed_on(date(2027, 7, 6)), None);
    }

    #[test]
    fn new_year_2028_is_kept_in_2027() {
        assert_eq!(FederalHoliday::observed_on(date(2027, 12, 31)), Some(FederalHoliday::NewYear));
        assert_eq!(FederalHoliday::observed_on(date(2028, 1, 3)), None);
    }

    #[test]
    fn each_holiday_stays_in_its_month() {
        for year in 1986..2200 {
            for holiday in FederalHoliday::ALL {
                let Some(date) = holiday.date_in(year) else { continue };
                assert_eq!(FederalHoliday::on(date), Some(*holiday), "{year}");
            }
        }
    }

    #[test]
    fn juneteenth_begins_in_2021() {
        assert_eq!(FederalHoliday::observed_on(date(2020, 6, 19)), None);
        assert_eq!(FederalHoliday::observed_on(date(2021, 6, 18)), Some(FederalHoliday::Juneteenth));
    }
}
