//! The command line, and the configuration that it reads.

pub mod config;
