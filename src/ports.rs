//! The traits through which stages reach the world: time, chance, the ledger, the spool and the couriers.

mod courier;
mod kept_files;
pub mod ledger;
mod log;
mod sinks;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use courier::{Courier, CourierError, Found, OutboxFile, Parcel, Setback};
pub use kept_files::{KeptFiles, Removal};
pub use log::{Event, Id, Level, Log, Place, Plain, RunPlace};
pub use sinks::{CheckpointSink, CodedSink, KeptStamps, OutsideError, Put, StampRequest, TimeStamps};

use crate::domain::request::{NewRequest, RawRequest};
use crate::ports::ledger::LedgerResult;

/// Tells the time, by two clocks: one that says when it is and can be set, one that cannot and says how long it took.
pub trait Clock: Send + Sync {
    /// The present instant, as the wall clock shows it.
    fn now(&self) -> DateTime<Utc>;
    /// Time since the machine was started, sleep included. No setting of the wall clock moves it; it says nothing about
    /// another start of the machine.
    fn monotonic(&self) -> std::time::Duration;
}

/// Lets time pass.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Comes back when the clock has moved on by so much.
    async fn pause(&self, length: std::time::Duration);
}

/// The source of randomness failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator failed: {0}; nothing can be minted until it works")]
pub struct NoEntropy(pub String);

/// Gives random bytes fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoEntropy`] where the generator fails; `bytes` are then not to be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The spool could not keep or give an object.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {path}: {source}; {remedy}")]
pub struct SpoolError {
    /// What was tried, as "cannot write".
    pub doing: &'static str,
    /// The file.
    pub path: String,
    /// What the system said.
    pub source: std::io::Error,
    /// What to do.
    pub remedy: &'static str,
    /// Whether it stays so until a person has done that; else it may work the next time.
    pub needs_person: bool,
}

/// Keeps sealed packages until a vendor has them. Ciphertext only.
#[async_trait]
pub trait Spool: Send + Sync {
    /// Keeps these bytes under this name, durably, before it returns.
    ///
    /// # Errors
    /// Where the object exists already or the disk refuses.
    async fn save(&self, object: &str, bytes: Vec<u8>) -> Result<(), SpoolError>;
    /// The bytes of an object.
    ///
    /// # Errors
    /// Where there is no such object or it cannot be read.
    async fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError>;
    /// The names of all objects, unfinished ones too, in order.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    async fn list(&self) -> Result<Vec<String>, SpoolError>;
    /// Forgets an object; one that is not there is forgotten already.
    ///
    /// # Errors
    /// Where it cannot be removed.
    async fn remove(&self, object: &str) -> Result<(), SpoolError>;
}

/// A row that a portal inserted into its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Its place; later rows have larger ones.
    pub id: i64,
    /// What the portal wrote.
    pub request: RawRequest,
}

/// The table into which a portal inserts requests.
#[async_trait]
pub trait IntakeTable: Send + Sync {
    /// At most `limit` rows after the one named, in order.
    async fn rows_after(&self, last_id: i64, limit: u32) -> LedgerResult<Vec<TableRow>>;
    /// Deletes the rows after one up to and with another. Their ids are not used again.
    async fn delete_rows(&self, after: i64, through: i64) -> LedgerResult<()>;
    /// Lays a request into the table, where the next night finds it.
    async fn hand_over(&self, request: &NewRequest) -> LedgerResult<()>;
    /// The newest row of a reference.
    async fn newest_row(&self, reference: &str) -> LedgerResult<Option<i64>>;
    /// Closes its connections.
    async fn close(&self);
    /// Writes the table's file anew without what was deleted, and empties its log; whether that could be done: not while
    /// another program reads it.
    async fn compact(&self) -> LedgerResult<bool>;
}

/// Keeps what was refused, with the reason, for a person to mend.
pub trait Quarantine: Send + Sync {
    /// Keeps these bytes under this name, durably, and gives the path to tell the person.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<String, SpoolError>;
}

/// Keeps the head of the audit log outside the ledger, so that a ledger that was set back is found out.
pub trait HeadKeeper: Send + Sync {
    /// Adds a head, durably.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn keep(&self, note: &str) -> Result<(), SpoolError>;
    /// The head that was added last.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn last(&self) -> Result<Option<String>, SpoolError>;
}

/// Shows how far long work is.
pub trait Progress: Send + Sync {
    /// Work of so many steps begins; it takes the place of work that is shown.
    fn begin(&self, what: &str, steps: u64);
    /// So many steps more are done.
    fn advance(&self, steps: u64);
    /// The work is done.
    fn end(&self);
    /// Nothing moves for a while, for this reason.
    fn waits(&self, why: &str);
}
