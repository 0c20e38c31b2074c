//! `[production]`: how a night is cut into packages, and how long its start waits for workers.

use super::kind::whole;
use super::section::Section;
use crate::stages::site::Sharing;

/// More letters than any package has.
const MOST_LETTERS: u32 = 100_000;
/// How long a start waits for workers unless told otherwise.
const USUAL_WAIT_MINUTES: u32 = 10;

pub(super) fn sharing(section: &Section<'_>) -> Sharing {
    Sharing {
        batch_letters: section.optional("batch_letters", &whole(1..=MOST_LETTERS)),
        wait_minutes: section.or("wait_minutes", USUAL_WAIT_MINUTES, &whole(1..=240)),
    }
}
