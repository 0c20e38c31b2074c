//! `[audit]`: where checkpoints go beside `audit/heads.log`, and who stamps them with the time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::kind::{Kind, file, folder, one_of, text, whole};
use super::section::Section;
use super::site::code;
use crate::domain::letter::named;

/// Seconds that a command may take with one checkpoint, unless told otherwise.
const USUAL_SECONDS: u32 = 30;

named! {
    /// What kind of place a sink is.
    SinkKind {
        /// A file to which checkpoints are appended.
        File = "file",
        /// A folder with a file for each.
        Folder = "folder",
        /// A program that gets each on its standard input.
        Command = "command",
    }
}

/// `[audit]`. Paths are as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditSection {
    /// Each `[[audit.sink]]`, in the order of the file.
    pub sinks: Vec<SinkSection>,
    /// `[audit.timestamp]`, where it has a command.
    pub timestamp: Option<TimestampSection>,
}

/// `[[audit.sink]]`: a place for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSection {
    /// What it is called; the ledger keeps under it how far the sink is.
    pub code: String,
    /// Where.
    pub place: SinkPlace,
    /// Who keeps it out of this account's reach, as the operator says.
    pub kept_by: Option<String>,
}

/// Where checkpoints are put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkPlace {
    /// A file that grows.
    File(PathBuf),
    /// A folder with a file for each.
    Folder(PathBuf),
    /// A program with its arguments, and how long it may take with one.
    Command(Vec<String>, Duration),
}

/// `[audit.timestamp]`: an authority of RFC 3161.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampSection {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where notes, requests and replies are kept.
    pub folder: PathBuf,
    /// How long the program may take.
    pub deadline: Duration,
}

impl AuditSection {
    /// Reads it; `heads` is the file of heads, which is no sink.
    pub(super) fn read(section: &Section<'_>, heads: &Path) -> Option<Self> {
        let (mut codes, mut places) = (BTreeSet::new(), BTreeSet::from([heads.to_owned()]));
        let sinks = section.sections("sink", |section| {
            let sink = SinkSection::read(section)?;
            if !codes.insert(sink.code.clone()) {
                section.refuse("code", "another [[audit.sink]] has this code already; give each its own");
            }
            if let SinkPlace::File(path) | SinkPlace::Folder(path) = &sink.place
                && !places.insert(path.clone())
            {
                section.refuse("path", "checkpoints go there already; name another place, on another disk or machine");
            }
            Some(sink)
        });
        let timestamp = section.section("timestamp", TimestampSection::read);
        Some(Self { sinks: sinks.into_iter().collect::<Option<_>>()?, timestamp })
    }

    /// The same, with the paths of a configuration that lies in `folder`.
    #[must_use]
    pub fn at(&self, folder: &Path) -> Self {
        let sinks = self.sinks.iter().map(|sink| SinkSection { place: sink.place.at(folder), ..sink.clone() });
        let timestamp = self.timestamp.as_ref();
        Self {
            sinks: sinks.collect(),
            timestamp: timestamp.map(|stamp| TimestampSection { folder: folder.join(&stamp.folder), ..stamp.clone() }),
        }
    }
}

impl SinkSection {
    fn read(section: &Section<'_>) -> Option<Self> {
        let code = section.required("code", &code());
        let kind = section.required("kind", &one_of(SinkKind::ALL));
        let kept_by =
            section.optional("kept_by", &text("who keeps it, between quotes: \"the log host of the IT department\""));
        let place = match kind? {
            SinkKind::File => section.required("path", &file()).map(SinkPlace::File),
            SinkKind::Folder => section.required("path", &folder()).map(SinkPlace::Folder),
            SinkKind::Command => section
                .required("command", &command())
                .map(|command| SinkPlace::Command(command, seconds(section, "deadline_seconds"))),
        };
        let is_command = kind == Some(SinkKind::Command);
        let strangers: &[&str] = if is_command { &["path"] } else { &["command", "deadline_seconds"] };
        for key in ["path", "command", "deadline_seconds"] {
            if section.has(key) && strangers.contains(&key) {
                let of = if is_command { "kind = \"file\" or \"folder\"" } else { "kind = \"command\"" };
                section.complain(key, &format!("belongs to {of}; remove it, or set that kind"));
            }
        }
        Some(Self { code: code?, place: place?, kept_by })
    }

    /// What kind of place it is.
    #[must_use]
    pub fn kind(&self) -> SinkKind {
        match self.place {
            SinkPlace::File(_) => SinkKind::File,
            SinkPlace::Folder(_) => SinkKind::Folder,
            SinkPlace::Command(..) => SinkKind::Command,
        }
    }
}

impl SinkPlace {
    fn at(&self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Folder(path) => Self::Folder(folder.join(path)),
            Self::Command(..) => self.clone(),
        }
    }
}

impl TimestampSection {
    fn read(section: &Section<'_>) -> Option<Self> {
        let place = section.or("folder", "audit/timestamps".into(), &folder());
        let deadline = seconds(section, "deadline_seconds");
        let is_there = ["command", "folder", "deadline_seconds"].into_iter().any(|key| section.has(key));
        let command = if is_there { section.required("command", &command())? } else { return None };
        Some(Self { command, folder: place, deadline })
    }
}

fn command() -> Kind<Vec<String>> {
    text("").list("a list: the program and its arguments, each between quotes")
}

fn seconds(section: &Section<'_>, key: &'static str) -> Duration {
    Duration::from_secs(section.or(key, USUAL_SECONDS, &whole(1..=600)).into())
}
