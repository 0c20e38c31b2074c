//! Telling: what a person should see of a receipt. However many lines are alike, they are one matter with a few examples.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Judged;
use crate::domain::reconciliation::ExceptionKind;
use crate::ports::ledger::{JudgedLine, Verdict};
use crate::stages::outcome::{FEW, Outcome, Urgency, few};

/// Tells what a receipt brought that a person should see.
pub(super) fn tell(judged: &Judged, outcome: &mut Outcome) {
    let package = format!("package {}", judged.package);
    let mut held: BTreeMap<ExceptionKind, Vec<&JudgedLine>> = BTreeMap::new();
    let mut noted: BTreeMap<ExceptionKind, Vec<&JudgedLine>> = BTreeMap::new();
    for line in &judged.receipt.lines {
        match &line.verdict {
            Verdict::Held(fault) => held.entry(fault.kind).or_default().push(line),
            Verdict::Taken { noted: Some(kind), .. } => noted.entry(*kind).or_default().push(line),
            Verdict::Taken { noted: None, .. } => {}
        }
    }
    for (kind, lines) in &held {
        outcome.raise(Urgency::Person, format!("receipt {}", judged.receipt.file_name), held_message(*kind, lines));
    }
    for (kind, lines) in &noted {
        let mut told = BTreeSet::new();
        let letters = lines.iter().map(|line| &line.letter).filter(|letter| told.insert(*letter));
        let message = format!("{} {}", few(letters), remark(*kind));
        outcome.raise(Urgency::Person, package.as_str(), message);
    }
    if !judged.in_vain.is_empty() {
        let message = format!(
            "{} mailed by the vendor, and its password was revoked before; tell the person to use the newer letter, or \
             reissue",
            few(&judged.in_vain)
        );
        outcome.raise_plainly(Urgency::Alarm, package.as_str(), message);
    }
    if !judged.receipt.accepted {
        let message =
            "the vendor refused the package: its passwords are revoked; ask why before its letters go out again";
        outcome.raise_plainly(Urgency::Person, package, message);
    }
}

fn held_message(kind: ExceptionKind, lines: &[&JudgedLine]) -> String {
    let reason = |line: &&JudgedLine| format!("line {}: held: {}", line.line, line.held_because().unwrap_or_default());
    let first: Vec<String> = lines.iter().take(FEW).map(reason).collect();
    let more = if lines.len() > FEW { format!("; and {} more lines", lines.len() - FEW) } else { String::new() };
    let name = kind.as_str().replace('_', " ");
    format!("{name} ({}): {}{more}; ask the vendor", lines.len(), first.join("; "))
}

/// What is to be said of lines that are taken all the same.
fn remark(kind: ExceptionKind) -> &'static str {
    match kind {
        ExceptionKind::Late => {
            "mailed after the last day that the job ticket allows; the printed last day may be near: ask the vendor why, \
             and look whether a letter must be reissued"
        }
        _ => {
            "said to have ended for the second time; ask the vendor whether two papers with one password left its house, \
             and if so reissue"
        }
    }
}
