//! The routing code: where a piece goes, as far as it is known.

use std::fmt;

/// How many values a ZIP has, and so on.
const ZIPS: u64 = 100_000;
const ZIPS_PLUS_4: u64 = 1_000_000_000;
const DELIVERY_POINTS: u64 = 100_000_000_000;

/// Where a piece goes. Numbers are below 10 to the power of their digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Routing {
    digits: u8,
    number: u64,
}

/// A postal code that is no ZIP and no ZIP+4.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a ZIP code; a ZIP code is written 12345 or 12345-6789")]
pub struct NotAPostalCode(pub String);

impl Routing {
    /// No routing code.
    pub const NONE: Self = Self { digits: 0, number: 0 };

    /// The routing code of a postal code of the United States, `12345` or `12345-6789`.
    ///
    /// # Errors
    /// Where it is written in another way.
    pub fn of_postal_code(postal_code: &str) -> Result<Self, NotAPostalCode> {
        let digits = match postal_code.split_once('-') {
            Some((zip, plus_4)) if zip.len() == 5 && plus_4.len() == 4 => format!("{zip}{plus_4}"),
            None if postal_code.len() == 5 => postal_code.to_owned(),
            _ => String::new(),
        };
        Self::from_digits(&digits)
            .filter(|routing| routing.digits > 0)
            .ok_or_else(|| NotAPostalCode(postal_code.chars().take(20).collect()))
    }

    /// The routing code of 0 (none), 5 (ZIP), 9 (ZIP+4) or 11 (with delivery point) digits.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.len() {
            0 => Some(Self::NONE),
            digits @ (5 | 9 | 11) if is_digits => {
                Some(Self { digits: u8::try_from(digits).ok()?, number: text.parse().ok()? })
            }
            _ => None,
        }
    }

    /// Its part of the barcode's number: the shorter codes come first, so that none needs a length beside it.
    pub(super) fn value(self) -> u64 {
        match self.digits {
            0 => 0,
            5 => self.number + 1,
            9 => self.number + 1 + ZIPS,
            _ => self.number + 1 + ZIPS + ZIPS_PLUS_4,
        }
    }

    /// The routing code of such a part.
    pub(super) fn from_value(value: u64) -> Option<Self> {
        let Some(mut number) = value.checked_sub(1) else { return Some(Self::NONE) };
        for (digits, codes) in [(5, ZIPS), (9, ZIPS_PLUS_4), (11, DELIVERY_POINTS)] {
            match number.checked_sub(codes) {
                None => return Some(Self { digits, number }),
                Some(rest) => number = rest,
            }
        }
        None
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits == 0 {
            return Ok(());
        }
        write!(f, "{:0width$}", self.number, width = usize::from(self.digits))
    }
}
