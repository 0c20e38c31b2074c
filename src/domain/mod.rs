//! Nouns and rules. Nothing here reads a file, a clock or a source of randomness.

pub mod address;
pub mod calendar;
pub mod country;
pub mod crockford;
pub mod exception;
pub mod holidays;
pub mod imb;
pub mod letter;
pub mod local_time;
pub mod package_name;
pub mod password;
pub mod postal_days;
pub mod print_days;
pub mod publication28;
pub mod receipt;
pub mod reconciliation;
pub mod reissue;
pub mod request;
pub mod standing;
pub mod state;
pub mod validity;
pub mod verifier;
pub mod zip_state;
