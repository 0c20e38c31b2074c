//! Copies: what a receipt said and who signed it must be shown for as long as anybody may ask, whatever becomes of the
//! vendor's outbox. The copy is durable before the receipt is taken; a crash in between leaves a copy that the next run
//! finds with the same bytes.

use super::Fetched;
use crate::ports::ledger::{KeptKind, NewFile, receipt_copy};
use crate::stages::outcome::StageResult;
use crate::stages::world::World;

/// Keeps a receipt and its signature.
pub(super) fn keep(world: &World, fetched: &Fetched) -> StageResult<()> {
    let name = receipt_copy(&fetched.name.to_string(), &fetched.sha256);
    if let Some(signature) = &fetched.signature {
        world.files.keep(KeptKind::Receipt, &format!("{name}.asc"), signature)?;
    }
    Ok(world.files.keep(KeptKind::Receipt, &name, &fetched.bytes)?)
}

/// Keeps a receipt that was taken before copies were kept, when it is seen again.
pub(super) async fn keep_if_lacking(world: &World, fetched: &Fetched) -> StageResult<()> {
    let name = fetched.name.to_string();
    if fetched.is_unread || !world.ledger.lacks_copy(&name, &fetched.sha256).await? {
        return Ok(());
    }
    keep(world, fetched)?;
    let now = world.instant()?;
    let copies = NewFile::of_receipt(&name, &fetched.sha256, &fetched.signature_sha256);
    Ok(world.ledger.keep_files(&copies.into_iter().map(|copy| (copy, now)).collect::<Vec<_>>(), now).await?)
}
