//! Which serial numbers come next, and when they run out.
//!
//! A barcode must stay the only one of its kind for 45 days. So numbers are taken in blocks, one block a package, one
//! after another and around again; and a block is taken again only when 45 days have passed since the last day on
//! which a letter of it may have been mailed. A block that was taken and never used, because its run died, is spent
//! like any other.

use chrono::{Days, NaiveDate};

use super::MailerId;

/// Days after mailing in which no other piece may have the same barcode (USPS, mailer id rules).
pub const UNIQUE_DAYS: u64 = 45;
/// From this share in use on, in percent, it is worth a note.
const NOTE_PERCENT: u64 = 80;
/// Days that a pace is counted over at least, so that one large first night does not make an alarm.
const LEAST_PACE_DAYS: u64 = 7;

/// The serial numbers that a site may use under a mailer id: from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialRange {
    mailer_id: MailerId,
    first: u32,
    last: u32,
}

/// A range that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotASerialRange {
    /// It ends before it begins.
    #[error("the serial numbers run from {first} to {last}; let the first be the lower one")]
    Backwards {
        /// The first number.
        first: u32,
        /// The last number.
        last: u32,
    },
    /// It goes beyond the numbers of the mailer id.
    #[error("mailer id {mailer_id} has no serial number {last}; its highest is {}", .mailer_id.serials() - 1)]
    TooHigh {
        /// The mailer id.
        mailer_id: MailerId,
        /// The last number.
        last: u32,
    },
}

/// Serial numbers that were taken for one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBlock {
    /// The first number.
    pub first: u32,
    /// How many there are.
    pub count: u32,
    /// The date on which they were taken.
    pub taken_on: NaiveDate,
    /// The date from which on they may be taken again: see [`free_on`].
    pub free_on: NaiveDate,
}

/// There is no block of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mailer id {mailer_id} has no {count} serial numbers in a row that are free{}", told(*.free_on))]
pub struct Exhausted {
    /// The mailer id.
    pub mailer_id: MailerId,
    /// How many numbers were asked for.
    pub count: u32,
    /// The first date on which there are as many; `None` where the range is smaller than that.
    pub free_on: Option<NaiveDate>,
}

fn told(free_on: Option<NaiveDate>) -> String {
    free_on.map_or_else(|| ": its range is too small".to_owned(), |date| format!(" before {date}"))
}

/// How far a range is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialUse {
    /// The range.
    pub range: SerialRange,
    /// Numbers that may not be taken today.
    pub in_use: u64,
    /// The date on which none would be left, if as many are taken a day as in the last 45 days; `None` if that pace
    /// can be kept for ever.
    pub used_up_on: Option<NaiveDate>,
}

/// The date from which on the serial numbers of letters may be used again, whose last mailing day is `mail_by_on`.
#[must_use]
pub fn free_on(mail_by_on: NaiveDate) -> NaiveDate {
    mail_by_on.checked_add_days(Days::new(UNIQUE_DAYS)).unwrap_or(NaiveDate::MAX)
}

impl SerialRange {
    /// All numbers of a mailer id.
    #[must_use]
    pub fn whole(mailer_id: MailerId) -> Self {
        Self { mailer_id, first: 0, last: mailer_id.serials() - 1 }
    }

    /// The numbers from `first` to `last`, so that several systems can share a mailer id.
    ///
    /// # Errors
    /// Where there are no such numbers.
    pub fn new(mailer_id: MailerId, first: u32, last: u32) -> Result<Self, NotASerialRange> {
        match () {
            () if first > last => Err(NotASerialRange::Backwards { first, last }),
            () if last >= mailer_id.serials() => Err(NotASerialRange::TooHigh { mailer_id, last }),
            () => Ok(Self { mailer_id, first, last }),
        }
    }

    /// Whose numbers they are.
    #[must_use]
    pub fn mailer_id(&self) -> MailerId {
        self.mailer_id
    }

