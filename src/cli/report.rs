//! What is shown: data on standard output, as text or one JSON document; messages and progress on standard error, or,
//! where programs read it, the log as JSON lines and nothing else.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the place that shows things")]

use std::io::{BufWriter, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::sync::{Arc, Mutex};

use super::exit::{Exit, Failure};
use crate::adapters::log_lines::LogLines;
use crate::adapters::system::SystemClock;
use crate::domain::letter::named;
use crate::ports::{Clock, Event, Level, Log, Place, Plain, Progress};
use crate::stages::outcome::{Matter, Outcome, Urgency};

named! {
    /// How standard error is written.
    LogFormat {
        /// Messages for people.
        Text = "text",
        /// One JSON object a line, and nothing else.
        Json = "json",
    }
}

/// Text that people read on a terminal is set in lines of at most so many characters.
const TEXT_WIDTH: usize = 100;

/// How to show things.
#[derive(Clone, Default)]
pub struct Report {
    /// One JSON document instead of text.
    pub json: bool,
    /// No messages but errors.
    pub quiet: bool,
    /// More messages.
    pub verbose: bool,
    /// Where messages go as lines of the log; `None` where people read them.
    pub lines: Option<Arc<LogLines>>,
}

impl Report {
    /// The same, with its messages in this format.
    #[must_use]
    pub fn logging(self, format: LogFormat) -> Self {
        match format {
            LogFormat::Text => Self { lines: None, ..self },
            LogFormat::Json => Self { lines: Some(log_on(Arc::new(SystemClock))), ..self },
        }
    }

    /// Tells the time of the log by this clock from now on.
    pub fn tell_time_by(&self, clock: &Arc<dyn Clock>) {
        if let Some(lines) = &self.lines {
            lines.tell_time_by(Arc::clone(clock));
        }
    }

    /// For a rehearsal: nothing is said to people, and the log tells the time by this clock.
    #[must_use]
    pub fn rehearsed(&self, clock: Arc<dyn Clock>) -> Self {
        Self { quiet: true, lines: self.lines.as_ref().map(|_| log_on(clock)), ..Self::default() }
    }

    /// Where events go: lines of the log, or, for people who asked for more, sentences.
    #[must_use]
    pub fn log(&self) -> Arc<dyn Log> {
        match &self.lines {
            Some(lines) => Arc::<LogLines>::clone(lines),
            None => Arc::new(Sentences { are_shown: self.verbose }),
        }
    }

    /// Bars for work that takes long.
    #[must_use]
    pub fn bars(&self) -> Bars {
        Bars::new(self.quiet || self.json, self.lines.is_some())
    }

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

    /// Standard output, for data that is too much to be held at once.
    #[must_use]
    pub fn output(&self) -> Output {
        Output(BufWriter::new(std::io::stdout()))
    }

    /// Says something in words of ours alone: they go to the log where there is one.
    pub fn say(&self, message: impl AsRef<str>) {
        match &self.lines {
            Some(lines) => lines.note(Event::info("said").saying(Plain::ours(message.as_ref().trim()))),
            None => self.aside(message),
        }
    }

    /// Says something to the person at the terminal that may quote what others wrote. The log does not get it.
    pub fn aside(&self, message: impl AsRef<str>) {
        if !self.quiet && self.lines.is_none() {
            eprintln!("{}", message.as_ref());
        }
    }

    /// Says a detail, in words of ours alone, to a person who asked for more.
    pub fn detail(&self, message: impl AsRef<str>) {
        if self.verbose {
            self.say(message);
        }
    }

    /// Says what people should see.
    pub fn matters<'a>(&self, matters: impl IntoIterator<Item = &'a Matter>) {
        for matter in matters {
            match &self.lines {
                Some(lines) => lines.note(matter.event()),
                None if matter.urgency > Urgency::Note || !self.quiet => {
                    eprintln!("{}: {}: {}", matter.urgency, matter.subject, matter.message);
                }
                None => {}
            }
        }
    }

    /// Says what people should see of stages that noted it in the log themselves.
    pub fn recap<'a>(&self, matters: impl IntoIterator<Item = &'a Matter>) {
        if self.lines.is_none() {
            self.matters(matters);
        }
    }

    /// Says why a command failed.
    pub fn failure(&self, failure: &Failure) {
        let Some(lines) = &self.lines else {
            eprintln!("letterpost: {}", failure.message);
            return;
        };
        let elsewhere = match failure.exit {
            Exit::Usage => "configuration or usage; nothing was claimed: without --log json it says what",
            Exit::TryAgain => {
                "the vendor, the ledger or the network failed, try again; without --log json it says what"
            }
            Exit::Alarm => "integrity alarm, a person must look; without --log json it says at what",
            Exit::Done | Exit::Person | Exit::No => "it did not end as asked; without --log json it says why",
        };
        let message = if failure.is_ours { Plain::ours(failure.message.as_str()) } else { elsewhere.into() };
        let event = Event::new(Level::Error, "failed").count("exit_status", failure.exit as u64);
        lines.note(event.saying(message));
    }
}

/// Standard output, piece by piece.
pub struct Output(BufWriter<std::io::Stdout>);

impl Output {
    /// Writes more. A reader that went away, as `head` does, is no failure of ours.
    pub fn put(&mut self, text: &str) {
        let _ = self.pass(text.as_bytes());
    }

    /// Writes more, and says whether somebody still reads it.
    #[must_use]
    pub fn pass(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Writes what is left.
    pub fn close(mut self) {
        let _ = self.0.flush();
    }
}

/// The log on standard error.
fn log_on(clock: Arc<dyn Clock>) -> Arc<LogLines> {
    Arc::new(LogLines::new(Box::new(std::io::stderr()), clock))
}

/// The log as people read it.
struct Sentences {
    are_shown: bool,
}

impl Log for Sentences {
    fn note(&self, event: Event) {
        // Matters are said to people in full, and words are theirs already.
        if !self.are_shown || event.name == "matter" {
            return;
        }
        let ids = event.ids.iter().map(|(kind, id)| format!(" {kind} {}", id.as_str()));
        let counts = event.counts.iter().map(|(name, count)| format!(" {name} {count}"));
        let ms = event.ms.map(|ms| format!(" in {ms} ms"));
        eprintln!("{}{}", event.name, ids.chain(counts).chain(ms).collect::<String>());
    }

    fn enter(&self, _place: Place) {}
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

/// The characters of a line of text on standard output; `None` where no person looks at it.
#[must_use]
pub fn text_width() -> Option<usize> {
    std::io::stdout().is_terminal().then_some(TEXT_WIDTH)
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
    /// Bars, unless standard error is no terminal or the log, or the person wants quiet.
    fn new(quiet: bool, is_log: bool) -> Self {
        let is_quiet = quiet || is_log;
        Self { is_shown: !is_quiet && std::io::stderr().is_terminal(), is_quiet, bar: Mutex::new(None) }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<ProgressBar>) -> T) -> T {
        act(&mut self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
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
        if let Some(earlier) = self.with(|slot| slot.replace(bar)) {
            earlier.finish_and_clear();
        }
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
