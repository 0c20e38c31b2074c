//! Whether people are forgotten when their term is over.

use chrono::TimeDelta;

use crate::cli::exit::CliResult;
use crate::domain::forgetting::Term;
use crate::stages::preflight::Checked;
use crate::stages::world::World;

/// Days after which what should have been erased is late.
const GRACE_DAYS: u32 = 2;

/// Whether anybody is past their term, and whether the ledger's files were written anew after the last erasure.
pub(super) async fn check(world: &World) -> CliResult<Vec<Checked>> {
    let what = "forgetting";
    let (now, today) = world.now()?;
    let site = &world.site;
    let days = site.retention.personal_days;
    let Some(term) = Term::at(now, today, days + GRACE_DAYS, site.time_zone) else { return Ok(Vec::new()) };
    let late = world.ledger.forgettable(&term).await?.requests;
    let mut checks = Vec::new();
    if late > 0 {
        let message =
            format!("{late} requests are over for more than {days} days, and name and address are not erased");
        checks.push(Checked::note(what, message, "see why the job with 'retention' does not run: 'letterpost jobs'"));
    }
    if let Some(since) = world.ledger.residue().await?.filter(|since| now - *since > TimeDelta::days(GRACE_DAYS.into()))
    {
        let message = format!("the ledger's files may still have what was erased since {since}");
        checks.push(Checked::note(what, message, "end what keeps the ledger open, and run 'letterpost retention'"));
    }
    if checks.is_empty() {
        checks.push(Checked::good(what, format!("nobody is kept longer than {days} days after the end")));
    }
    Ok(checks)
}
