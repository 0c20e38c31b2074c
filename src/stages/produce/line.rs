//! Line: several batches under way at once, so that no processor waits for the ledger and the ledger waits for none.
//!
//! While the verifiers of one batch are made, the next one is tried on its sheets, minted and queued behind it, and the one
//! before is printed, sealed, saved and recorded. The ledger is spoken to by one task, and in an order that no
//! processor's pace changes: a seed gives the same night every time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::fit::{self, Tried};
use super::make::{Desk, Done, Spooled, make};
use super::{barcode, died, mint, proof, size};
use crate::ports::Event;
use crate::ports::ledger::{ClaimedBatch, LedgerError};
use crate::stages::outcome::{Outcome, StageResult};
use crate::stages::world::World;

/// The most batches that are minted and not yet saved: one whose verifiers are made, and one behind it.
const MOST_UNDER_WAY: usize = 2;

/// What a run has made so far.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) letters: u64,
    /// By name.
    pub(super) packages: Vec<String>,
}

/// Work on one batch in a task of its own, which ends where nobody waits for it.
type Work<T> = JoinSet<StageResult<T>>;

/// The batches under way.
pub(super) struct Line<'a> {
    world: &'a World,
    outcome: &'a mut Outcome,
    desk: Arc<Desk>,
    /// Claimed, and tried on its sheets.
    coming: Option<Work<Tried>>,
    /// Minted, oldest first.
    under_way: VecDeque<Work<Done>>,
    /// Made, and not yet recorded.
    done: Option<Done>,
    made: Made,
    /// Vendors that have a package waiting for serial numbers: nothing more is claimed for them in this run.
    waiting: BTreeSet<String>,
    /// Whether a package came out too large, and letters of it wait again.
    has_put_back: bool,
}

impl<'a> Line<'a> {
    pub(super) fn new(world: &'a World, outcome: &'a mut Outcome) -> Self {
        let desk = Arc::new(Desk::of(world));
        Self {
            world,
            outcome,
            desk,
            coming: None,
            under_way: VecDeque::new(),
            done: None,
            made: Made::default(),
            waiting: BTreeSet::new(),
            has_put_back: false,
        }
    }

    /// Whether nothing more is to be claimed for this vendor.
    pub(super) fn waits(&self, vendor: &str) -> bool {
        self.waiting.contains(vendor)
    }

    /// Whether letters were put back since this was last asked.
    pub(super) fn has_put_back(&mut self) -> bool {
        std::mem::take(&mut self.has_put_back)
    }

    /// Mints the batch that was tried last, when there is room for it. After this, another one can be claimed. A start that
    /// is to stop mints nothing more.
    pub(super) async fn advance(&mut self) -> StageResult<()> {
        let Some(coming) = self.coming.take() else { return Ok(()) };
        if self.under_way.len() >= MOST_UNDER_WAY
            && let Some(oldest) = self.under_way.pop_front()
        {
            self.done = Some(end_of(oldest).await?);
        }
        if self.world.stop.is_asked() {
            return Ok(());
        }
        if let Some(begun) = self.begin(coming).await? {
            self.under_way.push_back(begun);
        }
        Ok(())
    }

    /// Takes a claimed batch: it is tried on its sheets while the one that is done is recorded.
    pub(super) async fn take(&mut self, batch: ClaimedBatch) -> StageResult<()> {
        self.coming = Some(self.try_on(batch)?);
        self.record_done().await
    }

    /// Ends everything that is under way. A start that is to stop ends the package that is next, and leaves what is behind it.
    pub(super) async fn drain(&mut self) -> StageResult<()> {
        self.advance().await?;
        loop {
            if self.done.is_none() {
                let Some(oldest) = self.under_way.pop_front() else { return Ok(()) };
                self.done = Some(end_of(oldest).await?);
            }
            self.record_done().await?;
            if self.world.stop.is_asked() {
                return Ok(());
            }
        }
    }

    /// Ends the run with what came of it. After an error nothing new is minted; what was begun before is ended as far as it
    /// can be, and the rest is left to the next run, without a trace in the spool.
    pub(super) async fn close(mut self, came: StageResult<()>) -> StageResult<Made> {
        if came.is_err() {
            self.coming = None;
            // The first error is the one to tell.
            let _ = self.drain().await;
        }
        self.give_up().await;
        self.world.progress.end();
        came.map(|()| std::mem::take(&mut self.made))
    }

