//! Who writes: the organisation's own words, the same in each of its letters.

use crate::letter::error::LetterError;
use crate::letter::typeset::characters;

/// What the letter says of the organisation that sends it. Plain text: nothing in it is markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// The name of the agency.
    pub agency: String,
    /// The lines of its return address.
    pub return_address: Vec<String>,
    /// The help desk's telephone number, as printed.
    pub help_phone: String,
    /// When the help desk answers, in English.
    pub help_hours_en: String,
    /// When the help desk answers, in Spanish.
    pub help_hours_es: String,
    /// Where to sign in, as a person types it: `example.gov/account`.
    pub sign_in_address: String,
}

impl Letterhead {
    /// Each text with the name of its field.
    pub(in crate::letter) fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("agency", self.agency.as_str()),
            ("help_phone", &self.help_phone),
            ("help_hours_en", &self.help_hours_en),
            ("help_hours_es", &self.help_hours_es),
            ("sign_in_address", &self.sign_in_address),
        ]
        .into_iter()
        .chain(self.return_address.iter().map(|line| ("return_address", line.as_str())))
    }

    /// Refuses an empty field and characters that no letter can hold.
    pub(in crate::letter) fn check(&self) -> Result<(), LetterError> {
        for (field, text) in self.fields() {
            if text.trim().is_empty() {
                return Err(LetterError::Letterhead(format!("{field} is empty; every letter needs it")));
            }
            if let Some(reason) = characters::refusal(text) {
                return Err(LetterError::Letterhead(format!("{field}: {reason}")));
            }
        }
        Ok(())
    }
}
