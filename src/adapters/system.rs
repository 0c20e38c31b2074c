//! The system's clock and random number generator, and the seeded twins that a rehearsal runs on.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use crate::ports::{Clock, Entropy, NoEntropy, Pause};

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

#[async_trait]
impl Pause for SystemClock {
    async fn pause(&self, length: std::time::Duration) {
        tokio::time::sleep(length).await;
    }
}

/// The random number generator of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|error| NoEntropy(error.to_string()))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// A clock that shows this instant.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Mutex::new(instant))
    }

    /// Moves the clock to this instant.
    pub fn move_to(&self, instant: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = instant;
    }

    /// Moves the clock on, or back.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Pause for FixedClock {
    /// Nobody waits: the clock moves.
    async fn pause(&self, length: std::time::Duration) {
        self.advance(Duration::from_std(length).unwrap_or_default());
    }
}

/// Bytes that a seed gives: SHA-256 of the seed and a count. For rehearsals and tests; every other site refuses it.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    blocks: Mutex<u64>,
}

impl SeededEntropy {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, blocks: Mutex::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        let mut count = self.blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let block =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(count.to_be_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
            *count += 1;
        }
        Ok(())
    }
}
