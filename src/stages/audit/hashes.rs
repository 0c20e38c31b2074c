//! The hashes that a proof is made of, from those that the ledger keeps: leaves, and roots of subtrees of 256, 65,536 … leaves.

use std::collections::BTreeMap;

use super::PORTION;
use crate::audit::merkle::{Frontier, Hash};
use crate::audit::proof::{Plan, Span};
use crate::ports::ledger::{Ledger, LedgerError, LedgerResult};

/// Bits of a place within a kept subtree.
const SUBTREE_BITS: u32 = 8;
/// The highest level of which subtrees are kept.
const HIGHEST_LEVEL: u32 = 7;

/// Hashes that were read once are known.
pub(super) struct Hashes<'a> {
    ledger: &'a dyn Ledger,
    known: BTreeMap<(u64, u64), Hash>,
}

impl<'a> Hashes<'a> {
    pub(super) fn of(ledger: &'a dyn Ledger) -> Self {
        Self { ledger, known: BTreeMap::new() }
    }

    /// The proof that a plan asks for.
    pub(super) async fn prove(&mut self, plan: &Plan) -> LedgerResult<Vec<Hash>> {
        let mut roots = Vec::new();
        for span in plan.subtrees() {
            roots.push(self.root(span).await?);
        }
        // As many roots as the plan asked for always make a proof.
        Ok(plan.assemble(&roots).unwrap_or_default())
    }

    /// The root of a perfect subtree, from at most 255 kept hashes where its parts are kept.
    async fn root(&mut self, span: Span) -> LedgerResult<Hash> {
        if let Some(root) = self.known.get(&(span.from, span.to)) {
            return Ok(*root);
        }
        let level = (span.level() / SUBTREE_BITS).min(HIGHEST_LEVEL);
        let root = match self.over_kept_subtrees(span, level).await? {
            Some(root) => root,
            None => self.over_leaves(span).await?,
        };
        self.known.insert((span.from, span.to), root);
        Ok(root)
    }

    async fn over_kept_subtrees(&self, span: Span, level: u32) -> LedgerResult<Option<Hash>> {
        let bits = SUBTREE_BITS * level;
        let wanted = span.len() >> bits;
        if level == 0 {
            return Ok(None);
        }
        let limit = u32::try_from(wanted).unwrap_or(u32::MAX);
        let roots = self.ledger.subtrees(level, span.from >> bits, limit).await?;
        // A ledger from before subtrees were kept has none until its next head is taken.
        Ok((roots.len() as u64 == wanted).then(|| root_over(&roots)))
    }

    async fn over_leaves(&self, span: Span) -> LedgerResult<Hash> {
        let mut tree = Frontier::new();
        while tree.size() < span.len() {
            let limit = u32::try_from(span.len() - tree.size()).unwrap_or(PORTION).min(PORTION);
            let leaves = self.ledger.leaf_hashes(span.from + tree.size(), limit).await?;
            if leaves.is_empty() {
                let value = format!("{} to {}", span.from, span.to - 1);
                return Err(LedgerError::Corrupt { field: "entries of the audit log", value });
            }
            leaves.into_iter().for_each(|leaf| tree.append(leaf));
        }
        Ok(tree.root())
    }
}

fn root_over(hashes: &[Hash]) -> Hash {
    let mut tree = Frontier::new();
    hashes.iter().for_each(|hash| tree.append(*hash));
    tree.root()
}
