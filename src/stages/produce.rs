//! Produce: pending requests become letters in a sealed package.
//!
//! In: pending requests, and batches that a dead run left. Out: sealed packages in the spool and their rows in the
//! ledger. Durable when it returns: package, digest, verifiers, letters, audit entries, in one transaction after the
//! spool's file. A crash before that transaction leaves at most a file in the spool of which nobody was told: the
//! next run sweeps it away, takes the batch over under a new attempt, and mints anew. Passwords and letters in the
//! clear are in memory only, and wiped. A start that is asked to stop finishes the package under way and claims no other.

mod barcode;
mod fit;
mod lanes;
mod mint;
mod press;
mod proof;
mod seal;
mod size;
mod sweep;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::lanes::{Routed, WaitingLane};
use self::proof::Proofread;
use self::seal::Sealing;
use super::brakes::size::{self as size_brake, Size};
use super::calendar_reach;
use super::outcome::{Outcome, StageError, StageResult};
use super::preflight;
use super::world::World;
use crate::ports::Event;
use crate::ports::ledger::{ClaimedBatch, Lane, LedgerError};

/// How a production run is keyed and when the next one comes.
#[derive(Debug, Clone, Default)]
pub struct ProductionRun {
    /// The run of a job, if it is one.
    pub run_id: Option<i64>,
    /// Who claims: unique to this start.
    pub owner: String,
    /// When the next run will come, if one is scheduled.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// What a run has made so far.
#[derive(Debug, Default)]
struct Made {
    letters: u64,
    /// By name.
    packages: Vec<String>,
    /// Vendors that have a package waiting for serial numbers: nothing more is claimed for them in this run.
    waiting: BTreeSet<String>,
}

/// Makes all packages that are due.
///
/// # Errors
/// Where the site is not fit, or ledger, spool or randomness fail. What was committed before stays.
pub async fn produce(world: &World, run: &ProductionRun, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    // 1. Nothing is claimed unless the night can be finished and the log is the one we left.
    preflight::require(world).await?;
    let routed = lanes::route(world, run).await?;
    routed.note_later(&mut outcome);
    let waiting = routed.due().map(|due| due.waiting).sum();
    let size = size_brake::judge(world, waiting, run.run_id, dry_run, &mut outcome).await?;
    if dry_run {
        return plan(world, &routed, outcome).await;
    }
    if size == Size::Stopped {
        return Ok(outcome);
    }
    // 2. What a dead run left: files that nobody was told of, and batches that nobody finished.
    sweep::sweep(world, &mut outcome).await?;
    lanes::hold_unserved(world, &routed, &mut outcome).await?;
    let mut made = Made::default();
    let unfinished = world.ledger.unfinished_batches().await?;
    for batch_id in &unfinished {
        if world.stop.is_asked() {
            break;
        }
        let batch = world.ledger.take_over(*batch_id, &run.owner, world.instant()?).await?;
        make(world, batch, &mut made, &mut outcome).await?;
    }
    // 3. New batches, until nothing waits. What an unfinished batch put back waits as well.
    let routed = if unfinished.is_empty() { routed } else { lanes::route(world, run).await? };
    for due in routed.due() {
        while !world.stop.is_asked()
            && !made.waiting.contains(&due.vendor.code)
            && let Some(batch) = claim(world, due, run).await?
        {
            make(world, batch, &mut made, &mut outcome).await?;
        }
    }
    outcome.is_undone |= world.stop.is_asked();
    if !outcome.is_undone {
        size_brake::made(world, size).await?;
    }
    barcode::note_usage(world, &mut outcome).await?;
    calendar_reach::note(world, &mut outcome);
    outcome.record("letters", made.letters);
    outcome.record("packages", made.packages);
    Ok(outcome)
}

/// What a run would do now.
async fn plan(world: &World, routed: &Routed<'_>, mut outcome: Outcome) -> StageResult<Outcome> {
    let unfinished = world.ledger.unfinished_batches().await?.len();
    outcome.record("unfinished_packages", unfinished as u64);
    routed.tell(&mut outcome);
    Ok(outcome)
}

async fn claim(world: &World, due: &WaitingLane<'_>, run: &ProductionRun) -> StageResult<Option<ClaimedBatch>> {
    let now = world.instant()?;
    let checkpoint = super::checkpoint::rider(world).await?;
    let name = |number| {
        world.site.package_name(&due.vendor.code, number).map_or_else(|error| error.0, |name| name.to_string())
    };
    let lane = Lane { limit: size::most_letters(world, due.vendor, due.lane.format).await?, ..due.lane.clone() };
    Ok(world.ledger.claim(&lane, &name, &run.owner, &checkpoint, run.run_id, now).await?)
}

/// Makes one package, unless nothing is left of it or it waits for serial numbers.
async fn make(world: &World, batch: ClaimedBatch, made: &mut Made, outcome: &mut Outcome) -> StageResult<()> {
    let mut batch = batch;
    let mut is_first_cut = true;
    // Each turn but the last leaves at least one letter out, so there is a last.
    let sealed = loop {
        // 1. Letters that cannot be printed leave the batch before anything is minted.
        let Some(fitted) = fit::fit(world, batch, outcome).await? else { return Ok(()) };
        // 2. Barcodes: their serial numbers are taken for good.
        let vendor = fitted.batch.vendor.clone();
        let Some(barcoded) = barcode::barcode(world, fitted, outcome).await? else {
            made.waiting.insert(vendor);
            return Ok(());
        };
        // 3. Passwords, in memory.
        let minted = mint::mint(world, barcoded)?;
        // 4. Pages and verifiers side by side, on all cores; then the pages are read again.
        let printed = match proof::proof(world, print(world, minted).await?, outcome).await? {
            Proofread::Clean(printed) => *printed,
            Proofread::Again(rest) => {
                batch = rest;
                continue;
            }
        };
        // 5. Seal, unless it is more than the vendor takes.
        match seal::seal(world, printed)? {
            Sealing::Sealed(sealed) => break *sealed,
            Sealing::TooLarge(too_large) => {
                batch = size::cut(world, too_large, std::mem::take(&mut is_first_cut), outcome).await?;
            }
        }
    };
    // 6. Ciphertext to the spool; then one transaction makes it so.
    commit(world, sealed, made).await
}

async fn print(world: &World, minted: mint::Minted) -> StageResult<press::Printed> {
    let (press, workers) = (Arc::clone(&world.press), world.workers);
    let (progress, cost) = (Arc::clone(&world.progress), world.site.verifier_cost);
    tokio::task::spawn_blocking(move || press::print(&press, minted, cost, workers, progress.as_ref()))
        .await
        .map_err(|error| StageError::Retry(format!("a worker died while it printed: {error}")))?
}

async fn commit(world: &World, mut sealed: seal::Sealed, made: &mut Made) -> StageResult<()> {
    world.spool.save(&sealed.record.spool_object, std::mem::take(&mut sealed.bytes)).await?;
    // Verifiers take their time: what the clock did meanwhile may have made the dates on the pages wrong.
    if let Err(jumped) = world.instant() {
        world.spool.remove(&sealed.record.spool_object).await?;
        return Err(jumped);
    }
    let (name, letters) = (sealed.batch.name.clone(), sealed.record.letters.len() as u64);
    match world.ledger.commit(&sealed.batch, &sealed.record).await {
        Ok(()) => {
            let event = Event::info("package.sealed").of("package", &name).of("vendor", &sealed.batch.vendor);
            world.log.note(event.count("letters", letters).count("size_bytes", sealed.record.size_bytes));
            made.packages.push(name);
            made.letters += letters;
            Ok(())
        }
        Err(error @ LedgerError::Overtaken { .. }) => {
            world.spool.remove(&sealed.record.spool_object).await?;
            Err(error.into())
        }
        // The answer may be lost and the transaction made: the file stays, and the next run's sweep decides.
        Err(error) => Err(error.into()),
    }
}
