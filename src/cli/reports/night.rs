//! The report of the night: what ran, what somebody should do and with which command, what is late, what ends soon.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::ends::{self, Ending};
use super::item::{Group, Item, Seen};
use super::series::{self, Series};
use super::waiting::{self, Waiting};
use super::{items, missed_runs, outside};
use crate::cli::config::Config;
use crate::cli::exit::CliResult;
use crate::cli::open::Opening;
use crate::domain::package_name::Environment;
use crate::ports::ledger::{Accounting, BackupRecord, Ledger, Purge, RunRecord, SinkStanding};
use crate::stages::decision::Desk;
use crate::stages::promises::{self, Missed};
use crate::stages::purges;
use crate::stages::reconcile::reconcile_package;
use crate::stages::site::Site;

/// Files of requests that are told.
const MOST_FILES: u32 = 20;
/// Runs among which the night before the last one is looked for.
const RUNS_LOOKED_THROUGH: u32 = 100;

/// What `report night` shows.
#[derive(Serialize)]
pub struct Night {
    /// The site's code.
    pub site: String,
    /// Whether its letters go to people.
    pub environment: Environment,
    /// When this was told.
    pub at: DateTime<Utc>,
    /// The site's date then.
    pub today: NaiveDate,
    /// What came up after this instant is new: when the last run but one had ended.
    pub new_after: Option<DateTime<Utc>>,
    /// The newest runs, newest first.
    pub runs: Vec<RunRecord>,
    /// The newest backup of the ledger.
    pub last_backup: Option<BackupRecord>,
    /// How far each sink of checkpoints is, in the order of the configuration.
    pub sinks: Vec<SinkStanding>,
    /// What somebody should do or know, the most urgent first.
    pub items: Vec<Item>,
    /// What ends soon.
    pub ends_soon: Vec<Ending>,
    #[serde(flatten)]
    pub(super) waiting: Waiting,
    /// Requests whose letters are not there by the day that the portal promised.
    pub missed_promises: Vec<Missed>,
    /// Packages of which something is due.
    pub overdue_packages: Vec<OverduePackage>,
    /// Packages of which no certificate of destruction came in time.
    pub certificates_overdue: Vec<Purge>,
    /// How many requests and letters are where.
    pub accounting: Accounting,
    /// Nights that were, and days to come.
    pub series: Series,
}

/// A package that is not closed, and what of it is overdue.
#[derive(Serialize)]
pub struct OverduePackage {
    /// Its name.
    pub package: String,
    /// What is overdue, each as a sentence.
    pub overdue: Vec<String>,
    /// The day by whose end the first of it was due.
    pub due_on: Option<NaiveDate>,
}

/// Everything that the report tells.
///
/// # Errors
/// Where the ledger or the configuration fail.
pub async fn gather(desk: &Desk, last: u32, config: &Config, at: &Opening) -> CliResult<Night> {
    let ledger = desk.ledger.as_ref();
    let recent = ledger.runs(None, last.max(RUNS_LOOKED_THROUGH)).await?;
    let new_after = last_but_one(&recent);
    let runs: Vec<RunRecord> = recent.iter().take(last as usize).cloned().collect();
    let seen = Seen::until(desk, new_after)?;
    let waiting = waiting::waiting(desk).await?;
    let missed_promises = promises::missed(desk).await?;
    let overdue_packages = overdue_packages(ledger, &desk.site, desk.now).await?;
    let certificates_overdue = purges::overdue(&desk.site, ledger, desk.today).await?;
    let mut items = items::of_brakes(&ledger.engaged_brakes().await?, &seen)?;
    items.extend(items::of_runs(&runs, &seen)?);
    items.extend(missed_runs::missed(config, desk, at).await?);
    items.extend(items::of_packages(&overdue_packages, &seen));
    items.extend(items::of_purges(&certificates_overdue, &seen));
    items.extend(items::of_promises(&missed_promises, &waiting, &seen));
    items.extend(items::of_waiting(&waiting, &seen)?);
    items.extend(items::of_matters(&recent, &seen)?);
    let troubled = ledger.intake_trouble(new_after, MOST_FILES).await?;
    items.extend(items::of_intake(troubled, &at.paths(config).quarantine.display().to_string(), &seen)?);
    let last_backup = ledger.last_backup().await?;
    items.extend(items::of_backup(last_backup.as_ref(), &seen)?);
    let sinks = outside::standings(ledger, config.audit.sinks.iter().map(|sink| &sink.code)).await?;
    items.extend(outside::items(&sinks, &seen)?);
    items.sort_by_key(|item| (item.group, !item.is_overdue, !item.is_new));
    Ok(Night {
        site: desk.site.code.clone(),
        environment: desk.site.environment,
        at: desk.now,
        today: desk.today,
        new_after,
        runs,
        last_backup,
        sinks,
        items,
        ends_soon: ends::soon(desk, &waiting, config, at).await?,
        waiting,
        missed_promises,
        overdue_packages,
        certificates_overdue,
        accounting: ledger.accounting().await?,
        series: series::gather(ledger, desk.today).await?,
    })
}

impl Night {
    /// The items of a group.
    pub fn of(&self, group: Group) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.group == group)
    }

    /// Held requests, those that are not listed included.
    #[must_use]
    pub fn held(&self) -> u64 {
        let counted = self.accounting.request_states.get("held").copied().unwrap_or_default();
        counted.max(self.waiting.held.len() as u64)
    }
}

/// When the last run ended that was completed before the newest one was started; what came up later is new.
fn last_but_one(runs: &[RunRecord]) -> Option<DateTime<Utc>> {
    runs.iter().skip(1).find_map(|run| run.finished_at)
}

async fn overdue_packages(ledger: &dyn Ledger, site: &Site, now: DateTime<Utc>) -> CliResult<Vec<OverduePackage>> {
    let mut found = Vec::new();
    for package in ledger.open_packages().await? {
        let Some(reconciled) = reconcile_package(ledger, site, &package, now).await? else { continue };
        if !reconciled.overdue.is_empty() {
            let due_on = reconciled.deadlines.map(|deadlines| deadlines.acceptance_on);
            found.push(OverduePackage { package, overdue: reconciled.overdue, due_on });
        }
    }
    Ok(found)
}
