//! Sinks as witnesses: the newest checkpoint of each one that can be read must be of the ledger's log, and not beyond it.
//!
//! A sink on another disk or machine tells on a ledger that was set back even where the file of heads went back with it. One that
//! cannot be read stops nobody.

use crate::audit::checkpoint::Checkpoint;
use crate::audit::merkle::Hash;
use crate::ports::CodedSink;
use crate::stages::log_key;
use crate::stages::outcome::StageResult;
use crate::stages::preflight::{Checked, root_at};
use crate::stages::world::World;

/// The checkpoints beyond the ledger that sinks have, but those of a log whose loss was accepted: size and root.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn beyond(world: &World, entries: u64) -> StageResult<Vec<(u64, Hash)>> {
    let mut found = Vec::new();
    for sink in &world.sinks {
        let Some(note) = sink.place.newest().ok().flatten() else { continue };
        if let Ok(told) = log_key::outside(world, &note).await?
            && told.size > entries
            && !world.ledger.is_of_lost_log(told.size).await?
        {
            found.push((told.size, told.root));
        }
    }
    Ok(found)
}

/// Every sink held against the ledger.
///
/// # Errors
/// Where the ledger cannot be read.
pub async fn check(world: &World) -> StageResult<Vec<Checked>> {
    let mut checks = Vec::new();
    for sink in &world.sinks {
        checks.extend(check_one(world, sink).await?);
    }
    Ok(checks)
}

async fn check_one(world: &World, sink: &CodedSink) -> StageResult<Option<Checked>> {
    let what = format!("ledger against sink {}", sink.code);
    let note = match sink.place.newest() {
        Ok(Some(note)) => note,
        // It has none yet, or takes them where they cannot be read from here.
        Ok(None) => return Ok(None),
        Err(error) => {
            let remedy = "mend that, so that it can be held against the ledger";
            return Ok(Some(Checked::note(what, error.message, remedy)));
        }
    };
    Ok(Some(match log_key::outside(world, &note).await? {
        Ok(told) => judge(world, what, &told).await?,
        Err(why) => Checked::alarm(
            what,
            format!("its newest checkpoint is not of this site's log: {why}"),
            "find out who wrote it; give each site's log sinks of its own",
        ),
    }))
}

async fn judge(world: &World, what: String, told: &Checkpoint) -> StageResult<Checked> {
    let size = told.size;
    let known = world.ledger.heads().await?.into_iter().find(|head| head.size == size).map(|head| head.root);
    let found = match known {
        Some(root) => Some(root),
        None => root_at(world, size).await?,
    };
    Ok(match found {
        Some(root) if root == told.root => Checked::good(what, format!("agree on {size} entries")),
        _ if world.ledger.is_of_lost_log(size).await? => {
            Checked::good(what, format!("its newest, over {size} entries, is of the log whose loss was accepted"))
        }
        None => Checked::alarm(
            what,
            format!(
                "the sink has a checkpoint over {size} entries, and the ledger has {}: an older ledger was put back",
                world.ledger.log_size().await?
            ),
            "bring the newest back before anything is sent: 'letterpost ledger restore FILE'; where it is lost, 'letterpost \
             ledger accept-loss'",
        ),
        Some(_) => Checked::alarm(
            what,
            format!("they differ within the first {size} entries: the ledger's history was changed"),
            "keep both, and find out who changed it: 'letterpost audit verify'",
        ),
    })
}
