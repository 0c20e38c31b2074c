//! Files that are whole or not there: the durability rule of every file that letterpost keeps.
//!
//! Temporary name, bytes, fsync, rename, fsync of the folder. An fsync that failed is never tried again on the same
//! file: what the disk did with the bytes is then unknown, so the file is abandoned and written anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

/// Files are for their owner only: they are ciphertext, personal data or keys.
const OWNER_ONLY: u32 = 0o600;
/// What an unfinished file is called until it is whole.
pub const UNFINISHED: &str = ".part";

/// Writes a file under a name that must be free. When it returns, the file is on the disk, whole, under that name.
///
/// # Errors
/// What the system said; nothing is left under the final name then.
pub fn write_new(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}{UNFINISHED}"));
    write_whole(&unfinished, bytes)?;
    let settled = rename_new(&unfinished, &folder.join(name));
    if settled.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    settled
}

/// Writes a file under a name, in the place of one that may be there.
///
/// # Errors
/// What the system said.
pub fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}{UNFINISHED}"));
    write_whole(&unfinished, bytes)?;
    fs::rename(&unfinished, folder.join(name))?;
    sync_folder(folder)
}

/// Writes an unfinished file whole, and checks its length.
///
/// # Errors
/// What the system said.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let length = file.metadata()?.len();
    if length == bytes.len() as u64 {
        return Ok(());
    }
    Err(io::Error::other(format!("wrote {} bytes and the file has {length}", bytes.len())))
}

/// Gives a file its final name, which must be free, and makes the name durable. At no moment has the file two names:
/// whoever takes it from under the final name leaves nothing under the unfinished one that could be sent again.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where the name is taken, or what the system said.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some network file systems cannot promise it in one step. The run's lock keeps our other starts away, and
        // nobody else gives files these names.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_after_look(from, to)?,
        renamed => renamed?,
    }
    to.parent().map_or(Ok(()), sync_folder)
}

fn rename_after_look(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
    }
}

/// Makes the names in a folder durable.
///
/// # Errors
/// What the system said.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_never_given_again() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("new.part"), folder.path().join("new"));
        for rename in [rename_new, rename_after_look] {
            fs::write(&from, "newer").unwrap();
            fs::write(&to, "older").unwrap();
            assert_eq!(rename(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!((fs::read(&from).unwrap(), fs::read(&to).unwrap()), (b"newer".to_vec(), b"older".to_vec()));
            fs::remove_file(&to).unwrap();
            rename(&from, &to).unwrap();
            assert!(!from.exists());
            assert_eq!(fs::read(&to).unwrap(), b"newer");
        }
    }
}
