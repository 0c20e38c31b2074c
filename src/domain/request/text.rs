//! Text that came from outside, made fit to be kept and printed: trimmed, in Unicode normal form C, of bounded length
//! and without a character that hides, reorders or breaks what a person sees.

use unicode_normalization::UnicodeNormalization;

/// What is wrong with a text: what was found and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextProblem {
    /// What was found.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// The text trimmed and in normal form C; typographic spaces become plain ones.
///
/// # Errors
/// Where it is longer than `limit` characters or holds a character that [`why_refused`] names.
pub(super) fn clean(found: &str, limit: usize) -> Result<String, TextProblem> {
    if let Some((place, character, why)) = first_refused(found.trim()) {
        return Err(TextProblem {
            problem: format!("has {why}, U+{:04X}, as character {place}", u32::from(character)),
            remedy: "take that character out".to_owned(),
        });
    }
    let text: String = found.trim().nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let length = text.chars().count();
    if length > limit {
        return Err(TextProblem {
            problem: format!("has {length} characters; the limit is {limit}"),
            remedy: "shorten it".to_owned(),
        });
    }
    Ok(text)
}

/// The first character that cannot stay, its place counted from 1, and what it is.
fn first_refused(text: &str) -> Option<(usize, char, &'static str)> {
    let mut before = None;
    let mut characters = text.chars().peekable();
    let mut place = 0;
    while let Some(character) = characters.next() {
        place += 1;
        let joins = is_joiner(character) && joins_script(before, characters.peek().copied());
        if let Some(why) = why_refused(character).filter(|_| !joins) {
            return Some((place, character, why));
        }
        before = Some(character);
    }
    None
}

/// Zero-width joiner and non-joiner.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// Whether a joiner stands where spelling needs one: inside a word of a script beyond ASCII. Persian, Sinhala and
/// Malayalam names are written with joiners, and so are compound emoji; in `admin` one could only hide.
fn joins_script(before: Option<char>, after: Option<char>) -> bool {
    let spelled = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_joiner(c));
    spelled(before) && spelled(after)
}

/// What a character is, where it may not stand in a text that is stored and printed.
fn why_refused(character: char) -> Option<&'static str> {
    match character {
        '\0' => Some("a NUL"),
        '\u{FEFF}' => Some("a byte order mark"),
        c if c.is_control() => Some("a control character"),
        '\u{2028}' | '\u{2029}' => Some("a line separator"),
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Some("a control of the direction of writing")
        }
        '\u{00AD}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' => Some("an invisible character"),
        '\u{FFFD}' => Some("the mark of a character that was lost"),
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => {
            Some("a private-use character")
        }
        c if is_noncharacter(c) => Some("a code that is no character"),
        _ => None,
    }
}

/// The 66 codes that Unicode keeps free for ever (The Unicode Standard, section 23.7).
fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{FDD0}'..='\u{FDEF}') || u32::from(character) & 0xFFFE == 0xFFFE
}

/// A code word as a message may show it. Messages reach logs, and where columns have shifted, a telephone number or
/// a username stands where a code should: only a short text of letters, spaces and hyphens is shown.
pub(super) fn shown(found: &str) -> String {
    let found = found.trim();
    let is_word = found.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-')) && found.chars().count() <= 24;
    if is_word { format!("'{found}'") } else { "what stands here".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(clean("  Zoe\u{0308} \u{00A0}Example\u{3000}", 100), Ok("Zo\u{00EB}  Example".to_owned()));
        assert_eq!(clean(" \t\n", 100), Ok(String::new()));
    }

    #[test]
    fn characters_that_hide_or_reorder_are_refused() {
        let refused = [
            '\0',
            '\u{7}',
            '\u{85}',
            '\u{AD}',
            '\u{200B}',
            '\u{200D}',
            '\u{202E}',
            '\u{2028}',
            '\u{2066}',
            '\u{2060}',
            '\u{E000}',
            '\u{F8FF}',
            '\u{FDD0}',
            '\u{FEFF}',
            '\u{FFFD}',
            '\u{FFFE}',
            '\u{1FFFF}',
            '\u{E0041}',
            '\u{F0000}',
            '\u{10FFFF}',
        ];
        for character in refused {
            let problem = clean(&format!("Sam{character}ple"), 100).unwrap_err().problem;
            let code = format!("U+{:04X}", u32::from(character));
            assert!(problem.contains(&code) && problem.ends_with("character 4"), "{code}: {problem}");
        }
    }

    #[test]
    fn joiners_may_spell_a_script_but_not_hide_in_ascii() {
        for spelled in ["ශ්\u{200D}රී", "می\u{200C}رزا", "👩\u{200D}🚀"] {
            assert!(clean(spelled, 100).is_ok(), "{spelled}");
        }
        for hidden in ["ad\u{200C}min", "é\u{200D}\u{200D}é", "é\u{200D} é", "\u{200D}é"] {
            assert!(clean(hidden, 100).is_err(), "{}", hidden.escape_unicode());
        }
    }

    #[test]
    fn length_counts_characters_after_composition() {
        assert!(clean(&"e\u{0301}".repeat(100), 100).is_ok());
        let problem = clean(&"a".repeat(500), 100).unwrap_err().problem;
        assert_eq!(problem, "has 500 characters; the limit is 100");
    }

    #[test]
    fn markup_and_formulas_are_text() {
        for text in ["{{ name }}", "**x**", "[a](b)", "=HYPERLINK(\"http://example.invalid\")", "Pat 😀"] {
            assert_eq!(clean(text, 100), Ok(text.to_owned()));
        }
    }

    #[test]
    fn only_a_short_word_is_shown() {
        assert_eq!(shown(" New Yrok "), "'New Yrok'");
        for kept_back in ["202-555-0123", "sam@example.com", "a\u{202E}b", "abcdefghijklmnopqrstuvwxy"] {
            assert_eq!(shown(kept_back), "what stands here");
        }
    }
}
