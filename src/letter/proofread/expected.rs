//! What a letter should say, from its template and its slots, and without a thought to how it is laid out.
//!
//! Lines break where the layout likes, so spaces do not count: texts are compared letter by letter.

use zeroize::Zeroizing;

use crate::letter::template::markup::{Block, Content, Line};
use crate::letter::template::slot::SlotTexts;
use crate::letter::typeset::block::is_password;
use crate::letter::typeset::form::{Form, Varies};

/// Texts that must each stand somewhere, once. Wiped when dropped, for a password is among them.
#[derive(Default)]
pub(in crate::letter) struct Pieces(Vec<Zeroizing<String>>);

impl Pieces {
    /// Adds a text.
    pub(in crate::letter) fn add(&mut self, text: String) {
        let mut letters = Zeroizing::new(String::with_capacity(text.len()));
        push_letters(&mut letters, &text);
        if !letters.is_empty() {
            self.0.push(letters);
        }
    }

    /// Takes out the texts that a page is made of; there may be nothing else on it.
    ///
    /// # Errors
    ///
    /// Where something else is on it.
    pub(in crate::letter) fn cover(&mut self, seen: &str) -> Result<(), &'static str> {
        let mut rest = seen;
        while !rest.is_empty() {
            // Longest first, so that no text is mistaken for the beginning of another.
            let found = self.0.iter().enumerate().filter(|(_, text)| rest.starts_with(text.as_str()));
            let (place, length) = found
                .map(|(place, text)| (place, text.len()))
                .max_by_key(|(_, length)| *length)
                .ok_or("a page of it says something else than it should")?;
            rest = rest.get(length..).unwrap_or_default();
            self.0.swap_remove(place);
        }
        Ok(())
    }

    /// Nothing may be left.
    ///
    /// # Errors
    ///
    /// Where something is.
    pub(in crate::letter) fn finish(&self) -> Result<(), &'static str> {
        if self.0.is_empty() { Ok(()) } else { Err("something that it should say is not on its pages") }
    }
}

/// Adds a text without its spaces.
pub(in crate::letter) fn push_letters(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|character| !character.is_whitespace()));
}

/// What a letter says that no other does: its own blocks and its password.
pub(in crate::letter) fn own(form: &Form, texts: &SlotTexts) -> Pieces {
    let mut pieces = blocks(form, texts, |varies| varies == Varies::ByPerson);
    pieces.add(texts.password.to_string());
    pieces
}

/// What letters of one form and one set of dates all say.
pub(in crate::letter) fn shared(form: &Form, texts: &SlotTexts) -> Pieces {
    blocks(form, texts, |varies| varies != Varies::ByPerson)
}

fn blocks(form: &Form, texts: &SlotTexts, wanted: impl Fn(Varies) -> bool) -> Pieces {
    let mut pieces = Pieces::default();
    for entry in form.entries.iter().filter(|entry| wanted(entry.varies)) {
        let mut said = match &entry.block {
            Block::Step(number, _) => format!("{number}."),
            Block::Point(_) => "•".to_owned(),
            _ => String::new(),
        };
        said.extend(entry.block.lines().iter().filter(|line| !is_password(line)).map(|spoken| line(spoken, texts)));
        pieces.add(said);
    }
    pieces
}

/// A line with its slots filled.
pub(in crate::letter) fn line(line: &Line, texts: &SlotTexts) -> String {
    line.iter()
        .map(|inline| match &inline.content {
            Content::Text(text) | Content::Whole(text) => text.as_str(),
            Content::Slot(slot) => texts.get(*slot),
        })
        .collect()
}
