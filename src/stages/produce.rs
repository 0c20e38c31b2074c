//! Produce: pending requests become letters in a sealed package.
//!
//! In: pending requests, and batches that a dead run left. Out: sealed packages in the spool and their rows in the
//! ledger. Durable when it returns: package, digest, verifiers, letters, audit entries, in one transaction after the
//! spool's file. A crash before that transaction leaves at most a file in the spool of which nobody was told: the
//! next run sweeps it away, takes the batch over under a new attempt, and mints anew. Passwords and letters in the
//! clear are in memory only, and wiped.

mod barcode;
mod fit;
mod mint;
mod press;
mod proof;
mod seal;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::proof::Proofread;
use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::preflight;
use super::site::{Mint, Vendor};
use super::world::World;
use crate::ports::ledger::{ClaimedBatch, Lane, LedgerError};

/// Nights that tell what is usual, at most and at least.
const USUAL_NIGHTS: u32 = 20;
const LEAST_NIGHTS: usize = 3;

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

/// A lane in which letters are due.
struct DueLane<'a> {
    vendor: &'a Vendor,
    lane: Lane,
    waiting: u64,
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
    let lanes = due_lanes(world, run, &mut outcome).await?;
    require_usual_size(world, &lanes).await?;
    if dry_run {
        return plan(&lanes, world, outcome).await;
    }
    // 2. What a dead run left: files that nobody was told of, and batches that nobody finished.
    sweep(world, &mut outcome).await?;
    hold_unserved(world, &mut outcome).await?;
    let mut made = Made::default();
    for batch_id in world.ledger.unfinished_batches().await? {
        let batch = world.ledger.take_over(batch_id, &run.owner, world.clock.now()).await?;
        make(world, batch, &mut made, &mut outcome).await?;
    }
    // 3. New batches, until nothing waits.
    for due in &lanes {
        while !made.waiting.contains(&due.vendor.code)
            && let Some(batch) = claim(world, due, run).await?
        {
            make(world, batch, &mut made, &mut outcome).await?;
        }
    }
    barcode::note_usage(world, &mut outcome).await?;
    outcome.record("letters", made.letters);
    outcome.record("packages", made.packages);
    Ok(outcome)
}

/// The lanes whose letters must be made now, with how many requests wait in each.
async fn due_lanes<'a>(world: &'a World, run: &ProductionRun, outcome: &mut Outcome) -> StageResult<Vec<DueLane<'a>>> {
    let mut due = Vec::new();
    let mut later = 0;
    for vendor in &world.site.vendors {
        let is_due = vendor.mint == Mint::EveryRun || is_last_chance(world, vendor, run)?;
        for lane in vendor.lanes() {
            let waiting = world.ledger.waiting(&lane).await?;
            if is_due {
                due.push(DueLane { vendor, lane, waiting });
            } else {
                later += waiting;
            }
        }
    }
    if later > 0 {
        outcome.record("left_for_a_later_run", later);
    }
    Ok(due)
}

fn is_last_chance(world: &World, vendor: &Vendor, run: &ProductionRun) -> StageResult<bool> {
    let site = &world.site;
    vendor
        .print_schedule
        .is_last_chance(world.clock.now(), run.next_run_at, &site.calendar, site.time_zone)
        .map_err(|error| StageError::Refused(format!("vendor {}: {error}", vendor.code)))
}

