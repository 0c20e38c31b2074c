//! The rounds of a delivery: everything is tried, and what failed is tried again after a pause.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::late;
use super::one::{self, Delivered};
use super::trouble::Trouble;
use crate::ports::ledger::Undelivered;
use crate::ports::{CourierError, Event, Plain, Setback};
use crate::stages::ahead;
use crate::stages::holds;
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::site::refused;
use crate::stages::world::World;

/// So many packages that fail one after another end a vendor's round: a vendor that is away is not asked for each.
const MOST_FAILURES_IN_A_ROW: u32 = 2;

/// The delivery of one start.
pub(super) struct Delivery<'w> {
    world: &'w World,
    outcome: Outcome,
    delivered: Vec<String>,
    /// Packages that this start has done with, whatever became of them.
    done: BTreeSet<i64>,
    /// Vendors whose files were held against the ledger.
    seen: BTreeSet<String>,
    /// Vendors to whom nothing more goes, and why.
    stopped: BTreeMap<String, CourierError>,
    /// Packages and notices that may be tried again, by name.
    failed: BTreeMap<String, Failed>,
    rounds: u32,
    waited: Duration,
}

/// What may be tried again.
struct Failed {
    error: CourierError,
    /// Until when a package makes its print day; a notice has none.
    cut_off_at: Option<DateTime<Utc>>,
}

/// What failed in one round.
#[derive(Default)]
struct Round(BTreeMap<String, u32>);

impl<'w> Delivery<'w> {
    pub(super) async fn begin(world: &'w World) -> StageResult<Self> {
        world.progress.begin("deliver", world.ledger.undelivered().await?.len() as u64);
        Ok(Self {
            world,
            outcome: Outcome::default(),
            delivered: Vec::new(),
            done: BTreeSet::new(),
            seen: BTreeSet::new(),
            stopped: BTreeMap::new(),
            failed: BTreeMap::new(),
            rounds: 0,
            waited: Duration::ZERO,
        })
    }

    /// Tries everything once that is not done with.
    pub(super) async fn round(&mut self) -> StageResult<()> {
        self.rounds += 1;
        let mut round = Round::default();
        let (_, today) = self.world.now()?;
        for package in self.to_try().await? {
            if self.world.stop.is_asked() {
                return Ok(());
            }
            if package.hold_reason.is_some() && !late::is_late(&package, today) {
                holds::keep_back(&package, today, &mut self.outcome);
                self.done.insert(package.batch_id);
                continue;
            }
            let tried = if !self.is_given_up(&package.vendor, &round) {
                match self.require_known(&package, today).await {
                    Ok(()) => one::deliver(self.world, &package).await,
                    Err(trouble) => Err(trouble),
                }
            } else if late::is_late(&package, today) && package.offered_at.is_none() {
                late::withdraw(self.world, &package).await.map(|reason| Delivered::WithdrawnUnseen(reason, None))
            } else {
                continue;
            };
            match tried {
                Ok(delivered) => self.done_with(&package, delivered, &mut round)?,
                Err(trouble) => {
                    let cut_off_at = self.cut_off_at(&package)?;
                    if self.trouble(&package.vendor, &package.name, trouble, Some(cut_off_at), &mut round)? {
                        self.done.insert(package.batch_id);
                        self.world.progress.advance(1);
                    }
                }
            }
        }
        for void in self.world.ledger.unsent_voids().await? {
            if self.world.stop.is_asked() || self.is_given_up(&void.vendor, &round) {
                continue;
            }
            match one::send_void(self.world, &void).await {
                Ok(()) => drop(self.failed.remove(&void.name)),
                Err(trouble) => drop(self.trouble(&void.vendor, &void.name, trouble, None, &mut round)?),
            }
        }
        Ok(())
    }

