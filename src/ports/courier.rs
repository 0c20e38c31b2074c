//! Couriers: the way to a vendor's inbox and outbox, and what a failure on that way asks for.

use async_trait::async_trait;

use crate::domain::letter::named;

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
        /// What it is, as "a file of 12 bytes with SHA-256 …".
        what: String,
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

named! {
    /// What a courier's failure asks for.
    Setback {
        /// Patience: the network, the server or its disk failed, and the same again may do.
        Retry = "retry",
        /// A person, for this one file; others may go.
        Hold = "hold",
        /// A person, before anything more goes to this vendor or comes from it.
        Stop = "stop",
    }
}

/// A vendor could not be reached, or refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CourierError {
    /// What it asks for.
    pub setback: Setback,
    /// Whether it is what must never be: another file under a package's name, another host under the vendor's.
    pub is_alarm: bool,
    /// What happened, where, and what to do.
    pub message: String,
}

impl CourierError {
    /// The same again may do.
    pub fn retry(message: impl Into<String>) -> Self {
        Self { setback: Setback::Retry, is_alarm: false, message: message.into() }
    }

    /// This file needs a person.
    pub fn hold(message: impl Into<String>) -> Self {
        Self { setback: Setback::Hold, is_alarm: false, message: message.into() }
    }

    /// This vendor needs a person.
    pub fn stop(message: impl Into<String>) -> Self {
        Self { setback: Setback::Stop, is_alarm: false, message: message.into() }
    }

    /// The same failure, as one that must never be.
    #[must_use]
    pub fn alarming(self) -> Self {
        Self { is_alarm: true, ..self }
    }
}

/// A file in a vendor's outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxFile {
    /// Its name.
    pub name: String,
    /// Its bytes, at most the limit that was asked for; `None` where it is larger, or is no plain file.
    pub bytes: Option<Vec<u8>>,
}

/// Takes files to a vendor's inbox and looks into its outbox. No call waits for ever.
#[async_trait]
pub trait Courier: Send + Sync {
    /// What is there under the package's name.
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError>;
    /// Uploads the bytes under a temporary name, durably, and checks size and digest there.
    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError>;
    /// Gives the upload its final name, never over another file.
    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError>;
    /// Writes a small file whole under its name, durably; the same bytes there already are a success, others an alarm.
    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError>;
    /// Removes the upload of a package under its temporary name, and nothing else. Whether there was one: if so, it
    /// never got its final name and never will.
    async fn discard(&self, file: &str) -> Result<bool, CourierError>;
    /// The names in the inbox.
    async fn list_inbox(&self) -> Result<Vec<String>, CourierError>;
    /// The names in the outbox.
    async fn list_outbox(&self) -> Result<Vec<String>, CourierError>;
    /// One file of the outbox, if it is not larger than `limit_bytes`.
    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError>;
    /// Ends a connection that may be open; the next call makes a new one.
    async fn hang_up(&self) {}
}
