//! Chance that a seed gives: the same seed and the same piece have the same luck, whenever it is looked at.

use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// Parts of the whole in which luck is drawn: hundredths of a percent.
const WHOLE: u32 = 10_000;

/// How often something happens, from 0 to 100 percent, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Percent(u32);

impl Percent {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(WHOLE);

    /// So many whole percent; more than 100 is always.
    #[must_use]
    pub fn of(percent: u32) -> Self {
        Self(percent.saturating_mul(100).min(WHOLE))
    }
}

impl Percent {
    /// Half as often.
    #[must_use]
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || format!("'{text}' is not a percentage: write 0 to 100, with two decimals at most");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain(whole) || !is_plain(part) || part.len() > 2 {
            return Err(refused());
        }
        let whole: u32 = whole.parse().map_err(|_| refused())?;
        let part: u32 = format!("{part:0<2}").parse().map_err(|_| refused())?;
        let hundredths = whole.saturating_mul(100).saturating_add(part);
        if hundredths <= WHOLE { Ok(Self(hundredths)) } else { Err(refused()) }
    }
}

/// The luck of one seed.
#[derive(Debug, Clone, Copy)]
pub struct Chance(pub u64);

impl Chance {
    /// Whether this happens to that.
    #[must_use]
    pub fn happens(self, percent: Percent, what: &str, to: &str) -> bool {
        self.draw(what, to) % u64::from(WHOLE) < u64::from(percent.0)
    }

    /// One of `count` things; 0 where there is none.
    #[must_use]
    pub fn pick(self, count: usize, what: &str, to: &str) -> usize {
        // The remainder is below the count.
        (self.draw(what, to) % (count.max(1) as u64)) as usize
    }

    fn draw(self, what: &str, to: &str) -> u64 {
        let digest = Sha256::new().chain_update(self.0.to_be_bytes()).chain_update(format!("{what}\0{to}")).finalize();
        digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_the_seeds_and_falls_as_often_as_it_should() {
        let chance = Chance(7);
        let hits = |percent: &str| {
            let percent: Percent = percent.parse().unwrap();
            (0..10_000).filter(|piece| chance.happens(percent, "spoil", &piece.to_string())).count()
        };
        assert_eq!((hits("0"), hits("100")), (0, 10_000));
        assert!((900..1_100).contains(&hits("10")), "{}", hits("10"));
        assert!((20..80).contains(&hits("0.5")), "{}", hits("0.5"));
        assert_eq!(hits("10"), hits("10.00"));
        assert_ne!(Chance(7).draw("spoil", "1"), Chance(8).draw("spoil", "1"));
        assert_eq!(chance.pick(0, "kind", "1"), 0);
        for refused in ["", "-1", "101", "100.01", "5%", "1.234", "1,5", "x"] {
            assert!(refused.parse::<Percent>().is_err(), "{refused}");
        }
    }
}