    /// The first number.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.first
    }

    /// The last number.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.last
    }

    /// How many numbers there are.
    #[must_use]
    pub fn serials(&self) -> u64 {
        u64::from(self.last - self.first) + 1
    }

    /// The first number of the next block of `count`. `taken` are the blocks of this mailer id that may not be free
    /// yet, in any order; `after` is the last number of the newest block in the range, if there ever was one.
    ///
    /// A block never runs over the end of the range: it begins anew at the beginning.
    ///
    /// # Errors
    /// Where no such block is free on `today`, with the date on which one will be.
    pub fn next_block(
        &self,
        taken: &[TakenBlock],
        after: Option<u32>,
        count: u32,
        today: NaiveDate,
    ) -> Result<u32, Exhausted> {
        let begin = after.filter(|after| (self.first..self.last).contains(after)).map_or(self.first, |after| after + 1);
        let on = |date: NaiveDate| {
            let busy = in_order(taken, date);
            self.gap(&busy, begin, count).or_else(|| self.gap(&busy, self.first, count))
        };
        on(today).ok_or_else(|| {
            let mut dates: Vec<NaiveDate> = taken.iter().map(|block| block.free_on).collect();
            dates.sort_unstable();
            dates.dedup();
            let free_on = dates.into_iter().filter(|date| *date > today).find(|date| on(*date).is_some());
            Exhausted { mailer_id: self.mailer_id, count, free_on }
        })
    }

    /// The first place from `begin` on where `count` numbers lie between the busy blocks.
    fn gap(&self, busy: &[TakenBlock], begin: u32, count: u32) -> Option<u32> {
        let count = u64::from(count);
        let mut at = u64::from(begin);
        for block in busy {
            if u64::from(block.first) >= at + count {
                break;
            }
            at = at.max(end(block));
        }
        u32::try_from(at).ok().filter(|_| at + count <= u64::from(self.last) + 1)
    }

    /// How far the range is used up on `today`; `taken` as for [`next_block`](Self::next_block).
    #[must_use]
    pub fn usage(&self, taken: &[TakenBlock], today: NaiveDate) -> SerialUse {
        let in_use = self.in_use(taken, today);
        let used_up_on = self.pace(taken, today).and_then(|(serials, days)| {
            let day = |ahead| today.checked_add_days(Days::new(ahead));
            (0..=UNIQUE_DAYS).filter_map(|ahead| Some((ahead, day(ahead)?))).find_map(|(ahead, date)| {
                let then_in_use = self.in_use(taken, date) + (serials * ahead).div_ceil(days);
                (then_in_use > self.serials()).then_some(date)
            })
        });
        SerialUse { range: *self, in_use, used_up_on }
    }

    fn in_use(&self, taken: &[TakenBlock], date: NaiveDate) -> u64 {
        taken.iter().filter(|block| block.free_on > date).map(|block| self.shared(block)).sum()
    }

    /// How many numbers of a block lie in the range.
    fn shared(&self, block: &TakenBlock) -> u64 {
        let from = u64::from(block.first.max(self.first));
        end(block).min(u64::from(self.last) + 1).saturating_sub(from)
    }

    /// Numbers taken in the last 45 days, and the days in which they were.
    fn pace(&self, taken: &[TakenBlock], today: NaiveDate) -> Option<(u64, u64)> {
        let age = |block: &TakenBlock| u64::try_from((today - block.taken_on).num_days()).unwrap_or(0);
        let recent: Vec<&TakenBlock> =
            taken.iter().filter(|block| age(block) < UNIQUE_DAYS && self.shared(block) > 0).collect();
        let days = recent.iter().map(|block| age(block) + 1).max()?;
        Some((recent.iter().map(|block| self.shared(block)).sum(), days.max(LEAST_PACE_DAYS)))
    }
}

impl SerialUse {
    /// The share in use, in percent, rounded down.
    #[must_use]
    pub fn percent(&self) -> u64 {
        self.in_use * 100 / self.range.serials()
    }

    /// What a person should know, if the numbers are about to run out.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let used_up =
            self.used_up_on.map(|date| format!("; at the pace of the last {UNIQUE_DAYS} days none is left on {date}"));
        (used_up.is_some() || self.percent() >= NOTE_PERCENT).then(|| {
            format!(
                "{self}{}; get a six-digit mailer id or one more, or widen serials_from and serials_to",
                used_up.unwrap_or_default()
            )
        })
    }
}

impl std::fmt::Display for SerialUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (in_use, serials, percent) = (self.in_use, self.range.serials(), self.percent());
        write!(f, "{in_use} of {serials} serial numbers are in use ({percent} %)")
    }
}

/// One more than the last number of a block.
fn end(block: &TakenBlock) -> u64 {
    u64::from(block.first) + u64::from(block.count)
}

