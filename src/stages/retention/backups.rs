//! Backups: the newest one that is good stays, however old it is.

use crate::ports::ledger::{KeptFile, KeptKind};
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// What names say that are no backup of the ledger: what was set aside, what a restore was about to put in place, and
/// copies of the intake.
const NO_LEDGER_COPY: [&str; 3] = [".replaced-", ".restoring", ".intake.db"];

/// Those of the files that are due without the newest good backup and the intake's copy beside it. Where that one is due
/// too and holds people who were forgotten since, a person is told.
pub(super) async fn without_the_newest(
    world: &World,
    due: Vec<KeptFile>,
    outcome: &mut Outcome,
) -> StageResult<Vec<KeptFile>> {
    if due.is_empty() {
        return Ok(due);
    }
    let Some(newest) = newest_good(world).await? else { return Ok(due) };
    let (kept, due): (Vec<KeptFile>, Vec<KeptFile>) =
        due.into_iter().partition(|file| file.file.of_sha256 == newest.file.sha256);
    if !kept.is_empty() {
        let erased = world.ledger.erased_since(newest.kept_at).await?;
        if erased > 0 {
            outcome.raise_plainly(Urgency::Person, "the newest backup", told_of_the_newest(&newest, erased));
        }
    }
    Ok(due)
}

/// What to do about a backup that remembers whom the ledger forgot.
#[must_use]
pub fn told_of_the_newest(newest: &KeptFile, erased: u64) -> String {
    format!(
        "of {} is kept beyond its term, since no newer one is good, and holds {erased} requests whose people were \
         forgotten since: make a new one with 'letterpost ledger backup'",
        newest.kept_at
    )
}

/// The newest backup of the ledger that is where it was put, with the bytes that it had.
///
/// # Errors
/// Where the ledger fails.
pub async fn newest_good(world: &World) -> StageResult<Option<KeptFile>> {
    let copies = world.ledger.kept_files(KeptKind::Backup).await?;
    let is_ledger_copy = |file: &KeptFile| !NO_LEDGER_COPY.iter().any(|part| file.file.path.contains(part));
    Ok(copies.into_iter().rev().filter(is_ledger_copy).find(|file| {
        // One that cannot be read is not good; whoever lists the backups is told of it.
        world
            .files
            .digest(KeptKind::Backup, &file.file.path)
            .is_ok_and(|found| found.as_ref() == Some(&file.file.sha256))
    }))
}
