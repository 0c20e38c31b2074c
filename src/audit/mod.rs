//! The audit log as bytes: what an entry looks like, the Merkle tree over all of them, the signed checkpoints of it, and proofs.
//!
//! The ledger keeps the entries and appends each in the transaction that changes the state it tells of. Here is
//! only what can be computed from them, so that anybody with the bytes can compute it too.

pub mod actor;
pub mod check;
pub mod checkpoint;
pub mod deed;
pub mod entry;
pub mod log_keys;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod proof_file;
pub mod read;
pub mod rotation;
pub mod timestamp;