/// The blocks that are not free on a date, by their first numbers.
fn in_order(taken: &[TakenBlock], date: NaiveDate) -> Vec<TakenBlock> {
    let mut busy: Vec<TakenBlock> = taken.iter().filter(|block| block.free_on > date).copied().collect();
    busy.sort_unstable_by_key(|block| block.first);
    busy
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)
    }

    fn range(first: u32, last: u32) -> SerialRange {
        SerialRange::new("987654321".parse().unwrap(), first, last).unwrap()
    }

    fn block(first: u32, count: u32, taken: u64) -> TakenBlock {
        TakenBlock { first, count, taken_on: day(taken), free_on: free_on(day(taken + 4)) }
    }

    #[test]
    fn blocks_follow_one_another_and_begin_anew_at_the_end() {
        let range = range(100, 199);
        assert_eq!(range.next_block(&[], None, 40, day(0)), Ok(100));
        let taken = [block(100, 40, 0), block(140, 40, 1)];
        assert_eq!(range.next_block(&taken, Some(179), 20, day(2)), Ok(180));
        // 21 do not fit before the end: the beginning is free again after 45 days, not before.
        let refused = range.next_block(&taken, Some(179), 21, day(48)).unwrap_err();
        assert_eq!(refused.free_on, Some(day(49)));
        assert_eq!(range.next_block(&taken, Some(179), 21, day(49)), Ok(100));
        // The last number of the range was the last one taken; or the range has changed since.
        for after in [199, 99, 5000] {
            assert_eq!(range.next_block(&[], Some(after), 1, day(0)), Ok(100));
        }
    }

    #[test]
    fn the_day_of_freedom_is_45_days_after_the_last_mailing_day() {
        let mail_by_on = NaiveDate::from_ymd_opt(2026, 12, 17).unwrap();
        assert_eq!(free_on(mail_by_on), NaiveDate::from_ymd_opt(2027, 1, 31).unwrap());
    }

    #[test]
    fn a_block_larger_than_the_range_is_never_free() {
        let refused = range(0, 9).next_block(&[], None, 11, day(0)).unwrap_err();
        assert_eq!(refused.free_on, None);
        assert!(refused.to_string().ends_with("its range is too small"), "{refused}");
        assert_eq!(range(0, 9).next_block(&[], None, 10, day(0)), Ok(0));
    }

    #[test]
    fn ranges_that_cannot_be_are_refused() {
        let (long, short): (MailerId, MailerId) = ("987654321".parse().unwrap(), "567094".parse().unwrap());
        assert!(SerialRange::new(long, 5, 4).unwrap_err().to_string().contains("the lower one"));
        assert!(SerialRange::new(long, 0, 1_000_000).unwrap_err().to_string().contains("its highest is 999999"));
        assert_eq!(SerialRange::new(long, 0, 999_999), Ok(SerialRange::whole(long)));
        assert_eq!(SerialRange::whole(short).serials(), 1_000_000_000);
    }

    #[test]
    fn a_nine_digit_mailer_id_cannot_keep_up_with_twenty_five_thousand_letters_a_day() {
        let range = SerialRange::whole("987654321".parse().unwrap());
        let nights = |letters: u32, nights: u32| -> Vec<TakenBlock> {
            (0..nights).map(|night| block(night * letters, letters, u64::from(night))).collect()
        };
        let after_ten = range.usage(&nights(25_000, 10), day(9));
        assert_eq!((after_ten.in_use, after_ten.percent()), (250_000, 25));
        assert_eq!(after_ten.used_up_on, Some(day(9 + 31)), "30 more nights of 25,000 fit, and one does not");
        assert!(after_ten.note().unwrap().contains(&day(40).to_string()));
        let slower = range.usage(&nights(15_000, 40), day(39));
        assert_eq!((slower.percent(), slower.used_up_on, slower.note()), (60, None, None));
        let full = range.usage(&nights(20_000, 40), day(39));
        assert!(full.note().unwrap().starts_with("800000 of 1000000 serial numbers are in use (80 %)"));
        assert_eq!(range.usage(&[], day(0)).note(), None);
    }

    #[test]
    fn what_others_took_outside_the_range_is_not_counted() {
        let taken = [block(0, 150, 0), block(190, 100, 0)];
        assert_eq!(range(100, 199).usage(&taken, day(1)).in_use, 60);
    }

    proptest! {
        /// Months of nights, some of whose runs die after they took a block, in ranges that may be far too small, and
        /// change once.
        #[test]
        fn no_serial_is_ever_used_twice_within_its_45_days(
            lasts in [0u32..400, 0u32..400],
            nights in prop::collection::vec((0u64..6, 1u32..60, 0u64..6), 1..150),
        ) {
            let mut today = 0;
            let mut all: Vec<TakenBlock> = Vec::new();
            for (night, (days, count, days_to_mail)) in nights.iter().enumerate() {
                today += days;
                let range = range(0, lasts[usize::from(night > 75)]);
                let busy: Vec<TakenBlock> = all.iter().filter(|b| b.free_on > day(today)).copied().collect();
                let after = all.iter().rev().map(|b| b.first + b.count - 1).find(|last| *last <= range.last());
                let taken = TakenBlock {
                    first: 0, count: *count, taken_on: day(today), free_on: free_on(day(today + days_to_mail)),
                };
                match range.next_block(&busy, after, *count, day(today)) {
                    Ok(first) => {
                        let taken = TakenBlock { first, ..taken };
                        prop_assert!(end(&taken) <= range.serials());
                        for earlier in &busy {
                            let apart = end(earlier) <= u64::from(first) || end(&taken) <= u64::from(earlier.first);
                            prop_assert!(apart, "{earlier:?} {taken:?}");
                        }
                        all.push(taken);
                    }
                    Err(exhausted) => match exhausted.free_on {
                        None => prop_assert!(u64::from(*count) > range.serials()),
                        Some(date) => {
                            prop_assert!(date > day(today));
                            prop_assert!(range.next_block(&busy, after, *count, date).is_ok());
                            let eve = date - Days::new(1);
                            prop_assert!(range.next_block(&busy, after, *count, eve).is_err());
                        }
                    },
                }
            }
        }
    }
}
