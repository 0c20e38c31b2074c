//! What was found wrong with a log, and the first entry that differs, as exactly as can be known.

use serde::Serialize;

/// Where a log differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At this entry.
    Entry(u64),
    /// At one of the entries from the first up to, not including, the second.
    Within(u64, u64),
    /// Not at an entry, but in what is kept beside them.
    Beside,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What, for a person.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// The first entry that differs: one of `from` up to, not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct First {
    /// The earliest that it can be.
    pub from: u64,
    /// The one after the latest that it can be.
    pub to: u64,
}

impl First {
    /// For a person.
    #[must_use]
    pub fn told(self) -> String {
        if self.to == self.from + 1 {
            return format!("the first entry that differs is entry {}", self.from);
        }
        format!("the first entry that differs is one of entries {} to {}", self.from, self.to - 1)
    }
}

/// The first entry that differs. An entry that is known exactly stands for every span that it lies in.
pub(super) fn first(faults: &[Fault]) -> Option<First> {
    let exact: Vec<u64> = faults
        .iter()
        .filter_map(|fault| match fault.place {
            Place::Entry(at) => Some(at),
            _ => None,
        })
        .collect();
    let spans = faults.iter().filter_map(|fault| match fault.place {
        Place::Within(from, to) if !exact.iter().any(|at| (from..to).contains(at)) => Some(First { from, to }),
        _ => None,
    });
    let exact = exact.iter().map(|at| First { from: *at, to: at + 1 });
    exact.chain(spans).min_by_key(|first| (first.from, first.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_the_earliest_and_the_narrowest() {
        let fault = |place| Fault { text: String::new(), place };
        let of = |places: &[Place]| first(&places.iter().map(|place| fault(*place)).collect::<Vec<_>>());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Place::Beside]), None);
        assert_eq!(of(&[Place::Within(3, 9)]), Some(First { from: 3, to: 9 }));
        assert_eq!(of(&[Place::Within(3, 9), Place::Entry(5), Place::Entry(7)]), Some(First { from: 5, to: 6 }));
        assert_eq!(of(&[Place::Within(3, 9), Place::Entry(9)]), Some(First { from: 3, to: 9 }));
        assert_eq!(of(&[Place::Within(3, 9), Place::Entry(1)]), Some(First { from: 1, to: 2 }));
    }
}
