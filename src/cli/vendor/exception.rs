//! `LETTER_ID=EVENT[:DETAIL]`: what happened to one letter, apart from the others.

use std::str::FromStr;

use crate::domain::letter::LetterId;
use crate::domain::postal_statement::PostalStatement;
use crate::domain::receipt::ReceiptEvent;

/// The detail of a spoiled letter that was made again from the same package.
const REMADE: &str = "remade";
/// The longest detail, in characters.
const MAX_DETAIL_CHARACTERS: usize = 200;

/// What happened to one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterException {
    /// The letter.
    pub letter_id: LetterId,
    /// What happened to it.
    pub event: ReceiptEvent,
    /// More words; may be empty.
    pub detail: String,
}

/// A text that is no exception.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write LETTER_ID=EVENT or LETTER_ID=EVENT:DETAIL, such as 7K2QX-90DMC=rejected:unreadable")]
pub struct NotAnException(String);

impl LetterException {
    /// Whether the letter was spoiled and made again: it is then printed and mailed like the others.
    #[must_use]
    pub fn is_remade(&self) -> bool {
        self.event == ReceiptEvent::Spoiled && self.detail == REMADE
    }
}

impl FromStr for LetterException {
    type Err = NotAnException;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (letter, rest) = text.split_once('=').ok_or_else(|| NotAnException("there is no '='".to_owned()))?;
        let (event, detail) = rest.split_once(':').unwrap_or((rest, ""));
        let letter_id = letter.parse().map_err(|error| NotAnException(format!("{error}")))?;
        let event = ReceiptEvent::from_name(event.trim()).ok_or_else(|| unknown_event(event))?;
        let detail = detail.trim();
        if detail.chars().count() > MAX_DETAIL_CHARACTERS || detail.contains(char::is_control) {
            return Err(NotAnException(format!("a detail is one line of at most {MAX_DETAIL_CHARACTERS} characters")));
        }
        if event == ReceiptEvent::Mailed && !detail.is_empty() {
            detail.parse::<PostalStatement>().map_err(|error| NotAnException(error.to_string()))?;
        }
        Ok(Self { letter_id, event, detail: detail.to_owned() })
    }
}

fn unknown_event(event: &str) -> NotAnException {
    let known = ReceiptEvent::ALL.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ");
    let event: String = event.chars().take(40).flat_map(char::escape_debug).collect();
    NotAnException(format!("'{event}' is no event of a letter, which are {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_a_letter_an_event_and_a_detail() {
        let read: LetterException = "7k2qx-9odmc=rejected:no such street: 12".parse().unwrap();
        assert_eq!(read.letter_id.to_string(), "7K2QX-90DMC");
        assert_eq!((read.event, read.detail.as_str()), (ReceiptEvent::Rejected, "no such street: 12"));
        assert!("7K2QX-90DMC=spoiled:remade".parse::<LetterException>().unwrap().is_remade());
        assert!(!"7K2QX-90DMC=spoiled".parse::<LetterException>().unwrap().is_remade());
        assert_eq!("7K2QX-90DMC=mailed:3600-1".parse::<LetterException>().unwrap().detail, "3600-1");
        for refused in [
            "7K2QX-90DMC",
            "7K2QX-90DMC=mailed:on time",
            "7K2QX=mailed",
            "7K2QX-90DMC=lost",
            "7K2QX-90DMC=accepted",
            "=",
            "7K2QX-90DMC=pulled:a\nb",
        ] {
            assert!(refused.parse::<LetterException>().is_err(), "{refused}");
        }
    }
}