/// A night that is much larger than usual is more often a mistake or an attack than a need.
async fn require_usual_size(world: &World, lanes: &[DueLane<'_>]) -> StageResult<()> {
    let waiting: u64 = lanes.iter().map(|due| due.waiting).sum();
    let limits = world.site.limits;
    if waiting > limits.letters_a_night {
        return Err(StageError::Alarm(format!(
            "{waiting} letters would be made tonight, and [limits] letters_a_night is {}; nothing was minted; look at \
             'letterpost request list', then hold what should not go or raise the limit",
            limits.letters_a_night
        )));
    }
    let nights = world.ledger.recent_nights(USUAL_NIGHTS).await?;
    let Some(usual) = median(nights) else { return Ok(()) };
    let most = usual.max(SMALL_NIGHT).saturating_mul(limits.times_the_usual_night);
    if limits.times_the_usual_night > 0 && waiting > most {
        return Err(StageError::Alarm(format!(
            "{waiting} letters would be made tonight, and a usual night has {usual}; more than {} times that is \
             stopped; nothing was minted; look at 'letterpost request list', then raise [limits] \
             times_the_usual_night for this night or hold what should not go",
            limits.times_the_usual_night
        )));
    }
    Ok(())
}

/// Nights smaller than this do not tell what is usual.
const SMALL_NIGHT: u64 = 100;

/// The middle of the nights; `None` where there were too few to tell.
fn median(mut nights: Vec<u64>) -> Option<u64> {
    nights.sort_unstable();
    nights.get(nights.len() / 2).copied().filter(|_| nights.len() >= LEAST_NIGHTS)
}

/// What a run would do now.
async fn plan(lanes: &[DueLane<'_>], world: &World, mut outcome: Outcome) -> StageResult<Outcome> {
    let unfinished = world.ledger.unfinished_batches().await?.len();
    outcome.record("unfinished_packages", unfinished as u64);
    let planned: Vec<serde_json::Value> = lanes
        .iter()
        .filter(|due| due.waiting > 0)
        .map(|due| {
            let packages = due.waiting.div_ceil(u64::from(due.lane.limit));
            serde_json::json!({
                "vendor": due.vendor.code, "format": due.lane.format, "letters": due.waiting, "packages": packages
            })
        })
        .collect();
    outcome.record("would_make", planned);
    Ok(outcome)
}

/// Removes files from the spool that no transaction records: their run died before it told anybody.
async fn sweep(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let recorded = world.ledger.recorded_objects().await?;
    let mut swept = 0u64;
    for object in world.spool.list()? {
        if !recorded.contains(&object) {
            world.spool.remove(&object)?;
            swept += 1;
        }
    }
    if swept > 0 {
        outcome.record("swept", swept);
    }
    Ok(())
}

async fn hold_unserved(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let (now, today) = world.now()?;
    let lanes: Vec<Lane> = world.site.vendors.iter().flat_map(Vendor::lanes).collect();
    let act_by_on = world.site.act_by_on(today)?;
    for reference in world.ledger.hold_unserved(&lanes, act_by_on, now).await? {
        let message =
            format!("no vendor takes such a letter; act by {act_by_on}: see 'letterpost request show {reference}'");
        outcome.raise(Urgency::Person, format!("request {reference}"), message);
    }
    Ok(())
}

async fn claim(world: &World, due: &DueLane<'_>, run: &ProductionRun) -> StageResult<Option<ClaimedBatch>> {
    let now = world.clock.now();
    let checkpoint = super::checkpoint::rider(world).await?;
    let name = |number| {
        world.site.package_name(&due.vendor.code, number).map_or_else(|error| error.0, |name| name.to_string())
    };
    Ok(world.ledger.claim(&due.lane, &name, &run.owner, &checkpoint, run.run_id, now).await?)
}

/// Makes one package, unless nothing is left of it or it waits for serial numbers.
async fn make(world: &World, batch: ClaimedBatch, made: &mut Made, outcome: &mut Outcome) -> StageResult<()> {
    let mut batch = batch;
    // Each turn but the last leaves at least one letter out, so there is a last.
    let printed = loop {
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
        match proof::proof(world, print(world, minted).await?, outcome).await? {
            Proofread::Clean(printed) => break *printed,
            Proofread::Again(rest) => batch = rest,
        }
    };
    // 5. Seal; ciphertext to the spool.
    let sealed = seal::seal(world, printed)?;
    // 6. One transaction makes it so.
    commit(world, sealed, made).await
}

async fn print(world: &World, minted: mint::Minted) -> StageResult<press::Printed> {
    let (press, workers) = (Arc::clone(&world.press), world.workers);
    let (progress, cost) = (Arc::clone(&world.progress), world.site.verifier_cost);
    tokio::task::spawn_blocking(move || press::print(&press, minted, cost, workers, progress.as_ref()))
        .await
        .map_err(|error| StageError::Retry(format!("a worker died while it printed: {error}")))?
}

async fn commit(world: &World, sealed: seal::Spooled, made: &mut Made) -> StageResult<()> {
    let (name, letters) = (sealed.batch.name.clone(), sealed.record.letters.len() as u64);
    match world.ledger.commit(&sealed.batch, &sealed.record).await {
        Ok(()) => {
            made.packages.push(name);
            made.letters += letters;
            Ok(())
        }
        Err(error @ LedgerError::Overtaken { .. }) => {
            world.spool.remove(&sealed.record.spool_object)?;
            Err(error.into())
        }
        // The answer may be lost and the transaction made: the file stays, and the next run's sweep decides.
        Err(error) => Err(error.into()),
    }
}
