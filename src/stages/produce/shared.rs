//! Shared: the packages of a night are made by whoever is at work on the ledger, here and on other machines.
//!
//! One process leads: it was judged by the brakes, and opens a production with its run. Others join it, under the same run, as
//! long as it is open; what would change a letter, a password or a seal must be the same with them. Each makes whole packages. The
//! leader goes on when nothing waits and nobody at work holds a package; what those left who are gone, anybody takes over.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::lanes;
use super::line::{Line, Made};
use super::{ProductionRun, next};
use crate::ports::ledger::{ClaimedBatch, OthersPackage, Production};
use crate::stages::outcome::{Outcome, StageError, StageResult, Urgency};
use crate::stages::preflight;
use crate::stages::site::Vendor;
use crate::stages::world::World;

/// Looks at what others do in a minute.
const LOOKS_A_MINUTE: u32 = 240;

/// Opens the production of a run.
pub(super) async fn open(world: &World, run: &ProductionRun) -> StageResult<()> {
    let production = Production {
        owner: run.owner.clone(),
        run_id: run.run_id,
        next_run_at: run.next_run_at,
        likeness: likeness(world),
    };
    Ok(world.ledger.open_production(&production, world.instant()?).await?)
}

/// Makes all that is due, waiting for others who make some of it; gives what others hold who did not go on.
pub(super) async fn lead(world: &World, run: &ProductionRun, line: &mut Line<'_>) -> StageResult<Vec<OthersPackage>> {
    let mut before = world.ledger.unfinished_of_others(&run.owner).await?;
    let mut looks = 0;
    loop {
        let is_more = round(world, run, line).await?;
        let others = world.ledger.unfinished_of_others(&run.owner).await?;
        // Before and after the round: a worker may claim what waits, or put it back, while this one looks.
        if world.stop.is_asked() || (!is_more && others.is_empty() && before.is_empty()) {
            return Ok(Vec::new());
        }
        let is_same = !others.is_empty() && others == before;
        looks = if is_same { looks + 1 } else { 0 };
        if looks > LOOKS_A_MINUTE * world.site.sharing.wait_minutes {
            return Ok(others);
        }
        if !is_more && !others.is_empty() {
            if !is_same {
                world.progress.waits(&format!("packages with other workers: {}", others.len()));
            }
            world.ledger.wait_for_others().await;
        }
        before = others;
    }
}

/// Ends a production: counts what others made of it, and says who did not go on.
pub(super) async fn end(
    world: &World,
    run: &ProductionRun,
    made: &mut Made,
    left: &[OthersPackage],
    outcome: &mut Outcome,
) -> StageResult<()> {
    world.ledger.end_production(&run.owner, world.instant()?).await?;
    let others = world.ledger.made_by_others(&run.owner).await?;
    let told: Vec<serde_json::Value> = others
        .iter()
        .map(|other| serde_json::json!({ "worker": other.owner, "packages": other.packages.len(), "letters": other.letters }))
        .collect();
    if !told.is_empty() {
        outcome.record("workers", told);
    }
    for other in others {
        made.letters += other.letters;
        made.packages.extend(other.packages);
    }
    for package in left {
        outcome.is_undone = true;
        let message = format!(
            "worker {} holds it and has not gone on for {} minutes; end that process (its name begins with its machine and the \
             number of its process), and start the run again",
            package.owner, world.site.sharing.wait_minutes
        );
        outcome.raise_plainly(Urgency::Retry, format!("package {}", package.package), message);
    }
    Ok(())
}

/// Makes packages of a production that another process leads: until it ends, or once until nothing waits.
///
/// # Errors
/// [`StageError::Refused`] where this machine would make other letters than the leader; otherwise as production.
pub async fn join(world: &World, run: &ProductionRun, production: &Production, once: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    require_alike(&likeness(world), &production.likeness)?;
    preflight::require(world).await?;
    let _life = world.ledger.live(&run.owner).await?;
    world.ledger.join_production(&run.owner, production, world.instant()?).await?;
    world.ledger.work_within(run.run_id);
    let mut line = Line::new(world, &mut outcome);
    let came = help(world, run, once, &mut line).await;
    let made = line.close(came).await;
    let came_well = made.is_ok();
    world.ledger.work_within(None);
    if came_well {
        world.ledger.end_production(&run.owner, world.instant()?).await?;
    }
    let Made { letters, packages } = made?;
    outcome.record("letters", letters);
    outcome.record("packages", packages);
    Ok(outcome)
}

