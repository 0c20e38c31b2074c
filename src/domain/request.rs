//! A request for a temporary password by post, and the states that it goes through.

use super::address::PostalAddress;
use super::letter::named;

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
