//! The only place with files, sockets, SQL, the clock and the system's randomness.
#![allow(clippy::disallowed_methods, reason = "this is the place that the ban keeps them in")]

pub mod checkpoint_sinks;
pub mod durable;
pub mod files;
pub mod folder_courier;
pub mod health_port;
pub mod host;
pub mod host_keys;
pub mod keepers;
pub mod kept_files;
pub mod large_files;
pub mod log_lines;
pub mod login_user;
pub mod moving;
pub mod object_spool;
pub mod postgres;
pub mod rewriting;
pub mod run_lock;
pub mod service_manager;
pub mod sftp_courier;
pub mod site_command;
pub mod spool_folder;
pub mod sqlite;
mod steps;
pub mod system;
pub mod timestamp_folder;
