//! A courier to a vendor whose inbox and outbox are folders on this machine or a mounted share.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::durable::{self, UNFINISHED};
use crate::ports::{Courier, CourierError, Found, OutboxFile, Parcel};

/// Bytes that are hashed at once.
const PORTION_BYTES: usize = 1 << 20;

/// The way to one vendor.
#[derive(Debug, Clone)]
pub struct FolderCourier {
    /// Where the vendor takes packages from.
    pub inbox: PathBuf,
    /// Where the vendor leaves receipts.
    pub outbox: PathBuf,
}

impl FolderCourier {
    fn failed(&self, doing: &'static str, name: &str) -> impl Fn(io::Error) -> CourierError {
        failed(doing, self.inbox.join(name))
    }

    fn unfinished(&self, file: &str) -> PathBuf {
        self.inbox.join(format!("{file}{UNFINISHED}"))
    }

    /// What is under a path, held against the package; `None` where there is nothing.
    fn compare(&self, path: &Path, parcel: &Parcel) -> io::Result<Option<Found>> {
        Ok(digest_of(path)?.map(|sha256| {
            if sha256 == parcel.sha256 {
                Found::Same
            } else {
                Found::Other { what: format!("a file with SHA-256 {sha256}") }
            }
        }))
    }

    fn taken(&self, name: &str, what: &str) -> CourierError {
        CourierError::hold(format!("{} {what}; find out who wrote it", self.inbox.join(name).display())).alarming()
    }
}

