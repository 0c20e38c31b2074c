//! The units at the end of a line: apartments, suites, floors (appendix C2).

use super::Word;
use super::words::{LONE_UNITS, NUMBERED_UNITS, short_of};

/// Where the units at the end of the words begin; the number of words where there are none.
///
/// A unit is a word such as APARTMENT and its number, or an ordinal and FLOOR. BASEMENT and the like are units only
/// alone on their line or after a comma, and so is a unit whose number is no number: OCEAN FRONT is a street, and so
/// may be KEY BISCAYNE.
pub(super) fn begin(words: &[Word]) -> usize {
    let mut end = words.len();
    loop {
        let Some(taken) = last_unit(words.get(..end).unwrap_or_default()) else { return end };
        end -= taken;
    }
}

/// How many of these words are the unit at their end.
fn last_unit(words: &[Word]) -> Option<usize> {
    let is_part = |begin: usize| begin == 0 || words.get(begin - 1).is_some_and(|before| before.ends_part);
    // The number of a box is written with the same mark as that of a unit.
    let is_box = |begin: usize| begin > 0 && words.get(begin - 1).is_some_and(|before| before.text == "BOX");
    let last = &words.last()?.text;
    if words.len() >= 2 {
        let begin = words.len() - 2;
        let before = &words.get(begin)?.text;
        // The house's number and a word of the street's name stand before a unit that no comma sets off.
        let may_begin = (is_part(begin) || begin >= 2) && !is_box(begin);
        if may_begin && (before == "#" || short_of(NUMBERED_UNITS, before).is_some()) && is_number(last, is_part(begin))
        {
            return Some(2);
        }
        if may_begin && is_ordinal(before) && (last == "FLOOR" || last == "FL") {
            return Some(2);
        }
    }
    let begin = words.len() - 1;
    let is_hash = last.len() > 1 && last.starts_with('#') && (is_part(begin) || begin >= 2) && !is_box(begin);
    (is_hash || (is_part(begin) && short_of(LONE_UNITS, last).is_some())).then_some(1)
}

/// Whether a word can be the number of a unit: it has a digit, or is a letter, or stands on a part of its own.
fn is_number(text: &str, on_its_own: bool) -> bool {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    has_digit || text.chars().count() == 1 || (on_its_own && text.chars().count() <= 2)
}

/// `2ND` and the like.
fn is_ordinal(text: &str) -> bool {
    let ending = text.trim_start_matches(|character: char| character.is_ascii_digit());
    ending.len() < text.len() && ["ST", "ND", "RD", "TH"].contains(&ending)
}

/// The units with their words in short.
pub(super) fn abbreviated(words: &[Word]) -> impl Iterator<Item = String> + '_ {
    words.iter().map(|word| {
        let short = short_of(NUMBERED_UNITS, &word.text).or_else(|| short_of(LONE_UNITS, &word.text));
        short.map_or_else(|| word.text.clone(), str::to_owned)
    })
}
