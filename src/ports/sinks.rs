//! Places outside the ledger where checkpoints of the audit log go, and authorities that say when they saw one.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

/// Why a place outside did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OutsideError {
    /// What happened and what to do.
    pub message: String,
    /// Whether all its words are ours, so that the log may have them: those of a program of the site's are not.
    pub is_ours: bool,
}

impl OutsideError {
    /// In words of ours alone.
    pub fn ours(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_ours: true }
    }

    /// With words of a program of the site's own.
    pub fn quoting(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_ours: false }
    }
}

/// What became of a checkpoint that was put somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is there.
    There,
    /// Another one of as many entries was there before: both are kept, this one under that name.
    Beside(String),
}

/// A place for checkpoints, of the operator's choice.
#[async_trait]
pub trait CheckpointSink: Send + Sync {
    /// Puts a checkpoint over so many entries there, durably, before it returns. One that is there already, from a start
    /// that died, is not put there twice where the place can be read.
    ///
    /// # Errors
    /// [`OutsideError`]; it is then not known to be there.
    async fn put(&self, size: u64, note: &str) -> Result<Put, OutsideError>;
    /// The newest checkpoint that is there; `None` where there is none or the place cannot be read back.
    ///
    /// # Errors
    /// Where it should be read and cannot.
    fn newest(&self) -> Result<Option<String>, OutsideError>;
}

/// A sink under the code that it has in the configuration.
pub struct CodedSink {
    /// The code.
    pub code: String,
    /// The place.
    pub place: Arc<dyn CheckpointSink>,
}

/// A request for a time stamp that was kept, with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRequest {
    /// Entries that the checkpoint covers.
    pub size: u64,
    /// The checkpoint.
    pub note: String,
    /// The request, as DER.
    pub request: Vec<u8>,
}

/// What was asked of an authority, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptStamps {
    /// The newest requests without a reply, newest first.
    pub waiting: Vec<StampRequest>,
    /// Entries that each checkpoint covers for which there is a request.
    pub asked: BTreeSet<u64>,
    /// The same, with a reply.
    pub answered: BTreeSet<u64>,
}

impl KeptStamps {
    /// Entries that the newest checkpoint with a reply covers; 0 where there is none.
    #[must_use]
    pub fn stamped(&self) -> u64 {
        self.answered.last().copied().unwrap_or_default()
    }

    /// Entries that the first checkpoint covers which was asked for after that, in vain so far.
    #[must_use]
    pub fn first_in_vain(&self) -> Option<u64> {
        self.asked.iter().copied().find(|size| *size > self.stamped())
    }
}

/// An authority of RFC 3161, and the folder of what was asked of it.
#[async_trait]
pub trait TimeStamps: Send + Sync {
    /// Sends a request and gives the reply.
    ///
    /// # Errors
    /// Where the authority cannot be reached or answers nothing.
    async fn ask(&self, request: &[u8]) -> Result<Vec<u8>, OutsideError>;
    /// What was asked and answered before.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    fn kept(&self) -> Result<KeptStamps, OutsideError>;
    /// Keeps a checkpoint and the request for it, durably.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn keep_request(&self, asked: &StampRequest) -> Result<(), OutsideError>;
    /// Keeps the reply to a request, durably.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn keep_reply(&self, size: u64, reply: &[u8]) -> Result<(), OutsideError>;
}
