//! Scheduled times that have passed without a run.

use super::item::{Group, Item, command};
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::open::Opening;
use crate::cli::schedule;
use crate::stages::decision::Desk;

/// What the agenda has due or has given up, of jobs that have run before: a job that is new has missed nothing.
pub(super) async fn missed(config: &Config, desk: &Desk, at: &Opening) -> CliResult<Vec<Item>> {
    let agenda = schedule::agenda(config, at)?;
    let last_runs = schedule::last_runs(&agenda, desk.ledger.as_ref(), desk.now).await?;
    let times = agenda.due(&last_runs, desk.now).map_err(|error| Failure::usage(error.to_string()).plainly())?;
    let due = times.due.iter().filter(|due| last_runs.contains_key(&due.job)).map(|due| {
        let headline = format!("{} for {} was not started", due.job, due.time.key());
        let why = "look whether its timer works; the next start does it";
        Item::new(Group::Halt, headline, command("run", &due.job)).because(why).overdue(due.is_missed)
    });
    let given_up = times.given_up.iter().map(|times| {
        Item::new(Group::Look, times.to_string(), "letterpost jobs").because("look why nobody started it")
    });
    Ok(due.chain(given_up).collect())
}
