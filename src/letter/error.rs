//! What can go wrong with a letter.

use crate::domain::request::{Format, Language};

/// Why stationery cannot be made, or a print stream not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// A template is missing, does not parse, or says something that a letter cannot hold.
    #[error("template '{name}': {reason}")]
    Template {
        /// The template's name in its set.
        name: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A value of the letterhead cannot be printed.
    #[error("letterhead: {0}")]
    Letterhead(String),
    /// Sheet, fold and window do not go together.
    #[error("envelope geometry: {0}")]
    Geometry(String),
    /// The finished letter does not fit its sheets or its window.
    #[error("the {language} letter in {format} does not fit: {reason}")]
    Layout {
        /// The letter's language.
        language: Language,
        /// The letter's form.
        format: Format,
        /// What does not fit, and what to do.
        reason: String,
    },
    /// A recipient's letter cannot be printed; [`check`](super::Stationery::check) would have said so.
    #[error("letter {letter_id}: {reason}")]
    Unprintable {
        /// Which letter.
        letter_id: String,
        /// Why.
        reason: Unprintable,
    },
    /// An embedded font is damaged.
    #[error("font {0}: damaged in this build; build letterpost again")]
    Font(&'static str),
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// Why a recipient's letter cannot be printed, in plain words that name the field and the character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Unprintable {
    /// The field of the request: `full_name`, `address_line_1`, …; `letter` for the letter as a whole.
    pub field: &'static str,
    /// What is wrong with it. Names characters by code point, and quotes nothing else of the person's data.
    pub reason: String,
}

impl Unprintable {
    /// A refusal of this field.
    pub(in crate::letter) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}
