//! Which key signs which heads: one after another, each from the head that a rotation's entry is the last of.

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::VerifierKey;
use super::rotation::Rotation;

/// A key and the sizes of the heads that it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpan {
    /// The key.
    pub key: VerifierKey,
    /// The smallest head.
    pub from: u64,
    /// The largest one, which the next key signs too; `None` for the key that signs now.
    pub to: Option<u64>,
}

impl KeySpan {
    fn covers(&self, size: u64) -> bool {
        self.from <= size && self.to.is_none_or(|to| size <= to)
    }
}

/// A checkpoint that is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// It is none of this log's, or no key of it signed it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A key signed it that did not sign heads of this size.
    #[error("its {size} entries are signed by key {key}, which signed no head of that size")]
    NotItsTime {
        /// The entries that it covers.
        size: u64,
        /// The key.
        key: String,
    },
}

/// The keys of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogKeys(Vec<KeySpan>);

impl LogKeys {
    /// The keys that the log's rotations name, and the one that is at hand: a ledger that was set back does not name it yet.
    #[must_use]
    pub fn of(rotations: &[Rotation], at_hand: Option<&VerifierKey>) -> Self {
        let mut spans = Vec::new();
        let first = rotations.first().and_then(|rotation| rotation.before.clone());
        spans.extend(first.map(|key| KeySpan { key, from: 0, to: None }));
        for rotation in rotations {
            let size = rotation.seq + 1;
            if let Some(before) = spans.last_mut() {
                before.to = Some(size);
            }
            spans.push(KeySpan { key: rotation.after.clone(), from: size, to: None });
        }
        let unnamed = at_hand.filter(|key| spans.iter().all(|span| span.key != **key));
        spans.extend(unnamed.map(|key| KeySpan { key: key.clone(), from: 0, to: None }));
        Self(spans)
    }

    /// The keys with what they sign, in order.
    #[must_use]
    pub fn spans(&self) -> &[KeySpan] {
        &self.0
    }

    /// Whether a key may sign a head of this size: those that no rotation names may sign any.
    #[must_use]
    pub fn allows(&self, key: &VerifierKey, size: u64) -> bool {
        let mut spans = self.0.iter().filter(|span| span.key == *key).peekable();
        spans.peek().is_none() || spans.any(|span| span.covers(size))
    }

    /// The checkpoint of a note that a key signed in its time.
    ///
    /// # Errors
    /// [`BadCheckpoint`].
    pub fn open(&self, origin: &str, note: &str) -> Result<Checkpoint, BadCheckpoint> {
        let known: Vec<VerifierKey> = self.0.iter().map(|span| span.key.clone()).collect();
        let (checkpoint, signers) = Checkpoint::open(note, &known)?;
        let checkpoint = checkpoint.of(origin)?;
        let in_time = |span: &KeySpan| span.covers(checkpoint.size) && signers.contains(&span.key);
        if self.0.iter().any(in_time) {
            return Ok(checkpoint);
        }
        let key = signers.iter().map(VerifierKey::label).collect::<Vec<_>>().join(", ");
        Err(BadCheckpoint::NotItsTime { size: checkpoint.size, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::note::SigningKey;

    const ORIGIN: &str = "agency.example/letters";

    fn key(seed: u8) -> SigningKey {
        SigningKey::new(ORIGIN, &[seed; 32]).unwrap()
    }

    fn note(size: u64, keys: &[&SigningKey]) -> String {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: [9; 32] }.sign(keys).unwrap()
    }

    #[test]
    fn each_key_is_good_for_the_heads_of_its_time() {
        let [first, second, third] = [1, 2, 3].map(key);
        let rotation = |seq, before: &SigningKey, after: &SigningKey| Rotation {
            seq,
            before: Some(before.verifier().clone()),
            after: after.verifier().clone(),
        };
        let rotations = [rotation(9, &first, &second), rotation(19, &second, &third)];
        let keys = LogKeys::of(&rotations, Some(third.verifier()));
        let spans: Vec<_> = keys.spans().iter().map(|span| (span.from, span.to)).collect();
        assert_eq!(spans, [(0, Some(10)), (10, Some(20)), (20, None)]);
        for (size, signers, good) in [
            (0, vec![&first], true),
            (10, vec![&first, &second], true),
            (10, vec![&second], true),
            (11, vec![&first], false),
            (9, vec![&second], false),
            (20, vec![&second, &third], true),
            (21, vec![&second], false),
            (500, vec![&third], true),
            (5, vec![&third], false),
            (5, vec![&third, &first], true),
        ] {
            assert_eq!(keys.open(ORIGIN, &note(size, &signers)).is_ok(), good, "{size} {signers:?}");
        }
        assert!(keys.open("other.example", &note(5, &[&first])).is_err());
        assert!(keys.open(ORIGIN, &note(5, &[&key(4)])).is_err(), "a stranger's");
    }

    #[test]
    fn the_first_key_is_the_one_at_hand_and_so_is_one_that_a_ledger_that_was_set_back_does_not_name() {
        let [first, second] = [1, 2].map(key);
        let only = LogKeys::of(&[], Some(first.verifier()));
        assert!(only.open(ORIGIN, &note(7, &[&first])).is_ok());
        let begun = Rotation { seq: 4, before: None, after: first.verifier().clone() };
        let keys = LogKeys::of(&[begun], Some(second.verifier()));
        assert!(keys.open(ORIGIN, &note(50, &[&second])).is_ok());
        assert!(keys.open(ORIGIN, &note(4, &[&first])).is_err(), "no key signed the heads before");
    }
}
