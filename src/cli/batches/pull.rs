//! `batch pull`: an order to the vendor to take letters out before they are mailed.

use crate::cli::args::PullArgs;
use crate::cli::decisions::{decision, desk, show};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::letters::find;
use crate::cli::open::Opening;
use crate::stages::decision::Step;
use crate::stages::outcome::Outcome;
use crate::stages::pull;

/// Orders letters to be pulled, and tries to send the orders at once.
pub async fn pull(args: PullArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let config = at.config()?;
    let desk = desk(&config, at).await?;
    let named = find::cases(desk.ledger.as_ref(), args.letters).await?;
    let plan = pull::plan(&desk, named, &decision.reason).await?;
    let mut outcome = Outcome::default();
    let is_any = plan.letters.steps.iter().any(|planned| planned.step != Step::Refused);
    if is_any && !args.because.dry_run {
        let world = at.world(&config, None).await?;
        if !plan.orders.is_empty() {
            pull::order(&world, &plan, &decision).await?;
        }
        // Also what an earlier try could not send.
        pull::send_all(&world, &mut outcome).await?;
        world.hang_up().await;
    }
    let exit = show(&plan.letters.steps, args.because.dry_run, at);
    at.report.matters(&outcome.matters);
    Ok(exit.max(Exit::of_matters(&outcome.matters)))
}
