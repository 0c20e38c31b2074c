//! What must tie, as two numbers each, on a terminal.

use crate::cli::report::table;
use crate::ports::ledger::{DispatchTotals, Tie, Tied};

/// Heads of the columns, in the order of the ties of a package: the control totals, and receipts and log.
const TICKET: [&str; 4] = ["package", "letters", "sheets", "sum of places"];
const SAID: [&str; 6] = ["package", "sealed letters", "sealed sheets", "its digest", "mailed", "receipts"];
/// And of an intake file.
const FILE: [&str; 6] = ["intake file", "all rows", "new", "routed", "with a letter", "its digest"];
/// The widest name that is shown whole, in characters.
const NAME_WIDTH: usize = 30;

/// All of it.
pub(super) fn text(totals: &DispatchTotals) -> String {
    let DispatchTotals { packages, intake_files, log } = totals;
    let counted = |ties: &[Tie]| ties.iter().map(both).collect::<Vec<_>>();
    let row = |tied: &Tied, from: usize, to: usize| {
        let ties = tied.ties.get(from..to.min(tied.ties.len())).unwrap_or_default();
        std::iter::once(short(&tied.name, NAME_WIDTH)).chain(counted(ties)).collect::<Vec<_>>()
    };
    let ticket = TICKET.len() - 1;
    let mut text = vec![
        "packages, whole: counted, and their control totals".to_owned(),
        table(&TICKET, packages.iter().map(|package| row(package, 0, ticket))),
        "packages, whole: counted, and what the log and their receipts say".to_owned(),
        table(&SAID, packages.iter().map(|package| row(package, ticket, ticket + SAID.len() - 1))),
        "intake files, whole: counted, and what was counted when they were taken in".to_owned(),
        table(&FILE, intake_files.iter().map(|file| row(file, 0, FILE.len() - 1))),
    ];
    text.extend(intake_files.iter().map(became));
    text.push("the log".to_owned());
    text.extend(log.ties.iter().map(|tie| format!("  {}: {}", tie.what, both(tie))));
    text.push(verdict(totals));
    text.join("\n")
}

/// Two numbers, and whether they are one.
pub(super) fn both(tie: &Tie) -> String {
    format!("{} {} {}", tie.counted, if tie.ties { "=" } else { "≠" }, tie.said)
}

/// What became of the requests of an intake file.
pub(super) fn became(file: &Tied) -> String {
    let states: Vec<String> = file.states.iter().map(|(status, count)| format!("{count} {status}")).collect();
    format!("  {}: {}", short(&file.name, NAME_WIDTH), states.join(", "))
}

/// Whether everything ties.
pub(super) fn verdict(totals: &DispatchTotals) -> String {
    match totals.differences().len() {
        0 => "everything ties".to_owned(),
        1 => "1 thing DOES NOT TIE".to_owned(),
        more => format!("{more} things DO NOT TIE"),
    }
}

/// A name, cut where it is too long.
pub(super) fn short(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    name.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
