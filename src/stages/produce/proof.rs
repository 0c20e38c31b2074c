//! Proof: a letter that did not read back from its finished page as it should is held, and never sealed.
//!
//! The others are renumbered and minted anew: the passwords on the pages that are thrown away are known to nobody.

use super::fit::{Holding, hold};
use super::mint::Minted;
use crate::letter::Misprint;
use crate::ports::ledger::ClaimedBatch;
use crate::stages::outcome::{Outcome, StageResult};
use crate::stages::world::World;

/// A batch of which some letters did not read back as they should; nothing of it was kept.
pub(super) struct Misprinted {
    pub(super) minted: Minted,
    /// The letters that were wrong.
    pub(super) misprints: Vec<Misprint>,
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
pub(super) async fn hold_misprinted(
    world: &World,
    misprinted: Misprinted,
    outcome: &mut Outcome,
) -> StageResult<ClaimedBatch> {
    let Misprinted { minted, misprints } = misprinted;
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
    Ok(world.ledger.take_over(batch.batch_id, &batch.owner, world.instant()?).await?)
}
