//! Steadiness: whether the wall clock goes on as time does.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::brake::{Jump, jump};
use crate::ports::Clock;

/// What both clocks showed when this start began to count on them.
#[derive(Debug, Default)]
pub struct Steady(Mutex<Option<(DateTime<Utc>, Duration)>>);

impl Steady {
    /// Counts on the wall clock as it is now.
    pub fn begin(&self, clock: &dyn Clock) {
        *self.kept() = Some((clock.now(), clock.monotonic()));
    }

    /// What the wall clock shows now, or how it jumped since this start began.
    ///
    /// # Errors
    /// Where it is back or ahead by more than the tolerance.
    pub fn look(&self, clock: &dyn Clock) -> Result<DateTime<Utc>, Jump> {
        // The machine may fall asleep between the two looks; the second time it has just woken.
        self.look_once(clock).or_else(|_| self.look_once(clock))
    }

    fn look_once(&self, clock: &dyn Clock) -> Result<DateTime<Utc>, Jump> {
        let (now, since_boot) = (clock.now(), clock.monotonic());
        let (wall, monotonic) = *self.kept().get_or_insert((now, since_boot));
        jump(wall, monotonic, now, since_boot).map_or(Ok(now), Err)
    }

    fn kept(&self) -> MutexGuard<'_, Option<(DateTime<Utc>, Duration)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
