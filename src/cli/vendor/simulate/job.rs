//! One package at work: what each piece of it goes through, and what is to be said of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Shop;
use super::piece::{Piece, PieceStatus};
use super::report::{Report, Told};
use crate::cli::vendor::error::VendorError;
use crate::domain::letter::{LetterId, named};
use crate::domain::package_name::PackageName;
use crate::domain::receipt::{PackageEvent, ReceiptEvent};
use crate::package::digest::Sha256Digest;
use crate::package::manifest::ManifestRow;
use crate::package::ticket::Remake;
use crate::package::verify::VerifiedPackage;

/// The detail of a spoiled piece that was made again.
const REMADE: &str = "remade";
/// The number of a day's postal statement, from its date.
const STATEMENT: &str = "3600-%Y%m%d";
/// Why a piece is rejected by chance.
const UNREADABLE: &str = "unreadable";
/// Why a piece is rejected when its time is over.
const TOO_LATE: &str = "past its last mailing day";

named! {
    /// How far a package is.
    JobStage {
        /// Its name is in the register.
        Taken = "taken",
        /// It is in production.
        Accepted = "accepted",
        /// Its pieces are on paper.
        Printed = "printed",
        /// Its pieces were handed to the postal service.
        Mailed = "mailed",
        /// It was refused whole.
        Refused = "refused",
    }
}

/// A receipt that is not as it should be, and what will set it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// When.
    pub due_at: DateTime<Utc>,
    /// How.
    pub how: MendBy,
}

/// How a mistake is set right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MendBy {
    /// The right receipt is put under the number.
    Replacing {
        /// The number.
        number: u32,
        /// The right receipt.
        csv: String,
    },
    /// A further receipt says what was not said rightly.
    Following(Vec<Told>),
}

/// What was done about a package's receipts, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReceiptCounts {
    /// Written, the wrong ones among them.
    pub written: u64,
    /// Never written.
    pub lost: u64,
    /// Written late.
    pub late: u64,
    /// With a mistake.
    pub mistaken: u64,
    /// Mistakes that were set right.
    pub mended: u64,
}

/// A package that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Of the sealed package.
    pub sha256: Sha256Digest,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The last day of mailing.
    pub mail_by_on: NaiveDate,
    /// The day by which the package is destroyed.
    pub purge_by_on: NaiveDate,
    /// Whether that was done.
    pub is_purged: bool,
    /// How far it is.
    pub stage: JobStage,
    /// When the next stage is reached; `None` after the last.
    pub next_at: Option<DateTime<Utc>>,
    /// Its pieces, in sequence.
    pub pieces: Vec<Piece>,
    /// What is to be said, in order.
    pub reports: Vec<Report>,
    reports_made: u32,
    /// What was never said, because its receipt was lost.
    #[serde(default)]
    pub unsaid: Vec<Report>,
    /// What is to be set right.
    pub mends: Vec<Mend>,
    /// The number of the last receipt.
    pub last_number: u32,
    /// Its receipts, in numbers.
    pub receipts: ReceiptCounts,
    may_remake: bool,
}

impl Job {
    /// A package as it was taken; it will be refused where its mailing day is over, or by chance.
    pub(super) fn of(package: &VerifiedPackage, shop: &Shop, now: DateTime<Utc>) -> Result<Self, VendorError> {
        let piece = |row: &ManifestRow| Piece {
            letter_id: row.letter_id,
            sheets: row.sheets,
            status: PieceStatus::Waiting,
            is_remade: false,
            mailed_on: None,
            comes_back_at: None,
        };
        let ticket = &package.ticket;
        Ok(Self {
            sha256: package.sha256,
            taken_at: now,
            mail_by_on: ticket.mail_by_on,
            purge_by_on: ticket.purge_by_on,
            is_purged: false,
            stage: JobStage::Taken,
            next_at: Some(shop.hours.after(now, shop.manners.accept_after)?),
            pieces: package.rows.iter().map(piece).collect(),
            reports: Vec::new(),
            reports_made: 0,
            unsaid: Vec::new(),
            mends: Vec::new(),
            last_number: 0,
            receipts: ReceiptCounts::default(),
            may_remake: ticket.remake == Remake::Vendor,
        })
    }

