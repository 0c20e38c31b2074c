//! Proofreading: after a file is finished, and before it is sealed, every page is read again from its bytes.
//!
//! Each letter must hold its own name, address, password, id, barcode and marks and nothing else: every glyph on its
//! pages is accounted for, so no other letter's can be among them. The reader shares no code with the writer but the
//! tables of fonts and bars.

mod expected;
mod file;
mod fonts;
mod letter;
mod lexer;
mod page;

use std::collections::{HashMap, HashSet};

use crate::domain::letter::LetterId;
use crate::letter::error::LetterError;
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::piece::{DocumentInfo, Piece, PrintStream, PrintedPiece};
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
        let wrong = |reason: &str| LetterError::Pdf(format!("the finished file does not read back: {reason}"));
        let file = PdfFile::open(&stream.pdf).ok_or_else(|| wrong("it cannot be opened"))?;
        let (tree, pages) = file.pages().ok_or_else(|| wrong("it has no pages"))?;
        let fonts = fonts::read(&file, &tree).map_err(|reason| wrong(&reason))?;
        let count: usize = stream.pieces.iter().map(|piece| piece.pages as usize).sum();
        if count != pages.len() || stream.pieces.len() != pieces.len() {
            return Err(wrong("it has other pages than its letters"));
        }
        let marks = sheet_marks(&document.package)?;
        let mut reader = Reader {
            stationery: self,
            document,
            marks: &marks,
            file: &file,
            fonts: &fonts,
            known: HashMap::new(),
            used: HashSet::with_capacity(pages.len()),
        };
        let misprints = pieces.iter().zip(&stream.pieces).filter_map(|(piece, printed)| {
            let reason = reader.letter(piece, own_pages(&pages, printed)).err()?;
            Some(Misprint { sequence: piece.sequence, letter_id: piece.letter_id, reason: reason.to_owned() })
        });
        Ok(misprints.collect())
    }
}

/// A letter's pages among all.
fn own_pages<'p>(pages: &'p [Entries], printed: &PrintedPiece) -> &'p [Entries] {
    let first = (printed.first_page as usize).saturating_sub(1);
    pages.get(first..first + printed.pages as usize).unwrap_or_default()
}

/// Reads the letters of one file.
struct Reader<'a> {
    stationery: &'a Stationery,
    document: &'a DocumentInfo,
    marks: &'a SheetMarks,
    file: &'a PdfFile<'a>,
    fonts: &'a HashMap<Vec<u8>, Meanings>,
    /// Shared pages that were read, and what was wrong with them.
    known: HashMap<letter::SharedKey, Result<(), &'static str>>,
    /// Contents that a letter had for itself.
    used: HashSet<u32>,
}

/// The streams of a page: one that letters share, and the letter's own; none on a blank back.
fn contents(page: &Entries) -> Result<Option<(u32, u32)>, &'static str> {
    match page.get("Contents").map(|value| value.items()) {
        None => Ok(None),
        Some(Some([Value::Reference(shared), Value::Reference(own)])) => Ok(Some((*shared, *own))),
        _ => Err("a page is put together otherwise than letters are"),
    }
}
