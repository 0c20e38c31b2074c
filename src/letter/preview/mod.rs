//! What people look at before a letter is sent to anybody: proofs of every form on invented people, marked as specimens,
//! as pictures, and in the envelope.

pub mod enclosed;
pub mod parts;
pub mod picture;
pub mod proof;
pub mod samples;
pub mod specimen;
