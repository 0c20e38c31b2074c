//! The digest by which a request that comes twice is known to be the same one.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::{AddressBasis, Recipient, SecondFactor};

/// Names the encoding, so that a later one can never be taken for it.
const ENCODING: &str = "letterpost request content 1";

/// The fields that make a request what it is, judged and normalised. The telephone number is not one of them: it is
/// not kept, so a row that differs in nothing else is the same request.
pub(super) struct Content<'a> {
    pub reference: &'a str,
    pub username: &'a str,
    pub recipient: &'a Recipient,
    pub second_factor: SecondFactor,
    pub requested_at: DateTime<Utc>,
    pub address_basis: Option<AddressBasis>,
    pub address_since: Option<NaiveDate>,
}

impl Content<'_> {
    /// SHA-256 over the fields in a fixed order, each after its length in bytes (64 bits, big-endian), so that no two
    /// contents share an encoding. An absent optional field has length 0, which no present one has.
    pub(super) fn sha256(&self) -> [u8; 32] {
        let (recipient, address) = (self.recipient, &self.recipient.address);
        let instant = format!("{}.{:09}", self.requested_at.timestamp(), self.requested_at.timestamp_subsec_nanos());
        let since = self.address_since.map(|on| format!("{:04}-{:02}-{:02}", on.year(), on.month(), on.day()));
        let fields = [
            ENCODING,
            self.reference,
            self.username,
            &recipient.full_name,
            &address.address_line_1,
            &address.address_line_2,
            &address.city,
            &address.state,
            &address.postal_code,
            &address.country,
            recipient.language.as_str(),
            recipient.format.as_str(),
            self.second_factor.as_str(),
            &instant,
            self.address_basis.map_or("", AddressBasis::as_str),
            since.as_deref().unwrap_or_default(),
        ];
        let mut digest = Sha256::new();
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field.as_bytes());
        }
        digest.finalize().into()
    }
}
