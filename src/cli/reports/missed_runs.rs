//! Scheduled times that have passed without a run.

use super::item::{Group, Item, command};
use crate::adapters::files;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Failure};
use crate::cli::open::Opening;
use crate::daemon::job::Job;
use crate::ports::ledger::RunRecord;
use crate::stages::decision::Desk;

/// How a run's scheduled local time is written.
const LOCAL_TIME: &str = "%Y-%m-%dT%H:%M";

/// The last time of each job that has run before, if nobody started it.
pub(super) fn missed(config: &Config, runs: &[RunRecord], desk: &Desk, at: &Opening) -> CliResult<Vec<Item>> {
    let mut items = Vec::new();
    for path in files::list(&at.paths(config).jobs, "toml")? {
        let unfit = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display())).plainly();
        let job = Job::from_toml(&files::read_text(&path)?).map_err(|error| unfit(&error))?;
        let due = job.latest_run_at_or_before(desk.now, &desk.site.calendar).map_err(|error| unfit(&error))?;
        let Some(scheduled_for) = due.map(|time| time.local.format(LOCAL_TIME).to_string()) else { continue };
        let newest = runs.iter().filter(|run| run.job == job.name).map(|run| run.scheduled_for.as_str()).max();
        if newest.is_some_and(|newest| newest < scheduled_for.as_str()) {
            let headline = format!("{} for {scheduled_for} was not started", job.name);
            let item = Item::new(Group::Halt, headline, command("run", &job.name));
            items.push(item.because("look whether its timer works; every stage of it can still be done").overdue(true));
        }
    }
    Ok(items)
}
