//! An entry of the audit log, and its canonical bytes.
//!
//! The bytes are JSON in the canonical form of RFC 8785, of strings and whole numbers only: keys in order, no white
//! space. They are hashed as they stand and never written again, so a field may be added under a new version `v`
//! and none may ever change its meaning. No entry holds a name, an address, a username, a password or anything
//! derived from one. The salt makes the leaf's hash tell nothing of an entry that can be guessed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// The version of the encoding, written in every entry.
pub const VERSION: u64 = 1;
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

/// What happened, before the log gives it a place: a kind such as `letter.mailed`, and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened, as `noun.verb`.
    pub kind: &'static str,
    /// The particulars, by name.
    pub fields: BTreeMap<&'static str, Value>,
}

impl Draft {
    /// A draft of this kind without fields.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, fields: BTreeMap::new() }
    }

    /// The draft with one field more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.insert(name, value.into());
        self
    }
}

/// An entry in its place, in the order of its canonical keys.
#[derive(serde::Serialize)]
struct Placed<'a> {
    at: String,
    data: &'a BTreeMap<&'static str, Value>,
    kind: &'static str,
    salt: String,
    seq: u64,
    v: u64,
}

/// The canonical bytes of a draft as entry number `seq` (from 0), made at `at`.
///
/// # Errors
/// Where JSON cannot be written, which strings and whole numbers never cause.
pub fn encode(
    draft: &Draft,
    seq: u64,
    at: DateTime<Utc>,
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Placed {
        at: instant_text(at),
        data: &draft.fields,
        kind: draft.kind,
        salt: hex::encode(salt),
        seq,
        v: VERSION,
    })
}

/// An instant as the log, the ledger and every file of letterpost write it: UTC, whole seconds, `Z`.
#[must_use]
pub fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_bytes_are_canonical_and_stand_for_ever() {
        let draft = Draft::new("letter.mailed")
            .with("letter", "7K2QX-90DMC")
            .with("dispatched_on", "2026-12-01")
            .with("line", 3u32);
        let at = Utc.with_ymd_and_hms(2026, 12, 2, 3, 30, 0).unwrap();
        let bytes = encode(&draft, 41, at, [0xAB; SALT_BYTES]).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"at":"2026-12-02T03:30:00Z","data":{"dispatched_on":"2026-12-01","letter":"7K2QX-90DMC","line":3},"kind":"letter.mailed","salt":"abababababababababababababababab","seq":41,"v":1}"#
        );
    }

    #[test]
    fn control_characters_and_quotes_are_escaped_as_rfc_8785_says() {
        // RFC 8785 section 3.2.2.2: the short forms where there are any, else \u00xx in lower case; nothing else.
        let draft = Draft::new("request.held").with("reason", "\u{1}\u{8}\t\n\u{c}\r\"\\/é\u{7f}");
        let bytes = encode(&draft, 0, Utc.timestamp_opt(0, 0).unwrap(), [0; SALT_BYTES]).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("\"\\u0001\\b\\t\\n\\f\\r\\\"\\\\/é\u{7f}\""), "{text}");
    }
}
