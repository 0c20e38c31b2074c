//! Words that were shaped before: names of towns and streets come again and again, and shaping is what costs most.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::letter::typeset::fonts::{Face, Fonts, Run, Style};

/// The most words of one face that are kept, so that memory grows with the batch and not with the night.
const MOST_WORDS: usize = 20_000;

/// The fonts, with a memory for words, used by one thread while it prints a batch.
pub(in crate::letter) struct Lexicon<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    words: RefCell<HashMap<Face, HashMap<Box<str>, Run>>>,
}

impl<'a> Lexicon<'a> {
    /// An empty memory for these fonts.
    pub(in crate::letter) fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, words: RefCell::default() }
    }

    /// Shapes a text word by word. One face sets all of it where one can, so that no word changes its look in the
    /// middle. What is set in the style of passwords is never kept.
    ///
    /// # Errors
    ///
    /// The reason, naming the character, where a character has no glyph.
    pub(in crate::letter) fn shape(&self, text: &str, style: Style) -> Result<Vec<Run>, String> {
        if style == Style::Mono {
            return self.fonts.shape(text, style);
        }
        let mut runs = Vec::new();
        for (face, part) in self.fonts.choose(text, style)? {
            self.shape_words(face, part, &mut runs)?;
        }
        Ok(runs)
    }

    /// Shapes lines that stand together: one face sets all of them where one can.
    ///
    /// # Errors
    ///
    /// The place of the line and the reason, where a character has no glyph.
    pub(in crate::letter) fn shape_together(
        &self,
        lines: &[&str],
        style: Style,
    ) -> Result<Vec<Vec<Run>>, (usize, String)> {
        let common = self.fonts.common(lines, style);
        let shape = |(place, line): (usize, &&str)| {
            let runs = match common {
                Some(face) => {
                    let mut runs = Vec::new();
                    self.shape_words(face, line, &mut runs).map(|()| runs)
                }
                None => self.shape(line, style),
            };
            runs.map_err(|reason| (place, reason))
        };
        lines.iter().enumerate().map(shape).collect()
    }

    /// Adds the words of a text in one face, and the spaces between them.
    fn shape_words(&self, face: Face, text: &str, runs: &mut Vec<Run>) -> Result<(), String> {
        let mut words = self.words.borrow_mut();
        let known = words.entry(face).or_default();
        for word in text.split_inclusive(' ').flat_map(|word| match word.strip_suffix(' ') {
            Some(word) => [word, " "],
            None => [word, ""],
        }) {
            if word.is_empty() {
                continue;
            }
            if let Some(run) = known.get(word) {
                runs.push(run.clone());
                continue;
            }
            let run = self.fonts.shape_in(face, word)?;
            if known.len() >= MOST_WORDS {
                known.clear();
            }
            known.insert(word.into(), run.clone());
            runs.push(run);
        }
        Ok(())
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
                assert_eq!(fonts.shape(text, style).unwrap(), first, "{text}");
            }
        }
        assert!(lexicon.words.borrow().values().all(|words| !words.contains_key("9QX2") && words.len() <= 3));
        assert!(lexicon.shape("王", Style::Regular).is_err());
    }
}
