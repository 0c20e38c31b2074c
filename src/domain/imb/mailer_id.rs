//! The mailer id: whose mail it is, as the postal service has assigned it.

use std::fmt;
use std::str::FromStr;

/// Six-digit ids are below this: they begin with 0 to 8.
const SIX_DIGITS_END: u32 = 900_000;
/// Nine-digit ids begin here: their first digit is 9.
const NINE_DIGITS_FROM: u32 = 900_000_000;
/// The digits that mailer id and serial number have together.
const DIGITS_WITH_SERIAL: usize = 15;

/// A mailer id: six digits of which the first is 0 to 8, or nine of which the first is 9 (Postal Bulletin 22290).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailerId(u32);

impl MailerId {
    /// How many digits it has: 6 or 9.
    #[must_use]
    pub fn digits(self) -> usize {
        if self.0 < SIX_DIGITS_END { 6 } else { 9 }
    }

    /// How many digits a serial number under it has: 9 or 6.
    #[must_use]
    pub fn serial_digits(self) -> usize {
        DIGITS_WITH_SERIAL - self.digits()
    }

    /// How many serial numbers there are under it; the highest is one less.
    #[must_use]
    pub fn serials(self) -> u32 {
        if self.digits() == 6 { 1_000_000_000 } else { 1_000_000 }
    }

    /// The id at the beginning of 15 digits, and the serial number that follows it.
    pub(super) fn split(number: u64) -> (Self, u32) {
        // A remainder of a division by 10^9 or 10^6 and a quotient below 10^9 fit in 32 bits.
        let (short, long) = (number / 1_000_000_000, number / 1_000_000);
        if short < u64::from(SIX_DIGITS_END) {
            (Self(short as u32), (number % 1_000_000_000) as u32)
        } else {
            (Self(long as u32), (number % 1_000_000) as u32)
        }
    }

    /// The 15 digits of the id and a serial number, as a number.
    pub(super) fn join(self, serial: u32) -> u64 {
        u64::from(self.0) * u64::from(self.serials()) + u64::from(serial)
    }
}

impl fmt::Display for MailerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.0, width = self.digits())
    }
}

/// A text that is no mailer id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a mailer id; a mailer id has six digits, the first 0 to 8, or nine digits, the first 9")]
pub struct NotAMailerId(pub String);

impl FromStr for MailerId {
    type Err = NotAMailerId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAMailerId(text.chars().take(20).collect());
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused());
        }
        let number: u32 = text.parse().map_err(|_| refused())?;
        match text.len() {
            6 if number < SIX_DIGITS_END => Ok(Self(number)),
            9 if number >= NINE_DIGITS_FROM => Ok(Self(number)),
            _ => Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digit_tells_the_length() {
        for (text, digits, serials) in [
            ("000000", 6, 1_000_000_000),
            ("567094", 6, 1_000_000_000),
            ("899999", 6, 1_000_000_000),
            ("900000000", 9, 1_000_000),
            ("987654321", 9, 1_000_000),
        ] {
            let id: MailerId = text.parse().unwrap();
            assert_eq!((id.digits(), id.serials()), (digits, serials), "{text}");
            assert_eq!(id.to_string(), text);
            assert_eq!(MailerId::split(id.join(serials - 1)), (id, serials - 1), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "56709", "5670944", "900000", "899999999", "9000000000", "56709a", "+56709", " 567094", "९"]
        {
            let error = text.parse::<MailerId>().unwrap_err();
            assert!(error.to_string().contains("six digits"), "{error}");
        }
    }
}
