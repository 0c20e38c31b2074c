//! What is done in a vendor's inbox and outbox, within a session.

use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use sha2::{Digest as _, Sha256};

use super::fault::{Fault, Refused};
use super::place::SftpPlace;
use super::session::Session;
use super::transfer::{digest, read_whole, write_whole};
use crate::adapters::durable::UNFINISHED;
use crate::ports::{CourierError, Found, OutboxFile, Parcel};

/// More names than this are no vendor's folder, but a mistake.
const MOST_NAMES: usize = 100_000;

/// The folders of one vendor, as a session reaches them.
pub(super) struct Folders<'s> {
    pub place: &'s SftpPlace,
    pub session: &'s Session,
}

impl Folders<'_> {
    /// What is there under a package's name.
    pub(super) async fn look(&self, parcel: &Parcel) -> Result<Found, Fault> {
        // The folder itself first: one that is gone must not look like a package that the vendor took.
        self.folder(self.session.follow(&self.place.inbox).await).await?;
        let path = self.place.in_inbox(&parcel.file);
        if let Some(found) = self.compare(&path, parcel).await? {
            return Ok(found);
        }
        match self.compare(&unfinished(&path), parcel).await? {
            Some(Found::Same) => Ok(Found::Unrenamed),
            Some(_) => Ok(Found::Nothing),
            // A rename whose answer was lost may be done between these looks.
            None => Ok(self.compare(&path, parcel).await?.unwrap_or(Found::Nothing)),
        }
    }

    /// What is under a path, held against the package; `None` where there is nothing.
    async fn compare(&self, path: &str, parcel: &Parcel) -> Result<Option<Found>, Fault> {
        let Some(attributes) = self.session.look_at(path).await? else { return Ok(None) };
        if !is_file(&attributes) {
            return Ok(Some(Found::Other { what: "no file".to_owned() }));
        }
        if let Some(size_bytes) = attributes.size.filter(|size| *size != parcel.size_bytes) {
            return Ok(Some(Found::Other { what: format!("a file of {size_bytes} bytes") }));
        }
        let (length, sha256) = digest(self.session, self.place, path, parcel.size_bytes + 1).await?;
        if (length, &sha256) == (parcel.size_bytes, &parcel.sha256) {
            return Ok(Some(Found::Same));
        }
        Ok(Some(Found::Other { what: format!("a file of {length} bytes with SHA-256 {sha256}") }))
    }

    /// Writes a file of the inbox whole under its temporary name, and reads it back.
    pub(super) async fn upload(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = unfinished(&self.place.in_inbox(name));
        // What an earlier start left is not written over: where its bytes did not reach the disk, these might not either.
        self.upload_part(&path, self.session.remove(&path).await).await?;
        self.upload_part(&path, write_whole(self.session, self.place, &path, bytes).await).await?;
        self.sync_inbox().await?;
        let size_bytes = bytes.len() as u64;
        let read_back = digest(self.session, self.place, &path, size_bytes + 1).await;
        let (length, sha256) = self.folder(read_back).await?;
        if length == size_bytes && sha256 == hex::encode(Sha256::digest(bytes)) {
            return Ok(());
        }
        Err(Fault::Told(CourierError::retry(format!(
            "{}: {path} does not read back as it was written: {length} bytes of {size_bytes}, SHA-256 {sha256}; if it \
             stays so, ask the vendor to check its disk",
            self.place
        ))))
    }

    /// Gives an upload its name, if that is free.
    pub(super) async fn rename(&self, name: &str) -> Result<(), Fault> {
        let path = self.place.in_inbox(name);
        if self.session.look_at(&path).await?.is_some() {
            return Err(self.taken(&path, "is there already and was not replaced"));
        }
        match self.session.rename(&unfinished(&path), &path).await {
            Err(Fault::Refused(refused)) if refused.code == StatusCode::PermissionDenied => {
                Err(Fault::Told(refused.folder_error(self.place, None)))
            }
            renamed => renamed,
        }?;
        self.sync_inbox().await
    }

    /// Writes a small file whole under its name; the same bytes there already are a success.
    pub(super) async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.place.in_inbox(name);
        if self.session.look_at(&path).await?.is_none() {
            self.upload(name, bytes).await?;
            return self.rename(name).await;
        }
        if self.read(&path, bytes.len() as u64).await?.is_some_and(|found| found == bytes) {
            return Ok(());
        }
        Err(self.taken(&path, "is there with other content; nothing was changed"))
    }

    /// Removes an upload; whether there was one.
    pub(super) async fn discard(&self, name: &str) -> Result<bool, Fault> {
        self.session.remove(&unfinished(&self.place.in_inbox(name))).await
    }

    /// The names in the inbox.
    pub(super) async fn list_inbox(&self) -> Result<Vec<String>, Fault> {
        self.folder(self.session.names(&self.place.inbox, MOST_NAMES).await).await
    }

    /// The names in the outbox.
    pub(super) async fn list_outbox(&self) -> Result<Vec<String>, Fault> {
        self.folder(self.session.names(&self.place.outbox, MOST_NAMES).await).await
    }

    /// A file of the outbox, if it is not too large.
    pub(super) async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, Fault> {
        let path = self.place.in_outbox(name);
        let size_bytes = self.session.follow(&path).await?.size;
        let is_too_large = size_bytes.is_some_and(|size| size > limit_bytes);
        let bytes = if is_too_large { None } else { self.read(&path, limit_bytes).await? };
        Ok(OutboxFile { name: name.to_owned(), bytes })
    }

    /// The bytes of a file; `None` where there are more than these.
    async fn read(&self, path: &str, limit_bytes: u64) -> Result<Option<Vec<u8>>, Fault> {
        let mut bytes = Vec::new();
        read_whole(self.session, self.place, path, limit_bytes + 1, |portion| bytes.extend_from_slice(portion)).await?;
        Ok((bytes.len() as u64 <= limit_bytes).then_some(bytes))
    }

    /// Makes the names in the inbox durable where the server opens folders like files, as OpenSSH does: after its power
    /// cut "offered and not there" should mean "taken". Elsewhere nothing can be done, and a person may have to find out.
    async fn sync_inbox(&self) -> Result<(), Fault> {
        if !self.session.has_fsync {
            return Ok(());
        }
        let folder = &self.place.inbox;
        let synced = async {
            let open = self.session.open_file("open", folder, OpenFlags::READ).await?;
            self.session.sync(folder, &open).await?;
            self.session.close_file(folder, open).await
        };
        match synced.await {
            Err(Fault::Refused(_)) => Ok(()),
            synced => synced,
        }
    }

    fn taken(&self, path: &str, what: &str) -> Fault {
        let message = format!("{}: {path} {what}; find out who wrote it", self.place);
        Fault::Told(CourierError::hold(message).alarming())
    }

    /// A refusal that concerns a folder as a whole.
    async fn folder<T>(&self, done: Result<T, Fault>) -> Result<T, Fault> {
        match done {
            Err(Fault::Refused(refused)) => {
                let room = self.room(&refused).await;
                Err(Fault::Told(refused.folder_error(self.place, room)))
            }
            done => done,
        }
    }

    /// A refusal to write an upload: if something lies under its name, that is in the way; else the folder does not let
    /// us write.
    async fn upload_part<T>(&self, path: &str, done: Result<T, Fault>) -> Result<T, Fault> {
        let Err(Fault::Refused(refused)) = &done else { return done };
        if refused.code == StatusCode::PermissionDenied && matches!(self.session.look_at(path).await, Ok(Some(_))) {
            return done;
        }
        self.folder(done).await
    }

    /// What the server says of its disk, where that may explain a refusal.
    pub(super) async fn room(&self, refused: &Refused) -> Option<(u64, bool)> {
        if refused.code == StatusCode::Failure { self.session.room(&self.place.inbox).await } else { None }
    }
}

/// A file's name until it is whole.
fn unfinished(path: &str) -> String {
    format!("{path}{UNFINISHED}")
}

/// A server that says nothing of kinds has files.
fn is_file(attributes: &FileAttributes) -> bool {
    attributes.permissions.is_none() || attributes.is_regular()
}
