//! Which rows a receipt has: the usual events for every letter, and the exceptions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::arguments::{LetterEvent, ReceiptArgs};
use super::error::VendorError;
use super::exception::LetterException;
use crate::domain::letter::LetterId;
use crate::domain::postal_statement::PostalStatement;
use crate::domain::receipt::ReceiptEvent;
use crate::package::manifest::ManifestRow;
use crate::package::receipt_line::ReceiptLine;
use crate::package::ticket::Remake;

/// The rows of letters that these arguments ask for, in the order of the manifest; the letters `pulled` were taken out.
///
/// # Errors
/// Where an argument names a letter that the package does not have, or twice, or asks for what the ticket forbids.
pub fn plan(
    args: &ReceiptArgs,
    pulled: &BTreeSet<LetterId>,
    manifest: &[ManifestRow],
    remake: Remake,
    event_on: NaiveDate,
) -> Result<Vec<ReceiptLine>, VendorError> {
    let events = usual_events(args)?;
    let only: BTreeSet<LetterId> = args.only.iter().copied().collect();
    let exceptions = by_letter(args, &only, remake)?;
    let statement = statement(args, &events)?;
    check_known(manifest, only.iter().chain(exceptions.keys()).chain(pulled))?;
    let is_meant = |row: &&ManifestRow| only.is_empty() || only.contains(&row.letter_id);
    let mut lines = Vec::new();
    for row in manifest.iter().filter(is_meant) {
        let exception = exceptions.get(&row.letter_id).copied();
        let told = match exception {
            None if pulled.contains(&row.letter_id) => vec![(ReceiptEvent::Pulled, "")],
            _ => events_of(exception, &events, statement),
        };
        for (event, detail) in told {
            let detail = detail.to_owned();
            let (letter_id, sheets) = (row.letter_id, row.sheets);
            lines.push(ReceiptLine { line_number: 0, letter_id, event, event_on, sheets, detail });
        }
    }
    Ok(lines)
}

/// The number of the mailing's postal statement; empty where none is given.
fn statement<'a>(args: &'a ReceiptArgs, events: &[ReceiptEvent]) -> Result<&'a str, VendorError> {
    match &args.postal_statement {
        Some(_) if !events.contains(&ReceiptEvent::Mailed) => {
            Err(VendorError::Usage("--postal-statement goes with --events mailed".to_owned()))
        }
        given => Ok(given.as_ref().map_or("", PostalStatement::as_str)),
    }
}

/// The events of a letter that no exception names, in the order in which they happen.
fn usual_events(args: &ReceiptArgs) -> Result<Vec<ReceiptEvent>, VendorError> {
    if args.events.contains(&LetterEvent::Returned) && args.only.is_empty() {
        return Err(VendorError::Usage("say with --only which letters were returned".to_owned()));
    }
    let in_order = [
        (LetterEvent::Printed, ReceiptEvent::Printed),
        (LetterEvent::Mailed, ReceiptEvent::Mailed),
        (LetterEvent::Returned, ReceiptEvent::Returned),
    ];
    Ok(in_order.into_iter().filter(|(asked, _)| args.events.contains(asked)).map(|(_, event)| event).collect())
}

fn by_letter<'a>(
    args: &'a ReceiptArgs,
    only: &BTreeSet<LetterId>,
    remake: Remake,
) -> Result<BTreeMap<LetterId, &'a LetterException>, VendorError> {
    let mut exceptions = BTreeMap::new();
    for exception in &args.except {
        let letter_id = exception.letter_id;
        if exception.is_remade() && remake == Remake::Forbidden {
            return Err(VendorError::Usage(format!(
                "the job ticket forbids making a letter again; say {letter_id}=spoiled, and the site mails a new one"
            )));
        }
        if !only.is_empty() && !only.contains(&letter_id) {
            return Err(VendorError::Usage(format!("--except {letter_id} is not among the letters of --only")));
        }
        if exceptions.insert(letter_id, exception).is_some() {
            return Err(VendorError::Usage(format!("--except names {letter_id} twice; give it once a receipt")));
        }
    }
    Ok(exceptions)
}

fn check_known<'a>(manifest: &[ManifestRow], mut named: impl Iterator<Item = &'a LetterId>) -> Result<(), VendorError> {
    let known: BTreeSet<LetterId> = manifest.iter().map(|row| row.letter_id).collect();
    match named.find(|letter_id| !known.contains(letter_id)) {
        Some(stranger) => Err(VendorError::Usage(format!("letter {stranger} is not in this package"))),
        None => Ok(()),
    }
}

/// A remade letter is spoiled first and then goes the way of the others; any other exception stands alone.
fn events_of<'a>(
    exception: Option<&'a LetterException>,
    usual: &[ReceiptEvent],
    statement: &'a str,
) -> Vec<(ReceiptEvent, &'a str)> {
    let usual = usual.iter().map(|event| (*event, if *event == ReceiptEvent::Mailed { statement } else { "" }));
    match exception {
        Some(exception) if exception.is_remade() => {
            std::iter::once((exception.event, exception.detail.as_str())).chain(usual).collect()
        }
        Some(exception) => vec![(exception.event, exception.detail.as_str())],
        None => usual.collect(),
    }
}