    /// Does all that is due, one stage after another; gives what was done, in words.
    pub(super) fn advance(
        &mut self,
        name: &PackageName,
        shop: &Shop,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, VendorError> {
        let mut said = Vec::new();
        while let Some(at) = self.next_at.filter(|at| *at <= now) {
            match self.stage {
                JobStage::Taken => self.accept(name, shop, at)?,
                JobStage::Accepted => self.print(name, shop, at)?,
                JobStage::Printed => self.mail(name, shop, at)?,
                JobStage::Mailed | JobStage::Refused => self.next_at = None,
            }
            said.push(format!("{name}: {} on {}", self.stage, shop.hours.date(at)?));
        }
        said.extend(self.bring_back(name, shop, now)?);
        Ok(said)
    }

    fn accept(&mut self, name: &PackageName, shop: &Shop, at: DateTime<Utc>) -> Result<(), VendorError> {
        let is_too_late = shop.hours.is_over(self.mail_by_on, at)?;
        if is_too_late || shop.chance.happens(shop.manners.refuse, "refuse", &name.to_string()) {
            (self.stage, self.next_at) = (JobStage::Refused, None);
            self.pieces.iter_mut().for_each(|piece| piece.status = PieceStatus::Rejected);
            return self.report(name, shop, at, PackageEvent::Refused, Vec::new());
        }
        self.stage = JobStage::Accepted;
        self.next_at = Some(shop.hours.prints_at(self.taken_at, shop.manners.print_after)?.max(at));
        self.report(name, shop, at, PackageEvent::Accepted, Vec::new())
    }

    /// Each piece that waits is printed, or has its accident.
    fn print(&mut self, name: &PackageName, shop: &Shop, at: DateTime<Utc>) -> Result<(), VendorError> {
        let on = shop.hours.date(at)?;
        let is_too_late = on > self.mail_by_on;
        let remakes = self.may_remake && shop.manners.remake;
        let mut lines = Vec::new();
        for piece in self.pieces.iter_mut().filter(|piece| piece.status == PieceStatus::Waiting) {
            let id = piece.letter_id.to_string();
            if is_too_late || shop.chance.happens(shop.manners.reject, "reject", &id) {
                let why = if is_too_late { TOO_LATE } else { UNREADABLE };
                lines.push(piece.become_and_tell(PieceStatus::Rejected, ReceiptEvent::Rejected, on, why));
                continue;
            }
            if shop.chance.happens(shop.manners.spoil, "spoil", &id) {
                let detail = if remakes { REMADE } else { "" };
                lines.push(piece.become_and_tell(PieceStatus::Spoiled, ReceiptEvent::Spoiled, on, detail));
                if !remakes {
                    continue;
                }
                piece.is_remade = true;
            }
            lines.push(piece.become_and_tell(PieceStatus::Printed, ReceiptEvent::Printed, on, ""));
            if shop.chance.happens(shop.manners.lose, "lose", &id) {
                piece.status = PieceStatus::Lost;
            }
        }
        self.stage = JobStage::Printed;
        self.next_at = Some(shop.hours.mails_at(at, shop.manners.mail_after)?);
        self.report_lines(name, shop, at, lines)
    }

    /// Each piece that is printed is handed to the postal service, or rejected where its last day is over. All that is
    /// mailed on a day is on one postal statement.
    fn mail(&mut self, name: &PackageName, shop: &Shop, at: DateTime<Utc>) -> Result<(), VendorError> {
        let on = shop.hours.date(at)?;
        let is_too_late = on > self.mail_by_on;
        let statement = on.format(STATEMENT).to_string();
        let mut lines = Vec::new();
        for piece in self.pieces.iter_mut().filter(|piece| piece.status == PieceStatus::Printed) {
            if is_too_late {
                lines.push(piece.become_and_tell(PieceStatus::Rejected, ReceiptEvent::Rejected, on, TOO_LATE));
                continue;
            }
            lines.push(piece.become_and_tell(PieceStatus::Mailed, ReceiptEvent::Mailed, on, &statement));
            piece.mailed_on = Some(on);
            if shop.chance.happens(shop.manners.returned, "return", &piece.letter_id.to_string()) {
                piece.comes_back_at = Some(shop.hours.comes_back_at(on, shop.manners.return_after)?);
            }
        }
        (self.stage, self.next_at) = (JobStage::Mailed, None);
        self.report_lines(name, shop, at, lines)
    }

    /// Pieces that the postal service has brought back, in one receipt a day.
    fn bring_back(&mut self, name: &PackageName, shop: &Shop, now: DateTime<Utc>) -> Result<Vec<String>, VendorError> {
        let mut said = Vec::new();
        while let Some(at) = self.pieces.iter().filter_map(|piece| piece.comes_back_at).min().filter(|at| *at <= now) {
            let on = shop.hours.date(at)?;
            let mut lines = Vec::new();
            for piece in self.pieces.iter_mut().filter(|piece| piece.comes_back_at == Some(at)) {
                piece.comes_back_at = None;
                lines.push(piece.become_and_tell(PieceStatus::Returned, ReceiptEvent::Returned, on, ""));
            }
            said.push(format!("{name}: {} pieces came back on {on}", lines.len()));
            self.report_lines(name, shop, at, lines)?;
        }
        Ok(said)
    }

    /// Takes pieces out on the agency's order; those that have left already are reported as what they are.
    pub(super) fn pull(
        &mut self,
        name: &PackageName,
        shop: &Shop,
        letters: &[LetterId],
        now: DateTime<Utc>,
    ) -> Result<String, VendorError> {
        let on = shop.hours.date(now)?;
        let (mut pulled, mut lines) = (0, Vec::new());
        for piece in self.pieces.iter_mut().filter(|piece| letters.contains(&piece.letter_id)) {
            match (piece.status, piece.mailed_on) {
                (PieceStatus::Waiting | PieceStatus::Printed, _) => {
                    pulled += 1;
                    lines.push(piece.become_and_tell(PieceStatus::Pulled, ReceiptEvent::Pulled, on, ""));
                }
                (PieceStatus::Mailed, Some(mailed_on)) => {
                    lines.push(piece.tell(ReceiptEvent::Mailed, mailed_on, ""));
                }
                _ => {}
            }
        }
        let said = format!("{name}: pulled {pulled} of the {} pieces that the order names", letters.len());
        if !lines.is_empty() && self.stage != JobStage::Refused {
            self.report(name, shop, now, PackageEvent::Accepted, lines)?;
        }
        Ok(said)
    }

    fn report_lines(
        &mut self,
        name: &PackageName,
        shop: &Shop,
        at: DateTime<Utc>,
        lines: Vec<Told>,
    ) -> Result<(), VendorError> {
        if lines.is_empty() { Ok(()) } else { self.report(name, shop, at, PackageEvent::Accepted, lines) }
    }

    /// Puts something into the queue of what is to be said; by chance late, or never.
    fn report(
        &mut self,
        name: &PackageName,
        shop: &Shop,
        at: DateTime<Utc>,
        event: PackageEvent,
        lines: Vec<Told>,
    ) -> Result<(), VendorError> {
        self.reports_made += 1;
        let key = format!("{name} {}", self.reports_made);
        if shop.chance.happens(shop.manners.lose_receipts, "lose receipt", &key) {
            self.receipts.lost += 1;
            let event_on = shop.hours.date(at)?;
            self.unsaid.push(Report { due_at: at, event, event_on, sha256: self.sha256, lines });
            return Ok(());
        }
        let mut due_at = at;
        if shop.chance.happens(shop.manners.late_receipts, "late receipt", &key) {
            self.receipts.late += 1;
            due_at = shop.hours.after(at, shop.manners.late_by)?;
        }
        let event_on = shop.hours.date(at)?;
        self.reports.push(Report { due_at, event, event_on, sha256: self.sha256, lines });
        Ok(())
    }

    /// When there is something to do again.
    pub(super) fn next_due_at(&self) -> Option<DateTime<Utc>> {
        let back = self.pieces.iter().filter_map(|piece| piece.comes_back_at);
        let mends = self.mends.iter().map(|mend| mend.due_at);
        // A receipt waits for those before it.
        self.next_at.into_iter().chain(self.reports.first().map(|report| report.due_at)).chain(back).chain(mends).min()
    }
}
