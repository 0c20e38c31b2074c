//! Releases of what is held: one person's word, or a second one's too.

use super::args::ReleaseArgs;
use super::decisions::{person, reason, show_one};
use super::exit::{CliResult, Exit};
use super::open::Opening;
use crate::ports::ledger::{Decision, Held};
use crate::stages::decision::{Desk, Planned, Step};
use crate::stages::holds::{self, Release};

/// Releases what is held, asks for it, or confirms what another person asked for; `then` says what happens next.
pub async fn release(
    desk: &Desk,
    held: Held<'_>,
    is_held: bool,
    args: &ReleaseArgs,
    then: &str,
    at: &Opening,
) -> CliResult<Exit> {
    let by = person(args.by.as_deref())?;
    let (subject, command) = match held {
        Held::Request(reference) => (format!("request {reference}"), format!("request release {reference}")),
        Held::Package(package) => (format!("package {package}"), format!("batch release {package}")),
    };
    if !is_held {
        let why = "it is not held, so there is nothing to release";
        return Ok(show_one(Planned::new(Step::Refused, subject, why), args.dry_run, at));
    }
    let message = if args.confirm {
        let asked = holds::plan_confirmation(desk, held, &by).await?;
        if !args.dry_run {
            desk.ledger.release(held, &asked, Some(&by), desk.now).await?;
        }
        format!("is released and {then}; asked for because: {}", asked.reason)
    } else {
        let decision = Decision { reason: reason(args.reason.as_deref().unwrap_or_default())?, by: Some(by) };
        if !args.dry_run {
            holds::release(desk, held, &decision).await?;
        }
        match holds::plan_release(desk) {
            Release::Now => format!("is released and {then}"),
            Release::Ask => format!("waits for a second person: 'letterpost {command} --confirm --by NAME'"),
        }
    };
    Ok(show_one(Planned::new(Step::Do, subject, message), args.dry_run, at))
}
