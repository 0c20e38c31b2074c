//! Night: the stages of a job, one after another, under one run.
//!
//! A run is known by its job and its scheduled time, so a second start finds it. A start that finds a dead run goes on
//! where that one stopped: finished stages are not done again, an unfinished one is, and each stage can be. A stage
//! that has to be tried again, because a vendor could not be reached or did not let us in, leaves the run unfinished on
//! purpose: the other stages are done, and the next start resumes it, with all stages from that one on. So does a night that
//! is too large: its letters wait for a person, and everything else goes on. A start that is asked to stop begins no
//! further stage.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::produce::ProductionRun;
use super::world::World;
use super::{brakes, checkpoint, collect, deliver, expire, ingest, produce, retention};
use crate::domain::letter::named;
use crate::ports::ledger::RunStart;
use crate::ports::{Event, Place, RunPlace};

named! {
    /// A stage of a run.
    Stage {
        /// Receipts are read.
        Ingest = "ingest",
        /// Passwords whose last day has passed are ended.
        Expire = "expire",
        /// Requests are collected.
        Collect = "collect",
        /// Letters are made and sealed.
        Produce = "produce",
        /// Packages go to the vendors.
        Deliver = "deliver",
        /// The head of the audit log is taken.
        Checkpoint = "checkpoint",
        /// What has been kept for its term is destroyed.
        Retention = "retention",
    }
}

/// What is to be run.
#[derive(Debug, Clone)]
pub struct NightPlan {
    /// The job's name.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// Unique to this start.
    pub owner: String,
    /// When the next run can be relied on to have delivered.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// A stage and what it did.
#[derive(Debug, Clone, Serialize)]
pub struct StageDone {
    /// Which.
    pub stage: Stage,
    /// What it did.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How a start ended.
#[derive(Debug, Clone, Serialize)]
pub struct NightReport {
    /// The job.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
    /// `completed`, `already_completed`, `unfinished`, `stopped`, or `failed`.
    pub status: &'static str,
    /// Whether an earlier start had died.
    pub resumed: bool,
    /// The stages that this start did.
    pub stages: Vec<StageDone>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Runs a night, or goes on with one that died.
///
/// # Errors
/// The error of the stage that stopped; the run then stays unfinished.
pub async fn run(world: &World, plan: &NightPlan) -> StageResult<NightReport> {
    let mut report = NightReport {
        job: plan.job.clone(),
        scheduled_for: plan.scheduled_for.clone(),
        status: "completed",
        resumed: false,
        stages: Vec::new(),
        failure: None,
    };
    brakes::clock::begin(world, false).await?;
    let run = match world.ledger.start_run(&plan.job, &plan.scheduled_for, world.instant()?).await? {
        RunStart::New(run) => run,
        RunStart::Resumed(run) => {
            report.resumed = true;
            run
        }
        RunStart::Completed(_) => return Ok(NightReport { status: "already_completed", ..report }),
    };
    let came = run_stages(world, plan, run, report).await;
    brakes::clock::end(world, Some(run), came).await
}

async fn run_stages(world: &World, plan: &NightPlan, run: i64, mut report: NightReport) -> StageResult<NightReport> {
    let began = world.clock.monotonic();
    let place = RunPlace { run, job: plan.job.clone(), scheduled_for: plan.scheduled_for.clone() };
    world.log.enter(Place { run: Some(place.clone()), stage: None });
    world.log.note(Event::info(if report.resumed { "run.resumed" } else { "run.started" }));
    let finished = world.ledger.finished_stages(run).await?;
    let mut must_try_again = false;
    for stage in plan.stages.iter().filter(|stage| !finished.contains(stage.as_str())) {
        if world.stop.is_asked() {
            world.log.enter(Place { run: Some(place), stage: None });
            world.log.note(Event::warning("run.stopped").took(since(world, began)));
            world.log.enter(Place::default());
            return Ok(NightReport { status: "stopped", ..report });
        }
        world.log.enter(Place { run: Some(place.clone()), stage: Some(stage.as_str()) });
        world.ledger.start_stage(run, stage.as_str(), brakes::clock::go_on(world).await?).await?;
        let outcome = logged(world, do_stage(world, *stage, run, plan, false)).await?;
        let record = serde_json::to_value(&outcome).map_err(|error| StageError::Alarm(error.to_string()))?;
        must_try_again |= outcome.is_undone || outcome.matters.iter().any(|matter| matter.urgency == Urgency::Retry);
        // What comes after something that was left undone is done now, and again when that is done.
        if must_try_again {
            world.ledger.note_stage(run, stage.as_str(), &record).await?;
        } else {
            world.ledger.finish_stage(run, stage.as_str(), &record, world.instant()?).await?;
        }
        report.stages.push(StageDone { stage: *stage, outcome });
    }
    world.log.enter(Place { run: Some(place), stage: None });
    if must_try_again {
        report.status = "unfinished";
        world.log.note(Event::warning("run.unfinished").took(since(world, began)));
    } else {
        world.ledger.finish_run(run, world.instant()?).await?;
        world.log.note(Event::info("run.completed").took(since(world, began)));
    }
    world.log.enter(Place::default());
    Ok(report)
}

/// Does a stage, and notes in the log that it began, what people should see of it, and what it did.
///
/// # Errors
/// Those of the stage.
pub async fn logged(world: &World, stage: impl Future<Output = StageResult<Outcome>>) -> StageResult<Outcome> {
    let began = world.clock.monotonic();
    world.log.note(Event::info("stage.started"));
    let outcome = stage.await?;
    for matter in &outcome.matters {
        world.log.note(matter.event());
    }
    let finished = Event::info("stage.finished").took(since(world, began));
    world.log.note(outcome.counts().fold(finished, |event, (name, count)| event.count(name, count)));
    Ok(outcome)
}

/// How much time has passed, whatever became of the clock.
fn since(world: &World, began: Duration) -> Duration {
    world.clock.monotonic().saturating_sub(began)
}

/// What a night would do now; nothing is changed.
///
/// # Errors
/// Where something cannot be read.
pub async fn plan(world: &World, plan: &NightPlan) -> StageResult<Vec<StageDone>> {
    brakes::clock::begin(world, true).await?;
    let mut stages = Vec::new();
    for stage in &plan.stages {
        stages.push(StageDone { stage: *stage, outcome: do_stage(world, *stage, 0, plan, true).await? });
    }
    Ok(stages)
}

async fn do_stage(world: &World, stage: Stage, run: i64, plan: &NightPlan, dry_run: bool) -> StageResult<Outcome> {
    let production = || ProductionRun {
        run_id: (!dry_run).then_some(run),
        owner: plan.owner.clone(),
        next_run_at: plan.next_run_at,
        joined: None,
    };
    match stage {
        Stage::Ingest => ingest::ingest(world, dry_run).await,
        Stage::Expire => expire::expire(world, dry_run).await,
        Stage::Collect => collect::collect(world, dry_run).await,
        Stage::Produce => produce::produce(world, &production(), dry_run).await,
        Stage::Deliver => deliver::deliver(world, dry_run).await,
        Stage::Checkpoint => checkpoint::unless_set_back(world, dry_run).await,
        Stage::Retention => retention::retention(world, dry_run).await,
    }
}
