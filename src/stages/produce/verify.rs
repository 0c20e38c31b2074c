//! Verify: the verifiers of all batches under way, on the threads of one run, first come, first served.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::mint::Minted;
use super::{blocking, died};
use crate::domain::verifier::{Bound, Cost, Hasher, VerifierError};
use crate::ports::Progress;
use crate::stages::outcome::{StageError, StageResult};
use crate::stages::world::{Press, World};

/// The threads of a run that make verifiers.
pub(super) struct Verifying {
    press: Arc<Press>,
    progress: Arc<dyn Progress>,
    cost: Cost,
    workers: usize,
    /// One a thread; who asks first has it first.
    turns: Arc<Semaphore>,
    /// The batch whose verifiers are counted where somebody watches.
    shown: AtomicI64,
    is_given_up: AtomicBool,
}

impl Verifying {
    /// As many threads as the run has workers.
    pub(super) fn new(world: &World) -> Self {
        let workers = world.workers.max(1);
        Self {
            press: Arc::clone(&world.press),
            progress: Arc::clone(&world.progress),
            cost: world.site.verifier_cost,
            workers,
            turns: Arc::new(Semaphore::new(workers)),
            shown: AtomicI64::new(0),
            is_given_up: AtomicBool::new(false),
        }
    }

    /// Lets every thread end after the verifier that it makes.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }

    /// The verifiers of a batch, in the order of the package. Each thread is this batch's when those before it leave it.
    ///
    /// # Errors
    /// Where the cost is impossible, or a thread died or gave up.
    pub(super) async fn verify(self: &Arc<Self>, minted: &Arc<Minted>) -> StageResult<Vec<String>> {
        let made = Arc::new(Slots::of(minted.pieces.len()));
        let mut threads = JoinSet::new();
        for _ in 0..self.workers {
            let (own, minted, made) = (Arc::clone(self), Arc::clone(minted), Arc::clone(&made));
            threads.spawn(async move {
                let turn = Arc::clone(&own.turns).acquire_owned().await.map_err(|_| died("closed"))?;
                blocking(move || {
                    let _turn = turn;
                    own.work(&minted, &made).map_err(|error| StageError::Refused(error.to_string()))
                })
                .await?
            });
        }
        while let Some(ended) = threads.join_next().await {
            ended.map_err(died)??;
        }
        made.take().ok_or_else(|| died("it gave up"))
    }

    fn work(&self, minted: &Minted, made: &Slots) -> Result<(), VerifierError> {
        let mut hasher = Hasher::new(&self.press.pepper);
        loop {
            let place = made.next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = minted.pieces.get(place).filter(|_| !self.is_given_up()) else { return Ok(()) };
            if place == 0 {
                self.shown.store(minted.batch.batch_id, Ordering::Relaxed);
                self.progress.begin(&minted.batch.name, minted.pieces.len() as u64);
            }
            let bound = Bound { account: &piece.member.username, letter: piece.letter_id };
            made.put(place, hasher.make(&piece.password, bound, self.cost, piece.salt)?);
            if self.shown.load(Ordering::Relaxed) == minted.batch.batch_id {
                self.progress.advance(1);
            }
        }
    }
}

/// Verifiers by place: threads take the next place until none is left.
struct Slots {
    next: AtomicUsize,
    made: Mutex<Vec<Option<String>>>,
}

impl Slots {
    fn of(count: usize) -> Self {
        Self { next: AtomicUsize::new(0), made: Mutex::new(vec![None; count]) }
    }

    fn put(&self, place: usize, verifier: String) {
        if let Some(slot) = self.made.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            *slot = Some(verifier);
        }
    }

    /// All of them in order; `None` where one is missing.
    fn take(&self) -> Option<Vec<String>> {
        std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}
