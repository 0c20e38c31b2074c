//! Proof: a letter that did not read back from its finished page as it should is held, and never sealed.
//!
//! The others are renumbered and minted anew: the passwords on the pages that are thrown away are known to nobody.

use super::fit::{Holding, hold};
use super::press::Printed;
use crate::ports::ledger::ClaimedBatch;
use crate::stages::outcome::{Outcome, StageResult};
use crate::stages::world::World;

/// How a batch came out of the press.
pub(super) enum Proofread {
    /// Every letter is as it should be.
    Clean(Box<Printed>),
    /// Some were not, and are held; these are to be made anew.
    Again(ClaimedBatch),
}

const MISPRINTED: Holding = Holding {
    because: "its page did not read back as it should",
    remedy: |reference| {
        format!(
            "this is the program's fault, not the person's: report it; 'letterpost request release {reference} --reason …' \
             tries again"
        )
    },
};

/// Holds the letters that were misprinted, and takes the batch up again under its next attempt.
pub(super) async fn proof(world: &World, printed: Printed, outcome: &mut Outcome) -> StageResult<Proofread> {
    if printed.misprints.is_empty() {
        return Ok(Proofread::Clean(Box::new(printed)));
    }
    let Printed { minted, misprints, .. } = printed;
    let reason = |place: u32| misprints.iter().find(|misprint| misprint.sequence == place).map(|found| &found.reason);
    let held: Vec<(i64, String)> = minted
        .pieces
        .iter()
        .zip(1u32..)
        .filter_map(|(piece, place)| Some((piece.member.request_id, reason(place)?.clone())))
        .collect();
    let mut batch = minted.batch;
    batch.members = minted.pieces.into_iter().map(|piece| piece.member).collect();
    hold(world, &batch, &held, MISPRINTED, outcome).await?;
    // The serial numbers of this attempt are spent; the next one has its own.
    Ok(Proofread::Again(world.ledger.take_over(batch.batch_id, &batch.owner, world.instant()?).await?))
}
