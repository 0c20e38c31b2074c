//! Checkpoints: what the log was at one size, as the C2SP tlog-checkpoint specification writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::merkle::Hash;
use super::note::{self, NoteError, SigningKey, VerifierKey};

/// The log at one size: which log it is, how many entries it has, and the root over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name; the name of the keys that sign its checkpoints too.
    pub origin: String,
    /// How many entries are covered.
    pub size: u64,
    /// The root over them; SHA-256 of nothing where there are none.
    pub root: Hash,
}

/// Why a text is not the checkpoint that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is not good.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is of another form.
    #[error(
        "this is no checkpoint: it must be a line of origin, one of the size and one of the root in base64, and no more"
    )]
    NotACheckpoint,
    /// It is of another log.
    #[error("this is a checkpoint of '{found}', not of '{wanted}'")]
    OtherLog {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
}

impl Checkpoint {
    /// The three lines: origin, size in decimals, root in base64.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Reads the three lines. Extension lines, which the specification discourages and letterpost never writes, are refused.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        read(text).ok_or(CheckpointError::NotACheckpoint)
    }

    /// The checkpoint as a note, signed by each of the keys.
    ///
    /// # Errors
    /// Where the origin has a control character in it, or nobody signs.
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<String, NoteError> {
        note::sign(&self.text(), keys)
    }

    /// Opens a note that one of the keys signed.
    ///
    /// # Errors
    /// As [`note::open`], and where its text is no checkpoint.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<(Self, Vec<VerifierKey>), CheckpointError> {
        let opened = note::open(note, keys)?;
        Ok((Self::parse(&opened.text)?, opened.signers))
    }

    /// What a note says whose signatures nobody looked at; also of a bare text without any, as logs kept them before they had
    /// a key. To learn which size it speaks of, never to believe it.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn unverified(note: &str) -> Result<Self, CheckpointError> {
        Self::parse(note).or_else(|_| Self::parse(&note::unverified_text(note)?))
    }

    /// The same, where it is of this log.
    ///
    /// # Errors
    /// [`CheckpointError::OtherLog`].
    pub fn of(self, origin: &str) -> Result<Self, CheckpointError> {
        if self.origin == origin {
            return Ok(self);
        }
        Err(CheckpointError::OtherLog { found: self.origin, wanted: origin.to_owned() })
    }
}

fn read(text: &str) -> Option<Checkpoint> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let number: u64 = size.parse().ok()?;
    let root = Hash::try_from(BASE64.decode(root).ok()?).ok()?;
    // A size is written in one way only: without a sign and without zeros before it.
    let is_whole = lines.next().is_none() && !origin.is_empty() && number.to_string() == size;
    is_whole.then(|| Checkpoint { origin: origin.to_owned(), size: number, root })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::merkle::Frontier;

    /// The example of the specification.
    const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_specifications_example_is_read_and_written_again() {
        let read = Checkpoint::parse(TEXT).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(read.text(), TEXT);
        let theirs = tlog_tiles::Checkpoint::from_bytes(TEXT.as_bytes()).unwrap();
        assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (read.origin.as_str(), read.size, read.root));
    }

    #[test]
    fn other_forms_are_refused() {
        for (from, to) in [
            ("20852163", "020852163"),
            ("20852163", "+20852163"),
            ("20852163", "-1"),
            ("20852163", "99999999999999999999"),
            ("CsUY", "Cs"),
            ("q2I=\n", "q2I="),
            ("q2I=\n", "q2I=\nextension\n"),
            ("q2I=\n", "q2I=\n\n"),
            ("example.com/behind-the-sofa", ""),
        ] {
            let changed = TEXT.replace(from, to);
            assert_eq!(Checkpoint::parse(&changed), Err(CheckpointError::NotACheckpoint), "{changed:?}");
        }
    }

    #[test]
    fn a_signed_checkpoint_of_an_empty_log_tells_the_hash_of_nothing() {
        let key = SigningKey::new("agency.example/letters", &[1; 32]).unwrap();
        let empty = Checkpoint { origin: "agency.example/letters".to_owned(), size: 0, root: Frontier::new().root() };
        let note = empty.sign(&[&key]).unwrap();
        assert!(
            note.starts_with("agency.example/letters\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} ")
        );
        let known = [key.verifier().clone()];
        assert_eq!(Checkpoint::open(&note, &known).unwrap(), (empty.clone(), known.to_vec()));
        assert_eq!(Checkpoint::unverified(&note).unwrap(), empty);
        assert_eq!(Checkpoint::unverified(&empty.text()).unwrap(), empty);
        assert!(Checkpoint::open(&empty.text(), &known).is_err());
        assert!(matches!(empty.of("other.example"), Err(CheckpointError::OtherLog { .. })));
    }
}
