//! The spool: a folder of sealed packages.

use std::fs;
use std::io;
use std::path::PathBuf;

use async_trait::async_trait;

use super::durable;
use crate::ports::{Spool, SpoolError};

/// A spool in a folder. Its file work is done on threads that may block: an fsync takes as long as the disk takes.
#[derive(Debug, Clone)]
pub struct SpoolFolder(pub PathBuf);

/// What is done to an object, and what to do where it fails.
struct Work {
    doing: &'static str,
    object: String,
    remedy: &'static str,
}

impl SpoolFolder {
    async fn apart<T: Send + 'static>(
        &self,
        work: Work,
        run: impl FnOnce(PathBuf, &str) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let Work { doing, object, remedy } = work;
        let (folder, path) = (self.0.clone(), self.0.join(&object).display().to_string());
        let done = tokio::task::spawn_blocking(move || run(folder, &object)).await;
        done.unwrap_or_else(|died| Err(io::Error::other(died))).map_err(|source| SpoolError {
            doing,
            path,
            source,
            remedy,
            needs_person: false,
        })
    }
}

#[async_trait]
impl Spool for SpoolFolder {
    async fn save(&self, object: &str, bytes: Vec<u8>) -> Result<(), SpoolError> {
        let remedy = "make room or mend the rights of the spool's folder, then run it again";
        let work = Work { doing: "cannot write", object: object.to_owned(), remedy };
        self.apart(work, move |folder, object| durable::write_new(&folder, object, &bytes)).await
    }

    async fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError> {
        let remedy = "bring the spool back from where it went; the package's bytes are nowhere else";
        let work = Work { doing: "cannot read", object: object.to_owned(), remedy };
        self.apart(work, |folder, object| fs::read(folder.join(object))).await
    }

    async fn list(&self) -> Result<Vec<String>, SpoolError> {
        let remedy = "make the folder, or mend its rights, and run it again";
        let work = Work { doing: "cannot list", object: String::new(), remedy };
        self.apart(work, |folder, _| {
            let mut names = Vec::new();
            for entry in fs::read_dir(folder)? {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort();
            Ok(names)
        })
        .await
    }

    async fn remove(&self, object: &str) -> Result<(), SpoolError> {
        let remedy = "mend the rights of the spool's folder, and run it again";
        let work = Work { doing: "cannot remove", object: object.to_owned(), remedy };
        self.apart(work, |folder, object| match fs::remove_file(folder.join(object)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }
}
