//! What became of each piece, and the totals that must tie.

use std::collections::BTreeMap;

use serde::Serialize;

use super::story::Story;
use crate::domain::letter::{LetterId, LetterStatus, named};

named! {
    /// How a piece is accounted for.
    Disposition {
        /// Nothing final is said of it.
        StillOut = "still_out",
        /// Handed to the postal service.
        Mailed = "mailed",
        /// Mailed, and brought back.
        Returned = "returned",
        /// Destroyed in production, and not made again.
        Spoiled = "spoiled",
        /// The vendor did not print it.
        Rejected = "rejected",
        /// Taken out on the agency's order.
        Pulled = "pulled",
        /// Its package was withdrawn before any vendor had it.
        Voided = "voided",
    }
}

impl Disposition {
    /// The disposition of a piece of this status.
    #[must_use]
    pub fn of(status: LetterStatus) -> Self {
        match status {
            LetterStatus::Sealed | LetterStatus::Delivered | LetterStatus::Accepted | LetterStatus::Printed => {
                Self::StillOut
            }
            LetterStatus::Mailed => Self::Mailed,
            LetterStatus::Returned => Self::Returned,
            LetterStatus::Spoiled => Self::Spoiled,
            LetterStatus::Rejected => Self::Rejected,
            LetterStatus::Pulled => Self::Pulled,
            LetterStatus::Voided => Self::Voided,
        }
    }
}

/// A piece of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its place in the package, from 1.
    pub sequence: u32,
    /// Its id.
    pub letter_id: LetterId,
    /// Its sheets.
    pub sheets: u32,
    /// Where the ledger has it, whoever said so; `None` where only the receipts are to count.
    pub recorded: Option<LetterStatus>,
}

/// A piece and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The piece.
    pub piece: Piece,
    /// What the receipts say of it.
    pub story: Story,
    /// How it is accounted for.
    pub disposition: Disposition,
}

/// Pieces and their sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Count {
    /// Mail pieces.
    pub pieces: u64,
    /// Sheets of paper in them, as in the manifest.
    pub sheets: u64,
}

impl Count {
    fn add(&mut self, sheets: u32) {
        self.pieces += 1;
        self.sheets += u64::from(sheets);
    }
}

/// Control totals: all pieces, and how many of them are accounted for in which way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// All pieces of the manifest.
    pub all: Count,
    /// Those of each disposition; one that no piece has is not there.
    pub by_disposition: BTreeMap<Disposition, Count>,
}

impl Totals {
    /// The totals of these accounts.
    #[must_use]
    pub fn of<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Self {
        let mut totals = Self::default();
        for account in accounts {
            totals.all.add(account.piece.sheets);
            totals.by_disposition.entry(account.disposition).or_default().add(account.piece.sheets);
        }
        totals
    }

    /// The pieces of one disposition.
    #[must_use]
    pub fn count(&self, disposition: Disposition) -> Count {
        self.by_disposition.get(&disposition).copied().unwrap_or_default()
    }

    /// Whether pieces and sheets are those of the manifest as it was sealed, and the sum of the dispositions.
    #[must_use]
    pub fn tie(&self, manifest: Count) -> bool {
        let sum = self.by_disposition.values().fold(Count::default(), |sum, count| Count {
            pieces: sum.pieces + count.pieces,
            sheets: sum.sheets + count.sheets,
        });
        self.all == manifest && sum == manifest
    }
}
