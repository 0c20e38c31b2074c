//! Strangers: files in an outbox that end as a receipt does and are not named as one. Nobody knows which package they
//! speak of, so they are not read; each is told once.

use crate::package::name::ReceiptFileName;
use crate::stages::outcome::{Outcome, StageResult, Urgency};
use crate::stages::world::World;

/// How a receipt's name ends.
const ENDING: &str = ".csv";
/// New ones that a run records; the next runs go on.
const MOST_A_RUN: usize = 100;
/// Names that are told.
const FEW: usize = 5;

/// Refuses files whose names are none of receipts.
pub(super) async fn refuse(world: &World, names: &[String], dry_run: bool, outcome: &mut Outcome) -> StageResult<()> {
    let mut new = Vec::new();
    for name in names.iter().filter(|name| name.to_lowercase().ends_with(ENDING)) {
        let Err(refused) = name.parse::<ReceiptFileName>() else { continue };
        let unread = (String::new(), String::new());
        if new.len() < MOST_A_RUN && !world.ledger.seen_receipts(name).await?.contains(&unread) {
            new.push((name, refused.to_string()));
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let few: Vec<&str> = new.iter().take(FEW).map(|(_, reason)| reason.as_str()).collect();
    let more = if new.len() > FEW { format!("; and {} more", new.len() - FEW) } else { String::new() };
    let message =
        format!("not read: {}{more}; ask the vendor to name it right, and its signature with it", few.join("; "));
    outcome.raise(Urgency::Person, format!("{} files in an outbox", new.len()), message);
    if !dry_run {
        for (name, reason) in new {
            world.ledger.refuse_receipt(name, ("", ""), &reason, world.instant()?).await?;
        }
    }
    Ok(())
}
