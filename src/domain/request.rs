//! A request for a temporary password by post, and the states that it goes through.

mod content;
mod judge;
mod place;
mod raw;
mod text;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::address::PostalAddress;
use super::letter::named;

pub use judge::{NAME_LIMIT, judge};
pub use place::{CITY_LIMIT, LINE_LIMIT};
pub use raw::{COLUMNS, FieldProblem, REQUIRED_COLUMNS, RawRequest, WHOLE_ROW};

named! {
    /// The language that the letter is written in.
    Language {
        /// English.
        En = "en",
        /// Spanish.
        Es = "es",
    }
}

named! {
    /// The form of the letter.
    Format {
        /// One sheet in 11 to 12 point type.
        Standard = "standard",
        /// Eighteen point type and up.
        LargePrint = "large-print",
    }
}

named! {
    /// Where a request stands.
    RequestStatus {
        /// Waiting for the next night.
        Pending = "pending",
        /// Waiting for a person.
        Held = "held",
        /// In a batch that is being made.
        Claimed = "claimed",
        /// Its letter is made.
        Lettered = "lettered",
        /// Cancelled, replaced by a newer request, or joined to a letter that is on its way.
        Withdrawn = "withdrawn",
        /// Not ours: the portal serves it another way.
        Routed = "routed",
    }
}

/// Who a letter goes to and how it is to be written: all that the page may know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The name as given, trimmed and in Unicode normal form C.
    pub full_name: String,
    /// Where the letter goes.
    pub address: PostalAddress,
    /// The language that it is written in.
    pub language: Language,
    /// The form that it takes.
    pub format: Format,
}

named! {
    /// How a person proves at sign-in that an account is theirs, next to the password.
    SecondFactor {
        /// A code by e-mail: these accounts get their temporary password by post.
        Email = "email",
        /// A code by telephone: the portal e-mails these people, and no letter is made.
        Phone = "phone",
    }
}

named! {
    /// Where the portal has an address from.
    AddressBasis {
        /// From the agency's own records.
        OfRecord = "of-record",
        /// From the person who asked.
        Supplied = "supplied",
    }
}

/// How far the clock of a portal may run ahead of ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::hours(24);

/// A request that has passed [`judge`]: every rule for a row by itself holds. It has no telephone number: nothing
/// here needs one, so none is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The portal's own id of the request: 1 to 64 visible ASCII characters.
    pub reference: String,
    /// The account, 1 to 128 characters in normal form C.
    pub username: String,
    /// Who the letter goes to, and how it is written.
    pub recipient: Recipient,
    /// What the account signs in with next to its password.
    pub second_factor: SecondFactor,
    /// When the person asked.
    pub requested_at: DateTime<Utc>,
    /// Where the address is from, if the portal says so.
    pub address_basis: Option<AddressBasis>,
    /// Since when the portal has had the address, if it says so.
    pub address_since: Option<NaiveDate>,
    /// SHA-256 of the address in one spelling, by which letters to one place are counted.
    pub address_sha256: [u8; 32],
    /// SHA-256 over everything above but the last in one agreed encoding. Two rows of one reference and one digest are the same
    /// request. The telephone number, spelling that means the same (case of codes, an empty column for its default)
    /// and the offset of `requested_at` do not change it.
    pub content_sha256: [u8; 32],
}

impl NewRequest {
    /// Whether it claims to be made more than a day after `now`, which no skew of clocks explains.
    #[must_use]
    pub fn is_from_the_future(&self, now: DateTime<Utc>) -> bool {
        self.requested_at.signed_duration_since(now) > CLOCK_SKEW
    }
}
