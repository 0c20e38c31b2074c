//! Make: what is done to a minted batch apart from the ledger, beside other batches, until its ciphertext is in the spool.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::mint::Minted;
use super::proof::Misprinted;
use super::seal::{self, Sealed, Sealing};
use super::size::TooLarge;
use super::verify::Verifying;
use super::{blocking, died, press};
use crate::ports::Spool;
use crate::ports::ledger::{ClaimedBatch, SealedBatch};
use crate::stages::outcome::StageResult;
use crate::stages::site::Site;
use crate::stages::world::{Press, World};

/// Batches whose letters or ciphertext are in memory at once: a package may have 90 MB of letters. One is printed, sealed and
/// saved in a fraction of the time that its verifiers take.
const AT_PRESS: usize = 1;

/// What batches are made with, whoever made the world.
pub(super) struct Desk {
    pub(super) site: Site,
    pub(super) press: Arc<Press>,
    spool: Arc<dyn Spool>,
    pub(super) verifying: Arc<Verifying>,
    at_press: Semaphore,
}

impl Desk {
    pub(super) fn of(world: &World) -> Self {
        Self {
            site: world.site.clone(),
            press: Arc::clone(&world.press),
            spool: Arc::clone(&world.spool),
            verifying: Arc::new(Verifying::new(world)),
            at_press: Semaphore::new(AT_PRESS),
        }
    }
}

/// A package that lies in the spool, and what is to be recorded of it.
pub(super) struct Spooled {
    pub(super) batch: ClaimedBatch,
    pub(super) record: SealedBatch,
}

/// What came of a batch.
pub(super) enum Done {
    /// It lies in the spool; its passwords are gone from memory.
    Spooled(Box<Spooled>),
    /// Some letters did not read back; nothing was kept.
    Misprinted(Box<Misprinted>),
    /// It is larger than its vendor takes; nothing was kept.
    TooLarge(TooLarge),
}

/// Makes verifiers, then pages, package and seal, and saves the ciphertext. Pages come last: they hold passwords, and live
/// the shorter for it.
///
/// # Errors
/// Where letters cannot be printed or sealed, or the spool does not keep them.
pub(super) async fn make(desk: Arc<Desk>, minted: Minted) -> StageResult<Done> {
    let minted = Arc::new(minted);
    let verifiers = desk.verifying.verify(&minted).await?;
    let minted = Arc::into_inner(minted).ok_or_else(|| died("it is still at work"))?;
    let _turn = desk.at_press.acquire().await.map_err(died)?;
    let at_desk = Arc::clone(&desk);
    match blocking(move || print_and_seal(&at_desk, minted, verifiers)).await?? {
        Sealing::Sealed(sealed) => spool(&desk, *sealed).await,
        Sealing::Misprinted(misprinted) => Ok(Done::Misprinted(misprinted)),
        Sealing::TooLarge(too_large) => Ok(Done::TooLarge(too_large)),
    }
}

fn print_and_seal(desk: &Desk, minted: Minted, verifiers: Vec<String>) -> StageResult<Sealing> {
    let (letters, misprints) = press::print(&desk.press, &minted)?;
    if misprints.is_empty() {
        seal::seal(&desk.site, &desk.press, minted, letters, verifiers)
    } else {
        Ok(Sealing::Misprinted(Box::new(Misprinted { minted, misprints })))
    }
}

async fn spool(desk: &Desk, sealed: Sealed) -> StageResult<Done> {
    let Sealed { batch, record, bytes } = sealed;
    if desk.verifying.is_given_up() {
        return Err(died("it gave up"));
    }
    desk.spool.save(&record.spool_object, bytes).await?;
    Ok(Done::Spooled(Box::new(Spooled { batch, record })))
}
