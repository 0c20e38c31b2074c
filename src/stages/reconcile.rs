//! Reconcile: each package that is with a vendor is reconciled with its receipts, and closed when all is accounted for.
//!
//! The last step of ingest. It can be run at any time and again: a package that could have been closed when a run
//! died is closed by the next. What is overdue is told every time, until it comes.

use chrono::{DateTime, NaiveDate, Utc};

use super::outcome::{Outcome, StageError, StageResult, Urgency, few, letters_of};
use super::site::{Site, Vendor};
use super::world::World;
use crate::domain::reconciliation::{Book, Disposition, Due, ExceptionKind, Receipt, Reconciliation, Terms};
use crate::package::ticket::Remake;
use crate::ports::Event;
use crate::ports::ledger::{PackageBook, ReconciliationLedger};

/// A package, reconciled.
#[derive(Debug, Clone)]
pub struct Reconciled {
    /// What is on record.
    pub book: PackageBook,
    /// What follows from it.
    pub found: Reconciliation,
    /// When what is due.
    pub deadlines: Option<Deadlines>,
    /// What is overdue, each as a sentence with what to do.
    pub overdue: Vec<String>,
}

/// The days by whose end something should have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The vendor's word that it took the package: the first print day that the package made.
    pub acceptance_on: NaiveDate,
    /// A final word on every piece: the last day on which it may be mailed, but no day before the acceptance.
    pub pieces_on: NaiveDate,
    /// The receipt that others wait for: the first print day after they were seen.
    pub gap_on: Option<NaiveDate>,
}

/// What holds for all pieces of a package.
///
/// # Errors
/// For an instant that no calendar knows.
pub fn terms(
    site: &Site,
    vendor: Option<&Vendor>,
    offered_at: Option<DateTime<Utc>>,
    mail_by_on: Option<NaiveDate>,
    remake: Option<Remake>,
) -> StageResult<Terms> {
    let offered_on = offered_at.map_or(Ok(NaiveDate::MAX), |at| site.date_at(at))?;
    // A package that was sealed before its ticket's word was kept has what the vendor is told today.
    let remake = remake.or(vendor.map(|vendor| vendor.remake)).unwrap_or(Remake::Forbidden);
    Ok(Terms { offered_on, mail_by_on: mail_by_on.unwrap_or(NaiveDate::MAX), may_remake: remake == Remake::Vendor })
}

/// Reconciles one package as of an instant; changes nothing. `None` where there is no such package.
///
/// # Errors
/// Where the ledger fails, or the calendar has no answer.
pub async fn reconcile_package(
    ledger: &(impl ReconciliationLedger + ?Sized),
    site: &Site,
    name: &str,
    now: DateTime<Utc>,
) -> StageResult<Option<Reconciled>> {
    let Some(book) = ledger.package_book(name).await? else { return Ok(None) };
    let vendor = site.vendors.iter().find(|vendor| vendor.code == book.vendor);
    let terms = terms(site, vendor, book.offered_at, book.mail_by_on, book.remake)?;
    let deadlines = vendor.map_or(Ok(None), |vendor| deadlines(site, vendor, &book))?;
    let today = site.date_at(now)?;
    let mut account = Book::open(&book.pieces, terms);
    for taken in &book.receipts {
        let (number, read_on) = (taken.number, site.date_at(taken.read_at)?);
        let mut after = 0;
        loop {
            let lines = ledger.receipt_lines(taken.file_id, after).await?;
            let last = lines.last().map(|line| line.line);
            account.read(&Receipt { number, read_on, lines });
            let Some(last) = last else { break };
            after = last;
        }
    }
    let waiting = book.waiting.iter().map(|receipt| receipt.number).collect();
    let pieces_on = deadlines.map(|deadlines| deadlines.pieces_on);
    let found = account.close(&waiting, Due { today, pieces_on });
    let overdue = overdue(&book, &found, deadlines, today);
    Ok(Some(Reconciled { book, found, deadlines, overdue }))
}

