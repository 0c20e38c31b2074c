//! Recomputing a whole log, entry after entry, and holding it against all that is known of it: the kept hash of each entry, the
//! kept roots of its subtrees, checkpoints, and an export that was made of it earlier.
//!
//! Only the right edge of the tree is kept meanwhile, so a log of any length is checked in the same memory.

mod findings;
mod finish;
mod known;
pub mod notes;

use std::collections::BTreeMap;

pub use self::findings::{Fault, First, Place};
pub use self::known::{KeptHead, Known};

use super::merkle::{Frontier, Hash, leaf_hash};
use super::read::{Entry, EntryFault};
use super::rotation::Rotation;

/// Leaves, or roots of subtrees, below a subtree of the next kept level.
pub const SUBTREE_WIDTH: u64 = 256;
/// Entries, and subtrees, whose faults are told one by one.
const MOST_TOLD: u64 = 20;

/// The kind of an entry that tells of a log that was lost, and goes on from an older one.
const LOSS_ACCEPTED: &str = "ledger.loss_accepted";

/// How much a checkpoint tells. The first good one of a rank bounds from where on others of that rank or a lower one can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The site keeps it: whoever can rewrite the log may rewrite it too.
    Kept,
    /// The reader brought it.
    Brought,
}

/// A checkpoint that the log is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is, for a person, as "the head of 2026-12-02".
    pub what: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// How much it tells.
    pub rank: Rank,
}

/// The roots of complete subtrees as they were kept, by level (1: of 256 leaves, 2: of 65,536 …) and place in it.
pub type KeptSubtrees = BTreeMap<(u32, u64), Hash>;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many entries the log has.
    pub size: u64,
    /// The root over them, recomputed.
    pub root: Hash,
    /// What is wrong; empty where all is well.
    pub faults: Vec<Fault>,
    /// What a reader should know and is not wrong.
    pub remarks: Vec<String>,
    /// The changes of the log's key that it tells of.
    pub rotations: Vec<Rotation>,
}

impl Checked {
    /// The first entry that differs, where one does.
    #[must_use]
    pub fn first(&self) -> Option<First> {
        findings::first(&self.faults)
    }
}

/// A loss that the log itself tells of: checkpoints of more than `from` and at most `to` entries are of the log that was lost.
#[derive(Clone)]
struct Loss {
    from: u64,
    to: u64,
}

/// A log that is being checked.
#[derive(Clone)]
pub struct LogCheck {
    log: Frontier,
    /// The place that the next row should have; it is not the size where rows are missing.
    next_row: u64,
    held: Vec<Held>,
    reached: usize,
    /// The size of the largest good checkpoint of each rank or a higher one.
    good: [u64; 2],
    bad: Vec<Disagreement>,
    subtrees: KeptSubtrees,
    /// The subtrees under way, by level from 1.
    growing: Vec<Frontier>,
    /// The entries that an export has in the same bytes, up to the first that it has in others.
    exported: Exported,
    faults: Vec<Fault>,
    bad_rows: u64,
    bad_subtrees: u64,
    rotations: Vec<Rotation>,
    losses: Vec<Loss>,
}

/// A checkpoint, by its place among those held, that is not of this log's entries.
#[derive(Clone)]
struct Disagreement {
    held: usize,
    /// Up to here the log is known to be as it was.
    good: u64,
}

#[derive(Clone, Default)]
struct Exported {
    same: Option<(u64, u64)>,
    has_other: bool,
}

impl LogCheck {
    /// Begins before the first entry. `subtrees` is what the ledger kept, `held` every checkpoint, in any order.
    #[must_use]
    pub fn new(mut held: Vec<Held>, subtrees: KeptSubtrees) -> Self {
        held.sort_by_key(|held| held.size);
        let mut check = Self {
            log: Frontier::new(),
            next_row: 0,
            held,
            reached: 0,
            good: [0; 2],
            bad: Vec::new(),
            subtrees,
            growing: Vec::new(),
            exported: Exported::default(),
            faults: Vec::new(),
            bad_rows: 0,
            bad_subtrees: 0,
            rotations: Vec::new(),
            losses: Vec::new(),
        };
        check.meet_held();
        check
    }

