//! The site asks what became of a package, and the stand-in answers with a receipt.

use chrono::{DateTime, NaiveDate, Utc};

use super::StandIn;
use super::job::Job;
use super::piece::PieceStatus;
use super::report::{Report, Told};
use crate::cli::vendor::error::VendorError;
use crate::domain::package_name::PackageName;
use crate::domain::receipt::{PackageEvent, ReceiptEvent};

/// What is said of a piece that was looked for and not found.
const NOT_FOUND: &str = "not found";

impl StandIn {
    /// Looks into what became of a package: what was never said of its pieces is said in the next receipt, what was to come
    /// late comes now, and a piece that cannot be found is given up. `false` where no such package is known.
    ///
    /// # Errors
    /// Where the instant is none that a calendar knows.
    pub fn answer(&mut self, name: &PackageName, now: DateTime<Utc>) -> Result<bool, VendorError> {
        let on = self.shop.hours.date(now)?;
        let Some(job) = self.state.jobs.get_mut(name) else { return Ok(false) };
        job.reports.iter_mut().for_each(|report| report.due_at = now);
        let answer = job.answer(on, now);
        job.reports.push(answer);
        Ok(true)
    }
}

impl Job {
    fn answer(&mut self, on: NaiveDate, now: DateTime<Utc>) -> Report {
        let unsaid: Vec<Told> = std::mem::take(&mut self.unsaid).into_iter().flat_map(|report| report.lines).collect();
        let mut lines: Vec<Told> = unsaid.into_iter().filter(|told| self.is_still_so(told)).collect();
        for piece in self.pieces.iter_mut().filter(|piece| piece.status == PieceStatus::Lost) {
            lines.push(piece.become_and_tell(PieceStatus::Rejected, ReceiptEvent::Rejected, on, NOT_FOUND));
        }
        let event = self.package_event();
        let lines = if event == PackageEvent::Accepted { lines } else { Vec::new() };
        Report { due_at: now, event, event_on: on, sha256: self.sha256, lines }
    }

    /// Whether a line that was never said is not overtaken by what was said after it: a piece that is known to be mailed is
    /// not said to be printed any more.
    fn is_still_so(&self, told: &Told) -> bool {
        let Some(piece) = self.pieces.iter().find(|piece| piece.letter_id == told.letter_id) else { return false };
        match piece.status {
            PieceStatus::Waiting | PieceStatus::Lost => false,
            PieceStatus::Printed => told.event == ReceiptEvent::Printed,
            PieceStatus::Mailed => told.event == ReceiptEvent::Mailed,
            PieceStatus::Returned => matches!(told.event, ReceiptEvent::Mailed | ReceiptEvent::Returned),
            PieceStatus::Spoiled => told.event == ReceiptEvent::Spoiled,
            PieceStatus::Rejected => told.event == ReceiptEvent::Rejected,
            PieceStatus::Pulled => told.event == ReceiptEvent::Pulled,
        }
    }
}
