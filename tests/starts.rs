//! However often a night is started, at once or one start after another, its letters are made once.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "support/night/mod.rs"]
mod night;

#[path = "starts/alerts.rs"]
mod alerts;
#[path = "starts/stopped.rs"]
mod stopped;
#[path = "starts/together.rs"]
mod together;
#[path = "starts/unfinished.rs"]
mod unfinished;

use std::fs;

use letterpost::cli::config::Config;
use letterpost::ports::ledger::RunRecord;
use night::{Ended, NightSite, ledger};

const LETTERS: usize = 6;
const LETTERS_A_PACKAGE: u32 = 4;
/// So that a night takes some time.
const MEMORY_KIB: u32 = 19_456;

fn has_worked(ended: &Ended) -> bool {
    ended.exit == Some(0) && ended.told.contains("nightly for 2026-11-20T22:30: completed")
}

async fn runs(site: &NightSite, job: &str) -> Vec<RunRecord> {
    let config = Config::from_toml(&fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let ledger = ledger(site, &config).await;
    let runs = ledger.runs(Some(job), 10).await.unwrap();
    ledger.close().await;
    runs
}