    /// How many entries it has seen.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// The next row: the place and the hash that were kept with an entry's bytes, and the bytes that an earlier export has at
    /// this place, where it has any.
    pub fn row(&mut self, seq: u64, bytes: &[u8], kept_leaf: &[u8], exported: Option<&[u8]>) {
        let leaf = leaf_hash(bytes);
        let entry = Entry::parse(bytes);
        if let Ok(entry) = &entry {
            self.note_entry(entry);
        }
        let text = if seq != self.next_row {
            Some(format!("entry {seq} stands where entry {} should", self.next_row))
        } else if leaf.as_slice() != kept_leaf {
            Some(format!("entry {seq} is not the one that its hash was made of"))
        } else if exported.is_some_and(|exported| exported != bytes) {
            Some(format!("entry {seq} is not the one that was exported"))
        } else {
            fault_of(seq, entry)
        };
        if let Some(text) = text {
            self.tell_row(text);
        }
        if let Some(exported) = exported {
            self.exported.note(self.size(), exported == bytes);
        }
        self.next_row = seq.saturating_add(1);
        self.log.append(leaf);
        self.grow_subtrees(leaf);
        self.meet_held();
    }

    /// Keeps what an entry says of the log itself.
    fn note_entry(&mut self, entry: &Entry) {
        self.rotations.extend(Rotation::of(entry));
        if entry.kind == LOSS_ACCEPTED
            && let Some(to) = entry.number("outside_size")
        {
            self.losses.push(Loss { from: entry.seq, to });
        }
    }

    fn tell_row(&mut self, text: String) {
        self.bad_rows += 1;
        if self.bad_rows <= MOST_TOLD {
            self.faults.push(Fault { text, place: Place::Entry(self.size()) });
        }
    }

    fn tell_subtree(&mut self, fault: Fault) {
        self.bad_subtrees += 1;
        if self.bad_subtrees <= MOST_TOLD {
            self.faults.push(fault);
        }
    }

    /// Completes the kept subtrees that end here, and compares them.
    fn grow_subtrees(&mut self, leaf: Hash) {
        let (mut level, mut root) = (1, leaf);
        while let Some(complete) = self.grow_subtree(level, root) {
            let place = self.size() / SUBTREE_WIDTH.saturating_pow(level) - 1;
            let (from, to) = leaves_below(level, place);
            let has_later = self.subtrees.range((level, place + 1)..(level + 1, 0)).next().is_some();
            match self.subtrees.remove(&(level, place)) {
                Some(kept) if kept != complete => self.tell_subtree(Fault {
                    text: format!("the kept hash of the subtree over entries {from} to {} is not theirs", to - 1),
                    place: Place::Within(from, to),
                }),
                None if has_later => self.tell_subtree(Fault {
                    text: format!("the kept hash of the subtree over entries {from} to {} is missing", to - 1),
                    place: Place::Beside,
                }),
                _ => {}
            }
            (level, root) = (level + 1, complete);
        }
    }

    /// Adds a root of the level below to the subtree under way, and gives its root when it is complete.
    fn grow_subtree(&mut self, level: u32, below: Hash) -> Option<Hash> {
        let place = level as usize - 1;
        if self.growing.len() == place {
            self.growing.push(Frontier::new());
        }
        let subtree = self.growing.get_mut(place)?;
        subtree.append(below);
        (subtree.size() == SUBTREE_WIDTH).then(|| std::mem::take(subtree).root())
    }

    /// Compares the root with every checkpoint of this size.
    fn meet_held(&mut self) {
        while let Some(held) = self.held.get(self.reached).filter(|held| held.size == self.log.size()) {
            if held.root == self.log.root() {
                for rank in [Rank::Kept, Rank::Brought].into_iter().filter(|rank| *rank <= held.rank) {
                    self.good[rank as usize] = held.size;
                }
            } else {
                self.bad.push(Disagreement { held: self.reached, good: self.good[held.rank as usize] });
            }
            self.reached += 1;
        }
    }
}

impl Exported {
    fn note(&mut self, place: u64, is_same: bool) {
        self.has_other |= !is_same;
        if !self.has_other {
            self.same = Some((self.same.map_or(place, |(from, _)| from), place + 1));
        }
    }
}

fn fault_of(seq: u64, entry: Result<Entry, EntryFault>) -> Option<String> {
    match entry {
        Err(fault) => Some(format!("entry {seq} {fault}")),
        Ok(entry) if entry.seq != seq => Some(format!("entry {seq} says that it is entry {}", entry.seq)),
        Ok(_) => None,
    }
}

/// The leaves below a kept subtree: the first, and the one after the last.
#[must_use]
pub fn leaves_below(level: u32, place: u64) -> (u64, u64) {
    let width = SUBTREE_WIDTH.saturating_pow(level);
    (place.saturating_mul(width), place.saturating_add(1).saturating_mul(width))
}

#[cfg(test)]
mod tests;
