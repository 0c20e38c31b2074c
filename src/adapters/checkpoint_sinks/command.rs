//! A command that gets each checkpoint on its standard input.

use std::time::Duration;

use async_trait::async_trait;

use super::note_name;
use crate::adapters::site_command::{self, Call};
use crate::ports::{CheckpointSink, OutsideError, Put};

/// A command of the site's own.
#[derive(Debug, Clone)]
pub struct SinkCommand {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How long it may take with one checkpoint.
    pub limit: Duration,
    /// Variables of the environment that it must not see.
    pub withheld: &'static [&'static str],
}

#[async_trait]
impl CheckpointSink for SinkCommand {
    async fn put(&self, size: u64, note: &str) -> Result<Put, OutsideError> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(OutsideError::ours("it names no program; write one in command of [[audit.sink]]"));
        };
        let given = [("LETTERPOST_CHECKPOINT", note_name(size)), ("LETTERPOST_CHECKPOINT_SIZE", size.to_string())];
        let call = Call { program, arguments, given: &given, withheld: self.withheld, limit: self.limit };
        match site_command::run(call, note.as_bytes()).await {
            Ok(()) => Ok(Put::There),
            Err(error) => Err(OutsideError::quoting(format!("the command {program} {error}"))),
        }
    }

    /// Where it takes them to cannot be read from here.
    fn newest(&self) -> Result<Option<String>, OutsideError> {
        Ok(None)
    }
}
