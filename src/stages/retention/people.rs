//! People: whoever's request ended some time ago is forgotten.
//!
//! Erased are names, addresses, accounts and what is derived from them, portion by portion, each portion with its entries in
//! one transaction; a crash leaves whole portions, and the next run goes on. What the reports of nights and refused rows quote
//! goes by the same term. What cannot be forgotten yet, because a package of it is not closed, is told.

use super::Sweep;
use crate::domain::calendar::CalendarError;
use crate::domain::forgetting::Term;
use crate::ports::ledger::Ledger;
use crate::stages::outcome::{Outcome, StageResult, Urgency, letters_of};
use crate::stages::site::refused;

/// Requests that are erased in one transaction.
const PORTION: u32 = 2_000;
/// Packages that are told one by one.
const MOST_TOLD: usize = 20;

/// Erases what the ledger knows of people whose term is over.
pub(super) async fn forget(sweep: &Sweep<'_>, outcome: &mut Outcome) -> StageResult<()> {
    let Sweep { world, now, today, dry_run } = *sweep;
    let site = &world.site;
    let term = Term::at(now, today, site.retention.personal_days, site.time_zone)
        .ok_or_else(|| refused(CalendarError::OutsideYears { date: today }))?;
    let ledger = world.ledger.as_ref();
    let (requests, refusals, reports) = if dry_run {
        let found = ledger.forgettable(&term).await?;
        (found.requests, found.refusals, found.reports)
    } else {
        let requests = erase_all(sweep, &term, outcome).await?;
        (requests, ledger.erase_refusals(&term, now).await?, ledger.erase_quotations(&term, now).await?)
    };
    outcome.record("requests_erased", requests);
    outcome.record("refusals_erased", refusals);
    outcome.record("reports_erased", reports);
    tell_open(ledger, &term, outcome).await
}

/// Erases portion by portion; where the start is to end, the next one goes on.
async fn erase_all(sweep: &Sweep<'_>, term: &Term, outcome: &mut Outcome) -> StageResult<u64> {
    let mut erased = 0;
    loop {
        let portion = sweep.world.ledger.erase_people(term, PORTION, sweep.now).await?;
        erased += portion;
        if portion == 0 {
            return Ok(erased);
        }
        if sweep.world.stop.is_asked() {
            outcome.is_undone = true;
            return Ok(erased);
        }
    }
}

/// Tells which packages keep their people from being forgotten.
async fn tell_open(ledger: &dyn Ledger, term: &Term, outcome: &mut Outcome) -> StageResult<()> {
    let open = ledger.open_too_long(term).await?;
    for package in open.iter().take(MOST_TOLD) {
        let message = format!(
            "its passwords ended more than {} days ago and it is not closed, so the people of its {} cannot be forgotten; \
             'letterpost batch show {}' says what is missing",
            term.days,
            letters_of(package.letters),
            package.package
        );
        outcome.raise_plainly(Urgency::Note, format!("package {}", package.package), message);
    }
    let more = open.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        let message = format!("{more} more keep their people from being forgotten: they are not closed");
        outcome.raise_plainly(Urgency::Note, "packages", message);
    }
    Ok(())
}
