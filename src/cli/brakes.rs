//! `brake`: what holds nights back, and who lets them go on.

use serde::Serialize;

use super::args::{BrakeCommand, ReleaseBrakeArgs};
use super::decisions::{desk, person, reason, show_one};
use super::exit::{CliResult, Exit, Failure};
use super::open::Opening;
use super::report::{facts, or_dash, table};
use crate::domain::brake::BrakeKind;
use crate::ports::ledger::{Brake, Decision, Ledger, PendingHour, PendingSource};
use crate::stages::brakes::release::{effect, objection, plan_confirmation, release};
use crate::stages::brakes::remedy;
use crate::stages::decision::{Planned, Step};
use crate::stages::holds::{Release, plan_release};

/// Files and hours that are shown of a night that is too large.
const MOST_SHOWN: u32 = 10;

/// Does what a `brake` command says.
pub async fn run(command: BrakeCommand, at: &Opening) -> CliResult<Exit> {
    match command {
        BrakeCommand::List { all, limit } => list(all.then_some(limit), at).await,
        BrakeCommand::Release(args) => let_go(&args, at).await,
    }
}

/// A brake with what to do about it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    brake: Brake,
    /// What to do, where it is engaged.
    remedy: Option<String>,
    /// For the size of a night that is engaged: where what is pending came from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_sources: Vec<PendingSource>,
    /// The same by the hour in which it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_hours: Vec<PendingHour>,
}

async fn list(all: Option<u32>, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let ledger: &dyn Ledger = ledger.as_ref();
    let brakes = match all {
        Some(limit) => ledger.brakes(limit).await?,
        None => ledger.engaged_brakes().await?,
    };
    let mut shown = Vec::new();
    for brake in brakes {
        shown.push(look_at(brake, ledger).await?);
    }
    let text: Vec<String> = shown.iter().map(describe).collect();
    at.report.show(&shown, if text.is_empty() { "none".to_owned() } else { text.join("\n\n") });
    Ok(Exit::Done)
}

async fn look_at(brake: Brake, ledger: &dyn Ledger) -> CliResult<Shown> {
    let is_engaged = brake.ended_at.is_none();
    let (pending_sources, pending_hours) = if is_engaged && brake.kind == BrakeKind::Size {
        (ledger.pending_sources(MOST_SHOWN).await?, ledger.pending_hours(MOST_SHOWN).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    Ok(Shown { remedy: is_engaged.then(|| remedy(&brake)), brake, pending_sources, pending_hours })
}

fn describe(shown: &Shown) -> String {
    let Shown { brake, remedy, pending_sources, pending_hours } = shown;
    let is = match brake.ended_as {
        None if brake.asked_by.is_some() => "engaged; its release waits for a second person".to_owned(),
        None => "engaged".to_owned(),
        Some(how) => how.to_string(),
    };
    let mut text = facts(&[
        ("brake", brake.id.to_string()),
        ("kind", brake.kind.to_string()),
        ("is", is),
        ("found", brake.found.clone()),
        ("night", or_dash(brake.night.as_ref())),
        ("raised at", brake.raised_at.to_string()),
        ("by", or_dash(brake.asked_by.as_ref())),
        ("reason", or_dash(brake.reason.as_ref())),
        ("confirmed by", or_dash(brake.confirmed_by.as_ref())),
        ("released at", or_dash(brake.released_at)),
        ("used at", or_dash(brake.used_at)),
        ("do", or_dash(remedy.as_ref())),
    ]);
    if !pending_sources.is_empty() {
        let rows = pending_sources.iter().map(|from| {
            let (first, last) = (from.first_requested_at.to_string(), from.last_requested_at.to_string());
            vec![from.source.clone(), from.pending.to_string(), first, last]
        });
        text.push_str(&format!("\n{}", table(&["came in", "pending", "first asked", "last asked"], rows)));
        let rows = pending_hours.iter().map(|hour| vec![hour.hour.clone(), hour.pending.to_string()]);
        text.push_str(&format!("\n{}", table(&["asked in the hour from", "pending"], rows)));
    }
    text
}

/// Releases a brake, asks for it, or confirms what another person asked for.
async fn let_go(args: &ReleaseBrakeArgs, at: &Opening) -> CliResult<Exit> {
    let by = person(Some(&args.by))?;
    let config = at.config()?;
    let desk = desk(&config, at).await?;
    let subject = format!("brake {}", args.id);
    let brake = desk.ledger.brake(args.id).await?.ok_or_else(|| {
        Failure::usage(format!("there is no {subject}; 'letterpost brake list --all' shows those that there are"))
    })?;
    if let Some(why) = objection(&brake) {
        return Ok(show_one(Planned::new(Step::Refused, subject, why), args.dry_run, at));
    }
    let message = if args.confirm {
        let asked = plan_confirmation(&brake, &by)?;
        if !args.dry_run {
            desk.ledger.release_brake(brake.id, &asked, Some(&by), desk.now).await?;
        }
        format!("{}; asked for because: {}", effect(&brake), asked.reason)
    } else {
        let decision = Decision { reason: reason(args.reason.as_deref().unwrap_or_default())?, by: Some(by) };
        if !args.dry_run {
            release(&desk, &brake, &decision).await?;
        }
        match plan_release(&desk) {
            Release::Now => effect(&brake),
            Release::Ask => {
                format!("waits for a second person: 'letterpost brake release {} --confirm --by NAME'", brake.id)
            }
        }
    };
    Ok(show_one(Planned::new(Step::Do, subject, message), args.dry_run, at))
}
