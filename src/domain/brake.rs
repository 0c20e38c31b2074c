//! Brakes: what is too much for a night to go on without a person, in letters and in time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::letter::named;

/// Nights that tell what is usual, at most and at least.
pub const USUAL_NIGHTS: u32 = 20;
const LEAST_NIGHTS: usize = 3;
/// Nights smaller than this do not tell what is usual.
const SMALL_NIGHT: u64 = 100;

/// A clock that goes back by more is wrong. Time servers slew what is less, leap seconds are one second, and no date that
/// letterpost reckons moves by a minute unless it is midnight.
pub const MOST_BACK: TimeDelta = TimeDelta::minutes(1);
/// A clock that jumps ahead by more is wrong. A virtual machine that was paused is set right by less than this, and a
/// password that is reckoned from ten minutes too late lives no day longer, unless it is midnight.
pub const MOST_AHEAD: TimeDelta = TimeDelta::minutes(10);
/// The longest time without a night that passes unasked, unless the site says otherwise: three nights missed around a long
/// weekend, and some.
pub const LONGEST_GAP_DAYS: u32 = 10;
/// How long a released night may wait until it is made: a release on a Friday is good for the night of Monday.
pub const RELEASE_IS_GOOD_FOR: TimeDelta = TimeDelta::days(3);

named! {
    /// What a brake is about.
    BrakeKind {
        /// A night has many more letters than usual.
        Size = "size",
        /// The clock shows an instant before what was recorded.
        ClockBehind = "clock-behind",
        /// The clock has jumped ahead.
        ClockAhead = "clock-ahead",
    }
}

/// The middle of the last nights; `None` where there were too few to tell.
#[must_use]
pub fn usual_night(mut nights: Vec<u64>) -> Option<u64> {
    nights.sort_unstable();
    nights.get(nights.len() / 2).copied().filter(|_| nights.len() >= LEAST_NIGHTS)
}

/// Why a night of so many letters is stopped; `None` where it may be made. `times` is the multiple of the usual night, 0 for
/// no such limit.
#[must_use]
pub fn too_many(letters: u64, letters_a_night: u64, times: u64, usual: Option<u64>) -> Option<String> {
    if letters > letters_a_night {
        return Some(format!(
            "{letters} letters would be made tonight, and [limits] letters_a_night is {letters_a_night}"
        ));
    }
    let usual = usual.filter(|_| times > 0)?;
    let most = usual.max(SMALL_NIGHT).saturating_mul(times);
    (letters > most).then(|| {
        format!(
            "{letters} letters would be made tonight, and a usual night has {usual}; [limits] times_the_usual_night stops more \
             than {most}"
        )
    })
}

/// The letters that a release lets pass where so many were found: a few may have come since, but no second night.
#[must_use]
pub fn allowance(letters: u64) -> u64 {
    letters.saturating_add((letters / 20).max(10))
}

/// How the wall clock went, held against the time that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    /// Back or ahead.
    pub kind: BrakeKind,
    /// What the wall clock shows.
    pub shown_at: DateTime<Utc>,
    /// What it should show.
    pub right_at: DateTime<Utc>,
}

/// Says whether the wall clock moved otherwise than time did since both clocks showed `wall` and `monotonic`.
#[must_use]
pub fn jump(
    wall: DateTime<Utc>,
    monotonic: Duration,
    wall_now: DateTime<Utc>,
    monotonic_now: Duration,
) -> Option<Jump> {
    let passed = monotonic_now.saturating_sub(monotonic);
    let right_at = wall.checked_add_signed(TimeDelta::from_std(passed).ok()?)?;
    let off = wall_now - right_at;
    let kind = match off {
        off if off < -MOST_BACK => BrakeKind::ClockBehind,
        off if off > MOST_AHEAD => BrakeKind::ClockAhead,
        _ => return None,
    };
    Some(Jump { kind, shown_at: wall_now, right_at })
}

/// Whether a clock brake is over without a release: the clock was set.
#[must_use]
pub fn is_set_right(kind: BrakeKind, shown_at: DateTime<Utc>, right_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    match kind {
        BrakeKind::Size => false,
        BrakeKind::ClockBehind => now >= right_at - MOST_BACK,
        // Time goes on: only a clock that was set shows less than it did.
        BrakeKind::ClockAhead => now < shown_at - MOST_BACK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_middle_of_three_nights_or_more_is_usual() {
        assert_eq!(usual_night(vec![9, 900]), None);
        assert_eq!(usual_night(vec![900, 100, 120]), Some(120));
        assert_eq!(usual_night(vec![4, 1, 3, 2]), Some(3));
    }

    #[test]
    fn a_night_is_stopped_above_the_multiple_and_above_the_most() {
        let stopped = |letters, usual| too_many(letters, 1000, 3, usual).is_some();
        assert_eq!([stopped(1000, None), stopped(1001, None)], [false, true]);
        assert_eq!([stopped(450, Some(150)), stopped(451, Some(150))], [false, true]);
        assert_eq!(
            [stopped(300, Some(2)), stopped(301, Some(2))],
            [false, true],
            "a usual night has a hundred at least"
        );
        assert_eq!(too_many(900, 1000, 0, Some(1)), None, "0 turns the multiple off");
    }

    #[test]
    fn a_release_lets_a_twentieth_more_pass_or_ten() {
        assert_eq!([allowance(1), allowance(200), allowance(450), allowance(10_000)], [11, 210, 472, 10_500]);
    }

    #[test]
    fn the_wall_clock_may_be_slewed_and_time_may_be_slept_through() {
        let (wall, start) = (at("2026-11-01T03:00:00Z"), Duration::from_secs(5000));
        let told = |wall_now, passed: u64| jump(wall, start, at(wall_now), start + Duration::from_secs(passed));
        assert_eq!(told("2026-11-01T09:00:00Z", 6 * 3600), None, "a night, and the end of daylight saving in it");
        assert_eq!(told("2026-11-01T03:59:00Z", 3600), None, "a minute back");
        assert_eq!(told("2026-11-01T04:10:00Z", 3600), None, "ten minutes ahead");
        let back = told("2026-11-01T03:58:59Z", 3600).unwrap();
        assert_eq!((back.kind, back.right_at), (BrakeKind::ClockBehind, at("2026-11-01T04:00:00Z")));
        assert_eq!(told("2026-11-01T04:10:01Z", 3600).unwrap().kind, BrakeKind::ClockAhead);
    }

    #[test]
    fn a_clock_brake_is_over_when_the_clock_was_set_and_not_because_time_went_on() {
        let (shown, right) = (at("2026-12-30T03:00:00Z"), at("2026-11-20T03:00:00Z"));
        let ahead = |now| is_set_right(BrakeKind::ClockAhead, shown, right, at(now));
        assert_eq!([ahead("2026-11-20T03:05:00Z"), ahead("2026-12-30T03:05:00Z")], [true, false]);
        let behind = |now| is_set_right(BrakeKind::ClockBehind, right, shown, at(now));
        assert_eq!([behind("2026-11-20T03:05:00Z"), behind("2026-12-30T02:59:30Z")], [false, true]);
    }
}
