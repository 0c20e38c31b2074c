//! Nouns and rules. Nothing here reads a file, a clock or a source of randomness.

pub mod address;
pub mod crockford;
pub mod letter;
pub mod package_name;
pub mod password;
pub mod receipt;
pub mod request;
