//! Scheduled jobs: one run now, and the times to come.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::args::{JobsArgs, RunArgs};
use super::config::Config;
use super::doctor;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::{outcome_line, table};
use super::stages::owner;
use crate::adapters::files;
use crate::daemon::job::Job;
use crate::domain::calendar::BusinessCalendar;
use crate::stages::night::{self, NightPlan, NightReport};
use crate::stages::world::World;

/// How a run's scheduled local time is written.
const LOCAL_TIME: &str = "%Y-%m-%dT%H:%M";

/// Runs a job, first going on with a run of it that died.
pub async fn run(args: &RunArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let job = job(&config, &args.job, at)?;
    let _lock = at.lock(&config, &format!("run {}", job.name))?;
    doctor::require_fit(&config, at)?;
    let world = at.world(&config, args.workers).await?;
    let wanted = scheduled_for(&job, args.date, world.clock.now(), &world.site.calendar)?;
    let plan = plan(&job, wanted, &world)?;
    if args.dry_run {
        let stages = night::plan(&world, &plan).await?;
        let text: Vec<String> = stages.iter().map(|done| outcome_line(done.stage.as_str(), &done.outcome)).collect();
        at.report.show(&stages, text.join("\n"));
        let matters = || stages.iter().flat_map(|done| &done.outcome.matters);
        at.report.matters(matters());
        return Ok(Exit::of_matters(matters()));
    }
    let reports = match all_runs(&job, &plan, &world, at).await {
        Ok(reports) => reports,
        Err(failure) => {
            alert(&config, failure.exit, at).await;
            return Err(failure);
        }
    };
    at.report.show(&reports, describe(&reports));
    let matters = || reports.iter().flat_map(|report| &report.stages).flat_map(|done| &done.outcome.matters);
    at.report.recap(matters());
    let exit = Exit::of_matters(matters());
    let is_undone = reports.iter().any(|report| report.status == "unfinished");
    // A vendor that got nothing is no good night, even if trying again is of no use before a person has mended it.
    alert(&config, if is_undone { exit.max(Exit::TryAgain) } else { exit }, at).await;
    Ok(exit)
}

/// Runs the job of this name in a world that is open already, and says what it did.
pub async fn run_in(world: &World, name: &str, at: &Opening) -> CliResult<String> {
    Ok(describe(&reports_in(world, name, at).await?))
}

/// Runs the job of this name in a world that is open already.
pub async fn reports_in(world: &World, name: &str, at: &Opening) -> CliResult<Vec<NightReport>> {
    let config = at.config()?;
    let job = job(&config, name, at)?;
    let _lock = at.lock(&config, &format!("run {}", job.name))?;
    let wanted = scheduled_for(&job, None, world.clock.now(), &world.site.calendar)?;
    all_runs(&job, &plan(&job, wanted, world)?, world, at).await
}

/// Runs what a start finds to do: runs that died, and then the one that is due.
async fn all_runs(job: &Job, plan: &NightPlan, world: &World, at: &Opening) -> CliResult<Vec<NightReport>> {
    let mut reports = Vec::new();
    // A run that waits for vendors must still have time for what follows.
    world.patience.shorten_to(job.deadline.to_std().unwrap_or(Duration::MAX) / 2);
    for unfinished in world.ledger.unfinished_runs(&job.name).await? {
        if unfinished != plan.scheduled_for {
            at.report.say(format!("the run of {} for {unfinished} did not finish; going on with it first", job.name));
            let resumed = NightPlan { scheduled_for: unfinished, ..plan.clone() };
            reports.push(within_deadline(world, &resumed, job).await?);
        }
    }
    reports.push(within_deadline(world, plan, job).await?);
    if reports.iter().any(|report| report.status == "already_completed") {
        at.report
            .say("this night is done; 'letterpost jobs' shows the next one, and each stage is a command of its own");
    }
    Ok(reports)
}

async fn within_deadline(world: &World, plan: &NightPlan, job: &Job) -> CliResult<NightReport> {
    let deadline = job.deadline.to_std().unwrap_or(Duration::MAX);
    match tokio::time::timeout(deadline, night::run(world, plan)).await {
        Ok(report) => Ok(report?),
        Err(_) => Err(Failure::new(
            Exit::TryAgain,
            format!(
                "the run took longer than its deadline of {} minutes and was stopped; start it again",
                job.deadline.num_minutes()
            ),
        )),
    }
}