async fn help(world: &World, run: &ProductionRun, once: bool, line: &mut Line<'_>) -> StageResult<()> {
    loop {
        let is_more = round(world, run, line).await?;
        if world.stop.is_asked() || (!is_more && (once || !is_open(world, run).await?)) {
            return Ok(());
        }
        if !is_more {
            world.ledger.wait_for_others().await;
        }
    }
}

/// Makes what those left who are gone, and then what waits; whether there was anything.
async fn round(world: &World, run: &ProductionRun, line: &mut Line<'_>) -> StageResult<bool> {
    let mut is_any = false;
    while let Some(batch) = left_over(world, run, line).await? {
        is_any = true;
        line.take(batch).await?;
    }
    line.drain().await?;
    if world.stop.is_asked() {
        return Ok(is_any);
    }
    let routed = lanes::route(world, run).await?;
    for due in routed.due() {
        while let Some(batch) = next(world, due, run, line).await? {
            is_any = true;
            line.take(batch).await?;
        }
    }
    line.drain().await?;
    Ok(line.has_put_back() || is_any)
}

async fn left_over(world: &World, run: &ProductionRun, line: &mut Line<'_>) -> StageResult<Option<ClaimedBatch>> {
    line.advance().await?;
    if world.stop.is_asked() || !is_open(world, run).await? {
        return Ok(None);
    }
    Ok(world.ledger.take_over_next(&run.owner, world.instant()?).await?)
}

/// Whether more may be claimed: whoever joined a production claims as long as it is open.
pub(super) async fn is_open(world: &World, run: &ProductionRun) -> StageResult<bool> {
    let Some(leader) = &run.joined else { return Ok(true) };
    Ok(world.ledger.present_production().await?.is_some_and(|production| production.owner == *leader))
}

/// What must be the same with all who make letters of a night, as digests.
fn likeness(world: &World) -> BTreeMap<String, String> {
    let site = &world.site;
    let rules = format!(
        "{:?}",
        (
            (&site.name, &site.origin, site.time_zone, &site.zone_names, &site.contact),
            (&site.calendar, &site.postal, site.validity, site.verifier_cost, site.sharing.batch_letters)
        )
    );
    let mut alike = BTreeMap::from([
        ("the release of letterpost".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("the settings".to_owned(), digest(&rules)),
        ("the templates".to_owned(), world.press.stationery.template_version().to_owned()),
        ("the site's key".to_owned(), world.press.signing_key.certificate().fingerprint()),
        ("the pepper".to_owned(), world.press.pepper.mark().unwrap_or_default()),
    ]);
    alike.extend(site.vendors.iter().map(|vendor| (format!("[[vendor]] {}", vendor.code), of_vendor(vendor))));
    alike
}

fn of_vendor(vendor: &Vendor) -> String {
    let sealed_to: Vec<String> = vendor.certificates.iter().map(|certificate| certificate.fingerprint()).collect();
    let Vendor { takes, layout, letters_a_package, package_bytes, print_schedule, mint, .. } = vendor;
    let Vendor { paper, duplex, envelope, mail_class, imb, remake, purge_days, .. } = vendor;
    digest(&format!(
        "{:?}",
        (
            (takes, layout, letters_a_package, package_bytes, print_schedule, mint, sealed_to),
            (paper, duplex, envelope, mail_class, imb, remake, purge_days)
        )
    ))
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Fails unless all is the same.
fn require_alike(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>) -> StageResult<()> {
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let other: Vec<&str> =
        names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name)).map(String::as_str).collect();
    if other.is_empty() {
        return Ok(());
    }
    Err(StageError::Refused(format!(
        "nothing was made: this machine differs from the one that leads the night in {}; give every machine the same \
         configuration, keys and templates",
        other.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_differs_is_told_in_what() {
        let of = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect()
        };
        let leader = of(&[("the pepper", "a"), ("the templates", "b"), ("[[vendor]] acme", "c")]);
        require_alike(&leader.clone(), &leader).unwrap();
        let worker = of(&[("the pepper", "x"), ("the templates", "b"), ("[[vendor]] zeta", "c")]);
        let told = require_alike(&worker, &leader).unwrap_err().to_string();
        assert!(
            told.contains("[[vendor]] acme") && told.contains("[[vendor]] zeta") && told.contains("the pepper"),
            "{told}"
        );
        assert!(!told.contains("templates,"), "{told}");
    }
}