    async fn give_up(&mut self) {
        self.desk.verifying.give_up();
        self.coming = None;
        let done = self.done.take();
        let mut left: Vec<Done> = done.into_iter().collect();
        for work in self.under_way.drain(..) {
            left.extend(end_of(work).await.ok());
        }
        for done in left {
            if let Done::Spooled(spooled) = done {
                // Where this fails, the next run's sweep does it.
                let _ = self.world.spool.remove(&spooled.record.spool_object).await;
            }
        }
    }

    fn try_on(&self, batch: ClaimedBatch) -> StageResult<Work<Tried>> {
        let mode = self.world.site.vendor(&batch.vendor)?.print_mode();
        let press = Arc::clone(&self.desk.press);
        let mut work = Work::new();
        work.spawn_blocking(move || Ok(fit::try_on(&press.stationery, mode, batch)));
        Ok(work)
    }

    /// Mints a batch that was tried, and begins to make it. `None` where nothing is left of it, or it waits for serial
    /// numbers.
    async fn begin(&mut self, tried: Work<Tried>) -> StageResult<Option<Work<Done>>> {
        // 1. Letters that cannot be printed leave the batch before anything is minted.
        let Some(fitted) = fit::fit(self.world, end_of(tried).await?, self.outcome).await? else { return Ok(None) };
        // 2. Barcodes: their serial numbers are taken for good.
        let vendor = fitted.batch.vendor.clone();
        let Some(barcoded) = barcode::barcode(self.world, fitted, self.outcome).await? else {
            self.waiting.insert(vendor);
            return Ok(None);
        };
        // 3. Passwords, in memory.
        let minted = mint::mint(self.world, barcoded)?;
        // 4. Verifiers, pages, seal, spool, beside the other batches.
        let mut work = Work::new();
        work.spawn(make(Arc::clone(&self.desk), minted));
        Ok(Some(work))
    }

    /// Records what is done; or makes it anew without the letters that were in its way.
    async fn record_done(&mut self) -> StageResult<()> {
        let mut is_first_cut = true;
        // Each turn but the last leaves at least one letter out, so there is a last.
        while let Some(done) = self.done.take() {
            let rest = match done {
                // 5. One transaction makes it so.
                Done::Spooled(spooled) => return self.commit(*spooled).await,
                Done::Misprinted(misprinted) => proof::hold_misprinted(self.world, *misprinted, self.outcome).await?,
                Done::TooLarge(too_large) => {
                    self.has_put_back = true;
                    size::cut(self.world, too_large, std::mem::take(&mut is_first_cut), self.outcome).await?
                }
            };
            let tried = self.try_on(rest)?;
            if let Some(begun) = self.begin(tried).await? {
                self.done = Some(end_of(begun).await?);
            }
        }
        Ok(())
    }

    async fn commit(&mut self, spooled: Spooled) -> StageResult<()> {
        let (world, Spooled { batch, record }) = (self.world, spooled);
        // Verifiers take their time: what the clock did meanwhile may have made the dates on the pages wrong.
        if let Err(jumped) = world.instant() {
            world.spool.remove(&record.spool_object).await?;
            return Err(jumped);
        }
        let letters = record.letters.len() as u64;
        match world.ledger.commit(&batch, &record).await {
            Ok(()) => {
                let event = Event::info("package.sealed").of("package", &batch.name).of("vendor", &batch.vendor);
                world.log.note(event.count("letters", letters).count("size_bytes", record.size_bytes));
                self.made.packages.push(batch.name);
                self.made.letters += letters;
                Ok(())
            }
            Err(error @ LedgerError::Overtaken { .. }) => {
                world.spool.remove(&record.spool_object).await?;
                Err(error.into())
            }
            // The answer may be lost and the transaction made: the file stays, and the next run's sweep decides.
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.desk.verifying.give_up();
    }
}

/// What work came to.
async fn end_of<T: 'static>(mut work: Work<T>) -> StageResult<T> {
    work.join_next().await.ok_or_else(|| died("nothing was begun"))?.map_err(died)?
}
