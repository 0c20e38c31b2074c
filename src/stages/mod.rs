//! The verbs of the night, one a file. They reach files, sockets and clocks through ports only.
//!
//! Every stage can be run again: what it did is in the ledger, what it left half done is found there or beside it.

pub mod checkpoint;
pub mod collect;
pub mod deliver;
pub mod expire;
pub mod ingest;
pub mod intake_file;
pub mod night;
pub mod outcome;
pub mod password;
pub mod patience;
pub mod preflight;
pub mod produce;
pub mod receipt_rules;
pub mod site;
pub mod world;
