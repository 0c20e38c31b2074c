//! Deliver: sealed packages go to their vendors, each once.
//!
//! In: packages in the spool. Out: packages in the vendor's inbox, and their passwords live. The order makes a second
//! delivery impossible whatever crashes:
//!
//! 1. upload as `NAME.zip.pgp.part`, durably, and check size and digest there;
//! 2. record the offer in the ledger;
//! 3. give it its name; 4. write `NAME.ready`; 5. record the delivery.
//!
//! Only we rename, and only after the offer is recorded. So where an offer is recorded and neither the upload nor the
//! package is there any more, the vendor has taken it, or somebody else moved it: it is not sent again, and the
//! vendor's receipt or a person settles it. Where no offer is recorded, no vendor can have it, and all may be done
//! again.
//!
//! Nothing gets its name after its last mailing day: see [`late`].
//!
//! A vendor that cannot be reached is tried again, in rounds with growing pauses, as long as the packages can still make
//! the print day that they are for and the start has patience left. What a vendor refuses for good is not tried again:
//! one file waits for a person, or, where the login, the host's key or a folder is wrong, all that goes there.
//! A start that is asked to stop finishes the package under way and offers no other.

mod late;
mod one;
mod rounds;
mod trouble;

use super::outcome::{Outcome, StageResult};
use super::pull;
use super::world::World;
use crate::ports::ledger::Undelivered;
pub(super) use one::package_name;
use rounds::Delivery;

/// Delivers what is sealed, and tells vendors which numbers will never come.
///
/// # Errors
/// Where ledger or spool fail. A vendor that cannot be reached does not stop the others.
pub async fn deliver(world: &World, dry_run: bool) -> StageResult<Outcome> {
    if dry_run {
        return plan(world).await;
    }
    let mut delivery = Delivery::begin(world).await?;
    loop {
        delivery.round().await?;
        let Some(pause) = delivery.pause() else { break };
        delivery.wait(pause).await;
    }
    let mut outcome = delivery.end().await?;
    if world.stop.is_asked() {
        outcome.is_undone = true;
    } else {
        pull::send_all(world, &mut outcome).await?;
    }
    world.hang_up().await;
    Ok(outcome)
}

/// What would be done; nobody is asked.
async fn plan(world: &World) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let (_, today) = world.now()?;
    let packages = world.ledger.undelivered().await?;
    let (late, timely): (Vec<_>, Vec<_>) =
        packages.iter().partition(|package| package.offered_at.is_none() && late::is_late(package, today));
    let due = timely.into_iter().filter(|package| package.hold_reason.is_none()).collect::<Vec<_>>();
    let names = |packages: &[&Undelivered]| packages.iter().map(|package| package.name.clone()).collect::<Vec<_>>();
    outcome.record("would_deliver", names(&due));
    if !late.is_empty() {
        outcome.record("would_withdraw", names(&late));
    }
    let voids: Vec<String> = world.ledger.unsent_voids().await?.into_iter().map(|void| void.name).collect();
    if !voids.is_empty() {
        outcome.record("would_send_void", voids);
    }
    pull::plan_sending(world, &mut outcome).await?;
    Ok(outcome)
}
