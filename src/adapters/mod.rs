//! The only place with files, sockets, SQL, the clock and the system's randomness.

pub mod sqlite;
pub mod system;
