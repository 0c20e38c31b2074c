//! `template check`: every form of the letter, printed to invented people.

use serde::Serialize;

use super::Desk;
use crate::cli::config::VendorSection;
use crate::cli::exit::{CliResult, Exit};
use crate::cli::open::Opening;
use crate::cli::report::table;
use crate::letter::PrintMode;
use crate::letter::Stationery;
use crate::letter::preview::proof::{self, Occasion, Proof, Verdict};
use crate::ports::ledger::TemplateApproval;

/// The most characters of a version that people are shown.
const SHOWN_VERSION: usize = 16;

#[derive(Serialize)]
struct Checked {
    /// Missing where a form cannot be compiled.
    template_version: Option<String>,
    /// The approval of this version; missing where nobody has approved it.
    approval: Option<TemplateApproval>,
    #[serde(skip)]
    standing: String,
    fits: usize,
    held: usize,
    fails: usize,
    proofs: Vec<Proof>,
}

/// Shows every proof, and what to do about those that fail.
pub async fn check(at: &Opening) -> CliResult<Exit> {
    let desk = Desk::open(at)?;
    let (template_version, proofs) = prove(&desk)?;
    let count = |verdict| proofs.iter().filter(|proof| proof.verdict == verdict).count();
    let (approval, standing) = approval(&desk, template_version.as_deref(), at).await?;
    let checked = Checked {
        template_version,
        approval,
        standing,
        fits: count(Verdict::Fits),
        held: count(Verdict::Held),
        fails: count(Verdict::Fails),
        proofs,
    };
    at.report.show(&checked, describe(&checked));
    Ok(if checked.fails == 0 { Exit::Done } else { Exit::Usage })
}

/// The version, and every proof; or without a version what keeps it from being compiled.
pub(super) fn prove(desk: &Desk) -> CliResult<(Option<String>, Vec<Proof>)> {
    let (letterhead, geometry) = (&desk.config.letterhead, &desk.config.geometry);
    let Ok(stationery) = Stationery::compile(&desk.templates, letterhead, geometry) else {
        return Ok((None, proof::faults(&desk.templates, letterhead, geometry)));
    };
    let package = desk.package(desk.vendor(None)?)?;
    // Every vendor's letters must fit: where one of them has a barcode, the proofs have one.
    let vendors = &desk.config.vendors;
    let barcode_room = vendors.iter().any(|vendor| vendor.imb.has_room());
    let has_barcode = vendors.iter().any(VendorSection::prints_barcode);
    let mode = PrintMode { duplex: false, barcode_room };
    let occasion = Occasion { mode, has_barcode, ..Occasion::widest(&package, desk.zone_names()) };
    let proofs = proof::all(&stationery, &desk.templates, &occasion);
    Ok((Some(stationery.template_version().to_owned()), proofs))
}

/// A version as people are shown it.
pub(super) fn shown(version: &str) -> &str {
    version.get(..SHOWN_VERSION).unwrap_or(version)
}

/// The approval of a version, and a sentence about it.
async fn approval(desk: &Desk, version: Option<&str>, at: &Opening) -> CliResult<(Option<TemplateApproval>, String)> {
    let Some(version) = version.filter(|_| desk.is_site) else { return Ok((None, "not of any site".to_owned())) };
    let ledger = match at.ledger(&desk.config).await {
        Ok(ledger) => ledger,
        Err(failure) => return Ok((None, format!("approval unknown: {}", failure.message))),
    };
    let approval = ledger.template_approval(Some(version)).await?;
    let last = ledger.template_approval(None).await?;
    let by = |approval: &TemplateApproval| format!("{} at {}", approval.approved_by, approval.approved_at);
    let standing = match (&approval, last) {
        (Some(approval), _) => format!("approved by {}", by(approval)),
        (None, None) => "not approved (needed only on a live site)".to_owned(),
        (None, Some(last)) => {
            format!("not approved; the last approval was of version {} by {}", shown(&last.version), by(&last))
        }
    };
    Ok((approval, standing))
}

fn describe(checked: &Checked) -> String {
    let rows = checked.proofs.iter().map(|proof| {
        let size = if proof.pages == 0 { String::new() } else { format!("{} / {}", proof.pages, proof.sheets) };
        vec![
            format!("{} {}", proof.language, proof.format),
            proof.sample.unwrap_or("the form itself").to_owned(),
            size,
            verdict(proof),
        ]
    });
    let rows = table(&["form", "sample", "pages / sheets", "verdict"], rows);
    let version = match &checked.template_version {
        Some(version) => format!("version {}, {}", shown(version), checked.standing),
        None => "no version: what fails must be mended first".to_owned(),
    };
    let Checked { fits, held, fails, .. } = checked;
    format!("{rows}\n\n{fits} fit, {held} held, {fails} fail\n{version}")
}

fn verdict(proof: &Proof) -> String {
    let reason = proof.reason.as_deref().unwrap_or_default();
    match proof.verdict {
        Verdict::Fits => "fits".to_owned(),
        Verdict::Held => format!("held: {reason}"),
        Verdict::Fails => format!("FAILS: {}: {reason}", proof.template),
    }
}
