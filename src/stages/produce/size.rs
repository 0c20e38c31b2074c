//! Size: no package is larger than its vendor takes. What is known before is heeded when letters are claimed; what is
//! still too large when it is sealed is cut, and what is left of it is minted anew under the next attempt.

use super::fit::{Holding, hold};
use crate::domain::package_size::{self, Measured};
use crate::domain::request::Format;
use crate::ports::ledger::ClaimedBatch;
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::site::Vendor;
use crate::stages::world::World;

/// Earlier packages that tell how large the next one will be.
const MEASURED_PACKAGES: u32 = 20;

/// A package that came out too large; nothing of it was kept.
pub(super) struct TooLarge {
    /// Its batch, all members still in it.
    pub(super) batch: ClaimedBatch,
    pub(super) bytes: u64,
}

const OVERSIZED: Holding = Holding {
    because: "its letter alone makes a package that is too large",
    remedy: |reference| {
        format!(
            "agree on a larger package_mib with the vendor, then 'letterpost request release {reference} --reason …'; or \
             'letterpost request cancel {reference} --reason …'"
        )
    },
};

/// The most letters of a form that the next package to a vendor should have.
pub(super) async fn most_letters(world: &World, vendor: &Vendor, format: Format) -> StageResult<u32> {
    let measured: Vec<Measured> = world.ledger.measured_packages(&vendor.code, format, MEASURED_PACKAGES).await?;
    let fitting = package_size::most_letters(&measured, vendor.package_bytes);
    let most = vendor.letters_a_package.min(world.site.sharing.batch_letters.unwrap_or(u32::MAX));
    Ok(fitting.map_or(most, |fitting| fitting.min(most)))
}

/// Takes letters out of a batch that came out too large, and takes it up again under its next attempt. A letter that is
/// too large alone is held.
pub(super) async fn cut(
    world: &World,
    too_large: TooLarge,
    is_first: bool,
    outcome: &mut Outcome,
) -> StageResult<ClaimedBatch> {
    let TooLarge { batch, bytes } = too_large;
    let vendor = world.site.vendor(&batch.vendor)?;
    let limit = vendor.package_bytes;
    if let [only] = batch.members.as_slice() {
        let reason = format!("{bytes} bytes, and package_mib of vendor {} allows {limit}", vendor.code);
        hold(world, &batch, &[(only.request_id, reason)], OVERSIZED, outcome).await?;
    } else {
        let letters = u32::try_from(batch.members.len()).unwrap_or(u32::MAX);
        let kept = package_size::cut(letters, bytes, limit, is_first);
        let rest: Vec<i64> =
            batch.members.iter().skip(usize::try_from(kept).unwrap_or(usize::MAX)).map(|m| m.request_id).collect();
        world.ledger.put_back_members(&batch, &rest, world.instant()?).await?;
        let message = format!(
            "with {letters} letters it came to {bytes} bytes, and package_mib of vendor {} allows {limit}: {kept} letters \
             stay in it, the others go into the next one",
            vendor.code
        );
        outcome.raise_plainly(Urgency::Note, format!("package {}", batch.name), message);
    }
    Ok(world.ledger.take_over(batch.batch_id, &batch.owner, world.instant()?).await?)
}
