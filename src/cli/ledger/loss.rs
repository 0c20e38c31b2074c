//! `ledger accept-loss`: on with an older ledger, where the newer one is lost for good.
//!
//! Nothing that a vendor may have is sent again. The numbers that vendors and spool have and the ledger does not know are
//! left out; packages in the making are given up without a notice, for the vendor may have others under their names;
//! sealed ones count as offered; and whoever waited, or asked before this moment, waits for a person.

use std::collections::BTreeMap;

use serde::Serialize;

use super::arguments::AcceptLossArgs;
use crate::cli::decisions;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::cli::report::facts;
use crate::ports::ledger::{Loss, LossTaken};
use crate::stages::ahead::{self, Ahead};
use crate::stages::checkpoint::{self, witness};
use crate::stages::preflight;
use crate::stages::world::World;

/// What was found and done.
#[derive(Debug, Serialize)]
struct Accepted {
    /// Entries that the head outside covers beyond those of the ledger.
    lost_entries: u64,
    /// The highest number that each vendor may have, by code.
    highest: BTreeMap<String, u32>,
    #[serde(flatten)]
    taken: LossTaken,
}

/// Accepts a loss.
pub async fn accept(args: &AcceptLossArgs, at: &Opening) -> CliResult<Exit> {
    let (by, reason) = (decisions::person(Some(&args.by))?, decisions::reason(&args.reason)?);
    let config = at.config()?;
    let _lock = at.lock(&config, "ledger accept-loss").await?;
    let world = at.world(&config, None).await?;
    let (now, today) = world.now()?;
    // 1. What shows that something is lost.
    let outside = match preflight::head_beyond(&world).await? {
        Some(beyond) => Some(beyond),
        // A log that went on after it was set back may have come past what a sink has.
        None => witness::against(&world).await?.pop(),
    };
    let entries = world.ledger.log_size().await?;
    let found = evidence(&world, args).await?;
    let highest = highest(&world, args, &found)?;
    if outside.is_none() && found.is_empty() && args.vendor_has.is_empty() {
        return Err(Failure::usage(
            "nothing shows that the ledger lacks anything: the head outside, the spool and the vendors have no more than it; \
             nothing was done. Where a vendor says that it had a later package, say which with --vendor-has CODE=NUMBER",
        ));
    }
    // 2. One transaction; then a head of the log that goes on, which takes the place of the lost one's.
    let act_by_on = world.site.act_by_on(today)?;
    let loss = Loss { by, reason, outside, highest: highest.clone(), act_by_on };
    let taken = world.ledger.accept_loss(&loss, args.dry_run, now).await?;
    if !args.dry_run {
        checkpoint::checkpoint(&world, false).await?;
    }
    let accepted =
        Accepted { lost_entries: outside.map_or(0, |(size, _)| size.saturating_sub(entries)), highest, taken };
    at.report.show(&accepted, describe(&accepted, args.dry_run));
    Ok(Exit::Person)
}

/// What spool and vendors have. A vendor that cannot be asked must have said by other ways what it has.
async fn evidence(world: &World, args: &AcceptLossArgs) -> CliResult<Vec<Ahead>> {
    let mut found = ahead::in_spool(world).await?;
    for vendor in &world.site.vendors {
        let is_told = args.vendor_has.iter().any(|(code, _)| *code == vendor.code);
        match ahead::at_vendor(world, vendor).await? {
            Ok(files) => found.extend(files),
            Err(_) if is_told => {}
            Err(error) => {
                return Err(Failure::new(
                    Exit::TryAgain,
                    format!(
                        "vendor {} cannot be asked what it has: {error}; nothing was done. Try again, or ask it for the \
                         number of the last package that it had, and say --vendor-has {}=NUMBER",
                        vendor.code, vendor.code
                    ),
                ));
            }
        }
    }
    world.hang_up().await;
    Ok(found)
}

/// The highest number that each vendor may have.
fn highest(world: &World, args: &AcceptLossArgs, found: &[Ahead]) -> CliResult<BTreeMap<String, u32>> {
    let mut highest = BTreeMap::<String, u32>::new();
    for (code, number) in &args.vendor_has {
        world.site.vendor(code).map_err(|_| {
            Failure::usage(format!("--vendor-has {code}={number}: the configuration has no vendor '{code}'"))
        })?;
    }
    let told = args.vendor_has.iter().map(|(code, number)| (code, *number));
    for (code, number) in told.chain(found.iter().map(|it| (&it.vendor, it.number))) {
        let known = highest.entry(code.clone()).or_default();
        *known = number.max(*known);
    }
    Ok(highest)
}

fn describe(accepted: &Accepted, dry_run: bool) -> String {
    let taken = &accepted.taken;
    let listed = |names: &[String]| names.join(", ");
    let text = facts(&[
        (if dry_run { "would give up" } else { "given up" }, format!("{} lost entries", accepted.lost_entries)),
        ("numbers left out", listed(&taken.numbers_left_out)),
        ("in the making, given up", listed(&taken.given_up)),
        ("sealed, in doubt", listed(&taken.in_doubt)),
        ("requests held", taken.held.to_string()),
        ("live passwords", taken.live_passwords.to_string()),
    ]);
    format!(
        "{text}\n\nNow:\n  1. tell each vendor in writing to print nothing of the numbers left out and given up, and ask what it \
         mailed of them\n  2. have the portal hand in again what it handed in since; what is known is recognised, the rest is \
         held\n  3. 'letterpost request list --status held': release those whose letter was not mailed, or will not work\n  \
         4. passwords that were used since are good again: 'letterpost request cancel' for each that the portal names"
    )
}
