//! A postal address as it was given, and the delivery zone that it lies in.

/// A postal address, in the words of the person who gave it, trimmed and in Unicode normal form C.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalAddress {
    /// Street and number, PO box, or military unit.
    pub address_line_1: String,
    /// Apartment, suite or other second line; may be empty.
    pub address_line_2: String,
    /// City, or APO, FPO, DPO.
    pub city: String,
    /// The two-letter code of a state, territory or military area; empty or free text abroad.
    pub state: String,
    /// ZIP or ZIP+4 (`12345`, `12345-6789`), or a foreign postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2, capitals.
    pub country: String,
}

/// Whether mail goes to the contiguous United States: mailed codes may live 21 days there and 30 elsewhere
/// (NIST SP 800-63B-4 section 4.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryZone {
    /// The 48 adjoining states and the District of Columbia.
    Contiguous,
    /// Alaska, Hawaii, the territories, military post and every other country.
    Outside,
}

/// States and areas whose mail is domestic but which lie outside the contiguous United States.
const OUTSIDE: [&str; 14] = ["AK", "HI", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI", "AA", "AE", "AP"];

impl PostalAddress {
    /// The zone whose limits of validity hold for a letter to this address.
    #[must_use]
    pub fn delivery_zone(&self) -> DeliveryZone {
        if self.is_domestic() && !OUTSIDE.contains(&self.state.as_str()) {
            DeliveryZone::Contiguous
        } else {
            DeliveryZone::Outside
        }
    }

    /// Whether the United States Postal Service delivers it at domestic rates.
    #[must_use]
    pub fn is_domestic(&self) -> bool {
        self.country == "US"
    }
}
