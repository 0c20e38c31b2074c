//! The folder of refused files, and the file of heads outside the ledger.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::durable;
use crate::audit::check::notes::notes_in;
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
                Err(SpoolError { doing: "cannot write", path, source, remedy, needs_person: false })
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
        move |source| SpoolError { doing, path: path.clone(), source, remedy, needs_person: false }
    }

    /// Takes away what a crash or a full disk left of a note, so that the next one does not begin in its middle.
    fn drop_torn_note(&self, file: &File, next: &str) -> io::Result<()> {
        let kept = fs::read(&self.0)?;
        // Up to the end of the last whole note it is text of ours, so that places in it are places in the file.
        let text = String::from_utf8_lossy(&kept);
        let mut notes = whole_notes(&text);
        // The first signed note of a file, cut right after its text, looks like a bare one.
        let _ = notes.pop_if(|last| next.starts_with(&format!("{last}\n")));
        let end_of = |last: &String| text.rfind(&format!("{last}\n")).map(|start| start + last.len() + 1);
        let whole_bytes = notes.last().and_then(end_of).unwrap_or(0);
        if whole_bytes < kept.len() { file.set_len(whole_bytes as u64) } else { Ok(()) }
    }
}

impl HeadKeeper for HeadFile {
    fn keep(&self, note: &str) -> Result<(), SpoolError> {
        let failed = self.error("cannot add to");
        // Anybody may read a head; nobody else may write one.
        let mut file = OpenOptions::new().create(true).append(true).mode(0o644).open(&self.0).map_err(&failed)?;
        self.drop_torn_note(&file, note).map_err(&failed)?;
        file.write_all(format!("{note}\n").as_bytes()).map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        self.0.parent().map_or(Ok(()), durable::sync_folder).map_err(&failed)
    }

    fn last(&self) -> Result<Option<String>, SpoolError> {
        match fs::read(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => {
                let kept = read.map_err(self.error("cannot read"))?;
                Ok(whole_notes(&String::from_utf8_lossy(&kept)).pop())
            }
        }
    }
}

/// The notes that were written to their end. Once heads are signed, a text without a signature is what is left of one.
fn whole_notes(text: &str) -> Vec<String> {
    let mut notes = notes_in(text);
    let is_signed = |note: &String| note.contains("\n\n");
    if let Some(last) = notes.iter().rposition(is_signed) {
        notes.truncate(last + 1);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "example/eba\n3\nAAA=\n";
    const SIGNED: &str = "example/eba\n4\nAAB=\n\n\u{2014} example/eba c2lnbmF0dXJl\n";
    const NEXT: &str = "example/eba\n5\nBBB=\n\n\u{2014} example/eba c2lnbmF0dXJm\n\u{2014} example/eba c2lnbmF0dXJn\n";

    #[test]
    fn a_note_that_was_cut_short_harms_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let heads = HeadFile(folder.path().join("heads.log"));
        for (kept, next) in [(BARE, "example/eba\n5\nBBB=\n"), (BARE, NEXT), (SIGNED, NEXT)] {
            let _ = fs::remove_file(&heads.0);
            heads.keep(kept).unwrap();
            let whole = fs::read_to_string(&heads.0).unwrap();
            for cut in 1..=next.len() {
                fs::write(&heads.0, [whole.as_bytes(), &next.as_bytes()[..cut]].concat()).unwrap();
                let last = heads.last().unwrap().unwrap();
                // Nothing tells a first signed note that was cut right after its text from a bare one.
                let looks_bare = kept == BARE && next == NEXT && last == "example/eba\n5\nBBB=\n";
                assert!(last == kept || looks_bare, "cut at {cut}: {last}");
                heads.keep(next).unwrap();
                assert_eq!(heads.last().unwrap().as_deref(), Some(next), "cut at {cut}");
                assert_eq!(fs::read_to_string(&heads.0).unwrap(), format!("{whole}{next}\n"), "cut at {cut}");
            }
        }
    }
}
