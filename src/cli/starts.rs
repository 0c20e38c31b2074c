//! Starts of jobs: any number of them, at once or one after another, and each run is worked once.
//!
//! A start first takes the lock of its job, without waiting: where another start of the job is at work or waits, that one
//! does it. Then it waits until nothing else is at work on the site, and works.

use std::time::Duration;

use super::alerts::{self, Told};
use super::config::Config;
use super::doctor;
use super::exit::{CliResult, Exit, Failure};
use super::locks::Lock;
use super::open::Opening;
use super::schedule;
use super::stages::owner;
use crate::adapters::run_lock::RunLockError;
use crate::daemon::agenda::Agenda;
use crate::daemon::job::Job;
use crate::ports::ledger::StartEnd;
use crate::stages::night::{self, NightPlan, NightReport};
use crate::stages::world::World;

/// How a start ended.
#[derive(Debug)]
pub enum Started {
    /// Another start of the job is at work or waits; what it wrote of itself.
    Elsewhere(String),
    /// It worked, or tried to.
    Here(Ended),
}

/// What a start came to.
#[derive(Debug)]
pub struct Ended {
    /// The status that follows from what it did.
    pub exit: Exit,
    /// Whether the next start goes on with something.
    pub is_undone: bool,
    /// Its runs, in order.
    pub reports: Vec<NightReport>,
    /// Why it could not go on, if so.
    pub failure: Option<Failure>,
}

impl Ended {
    fn of(mut reports: Vec<NightReport>, job: &Job, run: &str, worked: CliResult<()>) -> Self {
        let matters = || reports.iter().flat_map(|report| &report.stages).flat_map(|done| &done.outcome.matters);
        let told = Exit::of_matters(matters());
        match worked {
            Ok(()) => {
                let is_undone = reports.iter().any(|report| matches!(report.status, "unfinished" | "stopped"));
                let is_stopped = reports.iter().any(|report| report.status == "stopped");
                let exit = if is_stopped { told.max(Exit::TryAgain) } else { told };
                Self { exit, is_undone, reports, failure: None }
            }
            Err(failure) => {
                reports.push(NightReport {
                    job: job.name.clone(),
                    scheduled_for: run.to_owned(),
                    status: "failed",
                    resumed: false,
                    stages: Vec::new(),
                    failure: Some(failure.message.clone()),
                });
                Self { exit: failure.exit.max(told), is_undone: true, reports, failure: Some(failure) }
            }
        }
    }

    /// The status that alarms follow: a vendor that got nothing is no good night, even if trying again is of no use before
    /// a person has mended it.
    #[must_use]
    pub fn alarm_exit(&self) -> Exit {
        if self.is_undone { self.exit.max(Exit::TryAgain) } else { self.exit }
    }
}

/// Starts a job for a scheduled time. Whether and how alarms are told is the caller's affair: see [`tell`].
pub async fn start(
    job: &Job,
    run: &str,
    agenda: &Agenda,
    workers: Option<u16>,
    config: &Config,
    at: &Opening,
) -> Started {
    let mut reports = Vec::new();
    let worked = match turn(job, config, at).await {
        Ok(Turn::Elsewhere(holder)) => return Started::Elsewhere(holder),
        Ok(Turn::Ours(locks)) => {
            let worked = work((job, run, agenda), workers, config, at, &mut reports).await;
            drop(locks);
            worked
        }
        Err(failure) => Err(failure),
    };
    Started::Here(Ended::of(reports, job, run, worked))
}

/// Calls the site's command for how a start ended, unless somebody asked it to stop.
pub async fn tell(config: &Config, job: &Job, run: &str, ended: &Ended, at: &Opening) {
    if at.stop().is_asked() && ended.is_undone {
        return;
    }
    let told = Told {
        job: &job.name,
        run,
        exit: ended.alarm_exit(),
        reports: &ended.reports,
        is_failure_ours: ended.failure.as_ref().is_some_and(|failure| failure.is_ours),
    };
    alerts::tell(&config.alerts, told, &at.report).await;
}

enum Turn {
    Ours((Lock, Lock)),
    Elsewhere(String),
}

/// Takes the lock of the job and waits for that of the site.
async fn turn(job: &Job, config: &Config, at: &Opening) -> CliResult<Turn> {
    let what = format!("run {}", job.name);
    let of_the_job = match at.job_lock(config, &job.name, &what).await {
        Ok(lock) => lock,
        Err(RunLockError::Busy { holder }) => return Ok(Turn::Elsewhere(holder)),
        Err(error) => return Err(error.into()),
    };
    let limit = job.deadline.to_std().unwrap_or(Duration::MAX);
    let stop = at.stop();
    let of_the_site = tokio::select! {
        waited = tokio::time::timeout(limit, wait_for_site(config, &what, at)) => match waited {
            Ok(lock) => lock?,
            Err(_) => return Err(Failure::new(Exit::TryAgain, format!(
                "another run was at work for {} minutes, the deadline of this one; nothing was done, start it again",
                job.deadline.num_minutes()
            ))),
        },
        () = stop.asked() => {
            return Err(Failure::new(Exit::TryAgain, "stopped while it waited for another run; nothing was done"));
        }
    };
    Ok(Turn::Ours((of_the_site, of_the_job)))
}