/// Reconciles every package that is open, closes those that are complete, and tells what is overdue.
///
/// # Errors
/// Where the ledger fails, or the calendar has no answer.
pub async fn reconcile_open(world: &World, dry_run: bool, outcome: &mut Outcome) -> StageResult<()> {
    let (mut closed, mut overdue) = (0u64, 0u64);
    let now = world.instant()?;
    for name in world.ledger.open_packages().await? {
        let Some(package) = reconcile_package(world.ledger.as_ref(), &world.site, &name, now).await? else { continue };
        let subject = format!("package {name}");
        if !package.found.totals.tie(package.book.manifest) {
            let sealed = package.book.manifest;
            let message = format!(
                "it was sealed with {} letters on {} sheets, and the ledger has {} on {}; run 'letterpost audit verify'",
                sealed.pieces, sealed.sheets, package.found.totals.all.pieces, package.found.totals.all.sheets
            );
            outcome.raise_plainly(Urgency::Alarm, subject, message);
            continue;
        }
        if package.can_be_closed() {
            let is_closed = dry_run || world.ledger.close_package(&package.book, &package.found.totals, now).await?;
            closed += u64::from(is_closed);
            if is_closed && !dry_run {
                let event = Event::info("package.closed").of("package", &name).of("vendor", &package.book.vendor);
                world.log.note(event.count("letters", package.found.totals.all.pieces));
            }
        }
        overdue += u64::from(!package.overdue.is_empty());
        for sentence in package.overdue {
            outcome.raise_plainly(Urgency::Person, subject.as_str(), sentence);
        }
    }
    outcome.record("closed_packages", closed);
    outcome.record("overdue_packages", overdue);
    Ok(())
}

impl Reconciled {
    /// Whether all is accounted for and it was not closed yet.
    #[must_use]
    pub fn can_be_closed(&self) -> bool {
        self.book.closed_at.is_none() && self.book.delivered_at.is_some() && self.found.is_complete()
    }
}

/// `None` where the vendor was not offered the package.
fn deadlines(site: &Site, vendor: &Vendor, book: &PackageBook) -> StageResult<Option<Deadlines>> {
    let Some(handed_at) = book.delivered_at.or(book.offered_at) else { return Ok(None) };
    let print_day = |at: DateTime<Utc>| {
        let day = vendor.print_schedule.planned_mail_on(at, &site.calendar, site.time_zone);
        day.map_err(|error| StageError::Refused(error.to_string()))
    };
    let acceptance_on = print_day(handed_at)?;
    Ok(Some(Deadlines {
        acceptance_on,
        pieces_on: book.mail_by_on.map_or(acceptance_on, |mail_by_on| mail_by_on.max(acceptance_on)),
        gap_on: book.waiting.iter().map(|receipt| receipt.first_seen_at).min().map(print_day).transpose()?,
    }))
}

fn overdue(book: &PackageBook, found: &Reconciliation, deadlines: Option<Deadlines>, today: NaiveDate) -> Vec<String> {
    let mut sentences = Vec::new();
    let out = found.totals.count(Disposition::StillOut).pieces;
    let Some(deadlines) = deadlines else {
        if out > 0 && book.offered_at.is_some() {
            sentences.push(format!(
                "{out} of {} pieces are not accounted for, and the configuration has no vendor '{}'; put its [[vendor]] \
                 back until its packages are closed",
                found.totals.all.pieces, book.vendor
            ));
        }
        return sentences;
    };
    if matches!(book.status.as_str(), "sealed" | "delivered") && today > deadlines.acceptance_on {
        sentences.push(format!(
            "the vendor has not said that it took it, and the print day {} is over: {}; ask the vendor whether it \
             has the package and can open it",
            deadlines.acceptance_on,
            letters_of(found.totals.all.pieces)
        ));
    }
    if found.exceptions.count(ExceptionKind::Missing) > 0 {
        sentences.push(format!(
            "{} of {} not accounted for, due by {}; ask the vendor for a receipt that says what became of each",
            few(found.still_out()),
            found.totals.all.pieces,
            deadlines.pieces_on
        ));
    }
    if let (Some(gap), Some(gap_on)) = (found.exceptions.of(ExceptionKind::Gap), deadlines.gap_on)
        && today > gap_on
    {
        let numbers: Vec<&str> = gap.cases.iter().map(|case| case.subject.as_str()).collect();
        sentences.push(format!(
            "{} of its receipts have not come or were refused ({}), and {} that came wait for them since {}; ask the \
             vendor for them",
            gap.count,
            numbers.join(" "),
            book.waiting.len(),
            book.waiting.iter().map(|receipt| receipt.first_seen_at).min().unwrap_or_default()
        ));
    }
    sentences
}
