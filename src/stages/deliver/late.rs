//! Packages whose last mailing day is over before a vendor could have them: nothing is published any more.
//!
//! One that was never offered is withdrawn at once, even where the vendor cannot be asked; what an upload of it left goes
//! when its void notice is sent. One that
//! was offered and never got its name is withdrawn too, but its upload is removed first: whoever removed it knows that no
//! rename, however late its request may reach the server, can give it away any more. A crash between the two leaves a
//! package that was offered and is gone, which a person settles. One that has its name may be in the vendor's hands.

use chrono::{DateTime, NaiveDate, Utc};

use super::one::Delivered;
use super::trouble::Trouble;
use crate::ports::ledger::Undelivered;
use crate::ports::{Courier, Parcel};
use crate::stages::world::World;

/// Whether a package may not be mailed any more.
pub(super) fn is_late(package: &Undelivered, today: NaiveDate) -> bool {
    today > package.mail_by_on
}

fn reason(package: &Undelivered) -> String {
    let held = if package.hold_reason.is_some() { ", and held" } else { "" };
    format!("not delivered by {}, the last day to mail it{held}", package.mail_by_on)
}

/// Withdraws a package that no vendor was ever offered, and says why.
pub(super) async fn withdraw(world: &World, package: &Undelivered) -> Result<String, Trouble> {
    let (now, today) = world.now()?;
    let reason = reason(package);
    world.ledger.void_package(package.batch_id, &reason, now, today).await?;
    world.spool.remove(&package.spool_object).await?;
    Ok(reason)
}

/// Withdraws a package that was offered and still has its temporary name.
pub(super) async fn recall(
    world: &World,
    courier: &dyn Courier,
    package: &Undelivered,
    parcel: &Parcel,
    offered_at: DateTime<Utc>,
) -> Result<Delivered, Trouble> {
    if !courier.discard(&parcel.file).await? {
        // Somebody was faster: a rename of an earlier start, or the vendor's own hand.
        return Ok(Delivered::AwaitsReceipt(offered_at));
    }
    let (now, today) = world.now()?;
    let reason = reason(package);
    world.ledger.recall_package(package.batch_id, &reason, now, today).await?;
    world.spool.remove(&package.spool_object).await?;
    Ok(Delivered::Withdrawn(reason))
}

/// A package that has its name and was not announced in time.
pub(super) fn unannounced(package: &Undelivered, offered_at: DateTime<Utc>) -> Trouble {
    Trouble::Person(format!(
        "it has its name in the vendor's inbox since it was offered at {offered_at}, it was never announced, and {}, the \
         last day to mail it, is over: it is not announced any more. Tell the vendor not to print it and to move it away; \
         then 'letterpost batch show {}' says how to settle it",
        package.mail_by_on, package.name
    ))
}
