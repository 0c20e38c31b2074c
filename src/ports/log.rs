//! The log: what happened, for the programs that watch a site. One event is one line.
//!
//! A line is read by more people and kept in more places than anything else here, so its types leave no room for a
//! person: an event has a fixed name, ids, counts, and text that this program wrote itself.

use std::borrow::Cow;

use crate::domain::letter::{LetterId, named};

named! {
    /// How much an event matters to who watches, the least first.
    Level {
        /// The usual course of things.
        Info = "info",
        /// A person should look.
        Warning = "warning",
        /// Something failed, or must never be.
        Error = "error",
    }
}

/// The most characters of an id.
const LONGEST_ID: usize = 128;

/// What something is known by: a package, a vendor, a receipt, a portal's reference. No spaces, nothing but visible
/// ASCII; what is not so is no id, and is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(String);

impl Id {
    /// The id that this text is.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_one = !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(|byte| byte.is_ascii_graphic());
        Self(if is_one { text.to_owned() } else { "(not an id)".to_owned() })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text of this program's own making: it quotes nothing that a person, a portal or a vendor's receipt wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain(Cow<'static, str>);

impl Plain {
    /// A sentence that was put together from words, ids, dates and counts of ours; the caller answers for it.
    #[must_use]
    pub fn ours(text: impl Into<String>) -> Self {
        Self(Cow::Owned(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Plain {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// How much it matters.
    pub level: Level,
    /// What happened, by its lasting name, as `package.sealed`.
    pub name: &'static str,
    /// What it happened to, or what it is of: pairs of a kind, as `package`, and an id.
    pub ids: Vec<(&'static str, Id)>,
    /// What it is about, in words.
    pub subject: Option<Plain>,
    /// How many, by name.
    pub counts: Vec<(String, u64)>,
    /// How long it took, in milliseconds.
    pub ms: Option<u64>,
    /// What there is to say.
    pub message: Option<Plain>,
}

impl Event {
    /// An event of this level and name.
    #[must_use]
    pub fn new(level: Level, name: &'static str) -> Self {
        Self { level, name, ids: Vec::new(), subject: None, counts: Vec::new(), ms: None, message: None }
    }

    /// An event of the usual course.
    #[must_use]
    pub fn info(name: &'static str) -> Self {
        Self::new(Level::Info, name)
    }

    /// An event that a person should look at.
    #[must_use]
    pub fn warning(name: &'static str) -> Self {
        Self::new(Level::Warning, name)
    }

    /// What it happened to: a kind, as `vendor`, and an id.
    #[must_use]
    pub fn of(mut self, kind: &'static str, id: &str) -> Self {
        self.ids.push((kind, Id::of(id)));
        self
    }

    /// What it is about, in words.
    #[must_use]
    pub fn about(mut self, subject: impl Into<Plain>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The letter that it happened to.
    #[must_use]
    pub fn letter(self, letter_id: LetterId) -> Self {
        self.of("letter_id", &letter_id.to_string())
    }

    /// How many. The name is one of this program's.
    #[must_use]
    pub fn count(mut self, name: impl Into<String>, count: u64) -> Self {
        self.counts.push((name.into(), count));
        self
    }

    /// How long it took.
    #[must_use]
    pub fn took(mut self, length: std::time::Duration) -> Self {
        self.ms = u64::try_from(length.as_millis()).ok();
        self
    }

    /// What there is to say.
    #[must_use]
    pub fn saying(mut self, message: impl Into<Plain>) -> Self {
        self.message = Some(message.into());
        self
    }
}

/// Where in a run things happen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The run, if it is one.
    pub run: Option<RunPlace>,
    /// The stage, if it is one.
    pub stage: Option<&'static str>,
}

/// Which run of which job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlace {
    /// The ledger's id of it.
    pub run: i64,
    /// The job's name.
    pub job: String,
    /// The scheduled local time.
    pub scheduled_for: String,
}

/// Keeps what happened. A log that cannot be written stops nothing.
pub trait Log: Send + Sync {
    /// Adds an event.
    fn note(&self, event: Event);
    /// Every event from now on happens here, until another place is named.
    fn enter(&self, place: Place);
}
