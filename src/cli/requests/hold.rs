//! `request hold` and `request release`.

use super::{describe_request, unknown};
use crate::cli::args::{DecisionArgs, ReleaseRequestArgs};
use crate::cli::decisions::{decision, desk};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::cli::release::release as release_held;
use crate::domain::request::RequestStatus;
use crate::ports::ledger::Held;

/// Holds a request for a person to decide; holding it again gives that person more time.
pub async fn hold(args: DecisionArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let reference = args.reference.as_str();
    let before = desk.ledger.request(reference).await?.ok_or_else(|| unknown(reference))?;
    let act_by_on = desk.site.act_by_on(desk.today)?;
    if args.because.dry_run {
        at.report.show(&before, format!("would hold {reference}, which is {}; act by {act_by_on}", before.status));
        return Ok(Exit::Done);
    }
    desk.ledger.hold_request(reference, &decision, act_by_on, desk.now).await?;
    let after = desk.ledger.request(reference).await?.ok_or_else(|| unknown(reference))?;
    at.report.show(&after, describe_request(&after));
    Ok(Exit::Done)
}

/// Lets a held request go on.
pub async fn release(args: ReleaseRequestArgs, at: &Opening) -> CliResult<Exit> {
    let desk = desk(&at.config()?, at).await?;
    let request = desk.ledger.request(&args.reference).await?.ok_or_else(|| unknown(&args.reference))?;
    let is_held = request.status == RequestStatus::Held;
    let held = Held::Request(&request.reference);
    release_held(&desk, held, is_held, &args.release, "goes into the next package", at).await
}
