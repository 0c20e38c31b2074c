//! Expire: passwords whose last day has passed are ended.
//!
//! Whether a password is good is decided when it is tried, from its dates and the clock; this stage only writes down
//! what is so already. Durable when it returns: the ends, each with its audit entry. A crash leaves all or nothing.

use super::outcome::{Outcome, StageResult};
use super::world::World;

/// Ends passwords whose last day is before today in the site's zone.
///
/// # Errors
/// Where the ledger fails.
pub async fn expire(world: &World, dry_run: bool) -> StageResult<Outcome> {
    let mut outcome = Outcome::default();
    let (now, today) = world.now()?;
    if dry_run {
        outcome.record("expired", world.ledger.expirable(today).await?);
        return Ok(outcome);
    }
    outcome.record("expired", world.ledger.expire(now, today).await?);
    Ok(outcome)
}
