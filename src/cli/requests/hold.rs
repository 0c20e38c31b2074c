//! `request hold` and `request release`.

use super::unknown;
use crate::cli::args::{DecisionArgs, ReleaseRequestArgs};
use crate::cli::decisions::{decision, desk, show_one};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::cli::release::release as release_held;
use crate::domain::request::RequestStatus;
use crate::ports::ledger::Held;
use crate::stages::decision::{Planned, Step};

/// Holds a request for a person to decide; holding it again gives that person more time.
pub async fn hold(args: DecisionArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let reference = args.reference.as_str();
    let before = desk.ledger.request(reference).await?.ok_or_else(|| unknown(reference))?;
    let act_by_on = desk.site.act_by_on(desk.today)?;
    let withdrawn_after = desk.site.withdraw_after(desk.today)?;
    let subject = format!("request {reference}");
    if !matches!(before.status, RequestStatus::Pending | RequestStatus::Held) {
        let why = format!(
            "it is {} and cannot be held; 'letterpost request cancel {reference}' says what can still be stopped",
            before.status
        );
        return Ok(show_one(Planned::new(Step::Refused, subject, why), args.because.dry_run, at));
    }
    if !args.because.dry_run {
        desk.ledger.hold_request(reference, &decision, act_by_on, desk.now).await?;
    }
    let message =
        format!("is {} and is held; act by {act_by_on}, or it is withdrawn after {withdrawn_after}", before.status);
    Ok(show_one(Planned::new(Step::Do, subject, message), args.because.dry_run, at))
}

/// Lets a held request go on.
pub async fn release(args: ReleaseRequestArgs, at: &Opening) -> CliResult<Exit> {
    let desk = desk(&at.config()?, at).await?;
    let request = desk.ledger.request(&args.reference).await?.ok_or_else(|| unknown(&args.reference))?;
    let is_held = request.status == RequestStatus::Held;
    let held = Held::Request(&request.reference);
    release_held(&desk, held, is_held, &args.release, "goes into the next package", at).await
}
