//! `letter reissue`: a new letter with a new password for the same request.

use super::find;
use crate::cli::args::ReissueArgs;
use crate::cli::decisions::{decision, desk, show};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::stages::reissue;

/// Has letters made anew.
pub async fn reissue(args: ReissueArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let named = find::cases(desk.ledger.as_ref(), args.letters).await?;
    let plan = reissue::plan(&desk, named);
    if !args.because.dry_run && !plan.letters.is_empty() {
        reissue::apply(&desk, &plan, &decision).await?;
    }
    Ok(show(&plan.steps, args.because.dry_run, at))
}
