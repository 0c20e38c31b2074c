//! What became of the pieces of a package, as `batch show` tells it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::report::facts;
use crate::domain::reconciliation::{Count, Disposition, Exceptions, Totals};
use crate::ports::ledger::{TakenReceipt, WaitingReceipt};
use crate::stages::outcome::FEW;
use crate::stages::reconcile::Reconciled;

/// Letters that are named while nothing final is said of them.
const MOST_NAMED: usize = 20;

/// The account of a package.
#[derive(Serialize)]
pub struct PackageAccount {
    /// The receipts that were taken: the waves.
    receipts: Vec<TakenReceipt>,
    /// The receipts that wait for a smaller number.
    waiting_receipts: Vec<WaitingReceipt>,
    /// How many pieces and sheets are accounted for in which way.
    dispositions: BTreeMap<Disposition, Count>,
    /// What is wrong, by kind.
    exceptions: Exceptions,
    /// The first letters of which nothing final is said.
    still_out: Vec<String>,
    /// The day by which every piece should be accounted for.
    due_on: Option<NaiveDate>,
    /// What is overdue, and what to do.
    overdue: Vec<String>,
    #[serde(skip)]
    totals: Totals,
    #[serde(skip)]
    closed: Option<String>,
    #[serde(skip)]
    is_offered: bool,
}

impl PackageAccount {
    /// The account of a package that was reconciled.
    pub fn of(reconciled: Reconciled) -> Self {
        let Reconciled { book, found, deadlines, overdue } = reconciled;
        let still_out = found.still_out().take(MOST_NAMED).map(|letter| letter.to_string()).collect();
        Self {
            receipts: book.receipts,
            waiting_receipts: book.waiting,
            dispositions: found.totals.by_disposition.clone(),
            exceptions: found.exceptions,
            still_out,
            due_on: deadlines.map(|deadlines| deadlines.pieces_on),
            overdue,
            totals: found.totals,
            closed: book.closed_at.map(|at| at.to_string()),
            is_offered: book.offered_at.is_some(),
        }
    }

    /// The receipts that were taken.
    pub fn receipts(&self) -> &[TakenReceipt] {
        &self.receipts
    }

    /// For people.
    pub fn describe(&self) -> String {
        let mut text = vec![facts(&[("pieces", self.pieces()), ("account", self.state())])];
        for receipt in &self.receipts {
            text.push(describe_receipt(receipt));
        }
        for receipt in &self.waiting_receipts {
            text.push(format!("receipt {}: waits since {}", receipt.number, receipt.first_seen_at));
        }
        for (kind, cases) in self.exceptions.iter() {
            let told = cases.cases.iter().take(FEW).map(|case| {
                let place = match (case.receipt, case.line) {
                    (Some(receipt), Some(line)) => format!(" (receipt {receipt}, line {line})"),
                    _ => String::new(),
                };
                format!("{}{place}: {}", case.subject, case.reason)
            });
            let told = told.collect::<Vec<_>>().join("; ");
            text.push(format!("exception {}, {}: {told}", kind.as_str().replace('_', " "), cases.count));
        }
        text.extend(self.overdue.iter().map(|sentence| format!("overdue: {sentence}")));
        text.join("\n")
    }

    /// The sum over the dispositions, as "12 = 10 mailed + 2 still out".
    fn pieces(&self) -> String {
        let sum = self
            .dispositions
            .iter()
            .map(|(disposition, count)| format!("{} {}", count.pieces, disposition.as_str().replace('_', " ")));
        format!("{} = {}", self.totals.all.pieces, sum.collect::<Vec<_>>().join(" + "))
    }

    fn state(&self) -> String {
        if let Some(at) = &self.closed {
            return format!("closed {at}");
        }
        if !self.is_offered {
            return String::new();
        }
        let out = self.totals.count(Disposition::StillOut).pieces;
        let due = self.due_on.map(|day| format!(", due by {day}")).unwrap_or_default();
        let waits = if self.waiting_receipts.is_empty() { "" } else { ", receipts are missing" };
        match out {
            0 if waits.is_empty() => "open until the next ingest".to_owned(),
            0 => format!("open{waits}"),
            _ => format!("open: {out} still out{due}{waits}"),
        }
    }
}

fn describe_receipt(receipt: &TakenReceipt) -> String {
    let mut counts: Vec<String> = receipt.events.iter().map(|(event, lines)| format!("{lines} {event}")).collect();
    if receipt.lines_held > 0 {
        counts.push(format!("{} held", receipt.lines_held));
    }
    let counts = if counts.is_empty() { "no letters".to_owned() } else { counts.join(", ") };
    format!("receipt {}: {} read {}: {counts}", receipt.number, receipt.file_name, receipt.read_at)
}
