//! Brakes: what is too strange for a night to go on without a person.
//!
//! Two things are: a night of many more letters than usual, and a clock that does not show what it should. A brake is
//! recorded in the ledger when it is found, once, and holds back what it is about until a named person releases it or until
//! what was found is so no more. The size of a night holds back production and nothing else; the clock holds back everything,
//! for every date follows from it.
//!
//! Durable when a brake is raised: its row and its audit entry. A crash before leaves nothing; the next start finds the same
//! again. See [`clock`], [`size`] and [`release`].

pub mod clock;
pub mod release;
pub mod size;
mod steady;

pub use steady::Steady;

use chrono::{DateTime, Utc};

use super::outcome::StageResult;
use super::world::World;
use crate::domain::brake::BrakeKind;
use crate::ports::ledger::{Brake, BrakeFinding};
use crate::ports::{Event, Level};

/// Engages a brake, and says so in the log.
async fn raise(
    world: &World,
    finding: &BrakeFinding,
    found: &str,
    run_id: Option<i64>,
    at: DateTime<Utc>,
) -> StageResult<Brake> {
    let brake = world.ledger.raise_brake(finding, found, run_id, at).await?;
    let event =
        Event::new(Level::Error, "brake.raised").of("brake", &brake.id.to_string()).of("kind", brake.kind.as_str());
    world.log.note(event);
    Ok(brake)
}

/// How a person releases a brake, as it is typed.
fn release_command(id: i64) -> String {
    format!("letterpost brake release {id} --by NAME --reason …")
}

/// What to do about an engaged brake: what to look at first, and what then.
#[must_use]
pub fn remedy(brake: &Brake) -> String {
    let release = release_command(brake.id);
    match brake.kind {
        BrakeKind::Size => {
            let allows = brake.allows.unwrap_or_default();
            format!(
                "look at 'letterpost brake list' and 'letterpost request list --status pending' first; hold or cancel what \
                 should not go; if the rest should, a named person lets at most {allows} letters pass with '{release}', and \
                 the next start of the run makes them"
            )
        }
        BrakeKind::ClockBehind => format!(
            "set the machine's clock and start the run again; if the clock is right now and was wrong before, a named person \
             says so with '{release}'"
        ),
        BrakeKind::ClockAhead => format!(
            "set the machine's clock and start the run again; if the clock is right as it is, a named person says so with \
             '{release}'"
        ),
    }
}
