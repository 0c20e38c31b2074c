//! The service type: what the postal service does with a piece that it cannot deliver, and what it tells the mailer.

use std::fmt;
use std::str::FromStr;

use crate::domain::letter::named;

named! {
    /// What happens to a piece whose addressee is not at the address (DMM 507), for First-Class Mail.
    Ancillary {
        /// Forwarded where there is a change-of-address order, otherwise returned; no notice of corrections.
        None = "none",
        /// As printed on the envelope; corrections come on paper.
        ManualCorrections = "manual-corrections",
        /// Forwarded with a notice, otherwise returned.
        AddressServiceOption1 = "address-service-requested-option-1",
        /// As the mailer's address-correction profile says, with a notice.
        AddressServiceOption2 = "address-service-requested-option-2",
        /// Neither forwarded nor returned: destroyed, with a notice.
        ChangeServiceOption1 = "change-service-requested-option-1",
        /// As the mailer's address-correction profile says, with a notice.
        ChangeServiceOption2 = "change-service-requested-option-2",
        /// Never forwarded: returned, with the new address or the reason (option 2).
        ReturnService = "return-service-requested",
        /// As the last, but forwarded where the change of address is temporary.
        TemporaryReturnService = "temp-return-service-requested",
    }
}

/// The service type codes of First-Class Mail, by row of the postal service's table as of 2024-01-21: basic, basic
/// with tracing, full service, full service with tracing. 0 where there is none.
const CODES: [(Ancillary, [u16; 4]); 8] = [
    (Ancillary::None, [300, 310, 260, 270]),
    (Ancillary::ManualCorrections, [700, 40, 0, 0]),
    (Ancillary::AddressServiceOption1, [230, 220, 320, 314]),
    (Ancillary::AddressServiceOption2, [80, 140, 81, 141]),
    (Ancillary::ChangeServiceOption1, [504, 502, 516, 514]),
    (Ancillary::ChangeServiceOption2, [82, 240, 83, 241]),
    (Ancillary::ReturnService, [341, 340, 343, 342]),
    (Ancillary::TemporaryReturnService, [345, 344, 232, 222]),
];

/// A service type code: three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceType(u16);

/// A service that the postal service's table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("'{ancillary}' does not come with full service; write full_service = false or another service")]
pub struct NoSuchService {
    /// The row of the table that has no such column.
    pub ancillary: Ancillary,
}

impl ServiceType {
    /// The code for First-Class Mail with this treatment; `full_service` is the mailer's automation option, `tracing`
    /// asks for a scan notice of each piece (Informed Visibility).
    ///
    /// # Errors
    /// Where the table has no code for the combination.
    pub fn first_class(ancillary: Ancillary, full_service: bool, tracing: bool) -> Result<Self, NoSuchService> {
        let column = usize::from(full_service) * 2 + usize::from(tracing);
        let row = CODES.iter().find(|(row, _)| *row == ancillary);
        let code = row.and_then(|(_, codes)| codes.get(column)).copied().filter(|code| *code != 0);
        code.map(Self).ok_or(NoSuchService { ancillary })
    }

    /// The three digits at the end of a number.
    pub(super) fn from_number(number: u64) -> Self {
        // A remainder of 1,000 fits in 16 bits.
        Self((number % 1_000) as u16)
    }

    /// The code as a number, below 1,000.
    pub(super) fn number(self) -> u64 {
        self.0.into()
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// A text that is no service type code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a service type; a service type has three digits")]
pub struct NotAServiceType(pub String);

impl FromStr for ServiceType {
    type Err = NotAServiceType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAServiceType(text.chars().take(20).collect());
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused());
        }
        text.parse().map(Self).map_err(|_| refused())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_with_a_secret_is_returned_and_never_forwarded() {
        let codes: Vec<String> = [(false, false), (false, true), (true, false), (true, true)]
            .iter()
            .map(|(full, tracing)| ServiceType::first_class(Ancillary::ReturnService, *full, *tracing).unwrap())
            .map(|service| service.to_string())
            .collect();
        assert_eq!(codes, ["341", "340", "343", "342"]);
    }

    #[test]
    fn every_code_stands_in_the_table_once() {
        let mut seen = std::collections::BTreeSet::new();
        for ancillary in Ancillary::ALL {
            for (full, tracing) in [(false, false), (false, true), (true, false), (true, true)] {
                let code = ServiceType::first_class(*ancillary, full, tracing);
                let is_missing = full && *ancillary == Ancillary::ManualCorrections;
                assert_eq!(code.is_err(), is_missing, "{ancillary} {full} {tracing}");
                assert!(code.is_err() || seen.insert(code.unwrap()), "{code:?} stands there twice");
            }
        }
        assert_eq!(seen.len(), 30);
    }

    #[test]
    fn leading_zeros_are_kept() {
        let manual = ServiceType::first_class(Ancillary::ManualCorrections, false, true).unwrap();
        assert_eq!(manual.to_string(), "040");
        assert_eq!("040".parse(), Ok(manual));
        for text in ["", "40", "0040", "04x", "+40"] {
            assert!(text.parse::<ServiceType>().is_err(), "{text}");
        }
    }
}
