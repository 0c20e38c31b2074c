//! The vendor's receipts: what became of a package and of its letters.
//!
//! A receipt is one CSV file: the column names, a row `package`, rows `letter`, a row `trailer` that counts them. What is
//! wrong with the file as a whole refuses it whole; what is wrong with one letter's line holds that line.

use chrono::NaiveDate;

use super::assemble::MAX_LETTER_FILES;
use super::cell;
use super::digest::Sha256Digest;
pub use super::receipt_line::{COLUMNS, HeldLine, HoldReason, ReceiptLine};
use super::receipt_line::{Fields, read_count, read_date, shorten};
use crate::domain::receipt::PackageEvent;

/// The most rows that a receipt has for each letter: printed, spoiled and made again some times, mailed, returned.
const MAX_ROWS_A_LETTER: usize = 6;
/// The most lines: all rows of the largest package, and the three around them.
pub const MAX_LINES: usize = MAX_LETTER_FILES * MAX_ROWS_A_LETTER + 3;
/// The longest line, in bytes: six short fields.
pub const MAX_LINE_BYTES: usize = 4 * 1024;
/// The largest receipt that is read, in bytes: so many rows of 46 bytes, and thirty more in each for its detail. The file and
/// its rows are in memory together, so this is what bounds it.
pub const MAX_RECEIPT_BYTES: usize = 2 * 1024 * 1024;

/// How much of a held line is kept, in characters.
const MAX_HELD_CHARACTERS: usize = 200;

/// The row on the whole package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// What the vendor did with the package.
    pub event: PackageEvent,
    /// When, a date in the site's time zone.
    pub event_on: NaiveDate,
    /// Of the sealed package, as the vendor received it.
    pub sha256: Sha256Digest,
}

/// The last row: what the rows of letters add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trailer {
    /// The sum of the letter rows' sheets.
    pub sheets: u64,
    /// How many letter rows there are.
    pub letter_rows: u64,
}

/// A receipt that is whole: its rows are in order and its trailer is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFile {
    /// The row on the whole package.
    pub package_row: PackageRow,
    /// The letter rows that can be read, in the order of the file.
    pub letter_rows: Vec<ReceiptLine>,
    /// The letter rows that cannot, in the order of the file. They count in the trailer.
    pub held_lines: Vec<HeldLine>,
    /// The last row.
    pub trailer: Trailer,
}

/// Why a receipt is refused whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More bytes, lines, or bytes in a line than any receipt has.
    #[error("the receipt is too large: more than {limit} {what}")]
    TooLarge {
        /// How many are allowed.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// UTF-16, NUL bytes or another encoding.
    #[error("the receipt is not UTF-8 text; ask the vendor to write it as UTF-8")]
    NotText,
    /// The first line is not the column names.
    #[error("the receipt must begin with the line {}", COLUMNS.join(","))]
    WrongColumns,
    /// A line has more or fewer than six fields, or its quotes do not match.
    #[error("line {0} of the receipt does not have six fields, or its quotes do not match")]
    NotSixFields(usize),
    /// A row stands where another belongs.
    #[error("line {line} of the receipt has record '{found}' where {wanted} belongs")]
    WrongRecord {
        /// The line, from 1.
        line: usize,
        /// The record that stands there.
        found: String,
        /// The record that belongs there.
        wanted: &'static str,
    },
    /// The file ends before its trailer: it is cut off, or still being written.
    #[error("the receipt has no trailer; it is cut off or not finished")]
    NoTrailer,
    /// A field that the whole file depends on cannot be read.
    #[error("line {line} of the receipt: {field} holds '{found}', which is not {wanted}")]
    WrongField {
        /// The line, from 1.
        line: usize,
        /// The column.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// The trailer does not count what the file holds.
    #[error("the trailer says {wanted} {what} and the letter rows have {found}")]
    WrongSum {
        /// Of what.
        what: &'static str,
        /// What the trailer says.
        wanted: u64,
        /// What the rows add up to.
        found: u64,
    },
}

/// Reads a receipt.
///
/// # Errors
/// Where the file as a whole cannot be taken. A letter's line whose id, event or date cannot be read is held instead.
pub fn parse_receipt(bytes: &[u8]) -> Result<ReceiptFile, ReceiptError> {
    if bytes.len() > MAX_RECEIPT_BYTES {
        return Err(ReceiptError::TooLarge { limit: MAX_RECEIPT_BYTES, what: "bytes" });
    }
    let text = decode(bytes)?;
    check_lines(text)?;
    let mut lines = text.lines().enumerate().map(|(place, line)| (place + 1, line));
    if lines.next().map(|(_, line)| line) != Some(COLUMNS.join(",").as_str()) {
        return Err(ReceiptError::WrongColumns);
    }
    let first = next_row(&mut lines)?.ok_or(ReceiptError::NoTrailer)?;
    let package_row = read_package_row(first.line, &first.fields)?;
    let mut rows = LetterRows::default();
    while let Some(Row { line, raw, fields }) = next_row(&mut lines)? {
        match fields.record.as_str() {
            "letter" => rows.take(line, &fields, raw)?,
            "trailer" => {
                let trailer = read_trailer(line, &fields)?;
                rows.check(trailer)?;
                expect_end(&mut lines)?;
                let LetterRows { letter_rows, held_lines, .. } = rows;
                return Ok(ReceiptFile { package_row, letter_rows, held_lines, trailer });
            }
            _ => return Err(wrong_record(line, &fields, "letter or trailer")),
        }
    }
    Err(ReceiptError::NoTrailer)
}

/// The text, without the byte order mark that some programs put before UTF-8.
fn decode(bytes: &[u8]) -> Result<&str, ReceiptError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReceiptError::NotText)?;
    if text.contains('\0') { Err(ReceiptError::NotText) } else { Ok(text.strip_prefix('\u{feff}').unwrap_or(text)) }
}

