//! Files that are whole or not there: the durability rule of every file that letterpost keeps.
//!
//! Temporary name, bytes, fsync, rename, fsync of the folder. An fsync that failed is never tried again on the same
//! file: what the disk did with the bytes is then unknown, so the file is abandoned and written anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

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

/// Gives a file its final name, which must be free, and makes the name durable.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where the name is taken, or what the system said.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    // A hard link fails where the name is taken, which a rename does not: nothing is ever overwritten.
    fs::hard_link(from, to)?;
    fs::remove_file(from)?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// What the system said.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
