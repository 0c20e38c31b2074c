//! The folder of refused files, and the file of heads outside the ledger.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::durable;
use crate::ports::{HeadKeeper, Quarantine, SpoolError};

/// A quarantine in a folder.
#[derive(Debug, Clone)]
pub struct QuarantineFolder(pub PathBuf);

impl Quarantine for QuarantineFolder {
    fn keep(&self, name: &str, bytes: &[u8]) -> Result<String, SpoolError> {
        let path = self.0.join(name).display().to_string();
        match durable::replace(&self.0, name, bytes) {
            Ok(()) => Ok(path),
            Err(source) => {
                let remedy = "make room or mend the rights of the quarantine's folder, and run it again";
                Err(SpoolError { doing: "cannot write", path, source, remedy })
            }
        }
    }
}

/// Heads in a file, a note after a note with an empty line between.
#[derive(Debug, Clone)]
pub struct HeadFile(pub PathBuf);

impl HeadFile {
    fn error(&self, doing: &'static str) -> impl Fn(io::Error) -> SpoolError {
        let path = self.0.display().to_string();
        let remedy = "make the folder, or mend its rights, and run it again";
        move |source| SpoolError { doing, path: path.clone(), source, remedy }
    }

    /// Takes away what a crash or a full disk left of a note, so that the next one does not begin in its middle.
    fn drop_torn_note(&self, file: &File) -> io::Result<()> {
        let kept = fs::read(&self.0)?;
        let whole_bytes = kept.windows(2).rposition(|pair| pair == b"\n\n").map_or(0, |end| end + 2);
        if whole_bytes < kept.len() { file.set_len(whole_bytes as u64) } else { Ok(()) }
    }
}

impl HeadKeeper for HeadFile {
    fn keep(&self, note: &str) -> Result<(), SpoolError> {
        let failed = self.error("cannot add to");
        // Anybody may read a head; nobody else may write one.
        let mut file = OpenOptions::new().create(true).append(true).mode(0o644).open(&self.0).map_err(&failed)?;
        self.drop_torn_note(&file).map_err(&failed)?;
        file.write_all(format!("{note}\n").as_bytes()).map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        self.0.parent().map_or(Ok(()), durable::sync_folder).map_err(&failed)
    }

    fn last(&self) -> Result<Option<String>, SpoolError> {
        let text = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(self.error("cannot read"))?,
        };
        // A note ends with an empty line: one that a crash cut short is passed over.
        let whole = text.rfind("\n\n").map(|end| &text[..=end]);
        Ok(whole.map(|notes| notes.rsplit("\n\n").next().unwrap_or(notes).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_was_cut_short_harms_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let heads = HeadFile(folder.path().join("heads.log"));
        heads.keep("example/eba\n3\nAAA=\n").unwrap();
        let whole = fs::read_to_string(&heads.0).unwrap();
        let next = "example/eba\n5\nBBB=\n";
        for cut in 1..=next.len() {
            fs::write(&heads.0, format!("{whole}{}", &next[..cut])).unwrap();
            assert_eq!(heads.last().unwrap().as_deref(), Some("example/eba\n3\nAAA=\n"), "cut at {cut}");
            heads.keep(next).unwrap();
            assert_eq!(heads.last().unwrap().as_deref(), Some(next), "cut at {cut}");
            assert_eq!(fs::read_to_string(&heads.0).unwrap(), format!("{whole}{next}\n"), "cut at {cut}");
        }
    }
}
