//! What is shown: data on standard output, as text or one JSON document; messages and progress on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the place that shows things")]

use std::io::{IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::sync::Mutex;

use crate::ports::Progress;
use crate::stages::outcome::{Matter, Outcome, Urgency};

/// How to show things.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// One JSON document instead of text.
    pub json: bool,
    /// No messages but errors.
    pub quiet: bool,
    /// More messages.
    pub verbose: bool,
}

impl Report {
    /// Shows data: the JSON of `value`, or `text`.
    pub fn show(&self, value: &impl Serialize, text: impl AsRef<str>) {
        let shown = if self.json {
            serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
        } else {
            text.as_ref().trim_end().to_owned()
        };
        if !shown.is_empty() {
            // A reader that went away, as `head` does, is no failure of ours.
            let _ = writeln!(std::io::stdout(), "{shown}");
        }
    }

    /// Says something to the person at the terminal.
    pub fn say(&self, message: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", message.as_ref());
        }
    }

    /// Says a detail to a person who asked for more.
    pub fn detail(&self, message: impl AsRef<str>) {
        if self.verbose {
            eprintln!("{}", message.as_ref());
        }
    }

    /// Says what people should see.
    pub fn matters<'a>(&self, matters: impl IntoIterator<Item = &'a Matter>) {
        for matter in matters {
            if matter.urgency > Urgency::Note || !self.quiet {
                eprintln!("{}: {}: {}", matter.urgency, matter.subject, matter.message);
            }
        }
    }
}

/// Says why a command failed.
pub fn say_failure(message: &str) {
    eprintln!("letterpost: {message}");
}

/// What a stage did, on one line.
#[must_use]
pub fn outcome_line(name: &str, outcome: &Outcome) -> String {
    let facts: Vec<String> =
        outcome.did.iter().map(|(fact, value)| format!("{} {}", plain(value), fact.replace('_', " "))).collect();
    format!("{name:<10} {}", if facts.is_empty() { "nothing to do".to_owned() } else { facts.join(", ") })
}

/// A JSON value as people read it.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) if items.is_empty() => "no".to_owned(),
        serde_json::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        serde_json::Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// A table for people.
#[must_use]
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    let mut any = false;
    for row in rows {
        table.add_row(row);
        any = true;
    }
    if !any {
        return "none".to_owned();
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A value that may be missing.
#[must_use]
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Lines of "name  value".
#[must_use]
pub fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let shown = facts.iter().filter(|(_, value)| !value.is_empty() && value != "-");
    shown.map(|(name, value)| format!("{name:<width$}  {value}")).collect::<Vec<_>>().join("\n")
}

/// Progress bars on a terminal, and nothing elsewhere.
pub struct Bars {
    is_shown: bool,
    is_quiet: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Bars {
    /// Bars, unless standard error is no terminal or the person wants quiet.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Self { is_shown: !quiet && std::io::stderr().is_terminal(), is_quiet: quiet, bar: Mutex::new(None) }
    }

    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, what: &str, steps: u64) {
        if !self.is_shown || steps == 0 {
            return;
        }
        let bar = ProgressBar::new(steps);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {per_sec} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        self.with(|slot| *slot = Some(bar));
    }

    fn advance(&self, steps: u64) {
        self.with(|slot| {
            if let Some(bar) = slot {
                bar.inc(steps);
            }
        });
    }

    fn end(&self) {
        self.with(|slot| {
            if let Some(bar) = slot.take() {
                bar.finish_and_clear();
            }
        });
    }

    fn waits(&self, why: &str) {
        self.with(|slot| match slot {
            Some(bar) => bar.println(why),
            None if self.is_quiet => {}
            None => eprintln!("{why}"),
        });
    }
}
