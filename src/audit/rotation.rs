//! Which keys signed a log over its life: each rotation is an entry that names the key before and the key after.

use super::entry::Value;
use super::note::{self, VerifierKey};
use super::read::{Entry, Fields};

/// The kind of an entry that tells of a new key.
pub const KEY_ROTATED: &str = "log.key_rotated";
/// The name under which such an entry has the keys.
const KEY: &str = "vkey";

/// A change of the log's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The place of its entry.
    pub seq: u64,
    /// The key before; `None` where there was none.
    pub before: Option<VerifierKey>,
    /// The key since.
    pub after: VerifierKey,
}

impl Rotation {
    /// The rotation that an entry tells of, if it does.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let key = |fields: &Fields| match fields.get(KEY) {
            Some(Value::Text(text)) => text.parse().ok(),
            _ => None,
        };
        let after = (entry.kind == KEY_ROTATED).then(|| key(&entry.after))??;
        Some(Self { seq: entry.seq, before: key(&entry.before), after })
    }
}

/// The keys that belong to the same log as those that are trusted. A key speaks for those before it, which its log names; for the
/// one after it only by its own signature under the head that ends with the change. Where that one is missing, because the key
/// was lost, anybody may have named the next: the reader has to. `note_of` gives the note of a head by its size.
#[must_use]
pub fn related<'a>(
    trusted: &[VerifierKey],
    rotations: &[Rotation],
    note_of: impl Fn(u64) -> Option<&'a str>,
) -> Vec<VerifierKey> {
    let signed = |rotation: &Rotation, key: &VerifierKey| {
        note_of(rotation.seq + 1).is_some_and(|note| note::open(note, std::slice::from_ref(key)).is_ok())
    };
    let mut known = trusted.to_vec();
    loop {
        let found = known.len();
        for rotation in rotations {
            let Rotation { before: Some(before), after, .. } = rotation else { continue };
            match (known.contains(before), known.contains(after)) {
                (true, false) if signed(rotation, before) => known.push(after.clone()),
                (false, true) => known.push(before.clone()),
                _ => {}
            }
        }
        if known.len() == found {
            return known;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::note::SigningKey;

    #[test]
    fn keys_are_known_through_any_number_of_rotations_and_strangers_are_not() {
        let secret: Vec<SigningKey> =
            (1..=5).map(|seed| SigningKey::new("agency.example/letters", &[seed; 32]).unwrap()).collect();
        let keys: Vec<VerifierKey> = secret.iter().map(|key| key.verifier().clone()).collect();
        let rotation = |seq, before: usize, after: usize| Rotation {
            seq,
            before: Some(keys[before].clone()),
            after: keys[after].clone(),
        };
        let rotations = [rotation(10, 2, 1), rotation(20, 1, 0), rotation(30, 3, 4)];
        let both = [
            note::sign("11\n", &[&secret[2], &secret[1]]).unwrap(),
            note::sign("21\n", &[&secret[1], &secret[0]]).unwrap(),
        ];
        let note_of = |size| (size == 11).then_some(both[0].as_str()).or((size == 21).then_some(both[1].as_str()));
        for trusted in 0..3 {
            let known = related(&keys[trusted..=trusted], &rotations, note_of);
            assert!(known.len() == 3 && keys[..3].iter().all(|key| known.contains(key)), "{known:?}");
        }
        // Nobody saw key 3 sign for key 4; key 4 says itself which one was before it.
        assert_eq!(related(&keys[3..4], &rotations, note_of).len(), 1);
        assert_eq!(related(&keys[4..], &rotations, note_of).len(), 2);
        assert!(related(&[], &rotations, note_of).is_empty());
    }

    #[test]
    fn an_entry_tells_of_both_keys() {
        let key = SigningKey::new("agency.example/letters", &[1; 32]).unwrap().verifier().to_string();
        let entry = format!(
            r#"{{"actor":{{"login":"robin","uid":1000}},"after":{{"vkey":"{key}"}},"at":"2026-12-02T03:30:00Z","data":{{"by":"Robin","reason":"due"}},"kind":"log.key_rotated","salt":"abababababababababababababababab","seq":41,"v":2}}"#
        );
        let rotation = Rotation::of(&Entry::parse(entry.as_bytes()).unwrap()).unwrap();
        assert_eq!((rotation.seq, rotation.before, rotation.after.to_string()), (41, None, key));
        let other = entry.replace("log.key_rotated", "log.key_looked_at");
        assert_eq!(Rotation::of(&Entry::parse(other.as_bytes()).unwrap()), None);
    }
}
