//! The traits through which stages reach the world: time, chance, the ledger, the spool and the couriers.

pub mod ledger;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::request::RawRequest;
use crate::ports::ledger::LedgerResult;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
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
}

/// Keeps sealed packages until a vendor has them. Ciphertext only.
pub trait Spool: Send + Sync {
    /// Keeps these bytes under this name, durably, before it returns.
    ///
    /// # Errors
    /// Where the object exists already or the disk refuses.
    fn save(&self, object: &str, bytes: &[u8]) -> Result<(), SpoolError>;
    /// The bytes of an object.
    ///
    /// # Errors
    /// Where there is no such object or it cannot be read.
    fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError>;
    /// The names of all objects, unfinished ones too, in order.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    fn list(&self) -> Result<Vec<String>, SpoolError>;
    /// Forgets an object.
    ///
    /// # Errors
    /// Where it cannot be removed.
    fn remove(&self, object: &str) -> Result<(), SpoolError>;
}

/// What a courier found where a package goes, before anything is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing of that name.
    Nothing,
    /// An upload under its temporary name, whole: it was never renamed, so the vendor cannot have taken it.
    Unrenamed,
    /// The package, byte for byte.
    Same,
    /// Something else under the package's name.
    Other {
        /// Its SHA-256.
        sha256: String,
    },
}

/// A package that is offered to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The file's name, `NAME.zip.pgp`.
    pub file: String,
    /// Its length.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The vendor could not be reached, or refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CourierError(pub String);

/// A file in a vendor's outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxFile {
    /// Its name.
    pub name: String,
    /// Its bytes, at most the limit that was asked for; `None` where it is larger, or is no plain file.
    pub bytes: Option<Vec<u8>>,
}

/// Takes files to a vendor's inbox and looks into its outbox.
#[async_trait]
pub trait Courier: Send + Sync {
    /// What is there under the package's name.
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError>;
    /// Uploads the bytes under a temporary name, durably, and checks size and digest there.
    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError>;
    /// Gives the upload its final name, never over another file.
    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError>;
    /// Writes a small file whole under its name, durably; the same bytes there already are a success.
    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError>;
    /// The names in the outbox.
    async fn list_outbox(&self) -> Result<Vec<String>, CourierError>;
    /// One file of the outbox, if it is not larger than `limit_bytes`.
    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError>;
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
    /// Work of so many steps begins.
    fn begin(&self, what: &str, steps: u64);
    /// So many steps more are done.
    fn advance(&self, steps: u64);
    /// The work is done.
    fn end(&self);
}
