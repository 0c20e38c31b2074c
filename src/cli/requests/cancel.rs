//! `request cancel`: gives a request up, and stops what can still be stopped.

use super::unknown;
use crate::cli::args::DecisionArgs;
use crate::cli::decisions::{decision, desk, show_one};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::stages::cancel::{self, CancelPlan};
use crate::stages::outcome::Outcome;
use crate::stages::pull;

/// Cancels a request.
pub async fn cancel(args: DecisionArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let config = at.config()?;
    let desk = desk(&config, at).await?;
    let request = desk.ledger.request(&args.reference).await?.ok_or_else(|| unknown(&args.reference))?;
    let plan = cancel::plan(&desk, &request, &decision.reason).await?;
    let mut outcome = Outcome::default();
    if !args.because.dry_run {
        match &plan {
            CancelPlan::Stop { case, order: Some(order), .. } => {
                let world = at.world(&config, None).await?;
                cancel::apply_with_order(&world, case, order, &decision).await?;
                pull::send_all(&world, &mut outcome).await?;
                world.hang_up().await;
            }
            _ => cancel::apply(&desk, &plan, &request, &decision).await?,
        }
    }
    let exit = show_one(cancel::describe(&plan, &request, &desk.site), args.because.dry_run, at);
    at.report.matters(&outcome.matters);
    Ok(exit.max(Exit::of_matters(&outcome.matters)))
}
