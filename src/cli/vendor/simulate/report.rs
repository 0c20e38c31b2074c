//! What the stand-in has to say of a package: a receipt that is not written yet.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::letter::LetterId;
use crate::domain::receipt::{PackageEvent, ReceiptEvent};
use crate::package::digest::Sha256Digest;
use crate::package::receipt::{PackageRow, write_receipt};
use crate::package::receipt_line::ReceiptLine;

/// What happened to one letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The letter.
    #[serde(with = "as_text")]
    pub letter_id: LetterId,
    /// What happened.
    pub event: ReceiptEvent,
    /// When, a date where the site is.
    pub on: NaiveDate,
    /// The sheets that it took.
    pub sheets: u32,
    /// More words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// A receipt that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it is to be in the outbox.
    pub due_at: DateTime<Utc>,
    /// What is said of the whole package.
    pub event: PackageEvent,
    /// When that is said, a date where the site is.
    pub event_on: NaiveDate,
    /// Of the sealed package.
    pub sha256: Sha256Digest,
    /// What is said of letters.
    pub lines: Vec<Told>,
}

impl Report {
    /// The receipt.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let row = PackageRow { event: self.event, event_on: self.event_on, sha256: self.sha256 };
        let line = |told: &Told| ReceiptLine {
            line_number: 0,
            letter_id: told.letter_id,
            event: told.event,
            event_on: told.on,
            sheets: told.sheets,
            detail: told.detail.clone(),
        };
        write_receipt(&row, &self.lines.iter().map(line).collect::<Vec<_>>())
    }

    /// For people: what it says, in a few words.
    #[must_use]
    pub fn in_short(&self) -> String {
        let count = |event: &ReceiptEvent| self.lines.iter().filter(|line| line.event == *event).count();
        let counts: Vec<String> = ReceiptEvent::ALL
            .iter()
            .filter(|event| count(event) > 0)
            .map(|event| format!("{} {event}", count(event)))
            .collect();
        if counts.is_empty() { format!("package {}", self.event) } else { counts.join(", ") }
    }
}

/// A value as it is printed.
pub(super) mod as_text {
    use super::{Deserialize as _, Deserializer, Display, FromStr, Serializer};

    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