async fn wait_for_site(config: &Config, what: &str, at: &Opening) -> CliResult<Lock> {
    let mut is_told = false;
    // What ends is another process, which no port knows: this is real time, on a site under a simulated clock too.
    let lock = at.site_lock(config, what, Duration::MAX, |holder| {
        if !std::mem::replace(&mut is_told, true) {
            at.report.say(format!("another run is at work ({holder}); waiting until it is over"));
        }
    });
    Ok(lock.await?)
}

async fn work(
    (job, run, agenda): (&Job, &str, &Agenda),
    workers: Option<u16>,
    config: &Config,
    at: &Opening,
    reports: &mut Vec<NightReport>,
) -> CliResult<()> {
    // What is said of machine, keys, templates and files are words of ours.
    doctor::require_fit(config, at).map_err(Failure::plainly)?;
    let world = at.world(config, workers).await.map_err(Failure::plainly)?;
    all_runs(job, &plan(job, run.to_owned(), agenda, &world)?, &world, at, reports).await
}

/// Runs what a start finds to do: runs that died, times that were missed where the job makes up for all, and then the one
/// that it is for.
pub async fn all_runs(
    job: &Job,
    plan: &NightPlan,
    world: &World,
    at: &Opening,
    reports: &mut Vec<NightReport>,
) -> CliResult<()> {
    // A run that waits for vendors must still have time for what follows.
    world.patience.shorten_to(job.deadline.to_std().unwrap_or(Duration::MAX) / 2);
    let mut runs: Vec<String> = world.ledger.unfinished_runs(&job.name).await?;
    runs.retain(|run| *run != plan.scheduled_for);
    for run in &runs {
        at.report.say(format!("the run of {} for {run} did not finish; going on with it first", job.name));
    }
    runs.extend(schedule::missed_before(job, &plan.scheduled_for, world, at).await?);
    runs.push(plan.scheduled_for.clone());
    for (run, nth) in runs.into_iter().zip(1u32..) {
        // Each night's letters are made under a name of their own.
        let owner = format!("{}-{nth}", plan.owner);
        let report = within_deadline(world, &NightPlan { scheduled_for: run, owner, ..plan.clone() }, job).await?;
        let is_stopped = report.status == "stopped";
        reports.push(report);
        if is_stopped {
            at.report.say("stopped as asked; the next start goes on with it");
            break;
        }
    }
    if reports.iter().any(|report| report.status == "already_completed") {
        at.report
            .say("this night is done; 'letterpost jobs' shows the next one, and each stage is a command of its own");
    }
    Ok(())
}

/// One run, and the record of how this start of it ended.
async fn within_deadline(world: &World, plan: &NightPlan, job: &Job) -> CliResult<NightReport> {
    let deadline = job.deadline.to_std().unwrap_or(Duration::MAX);
    let began_at = world.clock.now();
    let ended = match tokio::time::timeout(deadline, night::run(world, plan)).await {
        Ok(report) => report.map_err(Failure::from),
        Err(_) => Err(Failure::new(
            Exit::TryAgain,
            format!(
                "the run took longer than its deadline of {} minutes and was stopped; start it again",
                job.deadline.num_minutes()
            ),
        )),
    };
    let exit = match &ended {
        Ok(report) if report.status == "already_completed" => return ended,
        Ok(report) if report.status == "stopped" => Exit::TryAgain,
        Ok(report) => Exit::of_matters(report.stages.iter().flat_map(|done| &done.outcome.matters)),
        Err(failure) => failure.exit,
    };
    let end = StartEnd { began_at, ended_at: world.clock.now(), exit: exit as u8 };
    // It is for the figures only: a ledger that is away has made the run fail already.
    let _ = world.ledger.record_start_end(&plan.job, &plan.scheduled_for, &end).await;
    ended
}

/// What a start of a job runs.
///
/// # Errors
/// Where the calendar does not reach, or there is no randomness.
pub fn plan(job: &Job, scheduled_for: String, agenda: &Agenda, world: &World) -> CliResult<NightPlan> {
    Ok(NightPlan {
        job: job.name.clone(),
        scheduled_for,
        stages: job.stages.clone(),
        owner: owner(world.entropy.as_ref())?,
        next_run_at: agenda.next_delivery_by(world.clock.now())?,
    })
}
