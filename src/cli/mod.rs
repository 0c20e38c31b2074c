//! The commands that people type, one file each. A command reads its arguments, does its work and returns a value;
//! printing the value, for people or as JSON, and turning an error into an exit status is left to `main`.

pub mod vendor;
