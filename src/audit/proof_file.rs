//! Proofs as files that somebody with nothing but the log's public key can check: JSON, hashes in hexadecimal, checkpoints as
//! notes.
//!
//! - `letter`: entries of one letter, each with its proof of inclusion;
//! - `range`: that the entries of an export are a run of the log;
//! - `consistency`: that one checkpoint's log is the beginning of another's.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::merkle::{Hash, leaf_hash};
use super::note::VerifierKey;
use super::proof::{RangeCheck, verify_consistency, verify_inclusion};
use super::read::{Entry, EntryFault};

/// The version of the files.
const VERSION: u64 = 1;

/// A hash as the files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HexHash(pub Hash);

impl Serialize for HexHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for HexHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut hash = Hash::default();
        hex::decode_to_slice(&text, &mut hash).map_err(serde::de::Error::custom)?;
        Ok(Self(hash))
    }
}

/// An entry of the log and the proof that it is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvedEntry {
    /// Its place, from 0.
    pub index: u64,
    /// Its canonical bytes, which are UTF-8.
    pub entry: String,
    /// The proof of inclusion, from the leaf upwards.
    pub hashes: Vec<HexHash>,
}

/// What is proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProofFile {
    /// That these entries, which are about one letter, are in the log.
    Letter {
        /// The version of this form.
        version: u64,
        /// The letter's id.
        letter: String,
        /// The checkpoint that they are under.
        checkpoint: String,
        /// How many entries of the letter were not under a signed checkpoint yet when this was made.
        newer_entries: u64,
        /// The entries.
        entries: Vec<ProvedEntry>,
    },
    /// That the entries from `from` up to, not including, `to` are a run of the log. The entries are in an export.
    Range {
        /// The version of this form.
        version: u64,
        /// The checkpoint that they are under.
        checkpoint: String,
        /// The first entry of the run.
        from: u64,
        /// The one after its last.
        to: u64,
        /// The roots of the perfect subtrees left of the run, largest first, then of those right of it, from left to right.
        hashes: Vec<HexHash>,
    },
    /// That the log of the old checkpoint is the beginning of the new one's.
    Consistency {
        /// The version of this form.
        version: u64,
        /// The smaller checkpoint.
        old: String,
        /// The larger one.
        new: String,
        /// The proof of consistency.
        hashes: Vec<HexHash>,
    },
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The file is no proof.
    #[error("this is no proof file: {0}")]
    NotAProof(String),
    /// Nobody here knows how to read it.
    #[error("this proof file is of version {0}, which this program does not know; a newer letterpost reads it")]
    UnknownVersion(u64),
    /// The checkpoint is not good.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The bytes of an entry are no entry.
    #[error("entry {0} {1}")]
    Entry(u64, EntryFault),
    /// An entry says of itself what the proof does not.
    #[error("entry {index} {what}")]
    Misplaced {
        /// Its place in the proof.
        index: u64,
        /// What it says.
        what: String,
    },
    /// An entry is not in the log of the checkpoint.
    #[error("entry {0} is not in the log that the checkpoint covers")]
    NotIncluded(u64),
    /// The logs of two checkpoints are not one.
    #[error("the log of {old} entries is not the beginning of that of {new} entries: they are not of one history")]
    NotConsistent {
        /// The size of the old one.
        old: u64,
        /// The size of the new one.
        new: u64,
    },
    /// The export's entries are not that run of the log.
    #[error("the export's entries are not entries {from} to {to} of the log that the checkpoint covers: {why}")]
    NotTheRange {
        /// The first that they should be.
        from: u64,
        /// The last that they should be.
        to: u64,
        /// What shows it.
        why: &'static str,
    },
}

/// Hashes as a proof file has them.
#[must_use]
pub fn hex_hashes(hashes: &[Hash]) -> Vec<HexHash> {
    hashes.iter().copied().map(HexHash).collect()
}

fn hashes(hashes: &[HexHash]) -> Vec<Hash> {
    hashes.iter().map(|hash| hash.0).collect()
}

impl ProofFile {
    /// The proof that entries of a letter are in the log.
    #[must_use]
    pub fn letter(letter: String, checkpoint: String, newer_entries: u64, entries: Vec<ProvedEntry>) -> Self {
        Self::Letter { version: VERSION, letter, checkpoint, newer_entries, entries }
    }

    /// The proof that entries `from` to `to` are a run of the log.
    #[must_use]
    pub fn range(checkpoint: String, from: u64, to: u64, hashes: &[Hash]) -> Self {
        Self::Range { version: VERSION, checkpoint, from, to, hashes: hex_hashes(hashes) }
    }

    /// The proof that the log of one note is the beginning of that of another.
    #[must_use]
    pub fn consistency(old: String, new: String, hashes: &[Hash]) -> Self {
        Self::Consistency { version: VERSION, old, new, hashes: hex_hashes(hashes) }
    }

