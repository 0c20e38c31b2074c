//! Lanes: every pending request is routed to one vendor, by what its letter is, before any is claimed.

use super::{ProductionRun, size};
use crate::domain::request::Format;
use crate::domain::routing::{self, Kind, Profile};
use crate::ports::ledger::Lane;
use crate::stages::outcome::{Outcome, StageError, StageResult, Urgency};
use crate::stages::site::{Mint, Vendor};
use crate::stages::world::World;

/// A lane in which letters wait.
pub(super) struct WaitingLane<'a> {
    pub(super) vendor: &'a Vendor,
    pub(super) lane: Lane,
    pub(super) waiting: u64,
    /// Whether its letters must be made now; the others are left for a later run.
    pub(super) is_due: bool,
}

/// Letters that no vendor takes.
pub(super) struct Unserved {
    pub(super) kind: Kind,
    pub(super) reason: String,
    pub(super) waiting: u64,
}

/// Where everything goes that is pending: each request is in one lane, or unserved.
pub(super) struct Routed<'a> {
    /// In the order of the configuration.
    pub(super) lanes: Vec<WaitingLane<'a>>,
    pub(super) unserved: Vec<Unserved>,
}

/// Routes what is pending.
pub(super) async fn route<'a>(world: &'a World, run: &ProductionRun) -> StageResult<Routed<'a>> {
    let profiles: Vec<Profile> = world.site.vendors.iter().map(|vendor| vendor.takes.clone()).collect();
    let mut unserved = Vec::new();
    let mut served = Vec::new();
    for (kind, waiting) in world.ledger.pending_kinds().await? {
        match routing::route(&kind, &profiles) {
            Ok(vendor) => served.push((vendor, kind, waiting)),
            Err(refusals) => {
                let reason = routing::unserved(&kind, &refusals);
                unserved.push(Unserved { kind, reason, waiting });
            }
        }
    }
    let mut lanes = Vec::new();
    for vendor in &world.site.vendors {
        let is_due = vendor.mint == Mint::EveryRun || is_last_chance(world, vendor, run)?;
        for format in Format::ALL {
            let mine = served.iter().filter(|(code, kind, _)| *code == vendor.code && kind.format == *format);
            let (kinds, counts): (Vec<Kind>, Vec<u64>) = mine.map(|(_, kind, count)| (kind.clone(), *count)).unzip();
            if !kinds.is_empty() {
                let limit = size::most_letters(world, vendor, *format).await?;
                let lane = Lane { vendor: vendor.code.clone(), format: *format, kinds, limit };
                lanes.push(WaitingLane { vendor, lane, waiting: counts.iter().sum(), is_due });
            }
        }
    }
    Ok(Routed { lanes, unserved })
}

fn is_last_chance(world: &World, vendor: &Vendor, run: &ProductionRun) -> StageResult<bool> {
    let site = &world.site;
    vendor
        .print_schedule
        .is_last_chance(world.instant()?, run.next_run_at, &site.calendar, site.time_zone)
        .map_err(|error| StageError::Refused(format!("vendor {}: {error}", vendor.code)))
}

impl<'a> Routed<'a> {
    /// The lanes whose letters must be made now.
    pub(super) fn due(&self) -> impl Iterator<Item = &WaitingLane<'a>> {
        self.lanes.iter().filter(|waiting| waiting.is_due)
    }

    /// Says how many letters are left for a later run.
    pub(super) fn note_later(&self, outcome: &mut Outcome) {
        let later: u64 = self.lanes.iter().filter(|lane| !lane.is_due).map(|lane| lane.waiting).sum();
        if later > 0 {
            outcome.record("left_for_a_later_run", later);
        }
    }

    /// Says what a run would make, for whom, and what no vendor takes.
    pub(super) fn tell(&self, outcome: &mut Outcome) {
        let planned: Vec<serde_json::Value> = self
            .due()
            .map(|due| {
                let packages = due.waiting.div_ceil(u64::from(due.lane.limit));
                serde_json::json!({
                    "vendor": due.vendor.code, "format": due.lane.format, "letters": due.waiting, "packages": packages
                })
            })
            .collect();
        outcome.record("would_make", planned);
        let left: Vec<serde_json::Value> = self
            .lanes
            .iter()
            .filter(|lane| !lane.is_due)
            .map(|left| serde_json::json!({ "vendor": left.vendor.code, "format": left.lane.format, "letters": left.waiting }))
            .collect();
        if !left.is_empty() {
            outcome.record("would_leave", left);
        }
        let held: u64 = self.unserved.iter().map(|unserved| unserved.waiting).sum();
        if held > 0 {
            outcome.record("would_hold", held);
        }
        for unserved in &self.unserved {
            let subject = format!("{} requests", unserved.waiting);
            outcome.raise_plainly(Urgency::Person, subject, format!("would be held: {}", unserved.reason));
        }
    }
}

/// Holds what no vendor takes, with the reason of each vendor.
pub(super) async fn hold_unserved(world: &World, routed: &Routed<'_>, outcome: &mut Outcome) -> StageResult<()> {
    if routed.unserved.is_empty() {
        return Ok(());
    }
    let (now, today) = world.now()?;
    let act_by_on = world.site.act_by_on(today)?;
    let reasons: Vec<(Kind, String)> =
        routed.unserved.iter().map(|unserved| (unserved.kind.clone(), unserved.reason.clone())).collect();
    for (reference, reason) in world.ledger.hold_unserved(&reasons, act_by_on, now).await? {
        let message = format!("{reason}; act by {act_by_on}: see 'letterpost request show {reference}'");
        outcome.raise_plainly(Urgency::Person, format!("request {reference}"), message);
    }
    Ok(())
}
