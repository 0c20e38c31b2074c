//! An entry of the audit log, and its canonical bytes.
//!
//! The bytes are JSON in the canonical form of RFC 8785, of strings and whole numbers only: keys in order, no white
//! space. They are hashed as they stand and never written again, so a field may be added under a new version `v`
//! and none may ever change its meaning. No entry holds a name, an address, a username, a password or anything
//! derived from one. The salt makes the leaf's hash tell nothing of an entry that can be guessed.
//!
//! Version 1 had `at`, `data`, `kind`, `salt`, `seq` and `v`; version 2 adds `actor`, and `before` and `after` where
//! a state was changed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::actor::{Actor, Placed as PlacedActor, Who};
use super::deed::{self, Ground};

/// The version of the encoding, written in every entry.
pub const VERSION: u64 = 2;
/// Random bytes in an entry.
pub const SALT_BYTES: usize = 16;

/// A value in an entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number, at most 2^53 in size so that every reader of JSON reads it exactly.
    Number(u64),
    /// A text.
    Text(String),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        Self::Text(date.to_string())
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Text(instant_text(instant))
    }
}

/// Named values of an entry, in the order of their names.
type Fields = BTreeMap<&'static str, Value>;

/// What happened, before the log gives it a place: a kind such as `letter.mailed`, its fields, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    kind: &'static str,
    fields: Fields,
    before: Fields,
    after: Fields,
    ground: Ground,
}

impl Draft {
    /// A draft of this kind, as `noun.verb`, without fields.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, fields: Fields::new(), before: Fields::new(), after: Fields::new(), ground: Ground::Course }
    }

    /// The draft with one field more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.insert(name, value.into());
        self
    }

    /// The draft with one value more of what was so before.
    #[must_use]
    pub fn before(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.before.insert(name, value.into());
        self
    }

    /// The draft with one value more of what is so since.
    #[must_use]
    pub fn after(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.after.insert(name, value.into());
        self
    }

    /// The draft of a change of one value: what it was, and what it is since.
    #[must_use]
    pub fn changes(self, name: &'static str, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        self.before(name, from).after(name, to)
    }

    /// The draft of what a person decided for this reason.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.ground = Ground::Person;
        self.with("reason", reason)
    }

    /// The draft of what a rule of the configuration asks for.
    #[must_use]
    pub fn by_rule(mut self) -> Self {
        self.ground = Ground::Rule;
        self
    }

    /// The draft of what the file of this digest says.
    #[must_use]
    pub fn by_file(mut self, sha256: &str) -> Self {
        self.ground = Ground::File;
        self.with("sha256", sha256)
    }

    /// Whether a person decided it.
    #[must_use]
    pub fn is_persons(&self) -> bool {
        self.ground == Ground::Person
    }

    /// Says no where the kind needs a person and a reason, and one is missing.
    fn require_ground(&self, actor: &Actor) -> Result<(), EntryError> {
        if !deed::is_good(self.kind, self.ground) {
            return Err(EntryError::NoGround(self.kind));
        }
        if !self.is_persons() {
            return Ok(());
        }
        let is_reason = |value: &Value| matches!(value, Value::Text(text) if !text.trim().is_empty());
        match (&actor.who, self.fields.get("reason").is_some_and(is_reason)) {
            (_, false) => Err(EntryError::NoReason(self.kind)),
            (Who::Service(service), true) => Err(EntryError::NoPerson { kind: self.kind, service }),
            (Who::Person(_), true) => Ok(()),
        }
    }
}

