//! One line of a receipt: its six fields, and the letter that it speaks of.

use chrono::NaiveDate;

use super::cell;
use crate::domain::letter::LetterId;
use crate::domain::postal_statement::{NotAStatement, PostalStatement};
use crate::domain::receipt::ReceiptEvent;

/// The columns of a receipt, in their order.
pub const COLUMNS: [&str; 6] = ["record", "letter_id", "event", "event_on", "sheets", "detail"];

/// The detail of a spoiled letter that the vendor made again from the same package.
pub const REMADE: &str = "remade";

/// What a line says of one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// Its line in the file, from 1, the column names being line 1.
    pub line_number: usize,
    /// The letter.
    pub letter_id: LetterId,
    /// What happened to it.
    pub event: ReceiptEvent,
    /// When, a date in the site's time zone.
    pub event_on: NaiveDate,
    /// The sheets that it took.
    pub sheets: u32,
    /// More words, such as `remade`; of a mailed letter, the number of its postal statement. May be empty. Untrusted text
    /// without control characters.
    pub detail: String,
}

impl ReceiptLine {
    /// Whether a spoiled letter was made again from the same package.
    #[must_use]
    pub fn is_remake(&self) -> bool {
        self.event == ReceiptEvent::Spoiled && self.detail == REMADE
    }

    /// The number of the postal statement with which a mailed letter was handed over, where the vendor gives it.
    ///
    /// # Errors
    /// Where the detail of a mailed letter is something else.
    pub fn postal_statement(&self) -> Result<Option<PostalStatement>, NotAStatement> {
        let is_given = self.event == ReceiptEvent::Mailed && !self.detail.is_empty();
        if is_given { self.detail.parse().map(Some) } else { Ok(None) }
    }
}

/// A line of a letter that cannot be understood. It is kept for a person; the other lines are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// Its line in the file, from 1.
    pub line_number: usize,
    /// The line as it stands there, control characters escaped.
    pub text: String,
    /// The sheets that it says.
    pub sheets: u32,
    /// Why it is held.
    pub reason: HoldReason,
}

/// Why a line is held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldReason {
    /// The id is none.
    #[error("'{0}' is not a letter id")]
    UnknownLetterId(String),
    /// The event is none.
    #[error("'{0}' is not an event of a letter; known are printed, mailed, spoiled, rejected, pulled, returned")]
    UnknownEvent(String),
    /// The date is none.
    #[error("'{0}' is not a date; write it as 2026-03-05")]
    UnreadableDate(String),
    /// The detail of a mailed letter is not what it is for.
    #[error("its detail is no number of a postal statement: letters, digits and hyphens, at most 40")]
    UnreadableStatement,
    /// A field holds characters that no vendor types.
    #[error("a field holds a control character")]
    ControlCharacter,
}

/// The fields of a line, by the names of their columns.
pub(super) struct Fields {
    pub record: String,
    pub letter_id: String,
    pub event: String,
    pub event_on: String,
    pub sheets: String,
    pub detail: String,
}

impl Fields {
    /// The six fields of a line; `None` where there are more or fewer, or the quotes do not match.
    pub(super) fn of(line: &str) -> Option<Self> {
        let fields: [String; 6] = split(line)?.try_into().ok()?;
        let [record, letter_id, event, event_on, sheets, detail] =
            fields.map(|field| cell::unguard(field.trim()).to_owned());
        Some(Self { record, letter_id, event, event_on, sheets, detail })
    }

    /// What the line says of a letter that took `sheets` sheets.
    pub(super) fn read_letter(&self, line_number: usize, sheets: u32) -> Result<ReceiptLine, HoldReason> {
        let texts = [&self.letter_id, &self.event, &self.event_on, &self.detail];
        if texts.iter().any(|text| text.chars().any(char::is_control)) {
            return Err(HoldReason::ControlCharacter);
        }
        let letter_id = self.letter_id.parse().map_err(|_| HoldReason::UnknownLetterId(shorten(&self.letter_id)))?;
        let event =
            ReceiptEvent::from_name(&self.event).ok_or_else(|| HoldReason::UnknownEvent(shorten(&self.event)))?;
        let event_on = read_date(&self.event_on).ok_or_else(|| HoldReason::UnreadableDate(shorten(&self.event_on)))?;
        let line = ReceiptLine { line_number, letter_id, event, event_on, sheets, detail: self.detail.clone() };
        match line.postal_statement() {
            Ok(_) => Ok(line),
            Err(NotAStatement) => Err(HoldReason::UnreadableStatement),
        }
    }
}

/// A field as it may stand in a message.
pub(super) fn shorten(text: &str) -> String {
    text.chars().flat_map(char::escape_debug).take(80).collect()
}

/// A date as `2026-03-05` and no other way.
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == "2026-03-05".len() && date.to_string() == text).then_some(date)
}

/// A whole number in plain digits.
pub(super) fn read_count<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Splits one line as RFC 4180 says, except that a field ends with its line: no field of a receipt needs a line break,
/// and an unclosed quote must not swallow the rest of the file. `None` where the quotes do not match.
fn split(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => split_quoted(quoted)?,
            None => split_plain(rest)?,
        };
        fields.push(field);
        match after {
            Some(more) if fields.len() < COLUMNS.len() => rest = more,
            Some(_) => return None,
            None => return Some(fields),
        }
    }
}

/// A field without quotes, and what follows its comma.
fn split_plain(rest: &str) -> Option<(String, Option<&str>)> {
    let (field, after) = match rest.split_once(',') {
        Some((field, after)) => (field, Some(after)),
        None => (rest, None),
    };
    (!field.contains('"')).then(|| (field.to_owned(), after))
}

/// A field whose first quote is already taken, and what follows its comma.
fn split_quoted(mut rest: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    loop {
        let (text, after) = rest.split_once('"')?;
        field.push_str(text);
        if after.is_empty() {
            return Some((field, None));
        }
        if let Some(more) = after.strip_prefix(',') {
            return Some((field, Some(more)));
        }
        rest = after.strip_prefix('"')?;
        field.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_split_as_rfc_4180_says() {
        let fields = |line: &str| split(line).map(|fields| fields.join("|"));
        assert_eq!(fields("a,b,c").as_deref(), Some("a|b|c"));
        assert_eq!(fields("\"a,1\",\"say \"\"x\"\"\",").as_deref(), Some("a,1|say \"x\"|"));
        assert_eq!(fields("").as_deref(), Some(""));
        for refused in ["\"a", "a\"b", "\"a\"b", "\"a\" ,b", "\"\"\"", "a,b,c,d,e,f,g", "a,b,c,d,e,f,"] {
            assert_eq!(split(refused), None, "{refused}");
        }
    }

    #[test]
    fn numbers_and_dates_read_one_way() {
        assert_eq!(read_date("2028-02-29"), NaiveDate::from_ymd_opt(2028, 2, 29));
        for refused in
            ["2026-02-29", "2026-3-5", "26-03-05", "05/03/2026", "+2026-03-05", "2026-03-05T00:00", "", "20260305"]
        {
            assert_eq!(read_date(refused), None, "{refused}");
        }
        assert_eq!(read_count::<u32>("12"), Some(12));
        for refused in ["", "+1", "-1", "1.0", " 1", "4294967296", "½"] {
            assert_eq!(read_count::<u32>(refused), None, "{refused}");
        }
    }
}
