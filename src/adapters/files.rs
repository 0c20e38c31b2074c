//! Plain files: configuration, keys, templates, and what people name on the command line.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::durable;

/// A file or folder that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {path}: {source}", path = .path.display())]
pub struct FileError {
    /// What was tried: `read`, `write`, `make`.
    pub doing: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { doing, path: path.clone(), source }
}

/// The bytes of a file.
///
/// # Errors
/// [`FileError`].
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(failed("read", path))
}

/// The bytes of a file that holds a secret, wiped when dropped.
///
/// # Errors
/// [`FileError`].
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    read(path).map(Zeroizing::new)
}

/// The text of a file.
///
/// # Errors
/// [`FileError`].
pub fn read_text(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(failed("read", path))
}

/// The bytes of a file, if there is one.
///
/// # Errors
/// [`FileError`] for anything but its absence.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(failed("read", path)),
    }
}

/// Writes a file that must not be there yet, for its owner only.
///
/// # Errors
/// [`FileError`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed("write", path)(io::Error::other("it has no folder")));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    durable::write_new(folder, &name.to_string_lossy(), bytes).map_err(failed("write", path))
}

/// A path from the root on; as it is where the system cannot tell.
#[must_use]
pub fn in_full(path: &Path) -> std::path::PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A path from the root on to this name, which itself may be a link.
#[must_use]
pub fn named_in_full(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    path.file_name().map_or_else(|| in_full(path), |name| in_full(folder).join(name))
}

/// Writes a file under a name, in the place of one that may be there, for its owner only.
///
/// # Errors
/// [`FileError`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed("write", path)(io::Error::other("it has no folder")));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    durable::replace(folder, &name.to_string_lossy(), bytes).map_err(failed("write", path))
}

/// Writes a file that is there anew, whole or not at all, and leaves its rights as they are.
///
/// # Errors
/// [`FileError`].
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    // Behind a link lies the file that is meant.
    let path = fs::canonicalize(path).map_err(failed("find", path))?;
    let mode = mode(&path)?;
    replace(&path, bytes)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(failed("guard", &path))
}

/// Makes a folder and those above it, for its owner only.
///
/// # Errors
/// [`FileError`].
pub fn make_folder(path: &Path) -> Result<(), FileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make", path))
}

/// Whether a folder is missing or empty.
///
/// # Errors
/// [`FileError`] where it cannot be read or is no folder.
pub fn is_free(path: &Path) -> Result<bool, FileError> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// The names of what lies in a folder, in order; those that are not UTF-8 are left out.
///
/// # Errors
/// [`FileError`].
pub fn names(folder: &Path) -> Result<Vec<String>, FileError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("read", folder))? {
        found.extend(entry.map_err(failed("read", folder))?.file_name().into_string());
    }
    found.sort();
    Ok(found)
}

/// Moves a file to a name on the same disk that must be free.
///
/// # Errors
/// [`FileError`].
pub fn move_new(from: &Path, to: &Path) -> Result<(), FileError> {
    durable::rename_new(from, to).map_err(failed("move", from))
}

/// Removes a file, if it is there.
///
/// # Errors
/// [`FileError`] for anything but its absence.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(failed("remove", path)),
    }
}

/// Takes a folder away with all that is in it.
///
/// # Errors
/// [`FileError`].
pub fn remove_tree(folder: &Path) -> Result<(), FileError> {
    fs::remove_dir_all(folder).map_err(failed("remove", folder))
}

/// The files of a folder with this ending, in order.
///
/// # Errors
/// [`FileError`].
pub fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("read", folder))? {
        let path = entry.map_err(failed("read", folder))?.path();
        if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The files of a folder and of those in it with this ending, in order.
///
/// # Errors
/// [`FileError`].
pub fn list_tree(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, FileError> {
    let mut found = list(folder, ending)?;
    for entry in fs::read_dir(folder).map_err(failed("read", folder))? {
        let path = entry.map_err(failed("read", folder))?.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(list_tree(&path, ending)?);
        }
    }
    found.sort();
    Ok(found)
}

/// Whose a file or folder is, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The permission bits.
    pub mode: u32,
    /// The number of the user who owns it.
    pub owner: u32,
}

/// Whose a file or folder is, and who may do what with it.
///
/// # Errors
/// [`FileError`].
pub fn access(path: &Path) -> Result<Access, FileError> {
    let metadata = fs::metadata(path).map_err(failed("read", path))?;
    Ok(Access { mode: metadata.permissions().mode() & 0o777, owner: metadata.uid() })
}

/// The permission bits of a file.
///
/// # Errors
/// [`FileError`].
pub fn mode(path: &Path) -> Result<u32, FileError> {
    access(path).map(|access| access.mode)
}

/// Whether there is something under this name.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// Bytes that can still be written where this path lies; `None` where the system does not say.
#[must_use]
pub fn room_bytes(path: &Path) -> Option<u64> {
    let place = if path.is_dir() { path } else { path.parent()? };
    let place = if place.as_os_str().is_empty() { Path::new(".") } else { place };
    let stat = rustix::fs::statvfs(place).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether two files or folders lie on one disk; `None` where one of them cannot be looked at.
#[must_use]
pub fn is_on_one_disk(one: &Path, other: &Path) -> Option<bool> {
    let disk = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.dev());
    Some(disk(one)? == disk(other)?)
}
