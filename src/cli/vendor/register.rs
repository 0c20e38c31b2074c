//! The register: the names of all packages that this vendor took, one a line with the SHA-256 of the sealed package.
//!
//! It is the only thing that tells a package that comes twice from a new one, so nothing is ever removed from it. It is
//! written whole under another name and then renamed: a crash leaves the old or the new one.

use std::path::{Path, PathBuf};

use super::error::VendorError;
use crate::adapters::durable;
use crate::adapters::files::{self, FileError};
use crate::adapters::run_lock::RunLock;
use crate::domain::package_name::PackageName;
use crate::package::digest::Sha256Digest;

/// The register as it stands in its file.
pub struct Register {
    path: PathBuf,
    text: String,
    entries: Vec<(PackageName, Sha256Digest)>,
}

impl Register {
    /// Reads the register; one that is not there yet is empty.
    ///
    /// # Errors
    /// Where it cannot be read, or a line is not a name and a digest: what cannot be read might be the name looked for.
    pub fn read(path: &Path) -> Result<Self, VendorError> {
        let bytes = files::read_if_there(path)?.unwrap_or_default();
        let broken = |line| VendorError::BrokenRegister { path: path.to_owned(), line };
        let text = String::from_utf8(bytes).map_err(|_| broken(1))?;
        let mut entries = Vec::new();
        for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            entries.push(read_line(line).ok_or_else(|| broken(place + 1))?);
        }
        Ok(Self { path: path.to_owned(), text, entries })
    }

    /// Whether this package was taken before.
    ///
    /// # Errors
    /// [`VendorError::NameReused`] where the name was, with other bytes.
    pub fn has(&self, name: &PackageName, sha256: Sha256Digest) -> Result<bool, VendorError> {
        match self.entries.iter().find(|(known, _)| known == name) {
            Some((_, known)) if *known != sha256 => {
                Err(VendorError::NameReused { package: name.clone(), known: *known, found: sha256 })
            }
            found => Ok(found.is_some()),
        }
    }

    /// Adds a package, durably.
    ///
    /// # Errors
    /// Where the disk refuses; the register is then as it was.
    pub fn add(&mut self, name: &PackageName, sha256: Sha256Digest) -> Result<(), VendorError> {
        let mut text = self.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!("{name} {sha256}\n"));
        self.write(&text)?;
        self.text = text;
        self.entries.push((name.clone(), sha256));
        Ok(())
    }

    fn write(&self, text: &str) -> Result<(), FileError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        durable::replace(folder, &name, text.as_bytes()).map_err(|source| FileError {
            doing: "write",
            path: self.path.clone(),
            source,
        })
    }
}

/// Keeps other commands of this vendor from the register and the outbox while one is at work.
pub fn lock(register: &Path, what: &str) -> Result<RunLock, VendorError> {
    let mut path = register.as_os_str().to_owned();
    path.push(".lock");
    Ok(RunLock::take(Path::new(&path), what)?)
}

fn read_line(line: &str) -> Option<(PackageName, Sha256Digest)> {
    let (name, sha256) = line.trim().split_once(' ')?;
    Some((name.parse().ok()?, sha256.parse().ok()?))
}
