//! Sweep: files of which no transaction tells leave the spool, for their run died before it told anybody.
//!
//! Where several workers share a spool, one of them may have saved a package just now and record it in a moment. So a
//! file goes only where the ledger says that nobody can record it any more: its package is recorded with another file, was
//! given up, or is made under a later attempt, and whoever lost a package to a later attempt cannot commit it. The spool is
//! listed before the ledger is asked: what is listed was claimed before, so that the ledger's answer is about all of it.
//! Files that are named like no package of this site are another's, and stay.

use crate::package::file_kind::{FileKind, package_of_file};
use crate::stages::outcome::{Outcome, StageResult};
use crate::stages::world::World;

/// Removes what nobody can record any more.
pub(super) async fn sweep(world: &World, outcome: &mut Outcome) -> StageResult<()> {
    let files = world.spool.list().await?;
    let in_use = world.ledger.objects_in_use().await?;
    let mut swept = 0u64;
    for file in &files {
        if object_of(world, file).is_some_and(|object| !in_use.contains(&object)) {
            world.spool.remove(file).await?;
            swept += 1;
        }
    }
    if swept > 0 {
        outcome.record("swept", swept);
    }
    Ok(())
}

/// The object that a file is, or is on its way to be; `None` for what is not this site's.
fn object_of(world: &World, file: &str) -> Option<String> {
    let (name, kind) = package_of_file(file)?;
    let FileKind::Spooled { attempt } = kind else { return None };
    let is_ours = name.site() == world.site.code && name.environment() == world.site.environment;
    is_ours.then(|| format!("{name}.{attempt}"))
}
