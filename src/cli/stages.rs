//! One stage at a time, by hand.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::args::{ProduceArgs, StageArgs};
use super::doctor;
use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::report::outcome_line;
use crate::adapters::host::host_name;
use crate::ports::{Entropy, Place};
use crate::stages::brakes::clock;
use crate::stages::night::{Stage, logged};
use crate::stages::outcome::Outcome;
use crate::stages::produce::ProductionRun;
use crate::stages::world::World;
use crate::stages::{checkpoint, collect, deliver, expire, ingest, produce, retention};

/// Runs one stage.
pub async fn one(stage: Stage, args: &StageArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let _lock = at.lock(&config, stage.as_str()).await?;
    let world = at.world(&config, None).await?;
    clock::begin(&world, args.dry_run).await?;
    let run = by_hand(&world)?;
    world.log.enter(Place { run: None, stage: Some(stage.as_str()) });
    let work = async {
        match stage {
            Stage::Ingest => ingest::ingest(&world, args.dry_run).await,
            Stage::Expire => expire::expire(&world, args.dry_run).await,
            Stage::Collect => collect::collect(&world, args.dry_run).await,
            Stage::Deliver => deliver::deliver(&world, args.dry_run).await,
            Stage::Checkpoint => checkpoint::unless_set_back(&world, args.dry_run).await,
            Stage::Retention => retention::retention(&world, args.dry_run).await,
            Stage::Produce => produce::produce(&world, &run, args.dry_run).await,
        }
    };
    let outcome = clock::end(&world, None, logged(&world, work).await).await?;
    Ok(show(stage, &outcome, at))
}

/// Runs production with as many workers as asked.
pub async fn produce(args: &ProduceArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let _lock = at.lock(&config, "produce").await?;
    doctor::require_fit(&config, at)?;
    let world = at.world(&config, args.workers).await?;
    clock::begin(&world, args.dry_run).await?;
    world.log.enter(Place { run: None, stage: Some(Stage::Produce.as_str()) });
    let run = by_hand(&world)?;
    let came = logged(&world, produce::produce(&world, &run, args.dry_run)).await;
    let outcome = clock::end(&world, None, came).await?;
    Ok(show(Stage::Produce, &outcome, at))
}

/// A production run that no schedule stands behind: what can be made is made now.
fn by_hand(world: &World) -> CliResult<ProductionRun> {
    Ok(ProductionRun { run_id: None, owner: owner(world.entropy.as_ref())?, next_run_at: None, joined: None })
}

/// A name for this start that no other start has: machine, process, its how-manieth start, and chance.
pub fn owner(entropy: &dyn Entropy) -> CliResult<String> {
    // Where chance is simulated it may be the same for two starts of one process.
    static STARTS: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    let start = STARTS.fetch_add(1, Ordering::Relaxed);
    Ok(format!("{}-{}-{start}-{}", host_name(), std::process::id(), hex::encode(bytes)))
}

#[derive(Serialize)]
struct Shown<'a> {
    stage: Stage,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

pub fn show(stage: Stage, outcome: &Outcome, at: &Opening) -> Exit {
    at.report.show(&Shown { stage, outcome }, outcome_line(stage.as_str(), outcome));
    at.report.recap(&outcome.matters);
    Exit::of_matters(&outcome.matters)
}
