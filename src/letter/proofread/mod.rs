//! Proofreading: after a file is finished, and before it is sealed, every page is read again from its bytes.
//!
//! Each letter must hold its own name, address, password, id, barcode and marks and nothing else: every glyph on its
//! pages is accounted for, so no other letter's can be among them. The reader shares no code with the writer but the
//! tables of fonts and bars.

mod bar_font;
mod expected;
mod file;
mod fonts;
mod letter;
mod lexer;
mod marks;
mod page;

use std::collections::{HashMap, HashSet};

pub use marks::{MarkReader, PageMarks, marks_of_pages, sheet_mark_text};

use crate::domain::letter::LetterId;
use crate::letter::error::LetterError;
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::piece::{DocumentInfo, LetterFiles, Piece, PrintStream, PrintedLetters, PrintedPiece};
use crate::letter::proofread::file::{Entries, PdfFile, Value};
use crate::letter::proofread::fonts::Meanings;
use crate::letter::stationery::{Stationery, sheet_marks};

/// A letter that is not on its pages as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misprint {
    /// Its number in the package, from 1.
    pub sequence: u32,
    /// Its id.
    pub letter_id: LetterId,
    /// What is wrong, without a word of what stands there.
    pub reason: String,
}

impl Stationery {
    /// Reads finished letters again, in either layout, and says which are not as they should be.
    ///
    /// # Errors
    /// As [`proofread`](Self::proofread) and [`proofread_files`](Self::proofread_files).
    pub fn proofread_letters(
        &self,
        document: &DocumentInfo,
        pieces: &[Piece<'_>],
        letters: &PrintedLetters,
    ) -> Result<Vec<Misprint>, LetterError> {
        match letters {
            PrintedLetters::Stream(stream) => self.proofread(document, pieces, stream),
            PrintedLetters::Files(files) => self.proofread_files(document, pieces, files),
        }
    }

    /// Reads a finished print stream again, and says which letters are not as they should be.
    ///
    /// # Errors
    /// Where the file as a whole is wrong: it cannot be read, a font is not as drawn, pages are missing or too many.
    pub fn proofread(
        &self,
        document: &DocumentInfo,
        pieces: &[Piece<'_>],
        stream: &PrintStream,
    ) -> Result<Vec<Misprint>, LetterError> {
        let mut opened = Opened::open(&stream.pdf).map_err(|reason| wrong(&reason))?;
        let count: usize = stream.pieces.iter().map(|piece| piece.pages as usize).sum();
        if count != opened.pages.len() || stream.pieces.len() != pieces.len() {
            return Err(wrong("it has other pages than its letters"));
        }
        let marks = sheet_marks(&document.package)?;
        let desk = Desk { stationery: self, document, marks: &marks };
        let mut used = HashSet::with_capacity(opened.pages.len());
        let misprints = pieces.iter().zip(&stream.pieces).filter_map(|(piece, printed)| {
            let own = own_pages(&opened.pages, printed);
            let mut reader =
                Reader { desk, file: &opened.file, fonts: &opened.fonts, known: &mut opened.known, used: &mut used };
            misprint(piece, reader.letter(piece, own))
        });
        Ok(misprints.collect())
    }

    /// Reads finished letter files again, and says which are not as they should be.
    ///
    /// # Errors
    /// Where there are more or fewer files than letters.
    pub fn proofread_files(
        &self,
        document: &DocumentInfo,
        pieces: &[Piece<'_>],
        letters: &LetterFiles,
    ) -> Result<Vec<Misprint>, LetterError> {
        if letters.files.len() != pieces.len() {
            return Err(LetterError::Pdf("there are other files than letters".to_owned()));
        }
        let marks = sheet_marks(&document.package)?;
        let desk = Desk { stationery: self, document, marks: &marks };
        // Files that begin alike are opened alike: what they share is read once.
        let mut beginnings: Vec<Opened<'_>> = Vec::new();
        let mut misprints = Vec::new();
        for (piece, pdf) in pieces.iter().zip(&letters.files) {
            misprints.extend(misprint(piece, read_file(desk, piece, pdf, &mut beginnings)));
        }
        Ok(misprints)
    }
}

fn wrong(reason: &str) -> LetterError {
    LetterError::Pdf(format!("the finished file does not read back: {reason}"))
}

fn misprint(piece: &Piece<'_>, read: Result<(), &'static str>) -> Option<Misprint> {
    let reason = read.err()?.to_owned();
    Some(Misprint { sequence: piece.sequence, letter_id: piece.letter_id, reason })
}

/// Reads one letter's own file.
fn read_file<'f>(
    desk: Desk<'_>,
    piece: &Piece<'_>,
    pdf: &'f [u8],
    beginnings: &mut Vec<Opened<'f>>,
) -> Result<(), &'static str> {
    for opened in beginnings.iter_mut() {
        let Some(file) = PdfFile::open_like(pdf, &opened.file, opened.shared_end) else { continue };
        let used = &mut HashSet::new();
        let mut reader = Reader { desk, file: &file, fonts: &opened.fonts, known: &mut opened.known, used };
        return reader.letter(piece, &opened.pages);
    }
    let mut opened = Opened::open(pdf).map_err(|_| "its file cannot be read, or a font of it is wrong")?;
    let used = &mut HashSet::new();
    let mut reader = Reader { desk, file: &opened.file, fonts: &opened.fonts, known: &mut opened.known, used };
    let read = reader.letter(piece, &opened.pages);
    beginnings.push(opened);
    read
}

/// A file that was opened, with all that its letters share.
struct Opened<'f> {
    file: PdfFile<'f>,
    pages: Vec<Entries>,
    fonts: HashMap<Vec<u8>, Meanings>,
    /// Shared pages that were read, and what was wrong with them.
    known: Known,
    /// Where the first content begins that a letter has for itself, in bytes.
    shared_end: usize,
}

