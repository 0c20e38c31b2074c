//! Nouns and rules. Nothing here reads a file, a clock or a source of randomness.

pub mod address;
pub mod country;
pub mod crockford;
pub mod letter;
pub mod password;
pub mod request;
pub mod state;
pub mod zip_state;
