//! How a stand-in vendor behaves: its delays, its luck, its mistakes.

use chrono::{NaiveTime, WeekdaySet};
use clap::Args;

use super::chance::Percent;
use super::hours::{Delay, weekdays};
use super::mistake::Mistake;

/// The delays, the luck and the mistakes of a stand-in. The defaults are a vendor that does all on time and well.
#[derive(Debug, Clone, Args)]
pub struct Manners {
    /// Leave a package in the inbox for so long after its .ready is seen
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub take_after_ms: u64,
    /// Say that a package was accepted so long after it was taken: 30m, 2h, or print days as 1d
    #[arg(long, value_name = "DELAY", default_value = "0m")]
    pub accept_after: Delay,
    /// Print so long after taking: 30m, 2h; or 0d for the print day that the package makes by its cut-off, 1d for the next
    #[arg(long, value_name = "DELAY", default_value = "0d")]
    pub print_after: Delay,
    /// Mail so long after printing: 30m, 2h; or 0d for the evening of the same day, 1d for the next print day
    #[arg(long, value_name = "DELAY", default_value = "0d")]
    pub mail_after: Delay,
    /// The weekdays on which it prints and mails; federal holidays are skipped
    #[arg(long, value_name = "DAYS", default_value = "mon,tue,wed,thu,fri", value_parser = weekdays)]
    pub print_days: WeekdaySet,
    /// A package that is taken before this time makes the same print day
    #[arg(long, value_name = "TIME", default_value = "06:00", value_parser = time_of_day)]
    pub cut_off: NaiveTime,
    /// How many pieces are spoiled in production
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub spoil: Percent,
    /// Make spoiled pieces again, where the job ticket allows it
    #[arg(long)]
    pub remake: bool,
    /// How many pieces are rejected
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub reject: Percent,
    /// How many pieces are printed, and then neither mailed nor reported again
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub lose: Percent,
    /// How many mailed pieces the postal service brings back
    #[arg(long = "return", value_name = "PERCENT", default_value = "0")]
    pub returned: Percent,
    /// After how many postal days they come back
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub return_after: u32,
    /// How many packages are refused whole
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub refuse: Percent,
    /// How many receipts are never written
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub lose_receipts: Percent,
    /// How many receipts are written late
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    pub late_receipts: Percent,
    /// How late they are
    #[arg(long, value_name = "DELAY", default_value = "2d")]
    pub late_by: Delay,
    /// Mistakes to make in receipts
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub mistakes: Vec<Mistake>,
    /// How many receipts get one of the mistakes
    #[arg(long, value_name = "PERCENT", default_value = "100")]
    pub mistaken: Percent,
    /// Set a mistake right so long after it was made
    #[arg(long, value_name = "DELAY", default_value = "1d")]
    pub mend_after: Delay,
    /// Leave every mistake as it is
    #[arg(long, conflicts_with = "mend_after")]
    pub never_mend: bool,
    /// The number that all luck comes from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            take_after_ms: 0,
            accept_after: Delay::Minutes(0),
            print_after: Delay::PrintDays(0),
            mail_after: Delay::PrintDays(0),
            print_days: working_days(),
            cut_off: NaiveTime::from_hms_opt(6, 0, 0).unwrap_or_default(),
            spoil: Percent::NEVER,
            remake: false,
            reject: Percent::NEVER,
            lose: Percent::NEVER,
            returned: Percent::NEVER,
            return_after: 7,
            refuse: Percent::NEVER,
            lose_receipts: Percent::NEVER,
            late_receipts: Percent::NEVER,
            late_by: Delay::PrintDays(2),
            mistakes: Vec::new(),
            mistaken: Percent::ALWAYS,
            mend_after: Delay::PrintDays(1),
            never_mend: false,
            seed: 1,
        }
    }
}

fn working_days() -> WeekdaySet {
    use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
    WeekdaySet::from_array([Mon, Tue, Wed, Thu, Fri])
}

fn time_of_day(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("'{text}' is not a time of day: write 06:00"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        manners: Manners,
    }

    #[test]
    fn nothing_typed_is_the_default() {
        let typed = Typed::try_parse_from(["simulate"]).unwrap().manners;
        assert_eq!(format!("{typed:?}"), format!("{:?}", Manners::default()));
    }

    #[test]
    fn delays_days_and_kinds_are_read() {
        let words = "simulate --accept-after 90m --print-after 2h --mail-after 1d --print-days tue,thu --cut-off 12:30 \
                     --spoil 2.5 --return 100 --mistakes unsigned,gap --mistakes not-utf8";
        let typed = Typed::try_parse_from(words.split_whitespace()).unwrap().manners;
        assert_eq!((typed.accept_after, typed.print_after), (Delay::Minutes(90), Delay::Minutes(120)));
        assert_eq!((typed.mail_after, typed.print_days.len()), (Delay::PrintDays(1), 2));
        assert_eq!(typed.mistakes, [Mistake::Unsigned, Mistake::Gap, Mistake::NotUtf8]);
        for refused in [
            "--accept-after 5",
            "--accept-after 1w",
            "--print-days someday",
            "--cut-off 25:00",
            "--spoil 101",
            "--mistakes typo",
            "--mend-after 1d --never-mend",
        ] {
            let words = ["simulate"].into_iter().chain(refused.split(' '));
            assert!(Typed::try_parse_from(words).is_err(), "{refused}");
        }
    }
}
