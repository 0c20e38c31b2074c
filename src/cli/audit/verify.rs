//! `audit verify`: is the log whole?

use serde::Serialize;

use super::{lines, notes, trust};
use crate::adapters::files;
use crate::audit::check::notes::{KeptNote, notes_in};
use crate::audit::check::{Checked, First, Rank};
use crate::cli::args::VerifyArgs;
use crate::cli::config::Config;
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::stages::audit::Lines;
use crate::stages::audit::verify::{Evidence, verify as recompute};

#[derive(Serialize)]
struct Verified {
    entries: u64,
    root: String,
    faults: Vec<String>,
    first_different: Option<First>,
    remarks: Vec<String>,
    checkpoints_from_outside: u64,
}

/// Recomputes the log.
pub(super) async fn verify(args: &VerifyArgs, at: &Opening) -> CliResult<Exit> {
    let config = at.config()?;
    let ledger = at.ledger(&config).await?;
    let keys = trust::of_site(&args.key, &config, ledger.as_ref(), at).await?;
    let mut outside = site_notes(&config, at)?;
    for path in &args.checkpoint {
        let what = format!("the checkpoint in {}", path.display());
        outside.extend(notes(path)?.into_iter().map(|note| KeptNote { what: what.clone(), note, rank: Rank::Brought }));
    }
    let brought = outside.iter().filter(|note| note.rank == Rank::Brought).count() as u64;
    let mut export = args.export.as_deref().map(lines).transpose()?;
    let export = export.as_mut().map(|lines| lines as Lines<'_>);
    let evidence = Evidence { keys, notes: outside, export };
    let checked = recompute(ledger.as_ref(), &config.site.origin, evidence, &at.report.bars()).await?;
    let contradictions = ledger.contradictions().await?;
    let verified = verified(&checked, contradictions, brought);
    at.report.show(&verified, describe(&verified));
    Ok(if verified.faults.is_empty() { Exit::Done } else { Exit::Alarm })
}

/// The notes that the site keeps outside its ledger.
fn site_notes(config: &Config, at: &Opening) -> CliResult<Vec<KeptNote>> {
    let kept = files::read_if_there(&at.paths(config).heads)?.unwrap_or_default();
    let notes = notes_in(&String::from_utf8_lossy(&kept)).into_iter();
    Ok(notes
        .map(|note| KeptNote { what: "the head kept outside the ledger".to_owned(), note, rank: Rank::Kept })
        .collect())
}

fn verified(checked: &Checked, contradictions: Vec<String>, checkpoints_from_outside: u64) -> Verified {
    Verified {
        entries: checked.size,
        root: hex::encode(checked.root),
        faults: checked.faults.iter().map(|fault| fault.text.clone()).chain(contradictions).collect(),
        first_different: checked.first(),
        remarks: checked.remarks.clone(),
        checkpoints_from_outside,
    }
}

fn describe(verified: &Verified) -> String {
    let mut text = if verified.faults.is_empty() {
        vec![format!("the audit log is whole: {} entries, root {}", verified.entries, verified.root)]
    } else {
        let mut text = vec![format!("the audit log of {} entries is NOT whole:", verified.entries)];
        text.extend(verified.faults.iter().map(|fault| format!("  {fault}")));
        text.extend(verified.first_different.map(First::told));
        text
    };
    text.extend(verified.remarks.iter().map(|remark| format!("note: {remark}")));
    if verified.checkpoints_from_outside == 0 {
        text.push(
            "held against what the site itself keeps; --checkpoint holds it against a copy that the site cannot rewrite".to_owned(),
        );
    }
    text.join("\n")
}
