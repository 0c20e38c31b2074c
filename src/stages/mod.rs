//! The verbs of the night, one a file. They reach files, sockets and clocks through their arguments only.

pub mod intake_file;
