//! `letter legal-hold` and `letter legal-release`.

use super::find;
use crate::cli::args::LegalHoldArgs;
use crate::cli::decisions::{decision, desk, show};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::stages::legal_hold;

/// Places a legal hold on each letter.
pub async fn place(args: LegalHoldArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let named = find::cases(desk.ledger.as_ref(), args.letters).await?;
    let plan = legal_hold::plan(&desk, named).await?;
    if !args.because.dry_run && !plan.letters.is_empty() {
        legal_hold::place(&desk, &plan, &decision).await?;
    }
    Ok(show(&plan.steps, args.because.dry_run, at))
}

/// Lifts the legal hold of each letter.
pub async fn release(args: LegalHoldArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let named = find::cases(desk.ledger.as_ref(), args.letters).await?;
    let plan = legal_hold::plan_release(&desk, named).await?;
    if !args.because.dry_run && !plan.letters.is_empty() {
        legal_hold::lift(&desk, &plan, &decision).await?;
    }
    Ok(show(&plan.steps, args.because.dry_run, at))
}
