//! `batch hold` and `batch release`: a whole package, before any vendor is offered it.

use super::unknown;
use crate::cli::args::{HoldPackageArgs, ReleasePackageArgs};
use crate::cli::decisions::{decision, desk, show_one};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::cli::release::release as release_held;
use crate::ports::ledger::Held;
use crate::stages::decision::{Planned, Step};
use crate::stages::holds;

/// Holds a package.
pub async fn hold(args: HoldPackageArgs, at: &Opening) -> CliResult<Exit> {
    let decision = decision(&args.because)?;
    let desk = desk(&at.config()?, at).await?;
    let batch = desk.ledger.batch(&args.package).await?.ok_or_else(|| unknown(&args.package))?;
    let act_by_on = holds::plan_package_hold(&desk, &batch)?;
    if !args.because.dry_run {
        desk.ledger.hold_package(&batch.package, &decision, act_by_on, desk.now).await?;
    }
    let last = batch.mail_by_on.map(|day| format!("; after {day} it is withdrawn")).unwrap_or_default();
    let message =
        format!("stays here with its {} letters until it is released; act by {act_by_on}{last}", batch.letters);
    Ok(show_one(Planned::new(Step::Do, format!("package {}", batch.package), message), args.because.dry_run, at))
}

/// Lets a held package go.
pub async fn release(args: ReleasePackageArgs, at: &Opening) -> CliResult<Exit> {
    let desk = desk(&at.config()?, at).await?;
    let batch = desk.ledger.batch(&args.package).await?.ok_or_else(|| unknown(&args.package))?;
    let is_held = batch.status == "sealed" && batch.hold_reason.is_some();
    let held = Held::Package(&batch.package);
    release_held(&desk, held, is_held, &args.release, "goes to its vendor with the next run of deliver", at).await
}
