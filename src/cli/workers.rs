//! A worker: makes packages of the night that another process leads, on this machine or another one.

use std::time::Duration;

use super::args::WorkerArgs;
use super::config::Config;
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::signals;
use super::stages::{owner, show};
use crate::ports::Place;
use crate::ports::ledger::Production;
use crate::stages::brakes::clock;
use crate::stages::night::{Stage, logged};
use crate::stages::produce::{self, ProductionRun};
use crate::stages::world::World;

/// How often a worker looks whether a night is producing.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long it waits before it tries again what failed.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// Makes packages of each night that produces on the ledger, until it is asked to stop; or once, until nothing waits.
pub async fn worker(args: &WorkerArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    if at.paths(&config).ledger.file().is_some() {
        return Err(Failure::usage(
            "a ledger in a file has one process at work at a time, so nobody can join a night on it; let the night itself use \
             more threads with 'letterpost run JOB --workers N' (all cores by default), or move the site to PostgreSQL",
        )
        .plainly());
    }
    signals::heed(&at.stop(), at.report.clone())?;
    loop {
        match work(args, &config, at).await {
            Err(failure) if failure.exit == Exit::TryAgain && !args.once && !at.stop().is_asked() => {
                at.report.say(format!("{}; trying again in {} seconds", failure.message, AFTER_FAILURE.as_secs()));
                pause(AFTER_FAILURE, at).await;
            }
            ended => return ended,
        }
    }
}

/// Works with one world, until it is asked to stop, something fails, or nothing waits and it works once.
async fn work(args: &WorkerArgs, config: &Config, at: &Opening) -> CliResult<Exit> {
    let world = at.world(config, args.workers).await?;
    let (mut exit, mut is_told) = (Exit::Done, false);
    loop {
        if at.stop().is_asked() {
            return Ok(exit);
        }
        match world.ledger.present_production().await? {
            Some(production) => {
                exit = exit.max(join(&world, &production, args.once, at).await?);
                if args.once {
                    return Ok(exit);
                }
                is_told = false;
            }
            None if args.once => {
                at.report.say("no night is producing on this ledger; nothing was done");
                return Ok(exit);
            }
            None if !std::mem::replace(&mut is_told, true) => at.report.say("waiting for a night to produce"),
            None => {}
        }
        pause(LOOK_AGAIN, at).await;
    }
}

async fn join(world: &World, production: &Production, once: bool, at: &Opening) -> CliResult<Exit> {
    clock::begin(world, false).await?;
    world.log.enter(Place { run: None, stage: Some(Stage::Produce.as_str()) });
    let run = ProductionRun {
        run_id: production.run_id,
        owner: owner(world.entropy.as_ref())?,
        next_run_at: production.next_run_at,
        joined: Some(production.owner.clone()),
    };
    at.report.say(format!("joining the production of {} as {}", production.owner, run.owner));
    let came = logged(world, produce::join(world, &run, production, once)).await;
    let outcome = clock::end(world, production.run_id, came).await?;
    Ok(show(Stage::Produce, &outcome, at))
}

/// Lets time pass, unless the worker is asked to stop. What it waits for is another process, which no port knows: this is
/// real time, on a site under a simulated clock too.
async fn pause(length: Duration, at: &Opening) {
    let stop = at.stop();
    tokio::select! {
        () = tokio::time::sleep(length) => (),
        () = stop.asked() => (),
    }
}
