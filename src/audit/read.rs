//! Reading an entry of the audit log: what its bytes say, and whether they are such as the log writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::entry::{SALT_BYTES, Value};

/// Named values of an entry.
pub type Fields = BTreeMap<String, Value>;

/// What can be the subject of an entry: the things that a reader looks for.
const SUBJECTS: [&str; 8] = ["letter", "reference", "package", "receipt", "vendor", "job", "file", "run"];

/// An entry as it was read, in the order of its canonical keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who did it; `None` in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Fields>,
    /// What is so since.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub after: Fields,
    /// When: UTC, whole seconds.
    pub at: String,
    /// What was so before.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub before: Fields,
    /// The particulars.
    pub data: Fields,
    /// What happened, as `noun.verb`.
    pub kind: String,
    /// 16 random bytes in hexadecimal.
    pub salt: String,
    /// Its place, from 0.
    pub seq: u64,
    /// The version of the encoding.
    pub v: u64,
}

/// Why bytes are no entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// They are not what any entry looks like.
    #[error("is not of the form of an entry: {0}")]
    NotAnEntry(String),
    /// Nobody here knows what it means.
    #[error("is of version {0}, which this program does not know; a newer letterpost reads it")]
    UnknownVersion(u64),
    /// It says what an entry says, but not in the one way in which the log writes it.
    #[error("is not in the canonical form")]
    NotCanonical,
}

/// The version alone, to tell an entry of a later letterpost from bytes that are none.
#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

impl Entry {
    /// Reads an entry from its canonical bytes.
    ///
    /// # Errors
    /// [`EntryFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryFault> {
        if let Ok(Versioned { v }) = serde_json::from_slice(bytes)
            && !(1..=2).contains(&v)
        {
            return Err(EntryFault::UnknownVersion(v));
        }
        let not_an_entry = |error: serde_json::Error| EntryFault::NotAnEntry(error.to_string());
        let entry: Self = serde_json::from_slice(bytes).map_err(not_an_entry)?;
        if serde_json::to_vec(&entry).map_err(not_an_entry)? == bytes && entry.is_of_its_version() {
            Ok(entry)
        } else {
            Err(EntryFault::NotCanonical)
        }
    }

    fn is_of_its_version(&self) -> bool {
        let has_salt =
            self.salt.len() == 2 * SALT_BYTES && self.salt.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let is_whole = if self.v == 1 {
            self.actor.is_none() && self.before.is_empty() && self.after.is_empty()
        } else {
            self.actor.as_ref().is_some_and(|actor| !actor.is_empty())
        };
        has_salt && is_whole
    }

    /// A text of its particulars, such as the letter that it is about.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        text(&self.data, name)
    }

    /// A number of its particulars.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.data.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Who did it, in a word; empty in version 1.
    #[must_use]
    pub fn who(&self) -> String {
        let Some(actor) = &self.actor else { return String::new() };
        match (text(actor, "login"), actor.get("uid"), text(actor, "service")) {
            (Some(login), _, _) if !login.is_empty() => login.to_owned(),
            (_, Some(Value::Number(uid)), _) => format!("uid {uid}"),
            (_, _, service) => service.unwrap_or_default().to_owned(),
        }
    }

    /// The things that it is about, as `letter=…; package=…`.
    #[must_use]
    pub fn subjects(&self) -> String {
        listed(SUBJECTS.iter().filter_map(|name| self.data.get(*name).map(|value| (*name, value))))
    }

    /// What it says, on one line: what changed, and the particulars.
    #[must_use]
    pub fn told(&self) -> String {
        let changes = self.after.iter().map(|(name, after)| match self.before.get(name) {
            Some(before) => format!("{name} {}→{}", shown(before), shown(after)),
            None => format!("{name} →{}", shown(after)),
        });
        let gone = self.before.iter().filter(|(name, _)| !self.after.contains_key(*name));
        let gone = gone.map(|(name, before)| format!("{name} {}→", shown(before)));
        let data = listed(self.data.iter().map(|(name, value)| (name.as_str(), value)));
        changes.chain(gone).chain((!data.is_empty()).then_some(data)).collect::<Vec<_>>().join("; ")
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}

fn listed<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let mut line = String::new();
    for (name, value) in fields {
        let between = if line.is_empty() { "" } else { "; " };
        let _ = write!(line, "{between}{name}={}", shown(value));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"at":"2026-12-02T03:30:00Z","data":{"letter":"7K2QX-90DMC","line":3},"kind":"letter.mailed","salt":"abababababababababababababababab","seq":41,"v":1}"#;
    const TWO: &str = r#"{"actor":{"run":12,"service":"letterpost"},"after":{"status":"mailed"},"at":"2026-12-02T03:30:00Z","before":{"status":"printed"},"data":{"letter":"7K2QX-90DMC","line":3},"kind":"letter.mailed","salt":"abababababababababababababababab","seq":41,"v":2}"#;

    #[test]
    fn entries_of_both_versions_are_read() {
        let one = Entry::parse(ONE.as_bytes()).unwrap();
        assert_eq!(
            (one.seq, one.kind.as_str(), one.text("letter"), one.number("line")),
            (41, "letter.mailed", Some("7K2QX-90DMC"), Some(3))
        );
        assert_eq!((one.who().as_str(), one.subjects().as_str()), ("", "letter=7K2QX-90DMC"));
        let two = Entry::parse(TWO.as_bytes()).unwrap();
        assert_eq!(two.who(), "letterpost");
        assert_eq!(two.told(), "status printed→mailed; letter=7K2QX-90DMC; line=3");
    }

    #[test]
    fn any_other_writing_of_the_same_is_refused() {
        for (from, to) in [
            (":3}", ": 3}"),
            (r#""line":3"#, r#""line":3.0"#),
            (r#""line":3"#, r#""line":-3"#),
            (r#""line":3"#, r#""line":null"#),
            (r#""letter":"7K2QX-90DMC","line":3"#, r#""line":3,"letter":"7K2QX-90DMC""#),
            (r#""line":3"#, r#""line":3,"line":3"#),
            (r#""v":2"#, r#""v":1"#),
            (r#""v":2"#, r#""v":2,"w":1"#),
            (r#""actor":{"run":12,"service":"letterpost"},"#, ""),
            (r#""before":{"status":"printed"},"#, r#""before":{},"#),
            ("mailed\"", "m\\u0061iled\""),
            ("abab", "ABAB"),
            ("abab", ""),
        ] {
            let changed = TWO.replacen(from, to, 1);
            assert_ne!(changed, TWO, "{from}");
            assert!(Entry::parse(changed.as_bytes()).is_err(), "{changed}");
        }
        assert_eq!(Entry::parse(TWO.replace(r#""v":2"#, r#""v":3"#).as_bytes()), Err(EntryFault::UnknownVersion(3)));
        assert!(matches!(Entry::parse(b"\xff"), Err(EntryFault::NotAnEntry(_))));
    }
}
