//! A street with its number: the last suffix, and a direction before or after the name.

use super::words::{DIRECTIONS, SUFFIXES, short_of};
use super::{Word, texts};

/// The words of `number [direction] name [suffix] [direction]`, suffix and directions in their short forms; other
/// words as they are. A line that does not begin with a number is no street: it stays as it is.
pub(super) fn abbreviated(words: &[Word]) -> Vec<String> {
    let mut parts = texts(words);
    if !words.first().is_some_and(|word| has_digit(&word.text)) {
        return parts;
    }
    let start = if words.get(1).is_some_and(|word| is_fraction(&word.text)) { 2 } else { 1 };
    let Some(name) = parts.get_mut(start..) else { return parts };
    let mut end = name.len();
    // A direction after the suffix: what stands before must be a name and its suffix.
    if end >= 3
        && let Some(short) = name.last().and_then(|word| short_of(DIRECTIONS, word))
        && name.get(end - 2).is_some_and(|word| short_of(SUFFIXES, word).is_some())
    {
        set(name, end - 1, short);
        end -= 1;
    }
    // The suffix, unless it is the whole name.
    if end >= 2
        && name.first().is_some_and(|word| end > 2 || word != "THE")
        && let Some(short) = name.get(end - 1).and_then(|word| short_of(SUFFIXES, word))
    {
        set(name, end - 1, short);
        end -= 1;
    }
    // A direction before the name, unless it is the name, as in NORTH AVENUE and EAST WEST HIGHWAY.
    if end >= 2
        && let Some(short) = name.first().and_then(|word| short_of(DIRECTIONS, word))
        && !(end == 2 && name.get(1).is_some_and(|second| are_opposite(short, second)))
    {
        set(name, 0, short);
    }
    parts
}

fn set(parts: &mut [String], place: usize, short: &str) {
    if let Some(part) = parts.get_mut(place) {
        short.clone_into(part);
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// `1/2` after a number.
fn is_fraction(text: &str) -> bool {
    text.contains('/') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/')
}

/// Whether the second word is the direction opposite to the first: a highway from the one to the other.
fn are_opposite(first: &str, second: &str) -> bool {
    let second = short_of(DIRECTIONS, second).unwrap_or_default();
    [("N", "S"), ("E", "W")]
        .iter()
        .any(|(one, other)| (first, second) == (*one, *other) || (first, second) == (*other, *one))
}