#[async_trait]
impl Courier for FolderCourier {
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError> {
        let failed = self.failed("look at", &parcel.file);
        // The folder itself first: an unmounted share must not look like a package that the vendor took.
        fs::metadata(&self.inbox).map_err(self.failed("look into", ""))?;
        if let Some(found) = self.compare(&self.inbox.join(&parcel.file), parcel).map_err(&failed)? {
            return Ok(found);
        }
        let unfinished = self.compare(&self.unfinished(&parcel.file), parcel).map_err(&failed)?;
        Ok(if unfinished == Some(Found::Same) { Found::Unrenamed } else { Found::Nothing })
    }

    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError> {
        let path = self.unfinished(&parcel.file);
        let failed = self.failed("write", &parcel.file);
        // What an earlier start left is not written over: where its bytes did not reach the disk, these might not either.
        remove(&path).map_err(&failed)?;
        durable::write_whole(&path, bytes).map_err(&failed)?;
        // The name must be as durable as the bytes: after a power cut, "offered and not there" has to mean "taken".
        durable::sync_folder(&self.inbox).map_err(&failed)?;
        if digest_of(&path).map_err(&failed)?.as_deref() == Some(parcel.sha256.as_str()) {
            return Ok(());
        }
        Err(CourierError::retry(format!("{} does not read back as it was written; check the disk", path.display())))
    }

    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError> {
        match durable::rename_new(&self.unfinished(&parcel.file), &self.inbox.join(&parcel.file)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(self.taken(&parcel.file, "is there already and was not replaced"))
            }
            // The upload is gone: the next look tells why.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(CourierError::retry(told("give its name to", &self.inbox.join(&parcel.file), &error)))
            }
            renamed => renamed.map_err(self.failed("give its name to", &parcel.file)),
        }
    }

    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError> {
        let failed = self.failed("write", name);
        match fs::read(self.inbox.join(name)) {
            Ok(found) if found == bytes => Ok(()),
            Ok(_) => Err(self.taken(name, "is there with other content; nothing was changed")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                durable::write_new(&self.inbox, name, bytes).map_err(failed)
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn discard(&self, file: &str) -> Result<bool, CourierError> {
        let failed = self.failed("remove", file);
        fs::metadata(&self.inbox).map_err(self.failed("look into", ""))?;
        let was_there = remove(&self.unfinished(file)).map_err(&failed)?;
        durable::sync_folder(&self.inbox).map_err(&failed)?;
        Ok(was_there)
    }

    async fn list_inbox(&self) -> Result<Vec<String>, CourierError> {
        names_in(&self.inbox)
    }

    async fn list_outbox(&self) -> Result<Vec<String>, CourierError> {
        names_in(&self.outbox)
    }

    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError> {
        let path = self.outbox.join(name);
        let bytes = read_plain(&path, limit_bytes).map_err(|error| match error.kind() {
            // It was there a moment ago: this file's own trouble, not the folder's.
            io::ErrorKind::NotFound => CourierError::retry(told("read", &path, &error)),
            io::ErrorKind::PermissionDenied => CourierError::hold(told("read", &path, &error)),
            _ => failed("read", path.clone())(error),
        })?;
        Ok(OutboxFile { name: name.to_owned(), bytes })
    }
}

/// The names in a folder, in order; those that are not UTF-8 are left out.
fn names_in(folder: &Path) -> Result<Vec<String>, CourierError> {
    let failed = failed("list", folder.to_owned());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(&failed)? {
        names.extend(entry.map_err(&failed)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// The bytes of a plain file of at most so many bytes; `None` for a larger one, and for what is no plain file. The
/// vendor can write to its outbox: a link could lead to any file of ours, a pipe would be waited for for ever, and what
/// is too large is not read at all.
fn read_plain(path: &std::path::Path, limit_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    ) {
        // A link; a socket, or a device that nobody serves.
        Err(Errno::LOOP | Errno::NXIO | Errno::NODEV) => return Ok(None),
        opened => File::from(opened?),
    };
    let found = file.metadata()?;
    if !found.is_file() || found.len() > limit_bytes {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default().saturating_add(1));
    file.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit_bytes).then_some(bytes))
}

/// The error that a system's no comes to: what may pass by itself, and what a person must mend.
fn failed(doing: &'static str, path: PathBuf) -> impl Fn(io::Error) -> CourierError {
    move |error| {
        let said = told(doing, &path, &error);
        match error.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem => {
                CourierError::stop(format!("{said}; see that the folder is there, mounted, and ours to read and write"))
            }
            _ => CourierError::retry(format!("{said}; see to the disk or the network that it lies on")),
        }
    }
}

fn told(doing: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {doing} {}: {error}", path.display())
}

/// Removes a file; whether there was one.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

/// SHA-256 of a file in hexadecimal; `None` where there is none.
fn digest_of(path: &Path) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut digest = Sha256::new();
    let mut portion = vec![0; PORTION_BYTES];
    loop {
        match file.read(&mut portion)? {
            0 => return Ok(Some(hex::encode(digest.finalize()))),
            read => digest.update(portion.get(..read).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;
    use crate::ports::Setback;

    #[test]
    fn each_no_of_the_system_has_its_class() {
        let table = [
            (Errno::NOSPC, Setback::Retry),
            (Errno::DQUOT, Setback::Retry),
            (Errno::IO, Setback::Retry),
            (Errno::STALE, Setback::Retry),
            (Errno::TIMEDOUT, Setback::Retry),
            (Errno::HOSTUNREACH, Setback::Retry),
            (Errno::FBIG, Setback::Retry),
            (Errno::ACCESS, Setback::Stop),
            (Errno::PERM, Setback::Stop),
            (Errno::ROFS, Setback::Stop),
            (Errno::NOENT, Setback::Stop),
            (Errno::NOTDIR, Setback::Stop),
        ];
        for (errno, setback) in table {
            let error = failed("write", "inbox/x".into())(errno.into());
            assert_eq!((error.setback, error.is_alarm), (setback, false), "{errno}");
            assert!(error.message.starts_with("cannot write inbox/x: ") && error.message.contains("; see "), "{error}");
        }
    }

    fn parcel(bytes: &[u8]) -> Parcel {
        let sha256 = hex::encode(Sha256::digest(bytes));
        Parcel { file: "eba-acme-000001.zip.pgp".into(), size_bytes: bytes.len() as u64, sha256 }
    }

    #[tokio::test]
    async fn what_is_in_the_way_is_an_alarm_and_only_an_upload_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let courier = FolderCourier { inbox: folder.path().to_owned(), outbox: folder.path().to_owned() };
        let (ours, path) = (parcel(b"ours"), folder.path().join("eba-acme-000001.zip.pgp"));
        courier.upload(&ours, b"ours").await.unwrap();
        assert_eq!(courier.look(&ours).await.unwrap(), Found::Unrenamed);
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(courier.look(&ours).await.unwrap(), Found::Other { .. }));
        for error in [courier.publish(&ours).await, courier.announce(&ours.file, b"ours").await] {
            let error = error.unwrap_err();
            assert_eq!((error.setback, error.is_alarm), (Setback::Hold, true), "{error}");
        }
        assert!(courier.discard(&ours.file).await.unwrap());
        assert!(!courier.discard(&ours.file).await.unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        fs::remove_file(&path).unwrap();
        let gone = courier.publish(&ours).await.unwrap_err();
        assert_eq!((gone.setback, gone.is_alarm), (Setback::Retry, false), "{gone}");
    }
}