fn plan(job: &Job, scheduled_for: String, world: &World) -> CliResult<NightPlan> {
    let next = job
        .next_run_after(world.clock.now(), &world.site.calendar)
        .map_err(|error| Failure::usage(error.to_string()))?
        .map(|next| next.at + job.deadline);
    Ok(NightPlan {
        job: job.name.clone(),
        scheduled_for,
        stages: job.stages.clone(),
        owner: owner(world.entropy.as_ref())?,
        next_run_at: next,
    })
}

/// The scheduled local time that a run is for: the last one that fell due, or that of the date asked for.
fn scheduled_for(
    job: &Job,
    date: Option<NaiveDate>,
    now: DateTime<Utc>,
    calendar: &BusinessCalendar,
) -> CliResult<String> {
    let time = match date {
        Some(date) => job.schedule.on_date(date).first().copied().ok_or_else(|| {
            Failure::usage(format!("job {} has no time on {date}; see 'letterpost jobs --next 10'", job.name))
        })?,
        None => job
            .latest_run_at_or_before(now, calendar)
            .map_err(|error| Failure::usage(error.to_string()))?
            .ok_or_else(|| Failure::usage(format!("job {} has had no time yet; give one with --date", job.name)))?,
    };
    Ok(time.local.format(LOCAL_TIME).to_string())
}

fn job(config: &Config, name: &str, at: &Opening) -> CliResult<Job> {
    let path = at.paths(config).jobs.join(format!("{name}.toml"));
    if !files::exists(&path) {
        let known: Vec<String> = jobs(config, at)?.into_iter().map(|job| job.name).collect();
        return Err(Failure::usage(format!(
            "there is no job {name} ({}); known: {}",
            path.display(),
            known.join(", ")
        )));
    }
    Job::from_toml(&files::read_text(&path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn jobs(config: &Config, at: &Opening) -> CliResult<Vec<Job>> {
    let paths = files::list(&at.paths(config).jobs, "toml")?;
    paths
        .into_iter()
        .map(|path| {
            Job::from_toml(&files::read_text(&path)?)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        })
        .collect()
}

/// Runs as people read them.
#[must_use]
pub fn describe(reports: &[NightReport]) -> String {
    let mut text = Vec::new();
    for report in reports {
        let resumed = if report.resumed { ", resumed" } else { "" };
        text.push(format!("{} for {}: {}{resumed}", report.job, report.scheduled_for, report.status.replace('_', " ")));
        text.extend(report.stages.iter().map(|done| format!("  {}", outcome_line(done.stage.as_str(), &done.outcome))));
    }
    text.join("\n")
}

/// Calls the command that the configuration names for how the run ended.
async fn alert(config: &Config, exit: Exit, at: &Opening) {
    let command = match exit {
        Exit::Done | Exit::Person => &config.alerts.on_success,
        _ => &config.alerts.on_alarm,
    };
    let Some((program, arguments)) = command.as_ref().and_then(|command| command.split_first()) else { return };
    let limit = Duration::from_secs(30);
    let called = tokio::process::Command::new(program).args(arguments).kill_on_drop(true).status();
    match tokio::time::timeout(limit, called).await {
        Ok(Ok(status)) if status.success() => {}
        Ok(Ok(status)) => at.report.say(format!("the alert command {program} failed: {status}")),
        Ok(Err(error)) => at.report.say(format!("the alert command {program} cannot be run: {error}")),
        Err(_) => at.report.say(format!("the alert command {program} took longer than 30 seconds and was stopped")),
    }
}

#[derive(Serialize)]
struct NextTime {
    job: String,
    local: String,
    at: DateTime<Utc>,
    skip: Option<String>,
}

/// Shows the next times of every job, with the reason for each skip.
pub fn list(args: &JobsArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let calendar = at.site(&config)?.calendar;
    let now = at.clock().now();
    let mut times = Vec::new();
    for job in jobs(&config, at)? {
        let next = job.next_times(usize::from(args.next), now, &calendar);
        for planned in next.map_err(|error| Failure::usage(error.to_string()))? {
            times.push(NextTime {
                job: job.name.clone(),
                local: planned.time.local.format(LOCAL_TIME).to_string(),
                at: planned.time.at,
                skip: planned.skip.map(|reason| reason.to_string()),
            });
        }
    }
    let rows = times.iter().map(|time| {
        let note = time.skip.as_ref().map_or_else(String::new, |reason| format!("skipped: {reason}"));
        vec![time.job.clone(), time.local.clone(), time.at.to_string(), note]
    });
    let text = table(&["job", "local time", "instant", "note"], rows);
    at.report.show(&times, text);
    Ok(Exit::Done)
}
