//! The schedule of the nights: jobs as written in `jobs/*.toml`, their cron expressions, time zones, and what is due; and the
//! daemon that runs it.

pub mod agenda;
pub mod attempt;
pub mod cron_fields;
pub mod figures;
pub mod forecast;
pub mod health;
pub mod job;
pub mod schedule;
pub mod service;
pub mod times;
pub mod work;
