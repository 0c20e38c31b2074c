//! The schedule of the nights: jobs as written in `jobs/*.toml`, their cron expressions, and time zones.

pub mod cron_fields;
pub mod job;
pub mod schedule;
