//! Terms: certificates of destruction that have not come, and a backup that remembers whom the ledger forgot.

use chrono::TimeDelta;

use crate::cli::exit::CliResult;
use crate::ports::ledger::KeptKind;
use crate::stages::outcome::{FEW, few_of};
use crate::stages::preflight::Checked;
use crate::stages::purges;
use crate::stages::retention::backups::{newest_good, told_of_the_newest};
use crate::stages::world::World;

/// Every check of terms.
pub(super) async fn check(world: &World) -> CliResult<Vec<Checked>> {
    Ok([certificates(world).await?, newest_backup(world).await?].into_iter().flatten().collect())
}

async fn certificates(world: &World) -> CliResult<Option<Checked>> {
    let (_, today) = world.now()?;
    let overdue = purges::overdue(&world.site, world.ledger.as_ref(), today).await?;
    if overdue.is_empty() {
        return Ok(None);
    }
    let packages = few_of(overdue.iter().map(|purge| purge.package.as_str()), FEW);
    Ok(Some(Checked::note(
        "certificates of destruction",
        format!("overdue for {} packages ({packages})", overdue.len()),
        "ask the vendor for them, and record each with 'letterpost batch purged'",
    )))
}

async fn newest_backup(world: &World) -> CliResult<Option<Checked>> {
    let term = TimeDelta::days(world.site.retention.backup_days.into());
    let now = world.instant()?;
    let kept = world.ledger.kept_files(KeptKind::Backup).await?;
    // Where one was made since, none is read: they may be large.
    if kept.last().is_none_or(|file| now - file.kept_at <= term) {
        return Ok(None);
    }
    let Some(newest) = newest_good(world).await? else { return Ok(None) };
    let erased = world.ledger.erased_since(newest.kept_at).await?;
    let told = (erased > 0).then(|| told_of_the_newest(&newest, erased));
    Ok(told.map(|told| Checked::note("newest good backup", told, "run 'letterpost ledger backup' every night")))
}
