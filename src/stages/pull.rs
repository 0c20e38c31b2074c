//! Pull: an order to a vendor to take letters out of production before they are mailed.
//!
//! In: letters that must not go out. Out: a sealed order in the vendor's inbox. Durable when [`order`] returns: the
//! order with its bytes, and the ends of its letters' passwords, in one transaction. A crash after that leaves an order
//! that was not sent: `deliver` sends it, and sending the same file again changes nothing.

use std::collections::BTreeMap;

use super::decision::{Desk, LetterPlan, Named};
use super::outcome::{Outcome, StageError, StageResult, Urgency};
use super::world::World;
use crate::domain::letter::LetterId;
use crate::package::name::PullFileName;
use crate::package::openpgp;
use crate::package::pull::{FORMAT_VERSION, PullOrder};
use crate::ports::CourierError;
use crate::ports::ledger::{Decision, SealedPull, UnsentPull};

/// What a person's wish to pull letters comes to.
#[derive(Debug, Clone)]
pub struct PullPlan {
    /// Each letter.
    pub letters: LetterPlan,
    /// The orders, one a package.
    pub orders: Vec<PullOrder>,
}

/// Plans the orders for these letters, one a package. The vendor reads the reason.
///
/// # Errors
/// Where the ledger fails.
pub async fn plan(desk: &Desk, named: Vec<Named>, reason: &str) -> StageResult<PullPlan> {
    let letters = LetterPlan::judge(
        named,
        |case| case.pull(),
        |case| {
            let when = if case.is_offered { "now" } else { "once its package is delivered" };
            let password = if case.is_password_good() { "its password ends at once" } else { "its password has ended" };
            format!("{password}, and the vendor of package {} is told {when} to take it out", case.package)
        },
    );
    let mut packages = BTreeMap::<&str, Vec<LetterId>>::new();
    for case in &letters.letters {
        packages.entry(&case.package).or_default().push(case.letter_id);
    }
    let mut orders = Vec::new();
    for (package, ids) in packages {
        orders.push(order_for(desk, package, ids, reason).await?);
    }
    Ok(PullPlan { letters, orders })
}

/// The order to take these letters out of a package.
pub(super) async fn order_for(
    desk: &Desk,
    package: &str,
    letters: Vec<LetterId>,
    reason: &str,
) -> StageResult<PullOrder> {
    Ok(PullOrder {
        format_version: FORMAT_VERSION,
        package: super::deliver::package_name(package)?,
        number: desk.ledger.next_pull_number(package).await?,
        letters,
        reason: reason.to_owned(),
        made_at: desk.now,
        contact: desk.site.contact.clone(),
    })
}

/// Seals and records the orders that were planned; from here on the passwords of their letters are no good.
///
/// # Errors
/// Where the key cannot seal, the ledger fails, or a letter is not as it was judged; then nothing was done.
pub async fn order(world: &World, plan: &PullPlan, decision: &Decision) -> StageResult<()> {
    let (now, today) = world.now()?;
    let sealed = plan.orders.iter().map(|order| seal(world, order)).collect::<StageResult<Vec<_>>>()?;
    Ok(world.ledger.record_pulls(&sealed, decision, now, today).await?)
}

/// The order as the vendor gets it.
pub(super) fn seal(world: &World, order: &PullOrder) -> StageResult<SealedPull> {
    // To whom its packages are sealed, its orders are too.
    let recipients = openpgp::usable(&world.site.vendor(order.package.vendor())?.certificates, order.made_at);
    let sealed = order
        .seal(&world.press.signing_key, &recipients, order.made_at, &mut world.generator()?)
        .map_err(|error| StageError::Refused(format!("a pull order for package {}: {error}", order.package)))?;
    Ok(SealedPull { package: order.package.to_string(), number: order.number, letters: order.letters.clone(), sealed })
}

/// Sends every order whose package a vendor was offered. A vendor that cannot be reached does not stop the others.
///
/// # Errors
/// Where the ledger fails.
pub async fn send_all(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let mut sent = Vec::new();
    for order in world.ledger.unsent_pulls().await? {
        match send(world, &order).await? {
            Ok(file) => sent.push(file),
            Err(error) => {
                let subject = format!("package {}", order.package);
                let message = format!(
                    "its pull order {} is recorded and could not be sent: {error}; the next run tries again, or tell \
                     the vendor by telephone",
                    order.number
                );
                outcome.raise_plainly(Urgency::from(&error), subject, message);
            }
        }
    }
    if !sent.is_empty() {
        outcome.record("pull_orders", sent);
    }
    Ok(())
}

/// Records which orders [`send_all`] would send.
///
/// # Errors
/// Where the ledger fails.
pub(super) async fn plan_sending(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let orders = world.ledger.unsent_pulls().await?;
    let files = orders.iter().map(file_name).collect::<StageResult<Vec<_>>>()?;
    if !files.is_empty() {
        outcome.record("would_send", files);
    }
    Ok(())
}

fn file_name(order: &UnsentPull) -> StageResult<String> {
    let package = super::deliver::package_name(&order.package)?;
    Ok(PullFileName { package, number: order.number }.to_string())
}

async fn send(world: &World, order: &UnsentPull) -> StageResult<Result<String, CourierError>> {
    let file = file_name(order)?;
    if let Err(error) = world.courier(&order.vendor)?.announce(&file, &order.sealed).await {
        return Ok(Err(error));
    }
    world.ledger.record_pull_sent(order.order_id, world.instant()?).await?;
    Ok(Ok(file))
}
