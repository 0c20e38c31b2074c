//! A courier to a vendor with an SFTP server.
//!
//! The connection is a child process of OpenSSH's `ssh`; over it the file protocol is spoken, so that a refusal is a code
//! of the protocol and not a line of text. One session serves a stage: it is opened when it is first needed, and again
//! after it was lost.
//!
//! A package is uploaded as `NAME.zip.pgp.part`, brought to the server's disk where the server can be told to, and read
//! back whole: its length and its SHA-256 must be ours. Then it is renamed, and at no moment has it two names or is it
//! short under its final one:
//!
//! - Where the server has `posix-rename@openssh.com`, the rename is one step. It would replace a file of that name, so the
//!   name is looked at right before. Nobody else gives files these names, and the run's lock keeps our other starts away.
//! - The protocol's own rename refuses a name that is taken, but OpenSSH does it in two steps: a hard link under the new
//!   name, and then the old name goes. A vendor that takes the package in between would leave the upload, which looks as
//!   if nobody had it. So it is only used where the server lacks the other.
//!
//! A server may do what it was asked for long after the connection is lost. That is why nothing is concluded from an
//! upload that was seen, only from one that was removed: see [`Courier::discard`].

mod fault;
mod folders;
pub mod known_hosts;
mod place;
mod refusal;
mod session;
mod ssh;
mod transfer;

use async_trait::async_trait;
use tokio::sync::{Mutex, MutexGuard};

use super::files;
use crate::ports::{Courier, CourierError, Found, OutboxFile, Parcel};
use fault::Fault;
use folders::Folders;
pub use place::SftpPlace;
use session::Session;

/// The way to one vendor.
pub struct SftpCourier {
    place: SftpPlace,
    session: Mutex<Option<Session>>,
}

/// What a visit found: a vendor's folders can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Files in the inbox.
    pub inbox_files: usize,
    /// Files in the outbox.
    pub outbox_files: usize,
    /// Whether a rename is one step there.
    pub has_posix_rename: bool,
    /// Whether an upload can be brought to the disk there.
    pub has_fsync: bool,
}

/// The session, had for the time of one call.
type Slot<'c> = MutexGuard<'c, Option<Session>>;

impl SftpCourier {
    /// The way to this place. Nothing is opened yet.
    #[must_use]
    pub fn to(place: SftpPlace) -> Self {
        Self { place, session: Mutex::new(None) }
    }

    /// Logs in, looks into both folders and hangs up.
    ///
    /// # Errors
    /// What kept it from that.
    pub async fn visit(&self) -> Result<Visit, CourierError> {
        let slot = self.open().await?;
        let folders = self.folders(&slot)?;
        let Session { has_posix_rename, has_fsync, .. } = *folders.session;
        let visited = async {
            let (inbox, outbox) = (folders.list_inbox().await?, folders.list_outbox().await?);
            Ok(Visit { inbox_files: inbox.len(), outbox_files: outbox.len(), has_posix_rename, has_fsync })
        };
        let visited = visited.await;
        let visited = self.told(slot, visited).await;
        self.hang_up().await;
        visited
    }

    /// The session, opened where there is none.
    async fn open(&self) -> Result<Slot<'_>, CourierError> {
        let mut slot = self.session.lock().await;
        if slot.is_none() {
            self.check_host_keys()?;
            *slot = Some(Session::open(&self.place).await?);
        }
        Ok(slot)
    }

    /// ssh would take more from that file than we do.
    fn check_host_keys(&self) -> Result<(), CourierError> {
        let SftpPlace { known_hosts: path, vendor, .. } = &self.place;
        let text = files::read_text(path).map_err(|error| CourierError::stop(error.to_string()))?;
        known_hosts::pinned_keys(&text, vendor)
            .map(|_| ())
            .map_err(|error| CourierError::stop(format!("{}: {error}", path.display())))
    }

    fn folders<'s>(&'s self, slot: &'s Slot<'_>) -> Result<Folders<'s>, CourierError> {
        let session =
            slot.as_ref().ok_or_else(|| CourierError::retry(format!("{}: there is no session", self.place)))?;
        Ok(Folders { place: &self.place, session })
    }

    /// What became of something that was tried in a session; one that was lost is given up.
    async fn told<T>(&self, mut slot: Slot<'_>, done: Result<T, Fault>) -> Result<T, CourierError> {
        match done {
            Ok(value) => Ok(value),
            Err(Fault::Told(error)) => Err(error),
            Err(Fault::Refused(refused)) => {
                let room = self.folders(&slot)?.room(&refused).await;
                Err(refused.error(&self.place, room))
            }
            Err(Fault::Lost(seen)) => match slot.take() {
                Some(session) => Err(session.lost(&self.place, &seen, true).await),
                None => Err(CourierError::retry(format!("{}: {seen}", self.place))),
            },
        }
    }
}

#[async_trait]
impl Courier for SftpCourier {
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.look(parcel).await;
        self.told(slot, done).await
    }

    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.upload(&parcel.file, bytes).await;
        self.told(slot, done).await
    }

    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.rename(&parcel.file).await;
        self.told(slot, done).await
    }

    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.announce(name, bytes).await;
        self.told(slot, done).await
    }

    async fn discard(&self, file: &str) -> Result<bool, CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.discard(file).await;
        self.told(slot, done).await
    }

    async fn list_inbox(&self) -> Result<Vec<String>, CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.list_inbox().await;
        self.told(slot, done).await
    }

    async fn list_outbox(&self) -> Result<Vec<String>, CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.list_outbox().await;
        self.told(slot, done).await
    }

    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError> {
        let slot = self.open().await?;
        let done = self.folders(&slot)?.fetch(name, limit_bytes).await;
        self.told(slot, done).await
    }

    async fn hang_up(&self) {
        if let Some(session) = self.session.lock().await.take() {
            session.hang_up().await;
        }
    }
}