type Known = HashMap<letter::SharedKey, Result<(), &'static str>>;

impl<'f> Opened<'f> {
    fn open(pdf: &'f [u8]) -> Result<Self, String> {
        let file = PdfFile::open(pdf).ok_or("it cannot be opened")?;
        let (tree, pages) = file.pages().ok_or("it has no pages")?;
        let fonts = fonts::read(&file, &tree)?;
        let own = pages.iter().filter_map(|page| contents(page).ok().flatten()).filter_map(|(_, own)| file.offset(own));
        let shared_end = own.min().ok_or("no page of it is a letter's")?;
        Ok(Self { file, pages, fonts, known: Known::new(), shared_end })
    }
}

/// A letter's pages among all.
fn own_pages<'p>(pages: &'p [Entries], printed: &PrintedPiece) -> &'p [Entries] {
    let first = (printed.first_page as usize).saturating_sub(1);
    pages.get(first..first + printed.pages as usize).unwrap_or_default()
}

/// What letters are read against.
#[derive(Clone, Copy)]
struct Desk<'a> {
    stationery: &'a Stationery,
    document: &'a DocumentInfo,
    marks: &'a SheetMarks,
}

/// Reads the letters of one file.
struct Reader<'a, 'f> {
    desk: Desk<'a>,
    file: &'a PdfFile<'f>,
    fonts: &'a HashMap<Vec<u8>, Meanings>,
    known: &'a mut Known,
    /// Contents that a letter had for itself.
    used: &'a mut HashSet<u32>,
}

/// The streams of a page: one that letters share, and the letter's own; none on a blank back.
fn contents(page: &Entries) -> Result<Option<(u32, u32)>, &'static str> {
    match page.get("Contents").map(|value| value.items()) {
        None => Ok(None),
        Some(Some([Value::Reference(shared), Value::Reference(own)])) => Ok(Some((*shared, *own))),
        _ => Err("a page is put together otherwise than letters are"),
    }
}
