//! `vendor simulate`: one look after another at the inbox, until it is told to stop.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::exit::{CliResult, Exit, Failure};
use super::init::generator;
use super::open::Opening;
use super::vendor::simulate::{Place, StandIn};
use super::vendor::{SimulateArgs, VendorSettings};

/// The stand-in's folder, beside the inbox.
const FOLDER: &str = "stand-in";

/// Plays the vendor.
pub async fn simulate(args: SimulateArgs, at: &Opening) -> CliResult<()> {
    // The settings lie where a package in the inbox would look for them.
    let settings = VendorSettings::find(&args.settings, &args.inbox.join("package"))?;
    let beside = args.inbox.parent().unwrap_or(Path::new("")).join(FOLDER);
    let place = Place { inbox: args.inbox, folder: args.folder.unwrap_or(beside), time_zone: args.settings.time_zone };
    let rng = generator(at.entropy().as_ref())?;
    let mut stand_in = StandIn::open(place, &settings, args.manners, rng)?;
    let clock = Clock { at, begun: Instant::now(), begun_at: at.clock().now() };
    look(&mut stand_in, &clock)?;
    if !args.once {
        let every = Duration::from_millis(args.look_every_ms);
        let ends = args.for_seconds.map(Duration::from_secs);
        look_until_told(&mut stand_in, &clock, every, ends).await?;
    }
    let summary = stand_in.summary();
    at.report.show(&summary, summary.to_text());
    Ok(())
}

/// Looks again and again. A signal ends it between two looks, when everything is written.
async fn look_until_told(
    stand_in: &mut StandIn,
    clock: &Clock<'_>,
    every: Duration,
    ends: Option<Duration>,
) -> CliResult<()> {
    let mut told = Box::pin(told_to_stop());
    loop {
        let left = ends.map(|ends| ends.saturating_sub(clock.begun.elapsed()));
        tokio::select! {
            told = &mut told => return told,
            () = tokio::time::sleep(left.map_or(every, |left| left.min(every))) => {}
        }
        look(stand_in, clock)?;
        if left.is_some_and(|left| left <= every) {
            return Ok(());
        }
    }
}

fn look(stand_in: &mut StandIn, clock: &Clock<'_>) -> CliResult<()> {
    for said in stand_in.look(clock.now())?.said {
        clock.at.report.say(said);
    }
    Ok(())
}

/// Waits for Ctrl-C, or for the signal by which a supervisor ends a program.
async fn told_to_stop() -> CliResult<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error: std::io::Error| Failure::new(Exit::TryAgain, format!("cannot wait for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// The site's clock. A simulated one stands still; here it goes on from where it stands.
struct Clock<'a> {
    at: &'a Opening,
    begun: Instant,
    begun_at: DateTime<Utc>,
}

impl Clock<'_> {
    fn now(&self) -> DateTime<Utc> {
        if self.at.is_simulated() {
            self.begun_at + TimeDelta::from_std(self.begun.elapsed()).unwrap_or_default()
        } else {
            self.at.clock().now()
        }
    }
}
