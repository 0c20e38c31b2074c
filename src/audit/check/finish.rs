//! The end of a check: which checkpoints the log never met, and from where on it can differ.

use super::{Checked, Disagreement, Fault, Held, LogCheck, MOST_TOLD, Place, Rank, leaves_below};

impl LogCheck {
    /// An export has an entry that the log no longer has.
    pub fn exported_beyond(&mut self, seq: u64) {
        let place = self.gone_after(Rank::Brought);
        self.faults.push(Fault { text: format!("entry {seq} was exported, and the log ends before it"), place });
    }

    /// Up to which entry the log is known to be as it was: by a good checkpoint of this size, and an export that goes on from there.
    fn known_good(&self, good: u64) -> u64 {
        match self.exported.same {
            Some((from, to)) if from <= good => to.max(good),
            _ => good,
        }
    }

    /// Where a log differs that ends too early: at its end, if not before.
    fn gone_after(&self, rank: Rank) -> Place {
        let (good, size) = (self.known_good(self.good[rank as usize]), self.size());
        if good >= size { Place::Entry(size) } else { Place::Within(good, size + 1) }
    }

    /// Ends after the last entry.
    #[must_use]
    pub fn finish(mut self) -> Checked {
        for (bad, what) in [(self.bad_rows, "entries"), (self.bad_subtrees, "subtrees")] {
            if bad > MOST_TOLD {
                let text = format!("and {} more {what}", bad - MOST_TOLD);
                self.faults.push(Fault { text, place: Place::Beside });
            }
        }
        let mut remarks = Vec::new();
        for rank in [Rank::Kept, Rank::Brought] {
            self.tell_disagreements(rank, &mut remarks);
            self.tell_unreached(rank, &mut remarks);
        }
        self.tell_subtrees_beyond();
        Checked {
            size: self.log.size(),
            root: self.log.root(),
            faults: self.faults,
            remarks,
            rotations: self.rotations,
        }
    }

    /// The first checkpoint of a rank that is not of this log's entries; all later ones disagree with it.
    fn tell_disagreements(&mut self, rank: Rank, remarks: &mut Vec<String>) {
        let (mut first, mut later) = (None, 0u64);
        for disagreement in &self.bad {
            let Some(held) = self.held.get(disagreement.held).filter(|held| held.rank == rank) else { continue };
            if let Some(remark) = self.is_of_lost_log(held) {
                remarks.push(remark);
            } else if first.is_none() {
                first = Some((held, disagreement));
            } else {
                later += 1;
            }
        }
        let Some((held, disagreement)) = first else { return };
        let more = if later == 0 { String::new() } else { format!(", nor those of {later} later ones") };
        let text = format!("the log's first {} entries are not those of {}{more}", held.size, held.what);
        let place = self.place_of(held, disagreement);
        self.faults.push(Fault { text, place });
    }

    fn place_of(&self, held: &Held, disagreement: &Disagreement) -> Place {
        // Where a larger one of its rank is good, it is the checkpoint that is none of this log.
        if self.good[held.rank as usize] >= held.size {
            return Place::Beside;
        }
        let from = self.known_good(disagreement.good);
        // An export that goes on beyond the checkpoint agrees with a log that the checkpoint does not.
        if from < held.size { Place::Within(from, held.size) } else { Place::Beside }
    }

    fn tell_unreached(&mut self, rank: Rank, remarks: &mut Vec<String>) {
        let size = self.size();
        let mut last = None;
        for held in self.held.iter().skip(self.reached).filter(|held| held.rank == rank) {
            match self.is_of_lost_log(held) {
                Some(remark) => remarks.push(remark),
                None => last = Some(held),
            }
        }
        let Some(held) = last else { return };
        let text =
            format!("{} covers {} entries, and the log has {size}: the ledger was set back", held.what, held.size);
        let place = self.gone_after(rank);
        self.faults.push(Fault { text, place });
    }

    /// What to say of a checkpoint of a log that was lost, where the log tells of the loss. One that the reader brought is a
    /// fault all the same: whether there was such a loss is the reader's to judge.
    fn is_of_lost_log(&self, held: &Held) -> Option<String> {
        let loss = self.losses.iter().find(|loss| held.size > loss.from && held.size <= loss.to)?;
        (held.rank == Rank::Kept).then(|| {
            format!(
                "{} is of the log that was lost, as entry {} tells; it covers {} entries",
                held.what, loss.from, held.size
            )
        })
    }

    fn tell_subtrees_beyond(&mut self) {
        let size = self.size();
        if let Some((level, place)) = self.subtrees.keys().next() {
            let (from, to) = leaves_below(*level, *place);
            let text = format!(
                "there is a kept hash of the subtree over entries {from} to {}, and the log has {size}",
                to.saturating_sub(1)
            );
            let place = self.gone_after(Rank::Kept);
            self.faults.push(Fault { text, place });
        }
    }
}
