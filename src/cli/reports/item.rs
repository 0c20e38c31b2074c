//! One thing that somebody should do or know, with the command for it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::cli::exit::CliResult;
use crate::domain::letter::named;
use crate::stages::decision::Desk;

/// Where a reason belongs in a command.
pub(super) const REASON: &str = "--reason '…'";

named! {
    /// What kind of thing it is, the most urgent first.
    Group {
        /// Nothing goes on before somebody has done it.
        Halt = "halt",
        /// Something was due and has not come.
        Late = "late",
        /// Somebody decides about it.
        Decide = "decide",
        /// Somebody looks at what a run came across.
        Look = "look",
    }
}

/// One thing that somebody should do or know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What kind of thing it is.
    pub group: Group,
    /// What it is; words, ids and dates of ours.
    pub headline: String,
    /// Why, in words of ours.
    pub why: Option<String>,
    /// What people wrote or were named: for who works at the terminal, and for no page.
    pub said: Option<String>,
    /// Since when; a date of the site's zone.
    pub since: Option<NaiveDate>,
    /// Whether it came up since the night before the last one ended.
    pub is_new: bool,
    /// Whether the day to act is over.
    pub is_overdue: bool,
    /// What to type.
    pub command: String,
}

impl Item {
    /// An item that is neither new nor overdue.
    pub(super) fn new(group: Group, headline: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            group,
            headline: headline.into(),
            why: None,
            said: None,
            since: None,
            is_new: false,
            is_overdue: false,
            command: command.into(),
        }
    }

    /// With the reason, in words of ours.
    pub(super) fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// With what people wrote.
    pub(super) fn saying(self, said: impl Into<String>) -> Self {
        Self { said: Some(said.into()), ..self }
    }

    /// With whether its day is over.
    pub(super) fn overdue(self, is_overdue: bool) -> Self {
        Self { is_overdue, ..self }
    }

    /// With the instant at which it came up.
    pub(super) fn since(self, at: DateTime<Utc>, seen: &Seen<'_>) -> CliResult<Self> {
        Ok(Self { since: Some(seen.desk.site.date_at(at)?), is_new: seen.is_new(at), ..self })
    }

    /// With the day on which it came up.
    pub(super) fn since_on(self, day: NaiveDate, seen: &Seen<'_>) -> Self {
        Self { since: Some(day), is_new: seen.day.is_none_or(|before| day > before), ..self }
    }

    /// How it stands, in brackets.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        match (self.is_overdue, self.is_new) {
            (true, _) => " (overdue)",
            (false, true) => " (new)",
            (false, false) => "",
        }
    }
}

/// What a person has seen before: all that was there when the night before the last one ended.
pub(super) struct Seen<'a> {
    pub(super) desk: &'a Desk,
    /// When it ended; `None` where there was none, so that everything is new.
    pub(super) until: Option<DateTime<Utc>>,
    /// The site's date then.
    pub(super) day: Option<NaiveDate>,
}

impl<'a> Seen<'a> {
    /// What was seen before that.
    pub(super) fn until(desk: &'a Desk, until: Option<DateTime<Utc>>) -> CliResult<Self> {
        let day = until.map(|at| desk.site.date_at(at)).transpose()?;
        Ok(Self { desk, until, day })
    }

    /// Whether something of this instant is new.
    pub(super) fn is_new(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at > until)
    }
}

/// A command with an id that others chose as its last word, so that a shell and the program take it for one word and no
/// option.
pub(super) fn command(words: &str, id: &str) -> String {
    let options_end = if id.starts_with('-') { "-- " } else { "" };
    format!("letterpost {words} {options_end}{}", quoted(id))
}

/// A word as a shell reads it literally.
pub(super) fn quoted(word: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_word_of_a_command_whatever_its_portal_wrote() {
        for (id, expected) in [
            ("EBA-2026-000101", "letterpost request show EBA-2026-000101"),
            ("$(reboot);x", "letterpost request show '$(reboot);x'"),
            ("it's", r"letterpost request show 'it'\''s'"),
            ("--help", "letterpost request show -- --help"),
            ("", "letterpost request show ''"),
        ] {
            assert_eq!(command("request show", id), expected);
        }
    }
}
