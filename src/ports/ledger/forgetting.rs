//! Forgetting people: what the ledger knows of them is erased some time after the end of their request, and letters that a
//! legal hold keeps from it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Decision, LedgerResult, LetterRecord};
use crate::domain::exception::LetterCase;
use crate::domain::forgetting::Term;

/// What is past its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgettable {
    /// Requests, with their letters.
    pub requests: u64,
    /// Rows of intake that were refused, and files that were refused whole.
    pub refusals: u64,
    /// Stages of runs whose reports quote what others wrote.
    pub reports: u64,
}

/// A package that keeps its people from being forgotten: their passwords ended before the term, and it is not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTooLong {
    /// Its name.
    pub package: String,
    /// Its letters.
    pub letters: u64,
}

/// A legal hold on a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegalHold {
    /// The letter that was named.
    pub letter_id: String,
    /// Why.
    pub reason: String,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// Who lifted it.
    pub lifted_by: Option<String>,
    /// When.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why.
    pub lift_reason: Option<String>,
}

/// What the ledger does to forget people.
#[async_trait]
pub trait ForgettingLedger: Send + Sync {
    /// How much is past its term. What a legal hold keeps is not.
    async fn forgettable(&self, term: &Term) -> LedgerResult<Forgettable>;
    /// Erases the names, addresses and accounts of at most `most` requests that are past their term and of their letters,
    /// and what is left of the verifiers; each request with its entry, all in one transaction. How many it were; 0 where
    /// none is left.
    async fn erase_people(&self, term: &Term, most: u32, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// Erases why rows and files of intake were refused that were refused before the term. How many rows and files it were.
    async fn erase_refusals(&self, term: &Term, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// Erases what reports of runs before the term quote, but of letters on legal hold. How many stages it were.
    async fn erase_quotations(&self, term: &Term, at: DateTime<Utc>) -> LedgerResult<u64>;
    /// Packages that keep their people from being forgotten, oldest first.
    async fn open_too_long(&self, term: &Term) -> LedgerResult<Vec<OpenTooLong>>;
    /// Since when the ledger's files may still have what was erased from its tables; `None` where they have nothing of it.
    async fn residue(&self) -> LedgerResult<Option<DateTime<Utc>>>;
    /// Writes the ledger's files anew, so that nothing is left in them of what was erased. `false` where other programs are
    /// at work on it: then something may be left.
    async fn clear_residue(&self) -> LedgerResult<bool>;
}

/// What the ledger does for legal holds.
#[async_trait]
pub trait LegalHoldLedger: Send + Sync {
    /// Holds these letters. All or none.
    async fn place_legal_holds(
        &self,
        letters: &[LetterCase],
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// Lifts the holds of these letters. All or none.
    async fn lift_legal_holds(
        &self,
        letters: &[LetterCase],
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> LedgerResult<()>;
    /// The holds of a letter, newest last, lifted ones too; of all letters where none is named, those that are in force.
    async fn legal_holds(&self, letter_id: Option<&str>) -> LedgerResult<Vec<LegalHold>>;
    /// Letters that a legal hold keeps, newest first.
    async fn letters_on_legal_hold(&self, limit: u32) -> LedgerResult<Vec<LetterRecord>>;
    /// Whether a legal hold keeps a letter: its own, or one of a letter that it replaced, or that replaced it, or of its
    /// request.
    async fn is_on_legal_hold(&self, letter_id: &str) -> LedgerResult<bool>;
}
