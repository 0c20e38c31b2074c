//! The system's clock and random number generator, and the seeded twins that a rehearsal runs on.

use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest, Sha256};

use crate::ports::{Clock, Entropy, NoEntropy, Pause};

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> std::time::Duration {
        let since_boot = clock_gettime(ClockId::Boottime);
        // The kernel counts both from zero upwards, and nanoseconds below a thousand million.
        let (seconds, nanoseconds) = (u64::try_from(since_boot.tv_sec), u32::try_from(since_boot.tv_nsec));
        std::time::Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
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
pub struct FixedClock(Mutex<Hands>);

/// What both clocks of a [`FixedClock`] show.
#[derive(Debug)]
struct Hands {
    wall: DateTime<Utc>,
    since_boot: std::time::Duration,
}

impl FixedClock {
    /// A clock that shows this instant.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Mutex::new(Hands { wall: instant, since_boot: std::time::Duration::ZERO }))
    }

    /// Lets time pass until this instant. Time does not pass backwards: for an earlier one, only the wall clock moves.
    pub fn move_to(&self, instant: DateTime<Utc>) {
        let mut hands = self.hands();
        let passed = (instant - hands.wall).to_std().unwrap_or_default();
        hands.since_boot += passed;
        hands.wall = instant;
    }

    /// Lets so much time pass; where it is negative, only the wall clock moves.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.since_boot += by.to_std().unwrap_or_default();
        hands.wall += by;
    }

    /// Sets the wall clock, as somebody sets the clock of a machine: no time passes.
    pub fn set_wall(&self, instant: DateTime<Utc>) {
        self.hands().wall = instant;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.hands().wall
    }

    fn monotonic(&self) -> std::time::Duration {
        self.hands().since_boot
    }
}

#[async_trait]
impl Pause for FixedClock {
    /// Nobody waits: the clock moves.
    async fn pause(&self, length: std::time::Duration) {
        self.advance(Duration::from_std(length).unwrap_or_default());
    }
}

/// A clock that began at an instant of somebody's choice and goes as the machine's does: for rehearsals.
#[derive(Debug)]
pub struct RunningClock {
    from: DateTime<Utc>,
    began: std::time::Duration,
}

impl RunningClock {
    /// A clock that shows this instant now.
    #[must_use]
    pub fn from(instant: DateTime<Utc>) -> Self {
        Self { from: instant, began: SystemClock.monotonic() }
    }
}

impl Clock for RunningClock {
    fn now(&self) -> DateTime<Utc> {
        self.from + Duration::from_std(self.monotonic().saturating_sub(self.began)).unwrap_or_default()
    }

    fn monotonic(&self) -> std::time::Duration {
        SystemClock.monotonic()
    }
}

#[async_trait]
impl Pause for RunningClock {
    async fn pause(&self, length: std::time::Duration) {
        SystemClock.pause(length).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_setting_the_wall_parts_the_two_clocks() {
        let clock = FixedClock::at("2026-12-01T22:30:00Z".parse().unwrap());
        clock.move_to("2026-12-01T22:40:00Z".parse().unwrap());
        clock.advance(Duration::seconds(5));
        assert_eq!(clock.monotonic().as_secs(), 605);
        clock.set_wall("2027-01-10T22:30:00Z".parse().unwrap());
        clock.move_to("2026-12-01T22:30:00Z".parse().unwrap());
        assert_eq!(clock.monotonic().as_secs(), 605, "neither setting the clock nor going back is time that passed");
        assert_eq!(clock.now().to_string(), "2026-12-01 22:30:00 UTC");
    }

    #[test]
    fn the_machines_second_clock_is_the_kernels_time_since_boot() {
        let uptime = std::process::Command::new("cat").arg("/proc/uptime").output().unwrap().stdout;
        let uptime: f64 = String::from_utf8(uptime).unwrap().split(' ').next().unwrap().parse().unwrap();
        let shown = SystemClock.monotonic().as_secs_f64();
        assert!((shown - uptime).abs() < 60.0, "{shown} and {uptime}");
    }
}