    /// The file's text: JSON with the end of its last line.
    ///
    /// # Errors
    /// Never for a value of this type; the signature passes on what the JSON writer may say.
    pub fn to_json(&self) -> Result<String, ProofFault> {
        let text = serde_json::to_string_pretty(self).map_err(|error| ProofFault::NotAProof(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ProofFault::NotAProof`] or [`ProofFault::UnknownVersion`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProofFault> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        if let Ok(Versioned { version }) = serde_json::from_slice(bytes)
            && version != VERSION
        {
            return Err(ProofFault::UnknownVersion(version));
        }
        serde_json::from_slice(bytes).map_err(|error| ProofFault::NotAProof(error.to_string()))
    }
}

/// The entries of a letter's proof, where each is in the log of a checkpoint that one of the keys signed, and about the letter.
///
/// # Errors
/// [`ProofFault`].
pub fn check_letter(
    letter: &str,
    note: &str,
    entries: &[ProvedEntry],
    keys: &[VerifierKey],
) -> Result<(Checkpoint, Vec<Entry>), ProofFault> {
    let (checkpoint, _) = Checkpoint::open(note, keys)?;
    let mut read = Vec::with_capacity(entries.len());
    for ProvedEntry { index, entry, hashes: proof } in entries {
        let leaf = leaf_hash(entry.as_bytes());
        if !verify_inclusion(*index, checkpoint.size, &leaf, &hashes(proof), &checkpoint.root) {
            return Err(ProofFault::NotIncluded(*index));
        }
        let entry = Entry::parse(entry.as_bytes()).map_err(|fault| ProofFault::Entry(*index, fault))?;
        if entry.seq != *index {
            let what = format!("says that it is entry {}", entry.seq);
            return Err(ProofFault::Misplaced { index: *index, what });
        }
        read.push(entry);
    }
    let is_about = |entry: &Entry| entry.text("letter") == Some(letter);
    if !read.iter().any(is_about) {
        return Err(ProofFault::NotAProof(format!("none of its entries is about letter {letter}")));
    }
    Ok((checkpoint, read))
}

/// Both checkpoints, where the old one's log is the beginning of the new one's. The new one must be signed by one of the keys; the
/// old one too, unless it is a bare text from before the log had a key.
///
/// # Errors
/// [`ProofFault`].
pub fn check_consistency(
    old: &str,
    new: &str,
    proof: &[HexHash],
    keys: &[VerifierKey],
) -> Result<(Checkpoint, Checkpoint), ProofFault> {
    let (new, _) = Checkpoint::open(new, keys)?;
    let old = match Checkpoint::parse(old) {
        Ok(bare) => bare,
        Err(_) => Checkpoint::open(old, keys)?.0,
    };
    let old = old.of(&new.origin)?;
    if verify_consistency((old.size, &old.root), (new.size, &new.root), &hashes(proof)) {
        Ok((old, new))
    } else {
        Err(ProofFault::NotConsistent { old: old.size, new: new.size })
    }
}

/// The entries of an export, one after another, against the range proof that was made with it.
pub struct ExportCheck {
    checkpoint: Checkpoint,
    from: u64,
    to: u64,
    next: u64,
    reckoned: RangeCheck,
}

impl ExportCheck {
    /// Begins before the first line of the export.
    ///
    /// # Errors
    /// Where the checkpoint is not good, or the proof is not of this run.
    pub fn begin(
        note: &str,
        (from, to): (u64, u64),
        proof: &[HexHash],
        keys: &[VerifierKey],
    ) -> Result<Self, ProofFault> {
        let (checkpoint, _) = Checkpoint::open(note, keys)?;
        let lies_within = from <= to && to <= checkpoint.size;
        let reckoned = RangeCheck::begin(from, &hashes(proof)).filter(|_| lies_within);
        let reckoned = reckoned.ok_or_else(|| not_the_range(from, to, "the proof is not for these"))?;
        Ok(Self { checkpoint, from, to, next: from, reckoned })
    }

    /// The next line, without its end.
    ///
    /// # Errors
    /// Where it is no entry, or not the one that follows.
    pub fn line(&mut self, bytes: &[u8]) -> Result<Entry, ProofFault> {
        if self.next >= self.to {
            return Err(not_the_range(self.from, self.to, "there are more of them"));
        }
        let entry = Entry::parse(bytes).map_err(|fault| ProofFault::Entry(self.next, fault))?;
        if entry.seq != self.next {
            let what = format!("says that it is entry {}", entry.seq);
            return Err(ProofFault::Misplaced { index: self.next, what });
        }
        self.reckoned.append(leaf_hash(bytes));
        self.next += 1;
        Ok(entry)
    }

    /// The checkpoint, where the lines are the run that the proof is for.
    ///
    /// # Errors
    /// [`ProofFault::NotTheRange`].
    pub fn finish(self) -> Result<Checkpoint, ProofFault> {
        let Self { checkpoint, from, to, next, reckoned } = self;
        if next < to {
            return Err(not_the_range(from, to, "there are fewer of them"));
        }
        if reckoned.root(checkpoint.size) != Some(checkpoint.root) {
            return Err(not_the_range(from, to, "an entry or a hash of the proof was changed"));
        }
        Ok(checkpoint)
    }
}

fn not_the_range(from: u64, to: u64, why: &'static str) -> ProofFault {
    ProofFault::NotTheRange { from, to: to.saturating_sub(1), why }
}
