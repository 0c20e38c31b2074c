//! Nights that were and days to come, as rows of numbers.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use crate::cli::exit::CliResult;
use crate::domain::letter::LetterStatus;
use crate::ports::ledger::{Arrival, Ledger, NightLetters, NightTimes, PasswordEnd};

/// Nights that are looked back at.
const NIGHTS: u32 = 30;
/// Days that are looked ahead.
const DAYS: u64 = 30;

/// Nights that were, and days to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The last nights, oldest first.
    pub nights: Vec<NightRow>,
    /// The days from today on.
    pub days: Vec<DayRow>,
}

/// A night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NightRow {
    /// The job's name.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
    /// Where its letters are now.
    pub letters: LettersNow,
    /// How long each stage took, in whole seconds; a stage that has not ended is left out.
    pub seconds: BTreeMap<String, u64>,
}

/// Where letters are now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LettersNow {
    /// In a sealed package that no vendor has.
    pub sealed: u64,
    /// At the vendor.
    pub at_the_vendor: u64,
    /// In the mail, or there.
    pub mailed: u64,
    /// Rejected, spoiled, pulled, returned, or withdrawn with their package.
    pub ended: u64,
}

/// A day to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayRow {
    /// The day.
    pub on: NaiveDate,
    /// Letters that may arrive on it: each on every day from its first expected one to its last.
    pub may_arrive: u64,
    /// Passwords whose last day it is.
    pub passwords_end: u64,
}

impl LettersNow {
    fn add(&mut self, status: LetterStatus, letters: u64) {
        let place = match status {
            LetterStatus::Sealed => &mut self.sealed,
            LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed => &mut self.at_the_vendor,
            LetterStatus::Mailed => &mut self.mailed,
            LetterStatus::Voided
            | LetterStatus::Rejected
            | LetterStatus::Spoiled
            | LetterStatus::Pulled
            | LetterStatus::Returned => &mut self.ended,
        };
        *place += letters;
    }
}

/// The series as the ledger has them.
pub(super) async fn gather(ledger: &dyn Ledger, today: NaiveDate) -> CliResult<Series> {
    let nights = ledger.nights(NIGHTS).await?;
    let letters = match nights.first() {
        Some(first) => ledger.letters_of_nights(first.run).await?,
        None => Vec::new(),
    };
    let last_day = today.checked_add_days(Days::new(DAYS - 1)).unwrap_or(today);
    let ends = ledger.password_ends(today, last_day).await?;
    let days = days(today, &ledger.arrivals(today).await?, &ends);
    Ok(Series { nights: rows(nights, &letters), days })
}

fn rows(nights: Vec<NightTimes>, letters: &[NightLetters]) -> Vec<NightRow> {
    let mut by_run = BTreeMap::<i64, LettersNow>::new();
    for counted in letters {
        by_run.entry(counted.run).or_default().add(counted.status, counted.letters);
    }
    let row = |night: NightTimes| NightRow {
        letters: by_run.get(&night.run).copied().unwrap_or_default(),
        seconds: night.stages.into_iter().filter_map(|stage| Some((stage.stage, stage.seconds?))).collect(),
        job: night.job,
        scheduled_for: night.scheduled_for,
    };
    nights.into_iter().map(row).collect()
}

fn days(today: NaiveDate, arrivals: &[Arrival], ends: &[PasswordEnd]) -> Vec<DayRow> {
    let day = |ahead| {
        let on = today.checked_add_days(Days::new(ahead))?;
        let may_arrive = arrivals.iter().filter(|arrival| arrival.expected_from <= on && on <= arrival.expected_to);
        let end = ends.iter().find(|end| end.on == on);
        Some(DayRow {
            on,
            may_arrive: may_arrive.map(|arrival| arrival.letters).sum(),
            passwords_end: end.map_or(0, |end| end.passwords),
        })
    };
    (0..DAYS).filter_map(day).collect()
}
