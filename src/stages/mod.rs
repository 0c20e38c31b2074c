//! The verbs of the night, one a file. They reach files, sockets and clocks through ports only.
//!
//! Every stage can be run again: what it did is in the ledger, what it left half done is found there or beside it.

pub mod ahead;
pub mod audit;
pub mod brakes;
pub mod calendar_reach;
pub mod cancel;
pub mod checkpoint;
pub mod collect;
mod contents;
pub mod correct;
pub mod decision;
pub mod deliver;
pub mod expire;
pub mod holds;
pub mod ingest;
pub mod intake_file;
pub mod legal_hold;
pub mod log_key;
pub mod night;
pub mod outcome;
pub mod password;
pub mod patience;
pub mod preflight;
pub mod produce;
pub mod promises;
pub mod pull;
pub mod purges;
pub mod receipt_rules;
pub mod reckoning;
pub mod reconcile;
pub mod reissue;
pub mod retention;
pub mod returned;
pub mod site;
pub mod stop;
mod threads;
pub mod transmission;
pub mod world;
