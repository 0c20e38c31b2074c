//! The audit log as bytes: what an entry looks like, and the Merkle tree over all of them.
//!
//! The ledger keeps the entries and appends each in the transaction that changes the state it tells of. Here is
//! only what can be computed from them, so that anybody with the bytes can compute it too.

pub mod entry;
pub mod merkle;
pub mod timestamp;
