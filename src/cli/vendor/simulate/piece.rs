//! One mail piece at work.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::report::{Told, as_text};
use crate::domain::letter::{LetterId, named};
use crate::domain::receipt::ReceiptEvent;

named! {
    /// Where a piece is, in truth; what the site was told may be something else.
    PieceStatus {
        /// Not printed yet.
        Waiting = "waiting",
        /// On paper.
        Printed = "printed",
        /// Printed, and then lost without a word.
        Lost = "lost",
        /// With the postal service.
        Mailed = "mailed",
        /// Brought back by the postal service.
        Returned = "returned",
        /// Destroyed in production.
        Spoiled = "spoiled",
        /// Not printed.
        Rejected = "rejected",
        /// Taken out on the agency's order.
        Pulled = "pulled",
    }
}

/// One mail piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The letter.
    #[serde(with = "as_text")]
    pub letter_id: LetterId,
    /// The sheets that it takes.
    pub sheets: u32,
    /// Where it is.
    pub status: PieceStatus,
    /// Whether it was spoiled and made again.
    #[serde(default)]
    pub is_remade: bool,
    /// The day on which it was handed to the postal service.
    pub mailed_on: Option<NaiveDate>,
    /// When the postal service brings it back.
    pub comes_back_at: Option<DateTime<Utc>>,
}

impl Piece {
    pub(super) fn become_and_tell(
        &mut self,
        status: PieceStatus,
        event: ReceiptEvent,
        on: NaiveDate,
        detail: &str,
    ) -> Told {
        self.status = status;
        self.tell(event, on, detail)
    }

    /// What is to be said of it.
    pub(super) fn tell(&self, event: ReceiptEvent, on: NaiveDate, detail: &str) -> Told {
        Told { letter_id: self.letter_id, event, on, sheets: self.sheets, detail: detail.to_owned() }
    }
}
