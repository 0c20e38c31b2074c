//! What a log is held against: heads and subtrees that the ledger kept, notes from outside it, and keys.

use super::notes::KeptNote;
use super::{Checked, Fault, Held, KeptSubtrees, LogCheck, Place, Rank};
use crate::audit::log_keys::LogKeys;
use crate::audit::merkle::Hash;
use crate::audit::note::VerifierKey;
use crate::audit::rotation::related;

/// A head as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    /// What it is, for a person, as "the head of 2026-12-02".
    pub what: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed checkpoint; `None` for a head from before the log had a key.
    pub note: Option<String>,
    /// Whether the right edge of the tree that is kept with it has this root.
    pub has_its_edge: bool,
}

/// All that is known of a log.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The log's name.
    pub origin: String,
    /// The keys that are trusted; those that follow from them through rotations are known too. Where there is none, signatures are not
    /// looked at.
    pub keys: Vec<VerifierKey>,
    /// The ledger's heads, smallest first.
    pub heads: Vec<KeptHead>,
    /// Notes from outside the ledger.
    pub notes: Vec<KeptNote>,
    /// The ledger's subtrees.
    pub subtrees: KeptSubtrees,
}

impl Known {
    /// Begins before the first entry.
    #[must_use]
    pub fn begin(&self) -> LogCheck {
        let heads = self.heads.iter().map(KeptHead::held);
        let notes = self.notes.iter().filter_map(|note| note.held(&self.origin).ok());
        LogCheck::new(heads.chain(notes).collect(), self.subtrees.clone())
    }

    /// Ends after the last entry: only now is it known which keys the log itself names.
    #[must_use]
    pub fn judge(&self, check: LogCheck) -> Checked {
        let mut checked = check.finish();
        let note_of = |size| self.heads.iter().find(|head| head.size == size).and_then(|head| head.note.as_deref());
        let keys = related(&self.keys, &checked.rotations, note_of);
        let times = LogKeys::of(&checked.rotations, None);
        checked.faults.extend(self.faults_of_heads());
        checked.faults.extend(self.notes.iter().filter_map(|note| note.held(&self.origin).err()));
        let of_heads = self.heads.iter().filter_map(KeptHead::kept_note);
        let signed = of_heads.chain(self.notes.iter().filter(|note| !note.is_bare()).cloned());
        if !keys.is_empty() {
            checked.faults.extend(signed.filter_map(|note| note.fault_of_signature(&keys, &times)));
        }
        checked.faults.extend(self.notes.iter().filter_map(|note| self.fault_of_bare(note)));
        let bare = self.notes.iter().filter(|note| note.rank == Rank::Brought && note.is_bare());
        let unsigned = |note: &KeptNote| format!("{} is not signed: it is as good as where it comes from", note.what);
        checked.remarks.extend(bare.map(unsigned));
        checked
    }

    /// A bare note that the site keeps outside its ledger is good only where the ledger's own head of its size is bare too, as on a
    /// site from before heads were signed.
    fn fault_of_bare(&self, note: &KeptNote) -> Option<Fault> {
        let held = note.held(&self.origin).ok().filter(|_| note.is_bare() && note.rank == Rank::Kept)?;
        let is_signed = self.heads.iter().any(|head| head.size == held.size && head.note.is_some());
        let text =
            format!("{}: it has no signature, and the ledger's head of its {} entries has one", note.what, held.size);
        is_signed.then_some(Fault { text, place: Place::Beside })
    }

    /// Heads whose note is of another size or root, or whose edge is, and unsigned ones after signed ones.
    fn faults_of_heads(&self) -> Vec<Fault> {
        let mut has_signed = false;
        let mut faults = Vec::new();
        for head in &self.heads {
            let wrong = match head.kept_note() {
                Some(note) if !note.says(&self.origin, head.size, &head.root) => {
                    Some("its note is of another log, size or root")
                }
                _ if !head.has_its_edge => Some("the right edge of the tree that is kept with it is of another root"),
                Some(_) => None,
                None if has_signed => Some("it is not signed, and an earlier one is"),
                None => None,
            };
            has_signed |= head.note.is_some();
            faults.extend(wrong.map(|wrong| Fault { text: format!("{}: {wrong}", head.what), place: Place::Beside }));
        }
        faults
    }
}

impl KeptHead {
    fn held(&self) -> Held {
        Held { what: self.what.clone(), size: self.size, root: self.root, rank: Rank::Kept }
    }

    fn kept_note(&self) -> Option<KeptNote> {
        Some(KeptNote { what: self.what.clone(), note: self.note.clone()?, rank: Rank::Kept })
    }
}
