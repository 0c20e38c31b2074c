//! `template approve`: a person stands for the letter as it is now.

use serde::Serialize;

use super::Desk;
use super::check::{self, shown};
use crate::cli::args::ApproveArgs;
use crate::cli::exit::{CliResult, Exit, Failure};
use crate::cli::open::Opening;
use crate::cli::report::{facts, or_dash};
use crate::letter::preview::parts;
use crate::letter::preview::proof::Verdict;
use crate::ports::ledger::TemplateApproval;

/// The most characters of a person's name.
const NAME_LIMIT: usize = 100;

#[derive(Serialize)]
struct Approved {
    /// What was, or would be, recorded; or what was recorded before.
    #[serde(flatten)]
    approval: TemplateApproval,
    /// What differs from the last approval; everything where there was none.
    changed: Vec<String>,
    /// Whether this very version was approved by this very person before, so that nothing was recorded.
    before: bool,
}

/// Records the approval, if every proof fits or is held as it should.
pub async fn approve(args: &ApproveArgs, at: &Opening) -> CliResult<Exit> {
    let approved_by = name(&args.by)?;
    let desk = Desk::open(at)?;
    if !desk.is_site {
        return Err(Failure::usage("there is no site to approve the letter for; name its configuration with --config"));
    }
    let version = fit_version(&desk)?;
    let ledger = at.ledger(&desk.config).await?;
    let approval = TemplateApproval {
        version,
        approved_by,
        reason: args.reason.as_ref().map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        approved_at: at.clock().now(),
        parts: parts::digests(&desk.templates, &desk.config.letterhead, &desk.config.geometry),
    };
    let known = ledger.template_approval(Some(&approval.version)).await?;
    if let Some(known) = known.filter(|known| known.approved_by == approval.approved_by) {
        let approved = Approved { approval: known, changed: Vec::new(), before: true };
        at.report.show(&approved, describe(&approved, "already approved; nothing was recorded"));
        return Ok(Exit::Done);
    }
    let last = ledger.template_approval(None).await?.map(|last| last.parts).unwrap_or_default();
    let approved = Approved { changed: parts::changed(&last, &approval.parts), approval, before: false };
    if args.dry_run {
        at.report.show(&approved, describe(&approved, "would be approved; nothing was recorded"));
        return Ok(Exit::Done);
    }
    ledger.approve_template(&approved.approval).await?;
    at.report.show(&approved, describe(&approved, "approved"));
    Ok(Exit::Done)
}

/// The version of a letter of which no proof fails.
fn fit_version(desk: &Desk) -> CliResult<String> {
    let (version, proofs) = check::prove(desk)?;
    let failed: Vec<String> = proofs
        .iter()
        .filter(|proof| proof.verdict == Verdict::Fails)
        .map(|proof| format!("{}: {}", proof.template, proof.reason.as_deref().unwrap_or_default()))
        .collect();
    version.filter(|_| failed.is_empty()).ok_or_else(|| {
        Failure::usage(format!(
            "nothing was approved, for the letter fails; 'letterpost template check' shows all:\n{}",
            failed.join("\n")
        ))
    })
}

/// A person's name, as it is kept.
fn name(typed: &str) -> CliResult<String> {
    let name = typed.trim();
    let is_fit = !name.is_empty() && name.chars().count() <= NAME_LIMIT && !name.chars().any(char::is_control);
    if is_fit {
        return Ok(name.to_owned());
    }
    Err(Failure::usage(format!(
        "--by must be a person's name of at most {NAME_LIMIT} characters; the auditor will ask"
    )))
}

fn describe(approved: &Approved, outcome: &str) -> String {
    let Approved { approval, changed, before } = approved;
    let changed = match (before, changed.is_empty()) {
        (true, _) => String::new(),
        (false, true) => "nothing of the site's own: letterpost itself, or another person approved it".to_owned(),
        (false, false) => changed.join(", "),
    };
    facts(&[
        ("letter", format!("version {}: {outcome}", shown(&approval.version))),
        ("changed", changed),
        ("by", approval.approved_by.clone()),
        ("reason", or_dash(approval.reason.as_ref())),
        ("at", approval.approved_at.to_string()),
    ])
}
