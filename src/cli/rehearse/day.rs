//! The days, hour by hour.

use chrono::{Days as CalendarDays, NaiveDate, NaiveTime};

use super::RehearseArgs;
use super::operations::Operations;
use super::people::People;
use super::scratch::Scratch;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::jobs;
use crate::cli::open::Opening;
use crate::cli::vendor::simulate::PieceStatus;
use crate::domain::letter::LetterStatus;
use crate::ports::Progress as _;
use crate::ports::ledger::LetterRecord;
use crate::stages::ingest;

/// The job of a night.
const NIGHTLY: &str = "nightly";
/// Days after the last request within which everything must have come to its end.
const MOST_DAYS_AFTER: u32 = 90;

/// What happens at an hour of the day.
#[derive(Debug, Clone, Copy)]
enum Hour {
    Vendor,
    People,
    Receipts,
    Operations,
    Readers,
    Night,
}

/// A day: the vendor's looks fall after its presses start, after its trays leave, and after the night.
const DAY: [(u32, u32, Hour); 9] = [
    (9, 0, Hour::People),
    (11, 30, Hour::Vendor),
    (12, 0, Hour::Receipts),
    (14, 0, Hour::Operations),
    (17, 30, Hour::Vendor),
    (18, 0, Hour::Receipts),
    (20, 0, Hour::Readers),
    (22, 30, Hour::Night),
    (23, 30, Hour::Vendor),
];

/// The rehearsal under way.
pub(super) struct Days {
    pub(super) scratch: Scratch,
    pub(super) people: People,
    pub(super) operations: Operations,
    days: u32,
    /// Business days on which people asked.
    pub(super) business_days: u32,
    /// Nights that were run.
    pub(super) nights: u32,
    /// The last day.
    pub(super) last_day: NaiveDate,
    /// How many days it took after the last request until nothing was on its way.
    pub(super) days_after: u32,
}

impl Days {
    pub(super) fn begin(args: &RehearseArgs, scratch: Scratch) -> CliResult<Self> {
        Ok(Self {
            last_day: scratch.first_day,
            people: People::new(args),
            operations: Operations::new(args.seed),
            days: args.days,
            business_days: 0,
            nights: 0,
            days_after: 0,
            scratch,
        })
    }

    /// Plays until the days are over and nothing is on its way.
    pub(super) async fn play(&mut self, at: &Opening) -> CliResult<()> {
        let bars = at.report.bars();
        bars.begin("business days", u64::from(self.days));
        let mut day = self.scratch.first_day;
        loop {
            let is_business_day = self
                .scratch
                .world
                .site
                .calendar
                .is_business_day(day)
                .map_err(|error| Failure::usage(format!("{error}; begin earlier, or rehearse fewer days")))?;
            let do_people_ask = is_business_day && self.business_days < self.days;
            self.one_day(day, do_people_ask, is_business_day).await?;
            self.last_day = day;
            if do_people_ask {
                self.business_days += 1;
                bars.advance(1);
            } else if self.business_days == self.days {
                self.days_after += 1;
                if self.is_quiet().await? || self.days_after >= MOST_DAYS_AFTER {
                    break;
                }
            }
            day = day.checked_add_days(CalendarDays::new(1)).ok_or_else(|| Failure::usage("no day is left"))?;
        }
        bars.end();
        Ok(())
    }

    async fn one_day(&mut self, day: NaiveDate, do_people_ask: bool, is_business_day: bool) -> CliResult<()> {
        for (hour, minute, what) in DAY {
            let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
            let now = self.scratch.move_to(day, time)?;
            match what {
                Hour::Vendor => {
                    self.scratch.stand_in.look(now)?;
                }
                Hour::People if do_people_ask => {
                    let letters = self.letters().await?;
                    let came_back: Vec<LetterRecord> =
                        letters.into_iter().filter(|letter| letter.status == LetterStatus::Returned).collect();
                    self.people.ask(&self.scratch.world, day, &came_back).await?;
                }
                Hour::Receipts => {
                    let outcome = ingest::ingest(&self.scratch.world, false).await?;
                    self.operations.read(&outcome.matters);
                }
                Hour::Operations if is_business_day => {
                    let letters = self.letters().await?;
                    self.operations.work(&mut self.scratch, &self.people, &letters).await?;
                }
                Hour::Readers => self.readers().await?,
                Hour::Night => self.night().await?,
                Hour::People | Hour::Operations => {}
            }
        }
        Ok(())
    }

    async fn readers(&mut self) -> CliResult<()> {
        let letters = self.letters().await?;
        let state = self.scratch.stand_in.state();
        let pieces = state.jobs.values().flat_map(|job| &job.pieces);
        let coming_back: std::collections::BTreeSet<String> = pieces
            .filter(|piece| piece.comes_back_at.is_some() || piece.status == PieceStatus::Returned)
            .map(|piece| piece.letter_id.to_string())
            .collect();
        self.people.sign_in(&self.scratch.world, &letters, |letter| coming_back.contains(&letter.letter_id)).await
    }

    async fn night(&mut self) -> CliResult<()> {
        let reports = jobs::reports_in(&self.scratch.world, NIGHTLY, &self.scratch.opening).await?;
        self.nights += 1;
        for done in reports.iter().flat_map(|report| &report.stages) {
            self.operations.read(&done.outcome.matters);
        }
        Ok(())
    }

    /// Whether nothing waits, nothing is at the vendor, and the vendor has nothing more to say.
    async fn is_quiet(&self) -> CliResult<bool> {
        let accounting = self.scratch.world.ledger.accounting().await?;
        let states = &accounting.request_states;
        let waits =
            ["pending", "held", "claimed"].iter().any(|state| states.get(*state).is_some_and(|count| *count > 0));
        let batches = self.scratch.world.ledger.batches(u32::MAX).await?;
        let is_open = |status: &str| matches!(status, "claimed" | "sealed" | "delivered" | "accepted" | "refused");
        let any_open = batches.iter().any(|batch| is_open(&batch.status) && batch.closed_at.is_none());
        let vendor_is_done = self.scratch.stand_in.next_due_at().is_none();
        let all_is_stated = self.operations.has_asked_for_all(batches.len());
        Ok(!waits
            && !any_open
            && all_is_stated
            && vendor_is_done
            && !self.people.expect_any_back(&self.letters().await?))
    }

    pub(super) async fn letters(&self) -> CliResult<Vec<LetterRecord>> {
        Ok(self.scratch.world.ledger.letters(None, u32::MAX).await?)
    }
}