/// Bounds what the rest of the reader may meet, before anything of it is kept.
fn check_lines(text: &str) -> Result<(), ReceiptError> {
    for (place, line) in text.lines().enumerate() {
        if place >= MAX_LINES {
            return Err(ReceiptError::TooLarge { limit: MAX_LINES, what: "lines" });
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(ReceiptError::TooLarge { limit: MAX_LINE_BYTES, what: "bytes in a line" });
        }
    }
    Ok(())
}

/// A line and its fields.
struct Row<'a> {
    line: usize,
    raw: &'a str,
    fields: Fields,
}

/// The next line that is not empty, split.
fn next_row<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Result<Option<Row<'a>>, ReceiptError> {
    let Some((line, raw)) = lines.find(|(_, line)| !line.is_empty()) else { return Ok(None) };
    let fields = Fields::of(raw).ok_or(ReceiptError::NotSixFields(line))?;
    Ok(Some(Row { line, raw, fields }))
}

fn expect_end<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Result<(), ReceiptError> {
    match next_row(lines)? {
        Some(row) => Err(wrong_record(row.line, &row.fields, "the end of the file")),
        None => Ok(()),
    }
}

fn wrong_record(line: usize, fields: &Fields, wanted: &'static str) -> ReceiptError {
    ReceiptError::WrongRecord { line, found: shorten(&fields.record), wanted }
}

fn wrong_field(line: usize, field: &'static str, found: &str, wanted: &'static str) -> ReceiptError {
    ReceiptError::WrongField { line, field, found: shorten(found), wanted }
}

fn read_package_row(line: usize, fields: &Fields) -> Result<PackageRow, ReceiptError> {
    if fields.record != "package" {
        return Err(wrong_record(line, fields, "package"));
    }
    if !fields.letter_id.is_empty() {
        return Err(wrong_field(line, "letter_id", &fields.letter_id, "empty"));
    }
    let event = PackageEvent::from_name(&fields.event)
        .ok_or_else(|| wrong_field(line, "event", &fields.event, "accepted or refused"))?;
    let event_on = read_date(&fields.event_on)
        .ok_or_else(|| wrong_field(line, "event_on", &fields.event_on, "a date as 2026-03-05"))?;
    let sha256 = fields.detail.parse().map_err(|_| {
        wrong_field(line, "detail", &fields.detail, "the sealed package's SHA-256 in lower-case hexadecimal")
    })?;
    Ok(PackageRow { event, event_on, sha256 })
}

fn read_trailer(line: usize, fields: &Fields) -> Result<Trailer, ReceiptError> {
    let sheets = read_count(&fields.sheets)
        .ok_or_else(|| wrong_field(line, "sheets", &fields.sheets, "the sum of the letters' sheets"))?;
    let letter_rows = read_count(&fields.detail)
        .ok_or_else(|| wrong_field(line, "detail", &fields.detail, "the number of letter rows"))?;
    Ok(Trailer { sheets, letter_rows })
}

/// The letter rows so far, and what they add up to.
#[derive(Default)]
struct LetterRows {
    letter_rows: Vec<ReceiptLine>,
    held_lines: Vec<HeldLine>,
    sheets: u64,
}

impl LetterRows {
    /// Takes or holds a line. Its sheets must be a number in any case: without it no trailer can be checked.
    fn take(&mut self, line: usize, fields: &Fields, raw: &str) -> Result<(), ReceiptError> {
        let sheets: u32 = read_count(&fields.sheets)
            .ok_or_else(|| wrong_field(line, "sheets", &fields.sheets, "a number of sheets"))?;
        self.sheets += u64::from(sheets);
        match fields.read_letter(line, sheets) {
            Ok(row) => self.letter_rows.push(row),
            Err(reason) => {
                let mut text: String = raw.chars().flat_map(char::escape_debug).take(MAX_HELD_CHARACTERS).collect();
                text.shrink_to_fit();
                self.held_lines.push(HeldLine { line_number: line, text, sheets, reason });
            }
        }
        Ok(())
    }

    fn check(&self, trailer: Trailer) -> Result<(), ReceiptError> {
        let rows = (self.letter_rows.len() + self.held_lines.len()) as u64;
        if trailer.letter_rows != rows {
            return Err(ReceiptError::WrongSum { what: "letter rows", wanted: trailer.letter_rows, found: rows });
        }
        if trailer.sheets != self.sheets {
            return Err(ReceiptError::WrongSum { what: "sheets", wanted: trailer.sheets, found: self.sheets });
        }
        Ok(())
    }
}

/// Writes a receipt with the trailer that its lines add up to. The lines' own numbers are passed over, and a control
/// character in a detail becomes a space.
#[must_use]
pub fn write_receipt(package: &PackageRow, lines: &[ReceiptLine]) -> String {
    let mut text = cell::row(COLUMNS);
    let (event_on, sha256) = (package.event_on.to_string(), package.sha256.to_string());
    text.push_str(&cell::row(["package", "", package.event.as_str(), &event_on, "", &sha256]));
    for line in lines {
        let (letter_id, event_on) = (line.letter_id.to_string(), line.event_on.to_string());
        let sheets = line.sheets.to_string();
        let detail = line.detail.replace(char::is_control, " ");
        text.push_str(&cell::row(["letter", &letter_id, line.event.as_str(), &event_on, &sheets, &detail]));
    }
    let sheets: u64 = lines.iter().map(|line| u64::from(line.sheets)).sum();
    text.push_str(&cell::row(["trailer", "", "", "", &sheets.to_string(), &lines.len().to_string()]));
    text
}
