//! `letter correct`: a day of mailing that the vendor gave wrongly.

use chrono::NaiveDate;

use super::find;
use crate::cli::args::CorrectArgs;
use crate::cli::decisions::{desk, person, reason, show_one};
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::domain::exception::Ruling;
use crate::domain::letter::LetterId;
use crate::ports::ledger::Decision;
use crate::stages::correct::{self, CorrectionPlan};
use crate::stages::decision::{Desk, Planned, Step};

/// Corrects a day of mailing, confirms a correction, or drops one.
pub async fn correct(args: CorrectArgs, at: &Opening) -> CliResult<Exit> {
    let by = person(args.by.as_deref())?;
    let desk = desk(&at.config()?, at).await?;
    let letter_id = find::letter_id(desk.ledger.as_ref(), &args.letter).await?;
    match args.mailed_on {
        Some(mailed_on) => first(&desk, letter_id, mailed_on, &args, by, at).await,
        None if args.confirm => second(&desk, letter_id, &by, args.dry_run, at).await,
        None => drop_waiting(&desk, letter_id, &args, by, at).await,
    }
}

async fn first(
    desk: &Desk,
    letter_id: LetterId,
    mailed_on: NaiveDate,
    args: &CorrectArgs,
    by: String,
    at: &Opening,
) -> CliResult<Exit> {
    let decision = Decision { reason: reason(args.reason.as_deref().unwrap_or_default())?, by: Some(by) };
    let subject = format!("letter {letter_id}");
    let plan = match correct::plan(desk, letter_id, mailed_on).await? {
        Ok(plan) => plan,
        Err(Ruling::Refused(why)) => return Ok(show_one(Planned::new(Step::Refused, subject, why), args.dry_run, at)),
        Err(Ruling::Known(why)) => return Ok(show_one(Planned::new(Step::Known, subject, why), args.dry_run, at)),
        Err(Ruling::Allowed) => return Ok(Exit::Done),
    };
    if !args.dry_run {
        correct::apply(desk, &plan, &decision).await?;
    }
    let waits = if desk.site.approval.corrections {
        format!("; it waits for a second person: 'letterpost letter correct {letter_id} --confirm --by NAME'")
    } else {
        String::new()
    };
    Ok(show_one(Planned::new(Step::Do, subject, describe(&plan) + &waits), args.dry_run, at))
}

async fn second(desk: &Desk, letter_id: LetterId, by: &str, dry_run: bool, at: &Opening) -> CliResult<Exit> {
    let plan = correct::plan_confirmation(desk, letter_id, by).await?;
    if !dry_run {
        desk.ledger.confirm_correction(&plan.correction, by, desk.now).await?;
    }
    let because = plan.asked_reason.as_deref().unwrap_or_default();
    let message = format!("{}; asked for because: {because}", describe(&plan));
    Ok(show_one(Planned::new(Step::Do, format!("letter {letter_id}"), message), dry_run, at))
}

async fn drop_waiting(
    desk: &Desk,
    letter_id: LetterId,
    args: &CorrectArgs,
    by: String,
    at: &Opening,
) -> CliResult<Exit> {
    let decision = Decision { reason: reason(args.reason.as_deref().unwrap_or_default())?, by: Some(by) };
    let is_waiting = desk.ledger.mailing(letter_id).await?.is_some_and(|mailing| mailing.waiting.is_some());
    let subject = format!("letter {letter_id}");
    if !is_waiting {
        let why = "no correction of it waits for a second person";
        return Ok(show_one(Planned::new(Step::Refused, subject, why), args.dry_run, at));
    }
    if !args.dry_run {
        desk.ledger.drop_correction(letter_id, &decision, desk.now).await?;
    }
    Ok(show_one(Planned::new(Step::Do, subject, "the correction that waited is dropped"), args.dry_run, at))
}

fn describe(plan: &CorrectionPlan) -> String {
    let correction = &plan.correction;
    let password = if correction.expires_on == plan.ends_now_on {
        format!("its password still ends on {}", correction.expires_on)
    } else {
        format!("its password ends on {} instead of {}", correction.expires_on, plan.ends_now_on)
    };
    let warning = plan.warning.as_ref().map(|warning| format!("; warning: {warning}")).unwrap_or_default();
    format!(
        "mailed on {} instead of {}; expected from {} to {}; {password}{warning}",
        correction.new_mailed_on, correction.old_mailed_on, correction.expected_from, correction.expected_to
    )
}
