//! What a stage did, what now waits for whom, and what kept it from going on.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::letter::named;
use crate::ports::ledger::LedgerError;
use crate::ports::{CourierError, NoEntropy, Setback, SpoolError};

named! {
    /// How urgent something is, the most urgent last.
    Urgency {
        /// Worth knowing.
        Note = "note",
        /// A person decides or mends something.
        Person = "person",
        /// A vendor or the network failed: the next run tries again.
        Retry = "retry",
        /// What must never be has happened: a person looks before anything goes on.
        Alarm = "alarm",
    }
}

impl From<&CourierError> for Urgency {
    fn from(error: &CourierError) -> Self {
        match (error.is_alarm, error.setback) {
            (true, _) => Self::Alarm,
            (false, Setback::Retry) => Self::Retry,
            (false, Setback::Hold | Setback::Stop) => Self::Person,
        }
    }
}

/// Something that a person should see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matter {
    /// How urgent it is.
    pub urgency: Urgency,
    /// What it is about: a request, a package, a file.
    pub subject: String,
    /// What happened and what to do.
    pub message: String,
}

/// What a stage did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Counts and facts, by name.
    pub did: Map<String, Value>,
    /// What people should see.
    pub matters: Vec<Matter>,
    /// Whether work was left that the next start of the same run goes on with.
    #[serde(skip)]
    pub is_undone: bool,
}

impl Outcome {
    /// Records a count or fact.
    pub fn record(&mut self, name: &str, value: impl Into<Value>) {
        self.did.insert(name.to_owned(), value.into());
    }

    /// Adds something that a person should see.
    pub fn raise(&mut self, urgency: Urgency, subject: impl Into<String>, message: impl Into<String>) {
        self.matters.push(Matter { urgency, subject: subject.into(), message: message.into() });
    }

    /// The most urgent matter.
    #[must_use]
    pub fn urgency(&self) -> Option<Urgency> {
        self.matters.iter().map(|matter| matter.urgency).max()
    }
}

/// Why a stage could not go on. Each kind answers one question: what now?
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The site is not fit for it: mend the configuration, nothing was claimed.
    #[error("{0}")]
    Refused(String),
    /// The ledger, a vendor, the disk or the network failed: run it again.
    #[error("{0}")]
    Retry(String),
    /// What must never be has happened: a person looks first.
    #[error("{0}")]
    Alarm(String),
    /// The ledger said no.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<SpoolError> for StageError {
    fn from(error: SpoolError) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<NoEntropy> for StageError {
    fn from(error: NoEntropy) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Examples that are told of matters that are alike.
pub const FEW: usize = 5;

/// How many letters, and the first few.
#[must_use]
pub fn few<T: ToString>(letters: impl IntoIterator<Item = T>) -> String {
    let mut letters = letters.into_iter();
    let first: Vec<String> = letters.by_ref().take(FEW).map(|letter| letter.to_string()).collect();
    let more = letters.count();
    let count = first.len() + more;
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} ({}{rest})", letters_of(count as u64), first.join(" "))
}

/// So many letters, in words.
#[must_use]
pub fn letters_of(count: u64) -> String {
    if count == 1 { "1 letter".to_owned() } else { format!("{count} letters") }
}

/// A result of a stage.
pub type StageResult<T> = Result<T, StageError>;
