//! Files that are kept for a term, in the site's folders and where people put them.
//!
//! A file is removed by its folder's descriptor, and only if the very file whose bytes were digested still has the name:
//! no link is followed, and what was exchanged meanwhile is left.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, statat, unlinkat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::durable::{self, UNFINISHED};
use crate::ports::ledger::KeptKind;
use crate::ports::{KeptFiles, Removal, SpoolError};

/// Bytes that are read at once.
const PORTION_BYTES: usize = 1 << 20;
/// What begins and ends the name of a backup that was given no other.
const BACKUP_NAME: (&str, &str) = ("letterpost-", ".db");
/// What follows on a database's name where it was set aside, or is on its way into the place of another.
const SET_ASIDE: [&str; 2] = [".replaced-", ".restoring"];

/// Where the files of a site are kept.
#[derive(Debug, Clone)]
pub struct SiteFiles {
    /// Refused files.
    pub quarantine: PathBuf,
    /// Copies of receipts.
    pub receipts: PathBuf,
    /// Copies of certificates.
    pub certificates: PathBuf,
    /// Copies of ledger and intake.
    pub backups: PathBuf,
    /// The ledger and the intake: beside each lies what was set aside.
    pub databases: [PathBuf; 2],
}

/// Whether the way to a file may lead over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The folder is the site's own, wherever its configuration says that it lies.
    Own,
    /// The path was recorded in full, so that no link is in it unless somebody put one there since.
    InFull,
}

/// A plain file, opened, in its folder.
struct Opened {
    folder: File,
    name: PathBuf,
    file: File,
}

impl SiteFiles {
    fn path(&self, kind: KeptKind, path: &str) -> PathBuf {
        match self.folder(kind) {
            Some(folder) => folder.join(path),
            None => PathBuf::from(path),
        }
    }

    fn way(&self, kind: KeptKind) -> Way {
        if self.folder(kind).is_some() { Way::Own } else { Way::InFull }
    }

    /// The folder in which a kind's paths are names.
    fn folder(&self, kind: KeptKind) -> Option<&Path> {
        match kind {
            KeptKind::Quarantine => Some(&self.quarantine),
            KeptKind::Receipt => Some(&self.receipts),
            KeptKind::Certificate => Some(&self.certificates),
            KeptKind::Import | KeptKind::Backup => None,
        }
    }

    fn found_backups(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let is_backup = |name: &str| name.starts_with(BACKUP_NAME.0) && name.ends_with(BACKUP_NAME.1);
        add_names(&self.backups, is_backup, &mut found)?;
        for database in &self.databases {
            let Some(own) = database.file_name().and_then(|name| name.to_str()) else { continue };
            let is_aside = |name: &str| {
                name.strip_prefix(own).is_some_and(|rest| SET_ASIDE.iter().any(|begin| rest.starts_with(begin)))
            };
            add_names(folder_of(database), is_aside, &mut found)?;
        }
        Ok(found)
    }
}

