//! Patience: how long one start waits for vendors that cannot be reached, all in all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The first pause between two tries.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// Each pause is twice the one before, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What is left of a start's patience.
#[derive(Debug)]
pub struct Patience(Mutex<Duration>);

impl Patience {
    /// So much of it.
    #[must_use]
    pub fn of(length: Duration) -> Self {
        Self(Mutex::new(length))
    }

    /// Leaves at most so much of it.
    pub fn shorten_to(&self, most: Duration) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = most.min(*left);
    }

    /// The pause after so many tries, from 1: at most what is left, and `None` where nothing is.
    #[must_use]
    pub fn pause_after(&self, tries: u32) -> Option<Duration> {
        let left = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let grown = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
        Some(grown.min(left)).filter(|pause| !pause.is_zero())
    }

    /// Uses up so much of it.
    pub fn spend(&self, length: Duration) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_sub(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_patience_is_at_its_end() {
        let patience = Patience::of(Duration::from_secs(30 * 60));
        let mut pauses = Vec::new();
        while let Some(pause) = patience.pause_after(pauses.len() as u32 + 1) {
            patience.spend(pause);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 300, 300, 290]);
        assert_eq!(pauses.iter().sum::<u64>(), 30 * 60);
    }

    #[test]
    fn no_patience_is_no_pause() {
        assert_eq!(Patience::of(Duration::ZERO).pause_after(1), None);
        let patience = Patience::of(Duration::from_secs(100));
        patience.shorten_to(Duration::from_secs(3));
        patience.shorten_to(Duration::from_secs(50));
        assert_eq!(patience.pause_after(u32::MAX), Some(Duration::from_secs(3)));
    }
}
