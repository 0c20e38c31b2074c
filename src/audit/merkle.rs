//! The Merkle tree of RFC 6962 section 2.1: hashes of leaves and nodes, and the root of a growing log.

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 of a zero byte and the entry's bytes.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of an inner node: SHA-256 of a one byte and the two hashes below it.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The right edge of a log: the roots of its perfect subtrees, largest first.
///
/// It is all that is needed to append a leaf and to tell the root, so a log of any length grows without being read
/// again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.grow(0, leaf);
    }

    /// Appends a perfect subtree of 2^`level` leaves by its root; says `false`, and appends nothing, where none can stand here
    /// because the size so far is no multiple of its leaves.
    #[must_use]
    pub fn append_subtree(&mut self, level: u32, root: Hash) -> bool {
        let fits = level < 63 && self.size.trailing_zeros() >= level;
        if fits {
            self.grow(level, root);
        }
        fits
    }

    fn grow(&mut self, level: u32, root: Hash) {
        let mut node = root;
        // Each trailing one bit of the size is a perfect subtree that the new one completes to one twice as large.
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1 << level;
    }

    /// The root: SHA-256 of nothing for an empty log.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The peaks, one after another, to be kept beside the size.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// The frontier of `size` leaves from the bytes of [`to_bytes`](Self::to_bytes); `None` where they do not fit.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        rest.is_empty().then(|| Self::from_peaks(size, peaks))?
    }

    /// The frontier of `size` leaves from the roots of its perfect subtrees, largest first; `None` where they are not as many.
    #[must_use]
    pub fn from_peaks(size: u64, peaks: &[Hash]) -> Option<Self> {
        let fits = peaks.len() == size.count_ones() as usize;
        fits.then(|| Self { size, peaks: peaks.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves of the vectors that the certificate-transparency projects share.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_the_shared_vectors() {
        let mut log = Frontier::new();
        assert_eq!(hex::encode(log.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            log.append(leaf_hash(&hex::decode(leaf).unwrap()));
            assert_eq!(&hex::encode(log.root()), root);
            assert_eq!(Frontier::from_bytes(log.size(), &log.to_bytes()), Some(log.clone()));
        }
    }

    #[test]
    fn subtrees_grow_a_log_as_their_leaves_do() {
        let leaves: Vec<Hash> = (0..21u8).map(|n| leaf_hash(&[n])).collect();
        let whole = |leaves: &[Hash]| {
            let mut log = Frontier::new();
            leaves.iter().for_each(|leaf| log.append(*leaf));
            log
        };
        let mut log = whole(&leaves[..8]);
        assert!(log.append_subtree(3, whole(&leaves[8..16]).root()));
        assert!(log.append_subtree(2, whole(&leaves[16..20]).root()));
        assert!(!log.append_subtree(3, leaves[20]), "eight leaves cannot stand after twenty");
        assert!(log.append_subtree(0, leaves[20]));
        assert_eq!(log, whole(&leaves));
    }

    #[test]
    fn a_frontier_of_another_size_is_refused() {
        let mut log = Frontier::new();
        log.append(leaf_hash(b"one"));
        assert_eq!(Frontier::from_bytes(3, &log.to_bytes()), None);
        assert_eq!(Frontier::from_bytes(1, &log.to_bytes()[1..]), None);
    }
}
