//! Scheduled jobs: one run now.

use chrono::{DateTime, NaiveDate, Utc};

use super::args::RunArgs;
use super::config::Config;
use super::doctor;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::outcome_line;
use super::schedule;
use super::signals;
use super::starts::{self, Started};
use crate::daemon::agenda::Agenda;
use crate::daemon::job::Job;
use crate::domain::calendar::BusinessCalendar;
use crate::stages::night::{self, NightReport};
use crate::stages::world::World;

/// Runs a job, first going on with a run of it that died.
pub async fn run(args: &RunArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let job = schedule::job(&config, &args.job, at)?;
    let agenda = schedule::agenda(&config, at)?;
    // Whoever has to wait for another run still works for the time at which it was started.
    let run = scheduled_for(&job, args.date, at.clock().now(), &config.calendar)?;
    if args.dry_run {
        return show_plan(&job, run, &agenda, args, &config, at).await;
    }
    signals::heed(&at.stop(), at.report.clone())?;
    let ended = match starts::start(&job, &run, &agenda, args.workers, &config, at).await {
        Started::Elsewhere(holder) => {
            let text = format!("{}: another start is at work or waits ({holder}); nothing was done", job.name);
            at.report.show(&Vec::<NightReport>::new(), text);
            return Ok(Exit::Done);
        }
        Started::Here(ended) => ended,
    };
    at.report.show(&ended.reports, describe(&ended.reports));
    at.report.recap(ended.reports.iter().flat_map(|report| &report.stages).flat_map(|done| &done.outcome.matters));
    starts::tell(&config, &job, &run, &ended, at).await;
    match ended.failure {
        Some(failure) => Err(Failure { exit: ended.exit, ..failure }),
        None => Ok(ended.exit),
    }
}

/// Shows what a run would do now.
async fn show_plan(
    job: &Job,
    run: String,
    agenda: &Agenda,
    args: &RunArgs,
    config: &Config,
    at: &Opening,
) -> CliResult<Exit> {
    let _lock = at.lock(config, &format!("run {} --dry-run", job.name)).await?;
    doctor::require_fit(config, at)?;
    let world = at.world(config, args.workers).await?;
    let stages = night::plan(&world, &starts::plan(job, run, agenda, &world)?).await?;
    let text: Vec<String> = stages.iter().map(|done| outcome_line(done.stage.as_str(), &done.outcome)).collect();
    at.report.show(&stages, text.join("\n"));
    let matters = || stages.iter().flat_map(|done| &done.outcome.matters);
    at.report.matters(matters());
    Ok(Exit::of_matters(matters()))
}

/// Runs the job of this name in a world that is open already, and says what it did.
pub async fn run_in(world: &World, name: &str, at: &Opening) -> CliResult<String> {
    Ok(describe(&reports_in(world, name, at).await?))
}

/// Runs the job of this name in a world that is open already.
pub async fn reports_in(world: &World, name: &str, at: &Opening) -> CliResult<Vec<NightReport>> {
    let config = at.config()?;
    let job = schedule::job(&config, name, at)?;
    let agenda = schedule::agenda(&config, at)?;
    let _lock = at.lock(&config, &format!("run {}", job.name)).await?;
    let run = scheduled_for(&job, None, world.clock.now(), &world.site.calendar)?;
    let mut reports = Vec::new();
    starts::all_runs(&job, &starts::plan(&job, run, &agenda, world)?, world, at, &mut reports).await?;
    Ok(reports)
}

/// The scheduled local time that a run is for: the last one that fell due, or that of the date asked for.
fn scheduled_for(
    job: &Job,
    date: Option<NaiveDate>,
    now: DateTime<Utc>,
    calendar: &BusinessCalendar,
) -> CliResult<String> {
    let time = match date {
        Some(date) => job.runs_on_date(date, calendar)?.first().copied().ok_or_else(|| {
            Failure::usage(format!("job {} has no run on {date}; see 'letterpost jobs {0} --next 10'", job.name))
        })?,
        None => job
            .latest_run_at_or_before(now, calendar)?
            .ok_or_else(|| Failure::usage(format!("job {} has had no time yet; give one with --date", job.name)))?,
    };
    Ok(time.key())
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
