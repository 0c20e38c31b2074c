//! The Intelligent Mail barcode of the United States Postal Service (USPS-B-3200): what it says, its digits, its bars.
//!
//! One barcode names one mail piece: the mailer, a serial number that is not used again for 45 days, what is to be
//! done with the piece if it cannot be delivered, and where it goes.

mod bars;
mod mailer_id;
mod routing;
pub mod serials;
mod service;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use bars::{Bar, Misread};
pub use mailer_id::{MailerId, NotAMailerId};
pub use routing::{NotAPostalCode, Routing};
pub use service::{Ancillary, NoSuchService, NotAServiceType, ServiceType};
pub use tables::BARS;

/// Digits of the tracking code: everything but where the piece goes.
const TRACKING_DIGITS: usize = 20;
/// One more than the highest second digit of a barcode identifier.
const SECOND_DIGIT_END: u64 = 5;
/// The digits after the barcode identifier, as a power of ten.
const AFTER_IDENTIFIER: u64 = 1_000_000_000_000_000_000;
/// Mailer id and serial number, as a power of ten.
const AFTER_SERVICE: u64 = 1_000_000_000_000_000;

/// A barcode whose fields fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Imb {
    identifier: u8,
    service: ServiceType,
    mailer_id: MailerId,
    serial: u32,
    routing: Routing,
}

/// Why there is no such barcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImbError {
    /// Something else than a digit.
    #[error("character {place} of the barcode is '{found}'; write digits only")]
    NotADigit {
        /// Its place, from 1.
        place: usize,
        /// What stands there.
        found: char,
    },
    /// A number of digits that no barcode has.
    #[error("the barcode has {0} digits; a barcode has 20, 25, 29 or 31")]
    Length(usize),
    /// The second digit of the barcode identifier is too high.
    #[error("the second digit of the barcode is {0}; it can be 0 to 4")]
    SecondDigit(u8),
    /// A serial number with more digits than the mailer id leaves.
    #[error("serial number {serial} is too large under mailer id {mailer_id}; the highest is {}", .mailer_id.serials() - 1)]
    SerialTooLarge {
        /// The number.
        serial: u32,
        /// The mailer id.
        mailer_id: MailerId,
    },
}

impl Imb {
    /// The barcode of a letter, with barcode identifier 00 (no optional endorsement line).
    ///
    /// # Errors
    /// [`ImbError::SerialTooLarge`].
    pub fn new(service: ServiceType, mailer_id: MailerId, serial: u32, routing: Routing) -> Result<Self, ImbError> {
        if serial >= mailer_id.serials() {
            return Err(ImbError::SerialTooLarge { serial, mailer_id });
        }
        Ok(Self { identifier: 0, service, mailer_id, serial, routing })
    }

    /// The service that it asks for.
    #[must_use]
    pub fn service(&self) -> ServiceType {
        self.service
    }

    /// Whose piece it is.
    #[must_use]
    pub fn mailer_id(&self) -> MailerId {
        self.mailer_id
    }

    /// The piece's number under the mailer id.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// Where it goes.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.routing
    }

    /// Its digits: 20, 25, 29 or 31, without separators.
    #[must_use]
    pub fn digits(&self) -> String {
        self.to_string()
    }

    /// The first 20 of its digits, which name the piece wherever it goes.
    #[must_use]
    pub fn tracking_code(&self) -> String {
        format!("{:0TRACKING_DIGITS$}", self.tracking())
    }

    /// Its bars, from left to right.
    #[must_use]
    pub fn bars(&self) -> [Bar; BARS] {
        bars::bars_of(self.value())
    }

    /// Reads bars from left to right. Any one changed bar is noticed; so are most greater changes.
    ///
    /// # Errors
    /// Where they are no barcode.
    pub fn decode(bars: &[Bar; BARS]) -> Result<Self, Misread> {
        Self::from_value(bars::value_of(bars)?).ok_or(Misread::Number)
    }

    /// The tracking code's 20 digits as a number.
    fn tracking(&self) -> u128 {
        let after_identifier = self.service.number() * AFTER_SERVICE + self.mailer_id.join(self.serial);
        u128::from(self.identifier) * u128::from(AFTER_IDENTIFIER) + u128::from(after_identifier)
    }

    /// The number that the bars stand for: routing code, then the tracking code with a second digit of base five.
    fn value(&self) -> u128 {
        let (first, second) = (self.identifier / 10, self.identifier % 10);
        let head = u128::from(self.routing.value()) * 10 + u128::from(first);
        let head = head * u128::from(SECOND_DIGIT_END) + u128::from(second);
        head * u128::from(AFTER_IDENTIFIER) + self.tracking() % u128::from(AFTER_IDENTIFIER)
    }

    fn from_value(value: u128) -> Option<Self> {
        let (head, tail) = (value / u128::from(AFTER_IDENTIFIER), value % u128::from(AFTER_IDENTIFIER));
        let head = u64::try_from(head).ok()?;
        let (first, second) = (head / SECOND_DIGIT_END % 10, head % SECOND_DIGIT_END);
        let routing = Routing::from_value(head / SECOND_DIGIT_END / 10)?;
        Some(Self::from_fields(u8::try_from(first * 10 + second).ok()?, u64::try_from(tail).ok()?, routing))
    }

    /// The barcode of a barcode identifier, the 18 digits after it, and a routing code.
    fn from_fields(identifier: u8, after_identifier: u64, routing: Routing) -> Self {
        let (mailer_id, serial) = MailerId::split(after_identifier % AFTER_SERVICE);
        let service = ServiceType::from_number(after_identifier / AFTER_SERVICE);
        Self { identifier, service, mailer_id, serial, routing }
    }
}

impl fmt::Display for Imb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0TRACKING_DIGITS$}{}", self.tracking(), self.routing)
    }
}

impl FromStr for Imb {
    type Err = ImbError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let not_a_digit = text.chars().zip(1..).find(|(found, _)| !found.is_ascii_digit());
        if let Some((found, place)) = not_a_digit {
            return Err(ImbError::NotADigit { place, found });
        }
        let wrong_length = || ImbError::Length(text.len());
        let (tracking, routing) = text.split_at_checked(TRACKING_DIGITS).ok_or_else(wrong_length)?;
        let routing = Routing::from_digits(routing).ok_or_else(wrong_length)?;
        let (identifier, rest) = tracking.split_at_checked(2).ok_or_else(wrong_length)?;
        let identifier: u8 = identifier.parse().map_err(|_| wrong_length())?;
        if u64::from(identifier % 10) >= SECOND_DIGIT_END {
            return Err(ImbError::SecondDigit(identifier % 10));
        }
        Ok(Self::from_fields(identifier, rest.parse().map_err(|_| wrong_length())?, routing))
    }
}
