//! `letter returned`: envelopes that came back.

use super::find;
use crate::cli::args::ReturnedArgs;
use crate::cli::decisions::{decision, desk, show};
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::stages::returned;

/// Records letters that came back.
pub async fn returned(args: ReturnedArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let mut typed = args.letters;
    if let Some(list) = &args.list {
        typed.extend(find::names_in(list)?);
    }
    if typed.is_empty() {
        return Err(Failure::usage("the list names no letter; put one on each line"));
    }
    let desk = desk(&at.config()?, at).await?;
    let named = find::cases(desk.ledger.as_ref(), typed).await?;
    let plan = returned::plan(&desk, named, args.on);
    if !args.because.dry_run && !plan.letters.is_empty() {
        returned::apply(&desk, &plan, args.on, &decision).await?;
    }
    Ok(show(&plan.steps, args.because.dry_run, at))
}
