//! The spool: a folder of sealed packages.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::durable;
use crate::ports::{Spool, SpoolError};

/// A spool in a folder.
#[derive(Debug, Clone)]
pub struct SpoolFolder(pub PathBuf);

impl SpoolFolder {
    fn error(&self, doing: &'static str, object: &str, remedy: &'static str) -> impl Fn(io::Error) -> SpoolError {
        let path = self.0.join(object).display().to_string();
        move |source| SpoolError { doing, path: path.clone(), source, remedy }
    }
}

impl Spool for SpoolFolder {
    fn save(&self, object: &str, bytes: &[u8]) -> Result<(), SpoolError> {
        let remedy = "make room or mend the rights of the spool's folder, then run it again";
        durable::write_new(&self.0, object, bytes).map_err(self.error("cannot write", object, remedy))
    }

    fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError> {
        let remedy = "bring the spool back from where it went; the package's bytes are nowhere else";
        fs::read(self.0.join(object)).map_err(self.error("cannot read", object, remedy))
    }

    fn list(&self) -> Result<Vec<String>, SpoolError> {
        let failed = self.error("cannot list", "", "make the folder, or mend its rights, and run it again");
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(&failed)? {
            names.push(entry.map_err(&failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn remove(&self, object: &str) -> Result<(), SpoolError> {
        let failed = self.error("cannot remove", object, "mend the rights of the spool's folder, and run it again");
        match fs::remove_file(self.0.join(object)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }
}
