//! What a stand-in did in all, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::job::{Job, JobStage, ReceiptCounts};
use super::piece::PieceStatus;
use super::state::State;
use crate::domain::package_name::PackageName;

/// The stand-in's own accounting, to hold beside the site's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Packages that were taken, those refused whole among them.
    pub packages: u64,
    /// Packages that were refused whole in a receipt.
    pub packages_refused: u64,
    /// Packages that fail the check.
    pub packages_not_good: u64,
    /// Packages that came again.
    pub packages_repeated: u64,
    /// Numbers with a void notice.
    pub voided: u64,
    /// Numbers of which nothing has come.
    pub missing: Vec<PackageName>,
    /// Pull orders that were read.
    pub pull_orders: u64,
    /// All pieces.
    pub pieces: u64,
    /// Where they are.
    pub piece_states: BTreeMap<&'static str, u64>,
    /// How many of them were made again.
    pub remade: u64,
    /// Receipts.
    #[serde(flatten)]
    pub receipts: ReceiptCounts,
    /// Receipts that are still to be written or set right.
    pub receipts_waiting: u64,
}

impl Summary {
    pub(super) fn of(state: &State) -> Self {
        let pieces = || state.jobs.values().flat_map(|job| &job.pieces);
        let mut piece_states: BTreeMap<&str, u64> =
            PieceStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect();
        for piece in pieces() {
            *piece_states.entry(piece.status.as_str()).or_default() += 1;
        }
        let receipts =
            state.jobs.values().map(|job| job.receipts).fold(ReceiptCounts::default(), |sum, one| ReceiptCounts {
                written: sum.written + one.written,
                lost: sum.lost + one.lost,
                late: sum.late + one.late,
                mistaken: sum.mistaken + one.mistaken,
                mended: sum.mended + one.mended,
            });
        Self {
            packages: state.jobs.len() as u64,
            packages_refused: state.jobs.values().filter(|job| job.stage == JobStage::Refused).count() as u64,
            packages_not_good: state.refused.len() as u64,
            packages_repeated: state.repeated,
            voided: state.voided.len() as u64,
            missing: state.missing(),
            pull_orders: state.orders.len() as u64,
            pieces: pieces().count() as u64,
            piece_states,
            remade: pieces().filter(|piece| piece.is_remade).count() as u64,
            receipts,
            receipts_waiting: state.jobs.values().map(Job::receipts_waiting).sum(),
        }
    }

    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let states: Vec<String> = self
            .piece_states
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        let missing: Vec<String> = self.missing.iter().map(ToString::to_string).collect();
        let receipts = &self.receipts;
        format!(
            "packages  {} taken, {} of them refused; {} not good, {} repeated, {} void{}\n\
             pieces    {}: {}; {} made again, {} pull orders\n\
             receipts  {} written, {} lost, {} late, {} with mistakes, {} set right, {} to come\n",
            self.packages,
            self.packages_refused,
            self.packages_not_good,
            self.packages_repeated,
            self.voided,
            if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) },
            self.pieces,
            if states.is_empty() { "none".to_owned() } else { states.join(", ") },
            self.remade,
            self.pull_orders,
            receipts.written,
            receipts.lost,
            receipts.late,
            receipts.mistaken,
            receipts.mended,
            self.receipts_waiting
        )
    }
}
