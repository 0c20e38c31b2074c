//! Words that were shaped before: names of towns and streets come again and again, and shaping is what costs most.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::letter::typeset::fonts::{Fonts, Run, Style};

/// The most words of one style that are kept, so that memory grows with the batch and not with the night.
const MOST_WORDS: usize = 20_000;

/// The fonts, with a memory for words, used by one thread while it prints a batch.
pub(in crate::letter) struct Lexicon<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    words: RefCell<[HashMap<Box<str>, Vec<Run>>; 2]>,
}

impl<'a> Lexicon<'a> {
    /// An empty memory for these fonts.
    pub(in crate::letter) fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, words: RefCell::default() }
    }

    /// Shapes a text, or takes it from memory. What is set in the style of passwords is never kept.
    ///
    /// # Errors
    ///
    /// The reason, naming the character, where a character has no glyph.
    pub(in crate::letter) fn shape(&self, text: &str, style: Style) -> Result<Vec<Run>, String> {
        let place = match style {
            Style::Regular => 0,
            Style::Bold => 1,
            Style::Mono => return self.fonts.shape(text, style),
        };
        if let Some(known) = self.words.borrow().get(place).and_then(|words| words.get(text)) {
            return Ok(known.clone());
        }
        let runs = self.fonts.shape(text, style)?;
        if let Some(words) = self.words.borrow_mut().get_mut(place) {
            if words.len() >= MOST_WORDS {
                words.clear();
            }
            words.insert(text.into(), runs.clone());
        }
        Ok(runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_shaped_alike_the_first_time_and_the_second() {
        let fonts = Fonts::load().unwrap();
        let lexicon = Lexicon::new(&fonts);
        for text in ["AVATAR", "Nguyễn", "9QX2-K7D0-4MZH"] {
            for style in [Style::Regular, Style::Bold, Style::Mono] {
                let first = lexicon.shape(text, style).unwrap();
                assert_eq!(lexicon.shape(text, style).unwrap(), first);
                assert_eq!(fonts.shape(text, style).unwrap(), first);
            }
        }
        assert!(lexicon.words.borrow().iter().all(|words| words.len() == 3));
        assert!(lexicon.shape("王", Style::Regular).is_err());
    }
}
