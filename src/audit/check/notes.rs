//! Signed checkpoints that are held against a log: read from what people keep, and their signatures verified.

use serde::Deserialize;

use super::{Fault, Held, Place, Rank};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::log_keys::{BadCheckpoint, LogKeys};
use crate::audit::merkle::Hash;
use crate::audit::note::VerifierKey;

/// What a signature line begins with.
const SIGNATURE: &str = "\u{2014} ";

/// A note as somebody keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// What it is, for a person, as "the head of 2026-12-02".
    pub what: String,
    /// The note: text and signatures, or the bare text of a checkpoint from before the log had a key.
    pub note: String,
    /// How much it tells.
    pub rank: Rank,
}

impl KeptNote {
    /// What it says, whoever signed it.
    ///
    /// # Errors
    /// The fault, where it says nothing of this log.
    pub fn held(&self, origin: &str) -> Result<Held, Fault> {
        let read = Checkpoint::unverified(&self.note).and_then(|checkpoint| checkpoint.of(origin));
        let checkpoint = read.map_err(|error| self.fault(&error.to_string()))?;
        Ok(Held { what: self.what.clone(), size: checkpoint.size, root: checkpoint.root, rank: self.rank })
    }

    /// Whether nobody signed it: it is a bare text.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        Checkpoint::parse(&self.note).is_ok()
    }

    /// What is wrong with its signatures, by the keys that are known and the times in which each signed.
    #[must_use]
    pub fn fault_of_signature(&self, keys: &[VerifierKey], times: &LogKeys) -> Option<Fault> {
        let told = match Checkpoint::open(&self.note, keys) {
            Ok((checkpoint, signers)) if signers.iter().any(|key| times.allows(key, checkpoint.size)) => return None,
            Ok((checkpoint, signers)) => {
                let key = signers.iter().map(VerifierKey::label).collect::<Vec<_>>().join(", ");
                BadCheckpoint::NotItsTime { size: checkpoint.size, key }.to_string()
            }
            Err(error) => error.to_string(),
        };
        Some(self.fault(&told))
    }

    /// Whether it is of this log at this size with this root.
    #[must_use]
    pub fn says(&self, origin: &str, size: u64, root: &Hash) -> bool {
        self.held(origin).is_ok_and(|held| held.size == size && held.root == *root)
    }

    fn fault(&self, told: &str) -> Fault {
        Fault { text: format!("{}: {told}", self.what), place: Place::Beside }
    }
}

/// The notes in a text that has any number of them, one after another with a blank line between, signed and bare ones. A last one
/// that was not written to its end is passed over.
#[must_use]
pub fn notes_in(text: &str) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    // Every part but the last one, which has no blank line after it, is whole.
    let (whole, rest) = text.rsplit_once("\n\n").unwrap_or(("", text));
    for part in whole.split("\n\n").map(|part| part.trim_start_matches('\n')).filter(|part| !part.is_empty()) {
        match notes.last_mut() {
            Some(note) if part.starts_with(SIGNATURE) => *note = format!("{note}\n{part}\n"),
            _ => notes.push(format!("{part}\n")),
        }
    }
    // Signatures that were not written to their end belong to the text before them.
    if !rest.is_empty() && (rest.starts_with(SIGNATURE) || SIGNATURE.starts_with(rest)) {
        notes.pop();
    }
    notes
}

/// The JSON files that carry notes: a ready marker, a job ticket, a proof.
#[derive(Deserialize)]
struct Carrier {
    checkpoint: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

/// The notes in a file that a reader brought: a note, a file of notes, a ready marker, a job ticket or a proof.
///
/// # Errors
/// What to tell a person, where there are none.
pub fn notes_of_file(text: &str) -> Result<Vec<String>, &'static str> {
    let notes = if text.trim_start().starts_with('{') {
        let carrier: Option<Carrier> = serde_json::from_str(text).ok();
        carrier.map(|it| [it.checkpoint, it.old, it.new].into_iter().flatten().collect()).unwrap_or_default()
    } else {
        // A note in a file of its own ends without a blank line.
        notes_in(&format!("{}\n\n", text.trim_end_matches('\n')))
    };
    let notes: Vec<String> = notes;
    let is_good = !notes.is_empty() && notes.iter().all(|note| Checkpoint::unverified(note).is_ok());
    if is_good {
        Ok(notes)
    } else {
        Err("there is no checkpoint in it: it must be a note, a file of notes, a ready marker or a proof")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::note::SigningKey;

    fn note(size: u64, is_signed: bool) -> String {
        let checkpoint = Checkpoint { origin: "agency.example/letters".to_owned(), size, root: [size as u8; 32] };
        let key = SigningKey::new("agency.example/letters", &[1; 32]).unwrap();
        if is_signed { checkpoint.sign(&[&key]).unwrap() } else { checkpoint.text() }
    }

    #[test]
    fn notes_are_told_apart_whether_signed_or_not() {
        let notes = [note(1, false), note(2, true), note(3, true), note(4, false), note(5, true)];
        let kept: String = notes.iter().map(|note| format!("{note}\n")).collect();
        assert_eq!(notes_in(&kept), notes);
        assert_eq!(notes_of_file(&kept).unwrap(), notes);
        assert!(notes_in("").is_empty() && notes_of_file("").is_err());
    }

    #[test]
    fn a_note_that_was_cut_short_is_passed_over() {
        for (next, text_ends) in [(note(3, false), usize::MAX), (note(3, true), note(3, false).len() + 1)] {
            let whole = format!("{}\n", note(2, true));
            // Cut right after its text, a signed note is no other than a bare one.
            for cut in (1..=next.len()).filter(|cut| next.is_char_boundary(*cut) && *cut != text_ends) {
                assert_eq!(notes_in(&format!("{whole}{}", &next[..cut])), [note(2, true)], "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_single_note_and_what_carries_one_are_read() {
        assert_eq!(notes_of_file(&note(7, true)).unwrap(), [note(7, true)]);
        assert_eq!(notes_of_file(&note(7, false)).unwrap(), [note(7, false)]);
        let json = serde_json::json!({ "name": "eba-acme-000123", "checkpoint": note(7, true) }).to_string();
        assert_eq!(notes_of_file(&json).unwrap(), [note(7, true)]);
        for other in ["{}", "{", "hello\n", "a\nb\nc\n", r#"{"checkpoint":"none"}"#] {
            assert!(notes_of_file(other).is_err(), "{other}");
        }
    }
}
