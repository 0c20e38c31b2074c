//! `NAME.ready`: written last, it tells the vendor that the sealed package beside it is complete.

use serde::{Deserialize, Serialize};

use super::digest::Sha256Digest;
use super::name;
use crate::domain::package_name::PackageName;

/// The ready marker. It is not secret and not signed: the package itself carries the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadyMarker {
    /// The package's name.
    pub name: PackageName,
    /// The name of the file with the sealed package.
    pub file: String,
    /// That file's size, in bytes.
    pub size: u64,
    /// That file's digest.
    pub sha256: Sha256Digest,
    /// The checkpoint of the audit log that also stands in the job ticket: a note's text, so that a copy of the log's
    /// head is always out of the site's hands.
    pub checkpoint: String,
}

/// A text that is no ready marker, or that speaks of another file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadyError {
    /// It is not the JSON of a marker.
    #[error("the ready marker cannot be read: {0}")]
    NotAMarker(String),
    /// It names another package or another file.
    #[error("the ready marker speaks of {found}, not of {wanted}")]
    OtherPackage {
        /// What the marker names.
        found: String,
        /// What it was read for.
        wanted: String,
    },
    /// The file is shorter or longer than the marker says: it is not complete yet, or not the one meant.
    #[error("the sealed package has {found} bytes and the ready marker says {wanted}; fetch it again")]
    OtherSize {
        /// The file's size, in bytes.
        found: u64,
        /// The size in the marker, in bytes.
        wanted: u64,
    },
    /// The file has other bytes than the marker says.
    #[error("the sealed package's SHA-256 is {found} and the ready marker says {wanted}; fetch it again")]
    OtherDigest {
        /// The file's digest.
        found: Sha256Digest,
        /// The digest in the marker.
        wanted: Sha256Digest,
    },
}

impl ReadyMarker {
    /// The marker for a sealed package.
    #[must_use]
    pub fn for_sealed(name: &PackageName, sealed: &[u8], checkpoint: &str) -> Self {
        Self {
            name: name.clone(),
            file: name::sealed_file(name),
            size: sealed.len() as u64,
            sha256: Sha256Digest::of(sealed),
            checkpoint: checkpoint.to_owned(),
        }
    }

    /// The marker's bytes: JSON with a newline at the end.
    ///
    /// # Errors
    /// Never for a value of this type; the signature passes on what the JSON writer may say.
    pub fn to_json(&self) -> Result<String, ReadyError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| ReadyError::NotAMarker(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Reads a marker.
    ///
    /// # Errors
    /// Where it is not the JSON of a marker, with nothing beyond its fields.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReadyError> {
        serde_json::from_slice(bytes).map_err(|error| ReadyError::NotAMarker(error.to_string()))
    }

    /// Whether these are the bytes of the package that the marker speaks of.
    ///
    /// # Errors
    /// Says in what they differ: name, size or digest.
    pub fn check(&self, name: &PackageName, sealed: &[u8]) -> Result<(), ReadyError> {
        let file = name::sealed_file(name);
        if self.name != *name || self.file != file {
            return Err(ReadyError::OtherPackage { found: format!("{} in {}", self.name, self.file), wanted: file });
        }
        let size = sealed.len() as u64;
        if self.size != size {
            return Err(ReadyError::OtherSize { found: size, wanted: self.size });
        }
        let digest = Sha256Digest::of(sealed);
        if self.sha256 == digest { Ok(()) } else { Err(ReadyError::OtherDigest { found: digest, wanted: self.sha256 }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_written_read_and_checked() {
        let name: PackageName = "eba-acme-000123".parse().unwrap();
        let marker = ReadyMarker::for_sealed(&name, b"abc", "note\n");
        let text = marker.to_json().unwrap();
        let expected = "{\n  \"name\": \"eba-acme-000123\",\n  \"file\": \"eba-acme-000123.zip.pgp\",\n  \"size\": 3,\n  \
             \"sha256\": \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\n  \
             \"checkpoint\": \"note\\n\"\n}\n";
        assert_eq!(text, expected);
        assert_eq!(ReadyMarker::from_json(text.as_bytes()), Ok(marker.clone()));
        assert_eq!(marker.check(&name, b"abc"), Ok(()));
        assert!(matches!(marker.check(&name, b"ab"), Err(ReadyError::OtherSize { .. })));
        assert!(matches!(marker.check(&name, b"abd"), Err(ReadyError::OtherDigest { .. })));
        let other = "eba-acme-000124".parse().unwrap();
        assert!(matches!(marker.check(&other, b"abc"), Err(ReadyError::OtherPackage { .. })));
        assert!(ReadyMarker::from_json(b"{}").is_err());
    }
}
