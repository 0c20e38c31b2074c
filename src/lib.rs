//! Letterpost mails temporary passwords.
//!
//! ```text
//! request ──► letter ──► batch ──► package ──► delivery ──► receipt ──► dispatch date ──► expiry
//! collect      └────── produce ──────┘         deliver       ingest                        expire
//! ```
//!
//! The floors, from the ground: [`domain`] holds the nouns and rules; [`letter`], [`package`] and [`audit`] make
//! bytes from values; [`ports`] names what a stage needs of the world; [`stages`] are the verbs of the night and
//! [`adapters`] the only place with files, sockets and SQL; [`cli`] and [`daemon`] are what people touch,
//! [`portal`] what a portal calls.
//! A file imports from its own folder or from a lower floor, and `tests/floors.rs` sees to it.

pub mod adapters;
pub mod audit;
pub mod cli;
pub mod daemon;
pub mod domain;
pub mod letter;
pub mod package;
pub mod portal;
pub mod ports;
pub mod stages;
