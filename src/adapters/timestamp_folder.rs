//! The folder of time stamps: for each checkpoint that was stamped the note, the request and the reply, under its size.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use super::checkpoint_sinks::note_name;
use super::site_command::{self, Call};
use super::{durable, files};
use crate::ports::{KeptStamps, OutsideError, StampRequest, TimeStamps};

/// A reply with a chain of certificates has some kilobytes.
const MOST_REPLY_BYTES: u64 = 256 << 10;
/// Requests without a reply that are read; there are more only after a long outage.
const MOST_UNANSWERED: usize = 10;

/// A folder of time stamps, and the command that asks the authority.
#[derive(Debug, Clone)]
pub struct TimeStampFolder {
    /// The folder.
    pub folder: PathBuf,
    /// The program and its arguments: a request on its standard input, the reply on its standard output.
    pub command: Vec<String>,
    /// How long it may take.
    pub limit: Duration,
    /// Variables of the environment that it must not see.
    pub withheld: &'static [&'static str],
}

impl TimeStampFolder {
    fn failed(&self, doing: &str) -> impl Fn(String) -> OutsideError {
        let told = format!("cannot {doing} {}", self.folder.display());
        move |error| OutsideError::ours(format!("{told}: {error}; make room, or mend the rights of the folder"))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), OutsideError> {
        let written = fs::create_dir_all(&self.folder).and_then(|()| durable::replace(&self.folder, name, bytes));
        written.map_err(|error| self.failed("write to")(error.to_string()))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, OutsideError> {
        files::read(&self.folder.join(name)).map_err(|error| self.failed("read")(error.to_string()))
    }
}

#[async_trait]
impl TimeStamps for TimeStampFolder {
    async fn ask(&self, request: &[u8]) -> Result<Vec<u8>, OutsideError> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(OutsideError::ours("[audit.timestamp] command names no program; write one"));
        };
        let call = Call { program, arguments, given: &[], withheld: self.withheld, limit: self.limit };
        let asked = site_command::ask(call, request, MOST_REPLY_BYTES).await;
        asked.map_err(|error| OutsideError::quoting(format!("the command {program} {error}")))
    }

    fn kept(&self) -> Result<KeptStamps, OutsideError> {
        if !files::exists(&self.folder) {
            return Ok(KeptStamps::default());
        }
        let names = files::names(&self.folder).map_err(|error| self.failed("read")(error.to_string()))?;
        let sizes = |ending: &str| -> BTreeSet<u64> {
            names.iter().filter_map(|name| name.strip_suffix(ending)?.parse().ok()).collect()
        };
        let (asked, answered) = (sizes(".tsq"), sizes(".tsr"));
        let unanswered = asked.iter().rev().filter(|size| !answered.contains(size)).take(MOST_UNANSWERED);
        let waiting = unanswered.map(|size| {
            let note = String::from_utf8_lossy(&self.read(&note_name(*size))?).into_owned();
            Ok(StampRequest { size: *size, note, request: self.read(&named(*size, "tsq"))? })
        });
        Ok(KeptStamps { waiting: waiting.collect::<Result<_, _>>()?, asked, answered })
    }

    /// The request comes last: where there is one, its checkpoint is there.
    fn keep_request(&self, asked: &StampRequest) -> Result<(), OutsideError> {
        self.write(&note_name(asked.size), asked.note.as_bytes())?;
        self.write(&named(asked.size, "tsq"), &asked.request)
    }

    fn keep_reply(&self, size: u64, reply: &[u8]) -> Result<(), OutsideError> {
        self.write(&named(size, "tsr"), reply)
    }
}

fn named(size: u64, ending: &str) -> String {
    format!("{size:012}.{ending}")
}
