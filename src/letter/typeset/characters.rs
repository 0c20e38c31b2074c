//! Which characters a letter can hold: Latin, Greek and Cyrillic, set from left to right without joining.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The most marks on one letter. Vietnamese and Yoruba have two, Greek verse three; a pile of them would be set over
/// the lines above.
const MOST_MARKS: usize = 4;

/// Blocks of scripts that run from right to left (Unicode 16, chart names from Hebrew to Arabic Mathematical).
const RIGHT_TO_LEFT: [(u32, u32); 5] =
    [(0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF), (0x1_0800, 0x1_0FFF), (0x1_E800, 0x1_EEFF)];

/// Blocks that can be set glyph after glyph: Latin, its extensions and phonetics, combining marks, Greek, Cyrillic,
/// and the punctuation, digits, currency signs and letter-like symbols that go with them.
const SIMPLE: [(u32, u32); 14] = [
    (0x0020, 0x007E),
    (0x00A0, 0x052F),
    (0x1C80, 0x1C8F),
    (0x1D00, 0x1DBF),
    (0x1DC0, 0x1FFF),
    (0x2010, 0x2027),
    (0x202F, 0x205E),
    (0x2070, 0x214F),
    (0x2190, 0x22FF),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2E7F),
    (0xA640, 0xA69F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
];

fn within(blocks: &[(u32, u32)], character: char) -> bool {
    blocks.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(character)))
}

/// Characters that show nothing, and change or hide what stands beside them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{034F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{061C}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Characters for private use: what they mean is not written anywhere, and the layout uses some itself.
fn is_private(character: char) -> bool {
    matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Why this text cannot be in a letter whatever its fonts, naming the character; `None` where it can.
///
/// A character that is merely in no font passes: [`Fonts`](crate::letter::typeset::fonts::Fonts) says so where it is shaped.
pub(in crate::letter) fn refusal(text: &str) -> Option<String> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let refused = text.chars().find_map(|character| {
        let code = u32::from(character);
        if character.is_control() {
            Some(format!("U+{code:04X} is a control character; remove it"))
        } else if is_invisible(character) {
            Some(format!("U+{code:04X} is invisible and can change how the text around it reads; remove it"))
        } else if is_private(character) {
            Some(format!("U+{code:04X} is a private-use character, which no font here can show"))
        } else if within(&RIGHT_TO_LEFT, character) {
            Some(format!("U+{code:04X} belongs to a script that runs from right to left, which is not supported; give it in Latin letters"))
        } else {
            None
        }
    });
    refused.or_else(|| misplaced_mark(text))
}

/// Why the marks of a text cannot be set: one that has no letter to stand on, or a pile of them.
fn misplaced_mark(text: &str) -> Option<String> {
    let (mut on_letter, mut marks) = (false, 0);
    for character in text.nfd() {
        let code = u32::from(character);
        if !is_combining_mark(character) {
            (on_letter, marks) = (!character.is_whitespace(), 0);
            continue;
        }
        marks += 1;
        if !on_letter {
            return Some(format!("U+{code:04X} is a mark without a letter before it; remove it"));
        }
        if marks > MOST_MARKS {
            return Some(format!("U+{code:04X} is one mark too many on its letter; {MOST_MARKS} can be set"));
        }
    }
    None
}

/// Whether the character can be set glyph after glyph, if a font has it.
pub(in crate::letter) fn is_simple(character: char) -> bool {
    within(&SIMPLE, character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_and_control_characters_are_named() {
        for (text, code) in [("a\u{202E}b", "U+202E"), ("a\tb", "U+0009"), ("שלום", "U+05E9"), ("علي", "U+0639")]
        {
            assert!(refusal(text).unwrap().starts_with(code), "{text:?}");
        }
        for text in ["José Núñez Ibáñez", "Nguyễn Thị Ánh Tuyết", "Μαρία", "Жанна", "O’Neil", "Kaʻiulani"]
        {
            assert_eq!(refusal(text), None);
            assert!(text.chars().all(is_simple), "{text}");
        }
        assert!(!is_simple('क'));
    }

    #[test]
    fn marks_stand_on_letters_and_not_in_piles() {
        for text in ["e\u{301}", "ễ\u{323}", "ᾧ", "a\u{301}\u{302}\u{303}\u{304}"] {
            assert_eq!(refusal(text), None, "{text}");
        }
        for (text, code) in
            [("\u{301}e", "U+0301"), ("a \u{308}", "U+0308"), ("a\u{301}\u{302}\u{303}\u{304}\u{30A}", "U+030A")]
        {
            assert!(refusal(text).unwrap().starts_with(code), "{text}");
        }
    }
}