/// An entry that must not be written.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// It touches letters, and nobody answers for it.
    #[error("{0} needs a person who decides it and a reason; nothing was done")]
    NoGround(&'static str),
    /// The reason is missing.
    #[error("{0} needs a reason that says why; nothing was done")]
    NoReason(&'static str),
    /// The person is missing.
    #[error("{kind} needs a person, and here '{service}' is at work; do it at the command line; nothing was done")]
    NoPerson {
        /// What was tried.
        kind: &'static str,
        /// Who tried it.
        service: &'static str,
    },
    /// It could not be written as JSON.
    #[error("an entry of the audit log could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// An entry in its place, in the order of its canonical keys.
#[derive(serde::Serialize)]
struct Placed<'a> {
    actor: PlacedActor<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    after: &'a Fields,
    at: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    before: &'a Fields,
    data: &'a Fields,
    kind: &'static str,
    salt: String,
    seq: u64,
    v: u64,
}

/// The canonical bytes of a draft as entry number `seq` (from 0), made at `at` by `actor`.
///
/// # Errors
/// [`EntryError`]: where what only a person may do has no person or no reason.
pub fn encode(
    draft: &Draft,
    actor: &Actor,
    seq: u64,
    at: DateTime<Utc>,
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, EntryError> {
    draft.require_ground(actor)?;
    Ok(serde_json::to_vec(&Placed {
        actor: actor.placed(),
        after: &draft.after,
        at: instant_text(at),
        before: &draft.before,
        data: &draft.fields,
        kind: draft.kind,
        salt: hex::encode(salt),
        seq,
        v: VERSION,
    })?)
}

/// An instant as the log, the ledger and every file of letterpost write it: UTC, whole seconds, `Z`.
#[must_use]
pub fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::actor::Person;
    use chrono::TimeZone;

    fn service(run: Option<u64>) -> Actor {
        Actor { who: Who::Service("letterpost"), run }
    }

    fn robin() -> Actor {
        Actor { who: Who::Person(Person { uid: 1000, login: "robin".to_owned() }), run: None }
    }

    fn written(draft: &Draft, actor: &Actor) -> Result<String, EntryError> {
        let at = Utc.with_ymd_and_hms(2026, 12, 2, 3, 30, 0).unwrap();
        encode(draft, actor, 41, at, [0xAB; SALT_BYTES]).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_bytes_are_canonical_and_stand_for_ever() {
        let draft = Draft::new("letter.mailed")
            .with("letter", "7K2QX-90DMC")
            .with("dispatched_on", "2026-12-01")
            .with("line", 3u32)
            .changes("status", "printed", "mailed");
        assert_eq!(
            written(&draft, &service(Some(12))).unwrap(),
            r#"{"actor":{"run":12,"service":"letterpost"},"after":{"status":"mailed"},"at":"2026-12-02T03:30:00Z","before":{"status":"printed"},"data":{"dispatched_on":"2026-12-01","letter":"7K2QX-90DMC","line":3},"kind":"letter.mailed","salt":"abababababababababababababababab","seq":41,"v":2}"#
        );
        assert_eq!(
            written(&Draft::new("run.started"), &Actor { run: Some(3), ..robin() }).unwrap(),
            r#"{"actor":{"login":"robin","run":3,"uid":1000},"at":"2026-12-02T03:30:00Z","data":{},"kind":"run.started","salt":"abababababababababababababababab","seq":41,"v":2}"#
        );
    }

    #[test]
    fn what_touches_a_letter_needs_a_person_and_a_reason() {
        let told = |draft: Draft, actor: &Actor| written(&draft, actor).unwrap_err().to_string();
        let corrected = || Draft::new("letter.corrected").with("letter", "7K2QX-90DMC");
        assert!(told(corrected(), &robin()).starts_with("letter.corrected needs a person"));
        assert!(told(corrected().with("reason", "x").with("by", "R"), &robin()).contains("needs a person"));
        assert!(told(corrected().because("  "), &robin()).contains("needs a reason"));
        assert!(told(corrected().because("typed wrong"), &service(None)).contains("'letterpost' is at work"));
        assert!(written(&corrected().because("typed wrong"), &robin()).is_ok());
    }

    #[test]
    fn control_characters_and_quotes_are_escaped_as_rfc_8785_says() {
        // RFC 8785 section 3.2.2.2: the short forms where there are any, else \u00xx in lower case; nothing else.
        let text = "\u{1}\u{8}\t\n\u{c}\r\"\\/é\u{7f}";
        let text = written(&Draft::new("request.taken").with("reason", text), &service(None)).unwrap();
        assert!(text.contains("\"\\u0001\\b\\t\\n\\f\\r\\\"\\\\/é\u{7f}\""), "{text}");
    }
}