impl KeptFiles for SiteFiles {
    fn keep(&self, kind: KeptKind, name: &str, bytes: &[u8]) -> Result<(), SpoolError> {
        let Some(folder) = self.folder(kind) else { return Ok(()) };
        let path = folder.join(name);
        let failed = error("cannot keep", &path, "make room, or mend the rights of the folder, and run it again");
        if let Some(mut opened) = open(&path, Way::Own).map_err(&failed)? {
            let same = digest(&mut opened.file).map_err(&failed)? == hex::encode(Sha256::digest(bytes));
            let other = io::Error::other("another file lies under this name; look at it, and move it away");
            return if same { Ok(()) } else { Err(failed(other)) };
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(&failed)?;
        durable::replace(folder, name, bytes).map_err(&failed)
    }

    fn has(&self, kind: KeptKind, path: &str) -> bool {
        fs::symlink_metadata(self.path(kind, path)).is_ok()
    }

    fn place(&self, kind: KeptKind, path: &str) -> String {
        self.path(kind, path).display().to_string()
    }

    fn found(&self, kind: KeptKind) -> Result<Vec<String>, SpoolError> {
        let mut found = Vec::new();
        let place = self.folder(kind).unwrap_or(&self.backups);
        let failed = error("cannot list", place, "mend the rights of the folder, and run it again");
        match kind {
            KeptKind::Import => {}
            KeptKind::Backup => found = self.found_backups().map_err(failed)?,
            KeptKind::Quarantine | KeptKind::Receipt | KeptKind::Certificate => {
                found = names(place).map_err(failed)?;
            }
        }
        found.sort();
        Ok(found)
    }

    fn digest(&self, kind: KeptKind, path: &str) -> Result<Option<String>, SpoolError> {
        let path = self.path(kind, path);
        let failed = error("cannot read", &path, "mend its rights, and run it again");
        match open(&path, self.way(kind)) {
            Ok(None) => Ok(None),
            Err(error) if is_no_file(&error) => Ok(None),
            Err(error) => Err(failed(error)),
            Ok(Some(mut opened)) => digest(&mut opened.file).map(Some).map_err(failed),
        }
    }

    fn remove(&self, kind: KeptKind, path: &str, sha256: &str) -> Result<Removal, SpoolError> {
        let path = self.path(kind, path);
        let remedy = "mend the rights of the file and of its folder, or remove it by hand, and run it again";
        remove(&path, self.way(kind), sha256).map_err(error("cannot remove", &path, remedy))
    }
}

fn error(doing: &'static str, path: &Path, remedy: &'static str) -> impl Fn(io::Error) -> SpoolError {
    let path = path.display().to_string();
    move |source| SpoolError { doing, path: path.clone(), source, remedy, needs_person: false }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The names of plain files in a folder; none where there is no folder.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file()
            && let Ok(name) = entry.file_name().into_string()
        {
            found.push(name);
        }
    }
    Ok(found)
}

/// The absolute paths of those files of a folder whose names are of this form. One that is not written to its end is not.
fn add_names(folder: &Path, is_one: impl Fn(&str) -> bool, found: &mut Vec<String>) -> io::Result<()> {
    for name in names(folder)?.into_iter().filter(|name| is_one(name) && !name.ends_with(UNFINISHED)) {
        found.extend(fs::canonicalize(folder)?.join(name).to_str().map(str::to_owned));
    }
    Ok(())
}

/// Opens a plain file without following a link; `None` where there is none.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] where something else lies there, or a link is on the way.
fn open(path: &Path, way: Way) -> io::Result<Option<Opened>> {
    let no_file = || io::Error::from(io::ErrorKind::InvalidInput);
    let Some(name) = path.file_name().map(PathBuf::from) else { return Err(no_file()) };
    let place = folder_of(path);
    if way == Way::InFull && fs::canonicalize(place).is_ok_and(|found| found != place) {
        return Err(no_file());
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let folder = match openat(CWD, place, flags | OFlags::DIRECTORY, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::NOTDIR) => return Err(no_file()),
        folder => File::from(folder?),
    };
    let file = match openat(&folder, &name, flags | OFlags::NOFOLLOW | OFlags::NONBLOCK, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(no_file()),
        file => File::from(file?),
    };
    if !file.metadata()?.is_file() {
        return Err(no_file());
    }
    Ok(Some(Opened { folder, name, file }))
}

fn is_no_file(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput
}

fn digest(file: &mut File) -> io::Result<String> {
    let (mut digest, mut portion) = (Sha256::new(), vec![0; PORTION_BYTES]);
    loop {
        let read = file.read(&mut portion)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(portion.get(..read).unwrap_or_default());
    }
}

