//! The schedule of the nights: jobs as written in `jobs/*.toml`, their cron expressions, time zones, and what is due.

pub mod agenda;
pub mod cron_fields;
pub mod forecast;
pub mod job;
pub mod schedule;
pub mod times;
