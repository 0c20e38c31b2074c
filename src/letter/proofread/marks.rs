//! What finished pages say to those who count pieces: inserter's marks, barcodes, letter ids; read from the file alone.
//!
//! A print vendor has the file and its manifest, and knows nothing of the people that the letters are to.

use std::collections::HashMap;

use zeroize::Zeroizing;

use crate::domain::imb::{Imb, Misread};
use crate::domain::letter::LetterId;
use crate::letter::marks::sheet_mark;
use crate::letter::proofread::file::{Entries, PdfFile};
use crate::letter::proofread::page::{self, Seen};
use crate::letter::proofread::{Opened, contents};

/// How many files of different beginnings are kept open: letters of one package have a few layouts.
const MOST_BEGINNINGS: usize = 16;

/// What stands on one page for machines, and for people who look for its letter.
#[derive(Default)]
pub struct PageMarks {
    /// What each Data Matrix on it says; `None` for one that cannot be read.
    pub matrices: Vec<Option<String>>,
    /// Each Intelligent Mail barcode on it.
    pub barcodes: Vec<Result<Imb, Misread>>,
    /// Its lines of text, the password among them.
    lines: Vec<Zeroizing<String>>,
}

impl PageMarks {
    /// Whether nothing stands on it, as on the blank back of a sheet.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.matrices.is_empty() && self.barcodes.is_empty() && self.lines.is_empty()
    }

    /// Whether a line of it says this and nothing else.
    #[must_use]
    pub fn has_line(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.trim() == text)
    }

    /// The letter ids that are printed on it, each as often as it stands there.
    #[must_use]
    pub fn letter_ids(&self) -> Vec<LetterId> {
        self.lines.iter().flat_map(|line| line.split(is_no_id).filter_map(printed_id).collect::<Vec<_>>()).collect()
    }

    fn add(&mut self, seen: &Seen) {
        self.matrices.extend(seen.matrices.iter().map(|matrix| matrix.matrix.read()));
        self.barcodes.extend(seen.bars.iter().map(|bars| Imb::decode(&bars.bars)));
        self.lines.extend(seen.lines.iter().map(|line| Zeroizing::new(line.text.clone())));
    }
}

/// Whether a character cannot stand in a letter id.
fn is_no_id(character: char) -> bool {
    !(character.is_ascii_digit() || character.is_ascii_uppercase() || character == '-')
}

/// The letter id that this word is, as it is printed and no other way.
fn printed_id(word: &str) -> Option<LetterId> {
    let id: LetterId = word.parse().ok()?;
    (id.to_string() == word).then_some(id)
}

/// What the inserter's mark of a sheet says: `eba-acme-000123 000017 1/2`.
#[must_use]
pub fn sheet_mark_text(package: &str, sequence: u32, sheet: u32, sheets: u32) -> String {
    sheet_mark::text(package, sequence, sheet as usize, sheets as usize)
}

/// The marks of each page of a finished file.
///
/// # Errors
/// As [`MarkReader::read`].
pub fn marks_of_pages(pdf: &[u8]) -> Result<Vec<PageMarks>, String> {
    MarkReader::default().read(pdf)
}

/// Reads the marks of finished files. What files of one layout share is read once.
#[derive(Default)]
pub struct MarkReader<'f> {
    beginnings: Vec<Beginning<'f>>,
}

/// The first file of those that begin alike, and what was read of the content that their pages share.
struct Beginning<'f> {
    opened: Opened<'f>,
    shared: HashMap<u32, Seen>,
}

impl<'f> MarkReader<'f> {
    /// The marks of each page of a file, in order.
    ///
    /// # Errors
    /// Where it is not a file of letters, in words: it is put together otherwise, its fonts are not the letters' own or
    /// do not look as they should, or a page cannot be read.
    pub fn read(&mut self, pdf: &'f [u8]) -> Result<Vec<PageMarks>, String> {
        for beginning in &mut self.beginnings {
            let opened = &beginning.opened;
            if let Some(file) = PdfFile::open_like(pdf, &opened.file, opened.shared_end) {
                return pages(&file, opened, &mut beginning.shared);
            }
        }
        let mut beginning = Beginning { opened: Opened::open(pdf)?, shared: HashMap::new() };
        let read = pages(&beginning.opened.file, &beginning.opened, &mut beginning.shared);
        if self.beginnings.len() < MOST_BEGINNINGS {
            self.beginnings.push(beginning);
        }
        read
    }
}

fn pages(file: &PdfFile<'_>, opened: &Opened<'_>, shared: &mut HashMap<u32, Seen>) -> Result<Vec<PageMarks>, String> {
    let read = |(entries, number): (&Entries, usize)| {
        one_page(file, opened, entries, shared).map_err(|reason| format!("page {number}: {reason}"))
    };
    opened.pages.iter().zip(1..).map(read).collect()
}

fn one_page(
    file: &PdfFile<'_>,
    opened: &Opened<'_>,
    entries: &Entries,
    shared: &mut HashMap<u32, Seen>,
) -> Result<PageMarks, &'static str> {
    let mut marks = PageMarks::default();
    let Some((under, own)) = contents(entries)? else { return Ok(marks) };
    match shared.get(&under) {
        Some(known) => marks.add(known),
        None => {
            let seen = read_stream(file, opened, under)?;
            marks.add(&seen);
            // Only what lies in the beginning is the same in the files that begin alike.
            if file.offset(under).is_some_and(|at| at < opened.shared_end) {
                shared.insert(under, seen);
            }
        }
    }
    marks.add(&read_stream(file, opened, own)?);
    Ok(marks)
}

fn read_stream(file: &PdfFile<'_>, opened: &Opened<'_>, number: u32) -> Result<Seen, &'static str> {
    let content = file.stream(number).map(|(_, content)| Zeroizing::new(content)).ok_or("it cannot be read")?;
    page::read(&content, &opened.fonts)
}
