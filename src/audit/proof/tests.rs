use std::collections::BTreeSet;

use tlog_tiles::tlog;

use super::*;
use crate::audit::merkle::leaf_hash;

/// Sizes of logs that are tried in all pairs: past every shape of a tree of up to seven levels.
const SIZES: u64 = 130;

/// A log as it is kept: its leaves, and its roots at every size.
struct Log {
    leaves: Vec<Hash>,
    roots: Vec<Hash>,
}

impl Log {
    fn new(size: u64) -> Self {
        let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut log = Frontier::new();
        let mut roots = vec![log.root()];
        for leaf in &leaves {
            log.append(*leaf);
            roots.push(log.root());
        }
        Self { leaves, roots }
    }

    fn root(&self, size: u64) -> &Hash {
        &self.roots[usize::try_from(size).unwrap()]
    }

    fn leaf(&self, index: u64) -> &Hash {
        &self.leaves[usize::try_from(index).unwrap()]
    }

    fn prove(&self, plan: &Plan) -> Vec<Hash> {
        let subtrees = plan.subtrees();
        for span in &subtrees {
            assert!(span.len().is_power_of_two() && span.from % span.len() == 0, "{span:?} is no perfect subtree");
        }
        let roots: Vec<Hash> = subtrees.iter().map(|span| self.over(*span)).collect();
        plan.assemble(&roots).unwrap()
    }

    fn over(&self, span: Span) -> Hash {
        let mut tree = Frontier::new();
        (span.from..span.to).for_each(|at| tree.append(*self.leaf(at)));
        tree.root()
    }
}

fn theirs(hashes: &[Hash]) -> Vec<tlog::Hash> {
    hashes.iter().map(|hash| tlog::Hash(*hash)).collect()
}

/// The proof with each of its hashes changed, left out and given twice, and with one added at either end.
fn spoiled(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[[7; 32]]].concat(), [&[[7; 32]], proof].concat()];
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at][at % 32] ^= 1;
        all.push(changed);
        let mut shorter = proof.to_vec();
        let taken = shorter.remove(at);
        all.push(shorter);
        let mut longer = proof.to_vec();
        longer.insert(at, taken);
        all.push(longer);
    }
    all
}

#[test]
fn every_leaf_of_every_size_is_proved_and_nothing_else_is() {
    let log = Log::new(SIZES);
    for size in 1..=SIZES {
        for index in 0..size {
            let proof = log.prove(&Plan::inclusion(index, size).unwrap());
            let (leaf, root) = (log.leaf(index), log.root(size));
            assert!(verify_inclusion(index, size, leaf, &proof, root), "leaf {index} of {size}");
            let other = tlog::check_record(&theirs(&proof), size, tlog::Hash(*root), index, tlog::Hash(*leaf));
            assert!(other.is_ok(), "leaf {index} of {size}, by the other house");
            // Of the large sizes, which are tried against every index only at the last, the neighbours will do.
            let near = |other: &u64| *other != index && (size < 65 || size == SIZES || other.abs_diff(index) == 1);
            for index in (0..size).filter(near) {
                assert!(!verify_inclusion(index, size, leaf, &proof, root));
            }
            assert!(!verify_inclusion(index, size, &[0; 32], &proof, root));
            assert!(!verify_inclusion(index, size, leaf, &proof, log.root(size - 1)));
            assert!(!verify_inclusion(size, size, leaf, &proof, root));
        }
        assert_eq!(Plan::inclusion(size, size), None);
    }
}

#[test]
fn every_pair_of_sizes_is_proved_and_nothing_else_is() {
    let log = Log::new(SIZES);
    for new in 0..=SIZES {
        for old in 0..=new {
            let proof = log.prove(&Plan::consistency(old, new).unwrap());
            let (old_root, new_root) = (log.root(old), log.root(new));
            assert!(verify_consistency((old, old_root), (new, new_root), &proof), "{old} in {new}");
            if old > 0 {
                let (was, is) = (tlog::Hash(*old_root), tlog::Hash(*new_root));
                assert!(
                    tlog::check_tree(&theirs(&proof), new, is, old, was).is_ok(),
                    "{old} in {new}, by the other house"
                );
            }
            assert!(!verify_consistency((old, &[0; 32]), (new, new_root), &proof));
            assert!(!verify_consistency((old, old_root), (new, &[0; 32]), &proof) || old == 0);
            if old < new {
                assert!(!verify_consistency((new, new_root), (old, old_root), &proof), "{new} in {old}");
            }
            let near = |other: &u64| *other != old && (new < 65 || new == SIZES || other.abs_diff(old) == 1);
            for other in (1..new).filter(near) {
                assert!(!verify_consistency((other, old_root), (new, new_root), &proof), "{other} for {old} in {new}");
            }
        }
        assert_eq!(Plan::consistency(new + 1, new), None);
    }
}

#[test]
fn every_run_of_leaves_gives_the_root() {
    let log = Log::new(SIZES);
    for size in [1, 2, 3, 7, 8, 64, 65, 100, 127, SIZES] {
        for from in 0..=size {
            for to in from..=size {
                let part = Span { from, to };
                let proof = log.prove(&Plan::range(part, size).unwrap());
                assert_eq!(reckoned(&log, part, size, &proof).as_ref(), Some(log.root(size)), "{part:?} of {size}");
            }
        }
        assert_eq!(Plan::range(Span { from: 0, to: size + 1 }, size), None);
    }
}

fn reckoned(log: &Log, part: Span, size: u64, proof: &[Hash]) -> Option<Hash> {
    let mut check = RangeCheck::begin(part.from, proof)?;
    (part.from..part.to).for_each(|at| check.append(*log.leaf(at)));
    check.root(size)
}

#[test]
fn a_spoiled_proof_proves_nothing() {
    let log = Log::new(SIZES);
    let mut tried = 0;
    for size in [2, 3, 6, 8, 13, 64, 100, SIZES] {
        for at in [0, 1, size / 2, size - 1] {
            let inclusion = log.prove(&Plan::inclusion(at, size).unwrap());
            let consistency = log.prove(&Plan::consistency(at, size).unwrap());
            let part = Span { from: at, to: size.min(at + 3) };
            let range = log.prove(&Plan::range(part, size).unwrap());
            let root = log.root(size);
            for proof in spoiled(&inclusion) {
                assert!(!verify_inclusion(at, size, log.leaf(at), &proof, root));
                tried += 1;
            }
            for proof in spoiled(&consistency) {
                assert!(!verify_consistency((at, log.root(at)), (size, root), &proof));
                tried += 1;
            }
            for proof in spoiled(&range) {
                assert_ne!(reckoned(&log, part, size, &proof).as_ref(), Some(root), "{part:?} of {size}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn a_proof_of_a_large_log_needs_few_subtrees() {
    let size = 1_000_000;
    for plan in [Plan::inclusion(123_456, size), Plan::consistency(123_456, size)] {
        let subtrees = plan.unwrap().subtrees();
        assert!(subtrees.len() <= 40, "{}", subtrees.len());
        let distinct: BTreeSet<u64> = subtrees.iter().map(|span| span.from).collect();
        assert_eq!(distinct.len(), subtrees.len(), "each once");
    }
}

#[test]
fn a_plan_takes_as_many_hashes_as_it_asked_for() {
    let plan = Plan::inclusion(2, 7).unwrap();
    let wanted = plan.subtrees().len();
    assert!(plan.assemble(&vec![[0; 32]; wanted]).is_some());
    assert_eq!(plan.assemble(&vec![[0; 32]; wanted - 1]), None);
    assert_eq!(plan.assemble(&vec![[0; 32]; wanted + 1]), None);
}
