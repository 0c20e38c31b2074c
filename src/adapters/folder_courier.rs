//! A courier to a vendor whose inbox and outbox are folders on this machine or a mounted share.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;

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
    fn error(&self, doing: &str, name: &str) -> impl Fn(io::Error) -> CourierError {
        let told = format!("cannot {doing} {}", self.inbox.join(name).display());
        move |error| {
            CourierError(format!(
                "{told}: {error}; see that the folder is there and writable, the next run tries again"
            ))
        }
    }

    fn unfinished(&self, parcel: &Parcel) -> PathBuf {
        self.inbox.join(format!("{}{UNFINISHED}", parcel.file))
    }
}

#[async_trait]
impl Courier for FolderCourier {
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError> {
        let failed = self.error("look at", &parcel.file);
        // The folder itself first: an unmounted share must not look like a package that the vendor took.
        fs::metadata(&self.inbox).map_err(self.error("look into", ""))?;
        match digest_of(&self.inbox.join(&parcel.file)).map_err(&failed)? {
            Some(sha256) if sha256 == parcel.sha256 => return Ok(Found::Same),
            Some(sha256) => return Ok(Found::Other { sha256 }),
            None => {}
        }
        let unfinished = digest_of(&self.unfinished(parcel)).map_err(&failed)?;
        Ok(if unfinished.as_deref() == Some(parcel.sha256.as_str()) { Found::Unrenamed } else { Found::Nothing })
    }

    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError> {
        let path = self.unfinished(parcel);
        let failed = self.error("write", &parcel.file);
        durable::write_whole(&path, bytes).map_err(&failed)?;
        // The name must be as durable as the bytes: after a power cut, "offered and not there" has to mean "taken".
        durable::sync_folder(&self.inbox).map_err(&failed)?;
        if digest_of(&path).map_err(&failed)?.as_deref() == Some(parcel.sha256.as_str()) {
            return Ok(());
        }
        Err(CourierError(format!("{} does not read back as it was written; check the disk", path.display())))
    }

    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError> {
        durable::rename_new(&self.unfinished(parcel), &self.inbox.join(&parcel.file))
            .map_err(self.error("give its name to", &parcel.file))
    }

    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError> {
        let failed = self.error("write", name);
        match fs::read(self.inbox.join(name)) {
            Ok(found) if found == bytes => Ok(()),
            Ok(_) => Err(CourierError(format!(
                "{} is there with other content; nothing was changed; find out who wrote it",
                self.inbox.join(name).display()
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                durable::write_new(&self.inbox, name, bytes).map_err(failed)
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn list_outbox(&self) -> Result<Vec<String>, CourierError> {
        let failed = |error: io::Error| {
            CourierError(format!(
                "cannot list {}: {error}; see that the folder is there and readable, the next run tries again",
                self.outbox.display()
            ))
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.outbox).map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError> {
        let path = self.outbox.join(name);
        let failed = |error: io::Error| CourierError(format!("cannot read {}: {error}", path.display()));
        let bytes = read_plain(&path, limit_bytes).map_err(failed)?;
        Ok(OutboxFile { name: name.to_owned(), bytes })
    }
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

/// SHA-256 of a file in hexadecimal; `None` where there is none.
fn digest_of(path: &std::path::Path) -> io::Result<Option<String>> {
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
