//! Deeds: what only a person may do to letters, or what a person, a rule or a vendor's file may.
//!
//! An entry of such a kind says on what ground it was done, and the encoder refuses one without: nothing that
//! touches a person's letter is ever in the log without somebody who answers for it and a reason.

/// On what ground something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ground {
    /// Nothing is said: it follows from what was before.
    #[default]
    Course,
    /// A person decided it, for a reason.
    Person,
    /// A rule of the configuration asks for it.
    Rule,
    /// A file says it, whose digest the entry holds.
    File,
}

/// Kinds that need a ground, each with those that are good. A person's is good for all.
const DEEDS: &[(&str, &[Ground])] = &[
    ("brake.release_asked", &[]),
    ("brake.released", &[]),
    ("correction.asked", &[]),
    ("correction.dropped", &[]),
    ("ledger.loss_accepted", &[]),
    ("letter.corrected", &[]),
    ("letter.legal_hold_lifted", &[]),
    ("letter.legal_hold_placed", &[]),
    ("letter.pull_ordered", &[]),
    ("letter.reissued", &[Ground::Rule]),
    ("letter.returned", &[Ground::File]),
    ("log.key_rotated", &[]),
    ("package.held", &[]),
    ("package.pull_ordered", &[]),
    ("package.release_asked", &[]),
    ("package.released", &[]),
    ("package.settled", &[]),
    ("request.cancelled", &[]),
    ("request.held", &[Ground::Rule]),
    ("request.release_asked", &[]),
    ("request.released", &[]),
];

/// Whether an entry of this kind may be written on this ground.
#[must_use]
pub fn is_good(kind: &str, ground: Ground) -> bool {
    let deed = DEEDS.iter().find(|(deed, _)| *deed == kind);
    deed.is_none_or(|(_, grounds)| ground == Ground::Person || grounds.contains(&ground))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_needs_a_person_unless_its_kind_says_otherwise() {
        for (kind, ground, good) in [
            ("letter.corrected", Ground::Course, false),
            ("letter.corrected", Ground::Rule, false),
            ("letter.corrected", Ground::Person, true),
            ("letter.reissued", Ground::Rule, true),
            ("letter.reissued", Ground::File, false),
            ("letter.returned", Ground::File, true),
            ("letter.returned", Ground::Rule, false),
            ("letter.mailed", Ground::Course, true),
        ] {
            assert_eq!(is_good(kind, ground), good, "{kind} {ground:?}");
        }
    }
}
