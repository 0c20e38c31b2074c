//! What can be typed about stages, jobs and what they did.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::dispatch::DispatchArgs;

/// A stage.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `produce`.
#[derive(Debug, Args)]
pub struct ProduceArgs {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Threads that compute verifiers; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
}

/// `worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// End when nothing waits, or when no night is producing.
    #[arg(long)]
    pub once: bool,
    /// Threads that compute verifiers; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The job's name: that of its file in the jobs folder.
    pub job: String,
    /// The night to run it for: only the run's key. Every date that is recorded comes from the clock.
    #[arg(long, value_name = "DATE")]
    pub date: Option<NaiveDate>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Threads that compute verifiers; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
}

/// `jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// Only this job; by default all.
    pub job: Option<String>,
    /// How many times of each job.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub next: u16,
}

/// `report …`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// What the newest runs did, and what waits for a person, each with the command for it.
    #[command(
        after_help = "It tells, from the top: what ran; what keeps nights from going on; what is late; what somebody decides \
about, marked (new) if it came up since the night before the last one ended, or (overdue); what ends within a week, and \
certificates within a month; how many requests and letters are where.\n\nThe page of --html is one file without scripts \
and without names, with pictures of the last 30 nights and the next 30 days.\n\nExample: letterpost report night --html \
/srv/www/letterpost.html"
    )]
    Night {
        /// How many runs.
        #[arg(long, default_value_t = 1)]
        last: u32,
        /// Write a page to this file, in the place of one that is there, and nothing to standard output.
        #[arg(long, value_name = "FILE", conflicts_with = "json")]
        html: Option<PathBuf>,
    },
    /// The dispatch records of a span of days: each piece from the intake file to the receipt line, and totals that tie.
    Dispatch(DispatchArgs),
}
