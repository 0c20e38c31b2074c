//! A folder with a file for each checkpoint. No file is ever written over or renamed, so that it may lie where that is
//! forbidden.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use super::{failed, note_name};
use crate::adapters::{durable, files};
use crate::ports::{CheckpointSink, OutsideError, Put};

/// Bytes of its digest that tell a checkpoint from another of as many entries.
const TELLING_BYTES: usize = 8;

/// A folder for checkpoints.
#[derive(Debug, Clone)]
pub struct SinkFolder(pub PathBuf);

#[async_trait]
impl CheckpointSink for SinkFolder {
    async fn put(&self, size: u64, note: &str) -> Result<Put, OutsideError> {
        let name = note_name(size);
        if self.keep(&name, note)? {
            return Ok(Put::There);
        }
        let digest = hex::encode(&Sha256::digest(note.as_bytes())[..TELLING_BYTES]);
        let other = name.replace(".note", &format!(".{digest}.note"));
        if self.keep(&other, note)? {
            return Ok(Put::Beside(self.0.join(other).display().to_string()));
        }
        Err(OutsideError::ours(format!(
            "{} holds something else than its name says; look who wrote it",
            self.0.display()
        )))
    }

    fn newest(&self) -> Result<Option<String>, OutsideError> {
        let names = files::names(&self.0).map_err(|error| OutsideError::ours(error.to_string()))?;
        // One beside another has a longer name.
        let newest = names.iter().rev().find(|name| name.len() == note_name(0).len() && name.ends_with(".note"));
        let Some(name) = newest else { return Ok(None) };
        let path = self.0.join(name);
        fs::read_to_string(&path).map(Some).map_err(failed("read", &path))
    }
}

impl SinkFolder {
    /// Whether the note lies under this name when it returns; not where something else does.
    fn keep(&self, name: &str, note: &str) -> Result<bool, OutsideError> {
        let path = self.0.join(name);
        match write_new(&path, note) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                complete(&path, note).map_err(failed("read", &path))
            }
            Err(error) => Err(failed("write", &path)(error)),
        }
    }
}

fn write_new(path: &Path, note: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(note.as_bytes())?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), durable::sync_folder)
}

/// Whether the file holds the note. What a crash or a full disk left of it is completed.
fn complete(path: &Path, note: &str) -> io::Result<bool> {
    let found = fs::read(path)?;
    let Some(missing) = note.as_bytes().strip_prefix(found.as_slice()) else { return Ok(false) };
    if !missing.is_empty() {
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.write_all(missing)?;
        file.sync_all()?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let sink = SinkFolder(folder.path().to_owned());
        assert_eq!(sink.newest(), Ok(None));
        for _ in 0..2 {
            assert_eq!(sink.put(7, "example/eba\n7\nAAA=\n").await, Ok(Put::There));
        }
        let path = folder.path().join("000000000007.note");
        assert_eq!(fs::read_to_string(&path).unwrap(), "example/eba\n7\nAAA=\n");
        for _ in 0..2 {
            let put = sink.put(7, "example/eba\n7\nBBB=\n").await.unwrap();
            let Put::Beside(other) = put else { panic!("{put:?}") };
            assert_eq!(fs::read_to_string(other).unwrap(), "example/eba\n7\nBBB=\n");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "example/eba\n7\nAAA=\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(sink.newest().unwrap().as_deref(), Some("example/eba\n7\nAAA=\n"));
    }

    #[tokio::test]
    async fn what_was_cut_short_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let sink = SinkFolder(folder.path().to_owned());
        let (path, note) = (folder.path().join("000000000007.note"), "example/eba\n7\nAAA=\n");
        for cut in 0..note.len() {
            fs::write(&path, &note[..cut]).unwrap();
            assert_eq!(sink.put(7, note).await, Ok(Put::There), "cut at {cut}");
            assert_eq!(fs::read_to_string(&path).unwrap(), note);
        }
    }
}
