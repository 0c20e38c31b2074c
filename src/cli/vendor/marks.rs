//! What the pages themselves say of their letters, against the manifest: inserter's marks, printed ids, barcodes.
//!
//! The digests show that the pages are those that the site meant; this shows that the site meant the right ones, before
//! an inserter takes a sheet for another piece's.

use std::collections::HashSet;

use crate::domain::letter::LetterId;
use crate::letter::{MarkReader, PageMarks, sheet_mark_text};
use crate::package::assemble::PRINT_STREAM_FILE;
use crate::package::manifest::ManifestRow;
use crate::package::verify::VerifiedPackage;

/// What was read from the pages of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarksRead {
    /// Inserter's marks, one on the front of each sheet.
    pub sheets: u64,
    /// Intelligent Mail barcodes.
    pub barcodes: u64,
}

/// A letter whose pages do not say what the manifest says of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// A file cannot be read as letters are.
    #[error("the pages in {file} do not read as letters do: {reason}; if the site's program is newer, use one as new")]
    Unreadable {
        /// The file.
        file: String,
        /// What the reader says.
        reason: String,
    },
    /// A letter's marks are not those of the manifest.
    #[error("manifest row {sequence}, letter {letter_id}, page {page} of it: {fault}")]
    Wrong {
        /// The row's sequence number.
        sequence: u32,
        /// The letter.
        letter_id: LetterId,
        /// Which of its pages, from 1.
        page: u32,
        /// What is wrong.
        fault: String,
    },
}

/// Reads the marks on every page, and compares them with the manifest.
///
/// # Errors
/// The first letter that does not bear its own marks.
pub fn check(package: &VerifiedPackage) -> Result<MarksRead, MarkError> {
    let mut files = MarkReader::default();
    let mut read = |file: &str| {
        let unreadable = |reason| MarkError::Unreadable { file: file.to_owned(), reason };
        files.read(package.file(file).unwrap_or_default()).map_err(unreadable)
    };
    let name = package.name.to_string();
    let known = package.rows.iter().map(|row| row.letter_id).collect();
    let desk = Desk { package: &name, sides: if package.ticket.duplex { 2 } else { 1 }, known: &known };
    let mut found = MarksRead::default();
    if package.file(PRINT_STREAM_FILE).is_some() {
        let pages = read(PRINT_STREAM_FILE)?;
        for row in &package.rows {
            let first = (row.first_page as usize).saturating_sub(1);
            let own = pages.get(first..first.saturating_add(row.pages as usize)).unwrap_or_default();
            found.add(desk.letter(row, own)?);
        }
    } else {
        for row in &package.rows {
            found.add(desk.letter(row, &read(&row.file)?)?);
        }
    }
    Ok(found)
}

impl MarksRead {
    fn add(&mut self, other: Self) {
        self.sheets += other.sheets;
        self.barcodes += other.barcodes;
    }
}

/// What all letters of a package are compared with.
struct Desk<'a> {
    package: &'a str,
    /// Printed sides of a sheet.
    sides: u32,
    /// The letters of the package.
    known: &'a HashSet<LetterId>,
}

impl Desk<'_> {
    fn letter(&self, row: &ManifestRow, pages: &[PageMarks]) -> Result<MarksRead, MarkError> {
        let wrong = |page: u32, fault| MarkError::Wrong {
            sequence: row.sequence,
            letter_id: row.letter_id,
            page: page + 1,
            fault,
        };
        if u64::from(row.pages) != u64::from(row.sheets) * u64::from(self.sides) || pages.len() != row.pages as usize {
            return Err(wrong(0, format!("{} pages do not make {} sheets", row.pages, row.sheets)));
        }
        for (page, marks) in (0..).zip(pages) {
            self.mark(row, page, marks).map_err(|fault| wrong(page, fault))?;
            self.printed_id(row, marks).map_err(|fault| wrong(page, fault))?;
            check_barcode(row, page, marks).map_err(|fault| wrong(page, fault))?;
        }
        let barcodes = u64::from(!row.imb.is_empty());
        Ok(MarksRead { sheets: row.sheets.into(), barcodes })
    }

    /// The front of a sheet bears one mark, its own, and the same in print; a back bears none.
    fn mark(&self, row: &ManifestRow, page: u32, marks: &PageMarks) -> Result<(), String> {
        if !page.is_multiple_of(self.sides) {
            let stray = if marks.matrices.is_empty() { Ok(()) } else { Err("the back of a sheet bears a mark") };
            return stray.map_err(str::to_owned);
        }
        let wanted = sheet_mark_text(self.package, row.sequence, page / self.sides + 1, row.sheets);
        match marks.matrices.as_slice() {
            [Some(found)] if *found == wanted && marks.has_line(&wanted) => Ok(()),
            [Some(found)] if *found == wanted => Err(format!("'{wanted}' is not printed beside the inserter's mark")),
            [Some(found)] => Err(format!("the inserter's mark says '{}', not '{wanted}'", found.escape_debug())),
            [None] => Err("the inserter's mark cannot be read".to_owned()),
            [] => Err("the sheet bears no inserter's mark".to_owned()),
            several => Err(format!("the sheet bears {} inserter's marks", several.len())),
        }
    }

    /// Every page that says something names its letter, and no other of the package.
    fn printed_id(&self, row: &ManifestRow, marks: &PageMarks) -> Result<(), String> {
        let printed = marks.letter_ids();
        if let Some(other) = printed.iter().find(|id| **id != row.letter_id && self.known.contains(id)) {
            return Err(format!("it is printed as letter {other}"));
        }
        if marks.is_blank() || printed.contains(&row.letter_id) {
            return Ok(());
        }
        Err("the letter's id is not printed on it".to_owned())
    }
}

/// Where the manifest has a barcode, it stands on the first page and nowhere else; where it has none, there is none.
fn check_barcode(row: &ManifestRow, page: u32, marks: &PageMarks) -> Result<(), String> {
    let wanted = page == 0 && !row.imb.is_empty();
    match (marks.barcodes.as_slice(), wanted) {
        ([], false) => Ok(()),
        ([], true) => Err("the Intelligent Mail barcode is missing".to_owned()),
        ([Ok(found)], true) if found.digits() == row.imb => Ok(()),
        ([Ok(found)], true) => Err(format!("the barcode says {}, and the manifest {}", found.digits(), row.imb)),
        ([Err(misread)], true) => Err(misread.to_string()),
        _ => Err("it bears a barcode that the manifest does not have".to_owned()),
    }
}
