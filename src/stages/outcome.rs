//! What a stage did, what now waits for whom, and what kept it from going on.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::letter::named;
use crate::ports::ledger::LedgerError;
use crate::ports::{CourierError, Event, Level, NoEntropy, Plain, Setback, SpoolError};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// How urgent it is.
    pub urgency: Urgency,
    /// What it is about: a request, a package, a file.
    pub subject: String,
    /// What happened and what to do.
    pub message: String,
    /// Whether all its words are ours: it quotes nothing that a person, a portal or a vendor's receipt wrote, so the
    /// log may have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ours: bool,
}

impl Matter {
    /// The matter as an event of the log.
    #[must_use]
    pub fn event(&self) -> Event {
        let (level, elsewhere) = match self.urgency {
            Urgency::Note => (Level::Info, "worth knowing: 'letterpost report night' says what"),
            Urgency::Person => {
                (Level::Warning, "a person decides or mends something: 'letterpost report night' says what")
            }
            Urgency::Retry => (Level::Error, "the next start tries again"),
            Urgency::Alarm => (Level::Error, "what must never be has happened: 'letterpost report night' says what"),
        };
        let event = Event::new(level, "matter").of("urgency", self.urgency.as_str());
        let event = match self.named() {
            Some((kind, id)) => event.of(kind, id),
            None => event,
        };
        let message = if self.is_ours { Plain::ours(self.message.as_str()) } else { elsewhere.into() };
        event.about(Plain::ours(self.subject.as_str())).saying(message)
    }

    /// What the subject names, where it is one thing: its kind and its id.
    fn named(&self) -> Option<(&'static str, &str)> {
        let (kind, id) = self.subject.split_once(' ')?;
        let kinds = [
            ("package", "package"),
            ("request", "reference"),
            ("receipt", "receipt"),
            ("letter", "letter_id"),
            ("vendor", "vendor"),
        ];
        let kind = kinds.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind)?;
        (!id.contains(' ')).then_some((kind, id))
    }
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

    /// Adds something that a person should see. The message may quote what others wrote: the log gets the subject only.
    pub fn raise(&mut self, urgency: Urgency, subject: impl Into<String>, message: impl Into<String>) {
        let (subject, message) = (subject.into(), message.into());
        self.matters.push(Matter { urgency, subject, message, is_ours: false });
    }

    /// Adds something that a person should see, in words of ours alone: they go to the log as well.
    pub fn raise_plainly(&mut self, urgency: Urgency, subject: impl Into<String>, message: impl Into<String>) {
        let (subject, message) = (subject.into(), message.into());
        self.matters.push(Matter { urgency, subject, message, is_ours: true });
    }

    /// Its counts: numbers as they are, and of lists how many.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.did.iter().filter_map(|(name, value)| match value {
            Value::Number(number) => Some((name.as_str(), number.as_u64()?)),
            Value::Array(items) => Some((name.as_str(), items.len() as u64)),
            _ => None,
        })
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
        if error.needs_person { Self::Refused(error.to_string()) } else { Self::Retry(error.to_string()) }
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

/// The first few names, and how many more there are.
#[must_use]
pub fn few_of<'a>(names: impl ExactSizeIterator<Item = &'a str>, most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let first: Vec<&str> = names.take(most).collect();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", first.join(" "))
}

/// So many letters, in words.
#[must_use]
pub fn letters_of(count: u64) -> String {
    if count == 1 { "1 letter".to_owned() } else { format!("{count} letters") }
}

/// A result of a stage.
pub type StageResult<T> = Result<T, StageError>;