    /// Before the first upload to a vendor: it must have nothing of which the ledger does not know. Production asked
    /// that too, unless the vendor was away, or the ledger was changed since.
    async fn require_known(&mut self, package: &Undelivered, today: NaiveDate) -> Result<(), Trouble> {
        if package.offered_at.is_some() || late::is_late(package, today) || self.seen.contains(&package.vendor) {
            return Ok(());
        }
        let found = ahead::at_vendor(self.world, self.world.site.vendor(&package.vendor)?).await??;
        if found.is_empty() {
            self.seen.insert(package.vendor.clone());
            return Ok(());
        }
        let message = format!("{}; {}", ahead::tell(&found), ahead::REMEDY);
        Err(Trouble::Courier(CourierError::stop(message).alarming()))
    }

    /// What was not tried yet comes first, so that a package that fails again and again keeps no other from its turn.
    async fn to_try(&self) -> StageResult<Vec<Undelivered>> {
        let now = self.world.instant()?;
        let is_over = |failed: &Failed| failed.cut_off_at.is_some_and(|cut_off_at| cut_off_at <= now);
        let mut packages = self.world.ledger.undelivered().await?;
        packages.retain(|package| {
            !self.done.contains(&package.batch_id) && !self.failed.get(&package.name).is_some_and(is_over)
        });
        packages.sort_by_key(|package| self.failed.contains_key(&package.name));
        Ok(packages)
    }

    fn is_given_up(&self, vendor: &str, round: &Round) -> bool {
        self.stopped.contains_key(vendor) || round.0.get(vendor).is_some_and(|count| *count >= MOST_FAILURES_IN_A_ROW)
    }

    /// The instant until which a package makes the print day that it is for.
    fn cut_off_at(&self, package: &Undelivered) -> StageResult<DateTime<Utc>> {
        let site = &self.world.site;
        let schedule = &site.vendor(&package.vendor)?.print_schedule;
        schedule.cut_off_at(package.mail_on, site.time_zone).map_err(refused)
    }

    fn done_with(&mut self, package: &Undelivered, delivered: Delivered, round: &mut Round) -> StageResult<()> {
        self.done.insert(package.batch_id);
        self.failed.remove(&package.name);
        self.world.progress.advance(1);
        let subject = format!("package {}", package.name);
        let mut withdrawn = |reason: String| {
            let message = format!("{reason}: withdrawn; its {} requests wait for the next run", package.letters);
            self.outcome.raise_plainly(Urgency::Person, subject.clone(), message);
            self.world.log.note(event(Event::warning("package.withdrawn"), package));
        };
        match delivered {
            Delivered::WithdrawnUnseen(reason, error) => {
                withdrawn(reason);
                if let Some(error) = error {
                    self.trouble(&package.vendor, &package.name, error.into(), None, round)?;
                }
                return Ok(());
            }
            Delivered::Withdrawn(reason) => withdrawn(reason),
            Delivered::Yes => {
                self.world.log.note(event(Event::info("package.delivered"), package));
                self.delivered.push(package.name.clone());
            }
            Delivered::AwaitsReceipt(offered_at) => {
                self.world.log.note(event(Event::info("package.awaits_receipt"), package));
                let message = format!(
                    "it was offered at {offered_at} and is gone from the inbox, so the vendor may have taken it: it is \
                     not sent again; its passwords become good with the vendor's receipt; if none comes, 'letterpost \
                     batch show {}' says what to ask the vendor",
                    package.name
                );
                self.outcome.raise_plainly(Urgency::Note, subject, message);
            }
        }
        round.0.remove(&package.vendor);
        Ok(())
    }