fn remove(path: &Path, way: Way, sha256: &str) -> io::Result<Removal> {
    let opened = match open(path, way) {
        Err(error) if is_no_file(&error) => return Ok(Removal::NotAFile),
        opened => opened?,
    };
    let Some(Opened { folder, name, mut file }) = opened else { return Ok(Removal::Missing) };
    let found = digest(&mut file)?;
    if found != sha256 {
        return Ok(Removal::Changed(found));
    }
    let (digested, named) = (file.metadata()?, statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW)?);
    if (digested.dev(), digested.ino()) != (named.st_dev, named.st_ino) {
        return Ok(Removal::NotAFile);
    }
    unlinkat(&folder, &name, AtFlags::empty())?;
    folder.sync_all()?;
    Ok(Removal::Removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha256(bytes: &[u8]) -> String {
        hex::encode(Sha256::digest(bytes))
    }

    #[test]
    fn only_the_file_that_was_kept_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let (path, ours) = (folder.join("requests.csv"), sha256(b"ours"));
        let remove = |path: &Path, sha256: &str| remove(path, Way::InFull, sha256);
        assert_eq!(remove(&path, &ours).unwrap(), Removal::Missing);
        assert_eq!(remove(&folder.join("no/requests.csv"), &ours).unwrap(), Removal::Missing);
        fs::write(&path, "another's").unwrap();
        assert_eq!(remove(&path, &ours).unwrap(), Removal::Changed(sha256(b"another's")));
        // A link to the very bytes is left, and what it points to.
        let target = folder.join("elsewhere");
        fs::write(&target, "ours").unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert_eq!(remove(&path, &ours).unwrap(), Removal::NotAFile);
        // So is what lies behind a link that took the place of a folder, however deep.
        fs::create_dir_all(folder.join("real/deep")).unwrap();
        fs::write(folder.join("real/deep/requests.csv"), "ours").unwrap();
        std::os::unix::fs::symlink(folder.join("real"), folder.join("linked")).unwrap();
        assert_eq!(remove(&folder.join("linked/deep/requests.csv"), &ours).unwrap(), Removal::NotAFile);
        assert_eq!(remove(&folder.join("real"), &ours).unwrap(), Removal::NotAFile);
        assert!(target.exists() && folder.join("real/deep/requests.csv").exists());
        assert_eq!(remove(&target, &ours).unwrap(), Removal::Removed);
        assert!(!target.exists());
    }

    #[test]
    fn a_name_that_is_taken_by_other_bytes_is_not_given_again() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let files = SiteFiles {
            quarantine: at("quarantine"),
            receipts: at("receipts"),
            certificates: at("certificates"),
            backups: at("backups"),
            databases: [at("letterpost.db"), at("intake.db")],
        };
        files.keep(KeptKind::Receipt, "one.csv", b"ours").unwrap();
        files.keep(KeptKind::Receipt, "one.csv", b"ours").unwrap();
        let refused = files.keep(KeptKind::Receipt, "one.csv", b"another's").unwrap_err();
        assert!(refused.to_string().contains("another file lies under this name"), "{refused}");
        assert_eq!(fs::metadata(at("receipts")).unwrap().mode() & 0o777, 0o700);
        assert_eq!(files.found(KeptKind::Receipt).unwrap(), ["one.csv"]);
        assert_eq!(files.found(KeptKind::Backup).unwrap(), [""; 0]);
        for name in
            ["letterpost.db.replaced-2026-03-02T040000Z", "letterpost.db", "letterpost.db.lock", "other.db.replaced-1"]
        {
            fs::write(at(name), "").unwrap();
        }
        fs::create_dir(at("backups")).unwrap();
        for name in ["letterpost-2026-03-02T040000Z.db", "letterpost-2026-03-02T040000Z.db.part", "mine.db"] {
            fs::write(at("backups").join(name), "").unwrap();
        }
        let found = files.found(KeptKind::Backup).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].ends_with("backups/letterpost-2026-03-02T040000Z.db"), "{found:?}");
        assert!(found[1].ends_with("letterpost.db.replaced-2026-03-02T040000Z"), "{found:?}");
    }
}
