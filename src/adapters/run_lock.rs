//! One machine, one run at a time: a lock on a file, held by the operating system and freed by it when a run dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::ports::ledger::LedgerError;

/// How often a start that is turned away looks for the holder's name: some milliseconds.
const MOST_LOOKS: u32 = 10_000;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct RunLock {
    file: File,
}

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum RunLockError {
    /// Another run has it.
    #[error("another run is at work ({holder}); nothing was done, wait until it is over")]
    Busy {
        /// What that run wrote of itself.
        holder: String,
    },
    /// The file cannot be opened.
    #[error("cannot lock {path}: {source}; mend the rights of its folder", path = .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server that keeps the lock cannot be asked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl RunLock {
    /// Takes the lock, or says who has it; does not wait.
    ///
    /// # Errors
    /// [`RunLockError`].
    pub fn take(path: &Path, what: &str) -> Result<Self, RunLockError> {
        let failed = |source| RunLockError::Failed { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                write_holder(&mut file, what).map_err(failed)?;
                Ok(Self { file })
            }
            Err(TryLockError::WouldBlock) => Err(RunLockError::Busy { holder: holder_of(&mut file) }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Whoever is turned away in the next holder's first instant must not be told of this one.
        let _ = self.file.set_len(0);
        // A program that is just being started has the open file too, until it becomes itself: closing ours is not enough.
        let _ = self.file.unlock();
    }
}

/// What the holder wrote of itself. It does so right after it has the lock, so an empty file is looked at again.
fn holder_of(file: &mut File) -> String {
    for _ in 0..MOST_LOOKS {
        let mut holder = String::new();
        let read = file.rewind().and_then(|()| file.read_to_string(&mut holder));
        if read.is_ok() && holder.ends_with('\n') {
            return holder.trim().to_owned();
        }
        std::thread::yield_now();
    }
    "it has not said which one it is".to_owned()
}

fn write_holder(file: &mut File, what: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {}: {what}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_dropped_is_free_whoever_has_its_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = RunLock::take(&path, "one").unwrap();
        assert!(matches!(RunLock::take(&path, "two"), Err(RunLockError::Busy { .. })));
        // As a child process has it between its beginning and its program's.
        let _inherited = lock.file.try_clone().unwrap();
        drop(lock);
        RunLock::take(&path, "two").unwrap();
    }
}
