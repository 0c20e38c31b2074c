//! What can be wrong between a manifest and the receipts for it, each kind by its name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::letter::named;

/// How many cases of a kind are kept; more are only counted.
pub const KEPT_CASES: usize = 20;

named! {
    /// What is wrong.
    ExceptionKind {
        /// Nothing final is said of a piece, and it is due.
        Missing = "missing",
        /// A line speaks of a letter that is not in the package.
        Extra = "extra",
        /// A piece is accounted for a second time.
        Duplicate = "duplicate",
        /// A line says another number of sheets than the manifest.
        WrongSheets = "wrong_sheets",
        /// A piece was mailed after the last day on which that was allowed.
        Late = "late",
        /// A line says what cannot be: a step backwards, an impossible date, a forbidden remake.
        Contradiction = "contradiction",
        /// A line cannot be read.
        Unreadable = "unreadable",
        /// A receipt's number is missing below one that was seen.
        Gap = "gap",
    }
}

impl ExceptionKind {
    /// A fault of this kind.
    #[must_use]
    pub fn fault(self, reason: String) -> Fault {
        Fault { kind: self, reason }
    }

    /// Whether it is over as soon as what is missing comes. The others have happened, and stay.
    #[must_use]
    pub fn can_be_mended(self) -> bool {
        matches!(self, Self::Missing | Self::Gap)
    }
}

/// Why a line is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of wrong it is.
    pub kind: ExceptionKind,
    /// What it says and what is known.
    pub reason: String,
}

/// One case of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The letter, as the vendor wrote it; or the receipt's number in a gap.
    pub subject: String,
    /// The receipt that said so.
    pub receipt: Option<u32>,
    /// The line of that receipt.
    pub line: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// All cases of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cases {
    /// How many there are.
    pub count: u64,
    /// The first of them, [`KEPT_CASES`] at most.
    pub cases: Vec<Case>,
}

/// The exceptions of a package, by kind. However many there are, this stays small.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Exceptions(BTreeMap<ExceptionKind, Cases>);

impl Exceptions {
    /// Adds a case.
    pub fn note(&mut self, kind: ExceptionKind, case: Case) {
        let cases = self.0.entry(kind).or_default();
        cases.count += 1;
        if cases.cases.len() < KEPT_CASES {
            cases.cases.push(case);
        }
    }

    /// Counts cases that are not kept.
    pub fn count_more(&mut self, kind: ExceptionKind, more: u64) {
        if more > 0 {
            self.0.entry(kind).or_default().count += more;
        }
    }

    /// The cases of one kind, if there is any.
    #[must_use]
    pub fn of(&self, kind: ExceptionKind) -> Option<&Cases> {
        self.0.get(&kind)
    }

    /// How many cases of a kind there are.
    #[must_use]
    pub fn count(&self, kind: ExceptionKind) -> u64 {
        self.of(kind).map_or(0, |cases| cases.count)
    }

    /// Every kind that there is, with its cases.
    pub fn iter(&self) -> impl Iterator<Item = (ExceptionKind, &Cases)> {
        self.0.iter().map(|(kind, cases)| (*kind, cases))
    }

    /// Whether all is as it should be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
