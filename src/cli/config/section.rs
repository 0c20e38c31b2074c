//! Reads the sections of a TOML document key by key, and keeps account of what is wrong with it.
//!
//! A key is known because somebody asks for it. What is left when all have asked is unknown, so no list of keys stands
//! beside the code that reads them.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::kind::Kind;
use super::problem::{ConfigError, Problem};

/// The most characters of a value that a message shows.
const LONGEST_QUOTE: usize = 60;
/// Names less alike than this (Jaro-Winkler, 0 to 1) are no typing mistakes of each other.
const LIKE: f64 = 0.75;

/// The text that is read, and the problems found so far.
pub(super) struct Source<'a> {
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Source<'a> {
    /// Nothing is known of this text yet.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, problems: RefCell::default() }
    }

    /// What was read, if nothing was wrong.
    pub(super) fn result<T>(self, read: Option<T>) -> Result<T, ConfigError> {
        let problems = self.problems.into_inner();
        read.filter(|_| problems.is_empty()).ok_or_else(|| ConfigError::new(problems))
    }

    fn report(&self, line: Option<usize>, message: String) {
        self.problems.borrow_mut().push(Problem { line, message });
    }

    fn line_of(&self, span: &Range<usize>) -> usize {
        line_of(self.text, span.start)
    }

    /// A value as it was written; of a long one, the beginning.
    fn quote(&self, span: Range<usize>) -> String {
        let written = self.text.get(span).unwrap_or_default();
        let on_one_line = written.split_whitespace().collect::<Vec<_>>().join(" ");
        match on_one_line.char_indices().nth(LONGEST_QUOTE) {
            Some((end, _)) => format!("{}…", on_one_line.get(..end).unwrap_or_default()),
            None => on_one_line,
        }
    }
}

/// The line of a byte of the text, from 1.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

/// One table of the document. The outermost has no label.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    label: String,
    line: Option<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// Reads the whole document.
    pub(super) fn read_document<T>(source: &'a Source<'a>, table: &'a DeTable<'a>, read: impl FnOnce(&Self) -> T) -> T {
        Self::new(source, String::new(), None, Some(table)).read(read)
    }

    fn new(source: &'a Source<'a>, label: String, line: Option<usize>, table: Option<&'a DeTable<'a>>) -> Self {
        Self { source, label, line, table, asked: RefCell::default() }
    }

    fn read<T>(self, read: impl FnOnce(&Self) -> T) -> T {
        let value = read(&self);
        self.refuse_unknown_keys();
        value
    }

    /// Reads the section under a key; one that is not there is read as empty.
    pub(super) fn section<T>(&self, key: &'static str, read: impl FnOnce(&Self) -> T) -> T {
        let label = if self.label.is_empty() { format!("[{key}]") } else { format!("{} {key}", self.label) };
        let (line, value) = self.find(key).unzip();
        let table = value.and_then(|value| value.get_ref().as_table());
        if value.is_some() && table.is_none() {
            let message = format!("{label} is not a section; write the line {label}, and its keys below it");
            self.source.report(line, message);
        }
        Self::new(self.source, label, line, table).read(read)
    }

    /// Reads every `[[key]]`. A section is called by its `code` where it has one.
    pub(super) fn sections<T>(&self, key: &'static str, mut read: impl FnMut(&Self) -> T) -> Vec<T> {
        let Some((line, value)) = self.find(key) else { return Vec::new() };
        let tables = value.get_ref().as_array().map_or(&[][..], |array| array.as_ref());
        let key = match self.label.trim_matches(['[', ']']) {
            "" => key.to_owned(),
            within => format!("{within}.{key}"),
        };
        if tables.is_empty() || tables.iter().any(|item| !item.get_ref().is_table()) {
            let message = format!("[{key}] is written once for each: put it in double brackets, [[{key}]]");
            self.source.report(Some(line), message);
        }
        let sections = tables.iter().filter_map(|item| Some((item.span(), item.get_ref().as_table()?)));
        sections
            .map(|(span, table)| {
                let code = table.get("code").and_then(|code| code.get_ref().as_str());
                let label = code.map_or_else(|| format!("[[{key}]]"), |code| format!("[[{key}]] {code}"));
                Self::new(self.source, label, Some(self.source.line_of(&span)), Some(table)).read(&mut read)
            })
            .collect()
    }

    /// The value of a key; `None` where it is not there, or not of its kind, which is reported.
    pub(super) fn optional<T: 'static>(&self, key: &'static str, kind: &Kind<T>) -> Option<T> {
        let (_, value) = self.find(key)?;
        let read = kind.read(value.get_ref());
        if read.is_none() {
            self.refuse(key, &format!("write {}", kind.write));
        }
        read
    }

    /// The value of a key, or its default where the key is not there.
    pub(super) fn or<T: 'static>(&self, key: &'static str, default: T, kind: &Kind<T>) -> T {
        self.optional(key, kind).unwrap_or(default)
    }

    /// The value of a key that must be there; that it is not is reported.
    pub(super) fn required<T: 'static>(&self, key: &'static str, kind: &Kind<T>) -> Option<T> {
        if self.find(key).is_none() {
            let message = format!("{} {key} is missing; write {}", self.label, kind.write);
            self.source.report(self.line, message);
        }
        self.optional(key, kind)
    }

    /// Whether the key is there, whatever its value.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// Reports a value that was read and cannot be.
    pub(super) fn refuse(&self, key: &'static str, what_to_do: &str) {
        let found = self.find(key).map_or_else(|| "not set".to_owned(), |(_, value)| self.source.quote(value.span()));
        self.complain(key, &format!("is {found}; {what_to_do}"));
    }

    /// Reports something about a key without showing its value.
    pub(super) fn complain(&self, key: &'static str, message: &str) {
        let line = self.find(key).map(|(line, _)| line).or(self.line);
        self.source.report(line, format!("{} {key} {message}", self.label));
    }

    /// A key's line, and its value. Who asks for a key makes it known.
    fn find(&self, key: &'static str) -> Option<(usize, &'a Spanned<DeValue<'a>>)> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        self.table?.get_key_value(key).map(|(key, value)| (self.source.line_of(&key.span()), value))
    }

    fn refuse_unknown_keys(&self) {
        let asked = self.asked.borrow();
        for key in self.table.into_iter().flat_map(DeTable::keys) {
            if !asked.contains(&key.get_ref().as_ref()) {
                let message = self.unknown(key.get_ref(), &asked);
                self.source.report(Some(self.source.line_of(&key.span())), message);
            }
        }
    }

    fn unknown(&self, key: &str, known: &[&str]) -> String {
        let (what, all) = if self.label.is_empty() {
            (format!("unknown section or key '{key}' outside any section"), "the sections are")
        } else {
            (format!("unknown key '{key}' in {}", self.label), "its keys are")
        };
        match nearest(key, known) {
            Some(name) => format!("{what}; did you mean '{name}'?"),
            None => format!("{what}; {all} {}", known.join(", ")),
        }
    }
}

/// The known name that looks most like this one, if any looks like it.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key = key.to_lowercase();
    let alike = known.iter().map(|name| (strsim::jaro_winkler(name, &key), *name)).filter(|(alike, _)| *alike >= LIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
