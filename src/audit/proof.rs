//! Proofs over the tree of a log, as RFC 9162 sections 2.1.3 and 2.1.4 define them: that an entry is in it, that a smaller log
//! is its beginning; and that a run of entries is a part of it.
//!
//! A proof is made in two steps, so that whoever keeps the hashes may read them as it likes: a [`Plan`] says which perfect
//! subtrees it needs, and [`Plan::assemble`] makes the proof of their roots. Verifying needs the proof alone.

use super::merkle::{Frontier, Hash, node_hash};

/// The leaves from `from` up to, not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
}

impl Span {
    /// How many leaves it has.
    #[must_use]
    pub fn len(self) -> u64 {
        self.to - self.from
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from == self.to
    }

    /// The level of a perfect subtree: it has 2^level leaves.
    #[must_use]
    pub fn level(self) -> u32 {
        self.len().trailing_zeros()
    }

    /// The largest perfect subtrees that make it up, in order. They are at most twice as many as its length has bits.
    #[must_use]
    pub fn subtrees(self) -> Vec<Self> {
        let mut found = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let level = from.trailing_zeros().min((self.to - from).ilog2());
            let to = from + (1 << level);
            found.push(Self { from, to });
            from = to;
        }
        found
    }
}

/// Which hashes a proof holds: each is the root over a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    spans: Vec<Span>,
}

impl Plan {
    /// For the proof that leaf `index` is in the log of `size` leaves; `None` where there is no such leaf.
    #[must_use]
    pub fn inclusion(index: u64, size: u64) -> Option<Self> {
        let mut spans = Vec::new();
        let mut node = Span { from: 0, to: size };
        while index < size && node.len() > 1 {
            let (left, right) = halves(node);
            let (sibling, towards) = if index < left.to { (right, left) } else { (left, right) };
            spans.push(sibling);
            node = towards;
        }
        // The proof goes upwards from the leaf.
        spans.reverse();
        (index < size).then_some(Self { spans })
    }

    /// For the proof that the log of `old` leaves is the beginning of that of `new`; `None` where it is the larger one.
    #[must_use]
    pub fn consistency(old: u64, new: u64) -> Option<Self> {
        let mut spans = Vec::new();
        let mut node = Span { from: 0, to: new };
        while old > 0 && old < node.to {
            let (left, right) = halves(node);
            let (sibling, towards) = if old <= left.to { (right, left) } else { (left, right) };
            spans.push(sibling);
            node = towards;
        }
        // Where the old log is no perfect subtree of the new one, the proof begins with its last part.
        if old > 0 && node.from > 0 {
            spans.push(node);
        }
        spans.reverse();
        (old <= new).then_some(Self { spans })
    }

    /// For the proof that leaves `from` to `to` are a part of the log of `size`: what stands left of them and right of them.
    /// `None` where they do not lie in it.
    #[must_use]
    pub fn range(part: Span, size: u64) -> Option<Self> {
        let left = Span { from: 0, to: part.from }.subtrees();
        let fits = part.from <= part.to && part.to <= size;
        fits.then(|| Self { spans: [left, Span { from: part.to, to: size }.subtrees()].concat() })
    }

    /// The perfect subtrees whose roots are needed, in the order that [`assemble`](Self::assemble) wants them.
    #[must_use]
    pub fn subtrees(&self) -> Vec<Span> {
        self.spans.iter().flat_map(|span| span.subtrees()).collect()
    }

    /// The proof, from the roots of [`subtrees`](Self::subtrees); `None` where they are not as many.
    #[must_use]
    pub fn assemble(&self, roots: &[Hash]) -> Option<Vec<Hash>> {
        let mut rest = roots;
        let mut proof = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            let (parts, others) = rest.split_at_checked(span.subtrees().len())?;
            // Only the right edge of a tree is no perfect subtree, and its parts grow smaller towards the right.
            let (last, larger) = parts.split_last()?;
            proof.push(larger.iter().rev().fold(*last, |right, left| node_hash(left, &right)));
            rest = others;
        }
        rest.is_empty().then_some(proof)
    }
}

/// The two subtrees below a node of at least two leaves: the left one has the largest power of two of them that leaves some.
fn halves(node: Span) -> (Span, Span) {
    let middle = node.from + (1 << (node.len() - 1).ilog2());
    (Span { from: node.from, to: middle }, Span { from: middle, to: node.to })
}

/// Whether `proof` shows that the log of `size` leaves with this root has `leaf` at `index` (RFC 9162, 2.1.3.2).
#[must_use]
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the log of `old.0` leaves with root `old.1` is the beginning of that of `new.0` leaves with root
/// `new.1` (RFC 9162, 2.1.4.2). The empty log is the beginning of every log, by an empty proof.
#[must_use]
pub fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (old, new);
    if old == 0 || old >= new {
        let is_same = old == new && old_root == new_root;
        return proof.is_empty() && (is_same || old == 0 && new > 0 && *old_root == Frontier::new().root());
    }
    let (mut node, mut last) = (old - 1, new - 1);
    let begun = node.trailing_ones();
    (node, last) = (node >> begun, last >> begun);
    // An old log that is a perfect subtree needs no first hash: the reader has its root.
    let mut proof = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(first) = first else { return false };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// Reckons the root of a log from a run of its leaves and a range proof: leaf after leaf, so that none need be kept.
pub struct RangeCheck {
    log: Frontier,
    right: Vec<Hash>,
}

impl RangeCheck {
    /// Begins before leaf `from`; `None` where the proof has too few hashes.
    #[must_use]
    pub fn begin(from: u64, proof: &[Hash]) -> Option<Self> {
        let (left, right) = proof.split_at_checked(from.count_ones() as usize)?;
        Some(Self { log: Frontier::from_peaks(from, left)?, right: right.to_vec() })
    }

    /// The next leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.log.append(leaf);
    }

    /// The root of the log of `size` leaves; `None` where the proof is not for so many.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        let mut log = self.log.clone();
        let rest = Span { from: log.size(), to: size };
        let subtrees = if rest.from <= size { rest.subtrees() } else { return None };
        let fits = subtrees.len() == self.right.len()
            && subtrees.iter().zip(&self.right).all(|(span, root)| log.append_subtree(span.level(), *root));
        fits.then(|| log.root())
    }
}

#[cfg(test)]
mod tests;