    /// Takes note of what went wrong; whether this start is done with it.
    fn trouble(
        &mut self,
        vendor: &str,
        name: &str,
        trouble: Trouble,
        cut_off_at: Option<DateTime<Utc>>,
        round: &mut Round,
    ) -> StageResult<bool> {
        let subject = format!("package {name}");
        match trouble {
            Trouble::Stage(error) => return Err(error),
            Trouble::Person(message) => self.outcome.raise_plainly(Urgency::Person, subject, message),
            Trouble::Alarm(message) => self.outcome.raise_plainly(Urgency::Alarm, subject, message),
            Trouble::Courier(error) => match error.setback {
                Setback::Retry => {
                    *round.0.entry(vendor.to_owned()).or_default() += 1;
                    self.failed.insert(name.to_owned(), Failed { error, cut_off_at });
                    return Ok(false);
                }
                Setback::Hold => self.outcome.raise_plainly(Urgency::from(&error), subject, error.message),
                Setback::Stop => {
                    self.failed.remove(name);
                    self.stopped.insert(vendor.to_owned(), error);
                    return Ok(false);
                }
            },
        }
        self.failed.remove(name);
        Ok(true)
    }

    /// The pause before the next round, if one is worth it: a package that failed can still make its print day.
    pub(super) fn pause(&self) -> Option<Duration> {
        if self.world.stop.is_asked() {
            return None;
        }
        let pause = self.world.patience.pause_after(self.rounds)?;
        let next_at = self.world.clock.now() + pause;
        let can_make_it = |failed: &Failed| failed.cut_off_at.is_some_and(|cut_off_at| next_at < cut_off_at);
        self.failed.values().any(can_make_it).then_some(pause)
    }

    /// Lets the pause pass, and says why.
    pub(super) async fn wait(&mut self, pause: Duration) {
        // A connection that is not used only gives the server something to cut.
        self.world.hang_up().await;
        let waiting = self.failed.len();
        let why = self.failed.values().next().map_or("", |failed| failed.error.message.as_str());
        let message =
            format!("{waiting} of the packages could not be delivered: {why}; trying again in {} s", pause.as_secs());
        self.world.progress.waits(&message);
        let event = Event::warning("vendor.waits").count("packages", waiting as u64).took(pause);
        self.world.log.note(event.saying(Plain::ours(message)));
        self.world.patience.spend(pause);
        self.waited += pause;
        tokio::select! {
            () = self.world.pause.pause(pause) => {}
            () = self.world.stop.asked() => {}
        }
    }

    /// What came of it.
    pub(super) async fn end(mut self) -> StageResult<Outcome> {
        self.world.progress.end();
        let tried = match self.rounds {
            0 | 1 => String::new(),
            rounds => format!(" (tried {rounds} times in {} s)", self.waited.as_secs()),
        };
        let mut waiting = BTreeMap::<String, u32>::new();
        for package in self.world.ledger.undelivered().await? {
            let is_told = self.done.contains(&package.batch_id) || self.failed.contains_key(&package.name);
            if !is_told {
                *waiting.entry(package.vendor).or_default() += 1;
            }
        }
        for (name, failed) in &self.failed {
            self.outcome.raise_plainly(Urgency::Retry, format!("package {name}"), format!("{}{tried}", failed.error));
        }
        for (vendor, error) in &self.stopped {
            let packages = waiting.remove(vendor).unwrap_or_default();
            let message = format!(
                "{error}; nothing more goes there until that is mended, {packages} packages wait; then start the run \
                 again, or 'letterpost deliver'"
            );
            self.outcome.raise_plainly(Urgency::from(error), format!("vendor {vendor}"), message);
            self.outcome.is_undone = true;
        }
        for (vendor, packages) in waiting {
            let message = format!("{packages} more packages wait for the next start");
            self.outcome.raise_plainly(Urgency::Retry, format!("vendor {vendor}"), message);
        }
        if !self.waited.is_zero() {
            self.outcome.record("waited_seconds", self.waited.as_secs());
        }
        self.outcome.record("delivered", self.delivered);
        Ok(self.outcome)
    }
}

/// An event of a package on its way.
fn event(event: Event, package: &Undelivered) -> Event {
    event.of("package", &package.name).of("vendor", &package.vendor).count("letters", package.letters.into())
}
