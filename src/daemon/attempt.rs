//! Attempts: how often a run was tried, and whether and when it is tried again.

use chrono::{DateTime, TimeDelta, Utc};

use super::work::ALARM;

/// The first pause between two starts of a run that failed.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Each pause is twice the one before, up to this.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// The pause after so many failures, from 1.
#[must_use]
pub fn pause_after(failures: u32) -> TimeDelta {
    let factor = 1 << failures.saturating_sub(1).min(10);
    (FIRST_PAUSE * factor).min(LONGEST_PAUSE)
}

/// Where a run stands with the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is started at this instant, or as soon after as can be.
    Waits(DateTime<Utc>),
    /// Its time is over: the job's next run goes on with it.
    GivenUp,
    /// It raised an integrity alarm: a person acts first. What was seen then, once that was looked up.
    Alarmed(Option<Seen>),
}

/// What shows whether a person has acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How often the run was started; `None` where there is no such run that is unfinished.
    pub starts: Option<u32>,
    /// How many brakes were ever released.
    pub releases: u64,
}

/// A run that the daemon is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its scheduled local time.
    pub run: String,
    /// When it fell due.
    pub due_at: DateTime<Utc>,
    /// Until when it is tried again.
    pub until: DateTime<Utc>,
    /// Starts that failed.
    pub failures: u32,
    /// The exit status that was told last.
    pub told: Option<u8>,
    /// Where it stands.
    pub state: State,
}

impl Attempt {
    /// A run that is to be started now, and tried again for as long as its job's deadline.
    #[must_use]
    pub fn new(run: String, due_at: DateTime<Utc>, deadline: TimeDelta, now: DateTime<Utc>) -> Self {
        Self { run, due_at, until: due_at.max(now) + deadline, failures: 0, told: None, state: State::Waits(now) }
    }

    /// Takes note of a start that left something undone; whether that is told: the first time, when the status changes, and
    /// when it is given up.
    pub fn failed(&mut self, exit: u8, now: DateTime<Utc>) -> bool {
        self.failures += 1;
        let next_at = now + pause_after(self.failures);
        self.state = match exit {
            ALARM => State::Alarmed(None),
            _ if next_at > self.until => State::GivenUp,
            _ => State::Waits(next_at),
        };
        let is_news = self.told != Some(exit) || self.state == State::GivenUp;
        self.told = Some(exit);
        is_news
    }

    /// Another start is at it: it is looked at again in a while.
    pub fn elsewhere(&mut self, now: DateTime<Utc>, look_again: TimeDelta) {
        self.state = State::Waits(now + look_again);
    }

    /// When it is started; `None` where it is not. A clock that was set back keeps nobody waiting longer than a pause.
    #[must_use]
    pub fn next_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.state {
            State::Waits(next_at) => Some(next_at.min(now + LONGEST_PAUSE)),
            State::GivenUp | State::Alarmed(_) => None,
        }
    }

    /// Whether it raised an alarm that stands.
    #[must_use]
    pub fn is_alarmed(&self) -> bool {
        matches!(self.state, State::Alarmed(_))
    }

    /// Whether a person has acted since its alarm: it was started again, it is done, or a brake was released.
    pub fn seen(&mut self, now: Seen) -> bool {
        match &mut self.state {
            State::Alarmed(Some(then)) => *then != now,
            State::Alarmed(then) => {
                *then = Some(now);
                false
            }
            State::Waits(_) | State::GivenUp => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::work::TRY_AGAIN;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn attempt() -> Attempt {
        Attempt::new("2026-11-20T22:30".to_owned(), at(0), TimeDelta::minutes(10), at(0))
    }

    #[test]
    fn pauses_grow_up_to_five_minutes() {
        let pauses: Vec<i64> = (1..=8).map(|failures| pause_after(failures).num_seconds()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_run_is_tried_until_its_time_is_over_and_told_at_its_beginning_and_its_end() {
        let (mut attempt, mut now, mut told) = (attempt(), at(0), Vec::new());
        while let Some(next_at) = attempt.next_at(now) {
            now = next_at;
            told.push(attempt.failed(TRY_AGAIN, now));
        }
        assert_eq!(attempt.state, State::GivenUp);
        assert_eq!(
            told,
            [true, false, false, false, false, true],
            "10, 20, 40, 80, 160 seconds, and 300 would be too late"
        );
        assert!(now < at(10));
    }

    #[test]
    fn another_status_is_news() {
        let mut attempt = attempt();
        assert!(attempt.failed(TRY_AGAIN, at(0)));
        assert!(attempt.failed(2, at(1)));
        assert!(!attempt.failed(2, at(2)));
    }

    #[test]
    fn an_alarm_stands_until_the_run_is_started_by_somebody_else_or_done_or_a_brake_released() {
        let seen = |starts, releases| Seen { starts, releases };
        for (acted, expected) in
            [(seen(Some(3), 1), true), (seen(None, 1), true), (seen(Some(2), 2), true), (seen(Some(2), 1), false)]
        {
            let mut attempt = attempt();
            attempt.failed(ALARM, at(1));
            assert!(attempt.is_alarmed() && attempt.next_at(at(5)).is_none());
            assert!(!attempt.seen(seen(Some(2), 1)), "this is what it was");
            assert_eq!(attempt.seen(acted), expected, "{acted:?}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting() {
        let mut attempt = attempt();
        attempt.failed(TRY_AGAIN, at(9));
        assert_eq!(attempt.next_at(at(-600)), Some(at(-595)));
    }
}
