//! How far each sink of checkpoints is.

use super::item::{Group, Item, Seen};
use crate::cli::exit::CliResult;
use crate::ports::ledger::{Ledger, SinkStanding};
use crate::stages::checkpoint::sinks::{behind, is_overdue, subject};

/// Where each of these sinks stands.
pub(super) async fn standings(
    ledger: &dyn Ledger,
    codes: impl Iterator<Item = &String>,
) -> CliResult<Vec<SinkStanding>> {
    let mut standings = Vec::new();
    for code in codes {
        standings.push(ledger.sink_standing(code).await?);
    }
    Ok(standings)
}

/// Sinks that have lacked a checkpoint for so long that somebody should look.
pub(super) fn items(standings: &[SinkStanding], seen: &Seen<'_>) -> CliResult<Vec<Item>> {
    let overdue = standings.iter().filter(|standing| is_overdue(standing, seen.desk.now));
    overdue
        .map(|standing| {
            let headline = format!("{}: {}", subject(&standing.code), behind(standing));
            let item = Item::new(Group::Look, headline, "letterpost doctor").overdue(true);
            let item = match &standing.failure {
                Some(why) => item.saying(why.as_str()),
                None => item.because("no checkpoint was sent there since; a run with the stage checkpoint sends it"),
            };
            standing.behind_since.map_or(Ok(item.clone()), |since| item.since(since, seen))
        })
        .collect()
}

/// A line for each sink.
pub(super) fn lines(standings: &[SinkStanding]) -> impl Iterator<Item = String> {
    standings.iter().map(|standing| format!("{}: {}", subject(&standing.code), behind(standing)))
}
