//! Lines: each line of a receipt is judged against what is known of its letter after the line before it.

use super::Fetched;
use crate::domain::letter::LetterId;
use crate::domain::receipt::PackageEvent;
use crate::domain::reconciliation::{ExceptionKind, Terms};
use crate::package::receipt::ReceiptFile;
use crate::package::receipt_line::{HeldLine, ReceiptLine};
use crate::ports::ledger::{JudgedLine, JudgedReceipt, PackageFacts, Verdict};
use crate::stages::outcome::StageResult;
use crate::stages::receipt_rules::{self, Reckoned};
use crate::stages::world::World;

/// A receipt whose lines are judged.
pub(super) struct Judged {
    /// The package's name.
    pub(super) package: String,
    /// What is to be taken.
    pub(super) receipt: JudgedReceipt,
    /// Letters that it mails and whose passwords were revoked before.
    pub(super) in_vain: Vec<LetterId>,
    /// What is known of the package when it is taken.
    pub(super) facts: PackageFacts,
}

/// Judges every line; changes nothing.
pub(super) fn judge(
    world: &World,
    mut facts: PackageFacts,
    receipt: ReceiptFile,
    terms: &Terms,
    fetched: &Fetched,
) -> StageResult<Judged> {
    let (_, today) = world.now()?;
    let accepted = receipt.package_row.event == PackageEvent::Accepted;
    if accepted {
        facts.letters.values_mut().for_each(receipt_rules::accept);
    }
    let mut lines = Vec::with_capacity(receipt.letter_rows.len() + receipt.held_lines.len());
    let mut in_vain = Vec::new();
    let mut reckoned = Reckoned::default();
    // Each line goes when it is judged: the largest receipts must fit into little memory.
    for line in receipt.letter_rows {
        let verdict = if accepted {
            receipt_rules::judge(&world.site, &mut facts.letters, &line, terms, today, &mut reckoned)?
        } else {
            let reason = "the vendor refused the package, so nothing happened to its letters".to_owned();
            Verdict::Held(ExceptionKind::Contradiction.fault(reason))
        };
        if receipt_rules::is_mailed_in_vain(facts.letters.get(&line.letter_id), &verdict) {
            in_vain.push(line.letter_id);
        }
        lines.push(judged_line(&line, verdict));
    }
    lines.extend(receipt.held_lines.into_iter().map(unreadable_line));
    lines.sort_unstable_by_key(|line| line.line);
    let number = fetched.name.number;
    let receipt = JudgedReceipt {
        file_name: fetched.name.to_string(),
        sha256: fetched.sha256.clone(),
        signature_sha256: fetched.signature_sha256.clone(),
        batch_id: facts.batch_id,
        number,
        accepted,
        package_on: receipt.package_row.event_on,
        lines,
    };
    facts.status = if accepted { "accepted" } else { "refused" }.to_owned();
    facts.taken.insert(number, fetched.digests());
    Ok(Judged { package: fetched.name.package.to_string(), receipt, in_vain, facts })
}

fn judged_line(line: &ReceiptLine, verdict: Verdict) -> JudgedLine {
    JudgedLine {
        line: line.line_number as u64,
        letter: line.letter_id.to_string(),
        event: Some(line.event),
        event_on: Some(line.event_on),
        sheets: line.sheets,
        is_remake: line.is_remake(),
        postal_statement: line.postal_statement().unwrap_or_default(),
        verdict,
    }
}

fn unreadable_line(held: HeldLine) -> JudgedLine {
    let mut reason = held.reason.to_string();
    reason.shrink_to_fit();
    JudgedLine {
        line: held.line_number as u64,
        letter: held.text,
        event: None,
        event_on: None,
        sheets: held.sheets,
        is_remake: false,
        postal_statement: None,
        verdict: Verdict::Held(ExceptionKind::Unreadable.fault(reason)),
    }
}
