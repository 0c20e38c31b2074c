//! A file to which checkpoints are appended, with an empty line after each. It may be one that can only be appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use async_trait::async_trait;

use super::failed;
use crate::adapters::durable;
use crate::ports::{CheckpointSink, OutsideError, Put};

/// Bytes at the end of the file in which the last checkpoints are looked for.
const TAIL_BYTES: u64 = 64 << 10;
/// What a signature line begins with (C2SP signed-note).
const SIGNATURE: &str = "\u{2014} ";

/// A file for checkpoints.
#[derive(Debug, Clone)]
pub struct SinkFile(pub PathBuf);

#[async_trait]
impl CheckpointSink for SinkFile {
    async fn put(&self, _size: u64, note: &str) -> Result<Put, OutsideError> {
        let tail = self.tail().map_err(failed("read", &self.0))?;
        let last = tail.as_deref().unwrap_or_default();
        if format!("\n\n{last}").contains(&format!("\n\n{note}\n")) {
            return Ok(Put::There);
        }
        // What a full disk or a crash left of a note cannot be taken away here: it is ended, so that it is read as none.
        let gap = if last.is_empty() || last.ends_with("\n\n") { "" } else { "\n\n" };
        self.append(&format!("{gap}{note}\n")).map_err(failed("add to", &self.0))?;
        if tail.is_none() {
            self.0.parent().map_or(Ok(()), durable::sync_folder).map_err(failed("bring to the disk", &self.0))?;
        }
        Ok(Put::There)
    }

    fn newest(&self) -> Result<Option<String>, OutsideError> {
        let tail = self.tail().map_err(failed("read", &self.0))?.unwrap_or_default();
        Ok(last_note(&tail))
    }
}

impl SinkFile {
    fn append(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// The end of the file; `None` where there is no file. What was cut in two is in it as far as it is text.
    fn tail(&self) -> io::Result<Option<String>> {
        let mut file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// The last whole note: its text, and its signatures where it has some.
fn last_note(tail: &str) -> Option<String> {
    let whole = &tail[..tail.rfind("\n\n")?];
    let mut blocks = whole.rsplit("\n\n").skip_while(|block| block.is_empty());
    let last = blocks.next()?;
    if !last.starts_with(SIGNATURE) {
        return Some(format!("{last}\n"));
    }
    blocks.next().map(|text| format!("{text}\n\n{last}\n"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OLD: &str = "example/eba\n3\nAAA=\n\n— example/eba c2lnbmF0dXJl\n";
    const NEW: &str = "example/eba\n5\nBBB=\n\n— example/eba c2lnbmF0dXJm\n";

    #[tokio::test]
    async fn a_note_that_was_cut_anywhere_harms_no_later_one_and_nothing_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let sink = SinkFile(folder.path().join("notes"));
        assert_eq!(sink.newest(), Ok(None));
        sink.put(3, OLD).await.unwrap();
        let whole = fs::read_to_string(&sink.0).unwrap();
        assert_eq!(whole, format!("{OLD}\n"));
        for cut in (1..=NEW.len()).filter(|cut| NEW.is_char_boundary(*cut)) {
            let torn = format!("{whole}{}", &NEW[..cut]);
            fs::write(&sink.0, &torn).unwrap();
            sink.put(5, NEW).await.unwrap();
            let text = fs::read_to_string(&sink.0).unwrap();
            assert!(text.starts_with(&torn), "cut at {cut}");
            assert_eq!(sink.newest().unwrap().as_deref(), Some(NEW), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_note_that_is_there_is_not_put_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let sink = SinkFile(folder.path().join("notes"));
        for note in [OLD, NEW, NEW, OLD] {
            sink.put(0, note).await.unwrap();
        }
        assert_eq!(fs::read_to_string(&sink.0).unwrap(), format!("{OLD}\n{NEW}\n"));
        // The same text signed by another key is another note.
        sink.put(5, &NEW.replace("Jm\n", "Jn\n")).await.unwrap();
        assert_eq!(fs::read_to_string(&sink.0).unwrap().matches("example/eba\n5\n").count(), 2);
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_is_told_with_what_to_do() {
        let sink = SinkFile("/dev/full".into());
        let error = sink.append("x").map_err(failed("add to", &sink.0)).unwrap_err();
        assert!(error.message.starts_with("cannot add to /dev/full: No space left"), "{error}");
        assert!(error.message.ends_with("; make room there"), "{error}");
        let error = SinkFile("/no/such/folder/notes".into()).put(1, OLD).await.unwrap_err();
        assert!(error.is_ours && error.message.ends_with("; make its folder, or mount it"), "{error}");
    }
}
