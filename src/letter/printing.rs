//! Printing: letters composed, written and put into files.

use std::sync::{Arc, PoisonError};

use sha2::{Digest, Sha256};

use crate::domain::request::Language;
use crate::letter::envelope::address;
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::pdf::content::{self, Manner};
use crate::letter::pdf::font_objects::FontObjects;
use crate::letter::pdf::glyph_map::{Faces, GlyphMap};
use crate::letter::pdf::letter_file::{LayoutParts, LetterFileWriter};
use crate::letter::pdf::print_stream::{self, Imprint, WrittenLetter};
use crate::letter::piece::{
    self, DocumentInfo, FileLayout, LetterFiles, Piece, PrintStream, PrintedLetters, PrintedPiece,
};
use crate::letter::stationery::{Stationery, sheet_marks};
use crate::letter::typeset::compose::{Composed, Job, Memo, Subject, compose};
use crate::letter::typeset::form::Press;
use crate::letter::typeset::layout::{Group, Layout};
use crate::letter::typeset::lexicon::Lexicon;

impl Stationery {
    /// Prints letters, in the order given, in this layout.
    ///
    /// # Errors
    ///
    /// As [`print_stream`](Self::print_stream).
    pub fn print(
        &self,
        document: &DocumentInfo,
        layout: FileLayout,
        pieces: &[Piece<'_>],
    ) -> Result<PrintedLetters, LetterError> {
        match layout {
            FileLayout::PrintStream => self.print_stream(document, pieces).map(PrintedLetters::Stream),
            FileLayout::LetterFiles => self.letter_files(document, pieces).map(PrintedLetters::Files),
        }
    }

    /// Prints letters, in the order given, into one file. The same letters give the same bytes.
    ///
    /// # Errors
    ///
    /// [`LetterError::Unprintable`] for a recipient that [`check`](Self::check) refuses;
    /// [`LetterError::Pdf`] where the file cannot be written.
    pub fn print_stream(&self, document: &DocumentInfo, pieces: &[Piece<'_>]) -> Result<PrintStream, LetterError> {
        if pieces.is_empty() {
            return Err(LetterError::Pdf("a print stream holds at least one letter".to_owned()));
        }
        let marks = sheet_marks(&document.package)?;
        let job = Job { marks: &marks, mode: document.mode };
        let Written { glyphs, shared, letters, .. } =
            self.write_all(job, pieces, Manner::Plain, self.glyphs.clone())?;
        let places = piece::places_in_file(job, &shared, &letters);
        let faces = letters.iter().fold(Faces::TEXT, |faces, letter| faces.and(letter.faces));
        let imprint = self.imprint(document, pieces, &places);
        let fonts = self.font_objects(&glyphs, faces)?;
        let pdf = print_stream::write(&fonts, &imprint, &self.geometry, &shared, &letters, document.mode.duplex)?;
        Ok(PrintStream { pdf, pieces: places })
    }

    /// Prints letters, each into a tagged file of its own. The same letters give the same bytes.
    ///
    /// # Errors
    ///
    /// As [`print_stream`](Self::print_stream).
    pub fn letter_files(&self, document: &DocumentInfo, pieces: &[Piece<'_>]) -> Result<LetterFiles, LetterError> {
        let marks = sheet_marks(&document.package)?;
        let job = Job { marks: &marks, mode: document.mode };
        let blocks = self.forms.iter().map(|form| form.entries.len()).max().unwrap_or(0);
        let Written { memo, glyphs, shared, letters } =
            self.write_all(job, pieces, Manner::Tagged { blocks }, GlyphMap::default())?;
        let mut writer = LetterFileWriter::new(&self.geometry, document.mode.duplex, blocks);
        let mut printed =
            LetterFiles { files: Vec::with_capacity(letters.len()), pieces: Vec::with_capacity(letters.len()) };
        let layouts: Vec<(Language, &Layout)> = memo.layouts().collect();
        for (letter, piece) in letters.iter().zip(pieces) {
            let form = self.form(piece.recipient).map_err(|reason| refused(piece, reason))?;
            let (Some((language, layout)), Some(shared)) = (layouts.get(letter.layout), shared.get(letter.layout))
            else {
                return Err(LetterError::Pdf("a letter has no layout".to_owned()));
            };
            let imprint = Imprint {
                title: form.title.clone(),
                author: &self.agency,
                language: code(*language),
                made_at: document.made_at,
                identity: [0; 32],
            };
            let parts = LayoutParts { form, layout, shared, imprint: &imprint };
            let faces = Faces::TEXT.and(letter.faces);
            let file = writer.write((letter.layout, faces), &parts, || FontObjects::of(&glyphs, faces), &letter.own)?;
            let (pages, sheets) = piece::extent(job, letter);
            printed.pieces.push(PrintedPiece { first_page: 1, pages, sheets, sha256: file.sha256 });
            printed.files.push(file.pdf);
        }
        Ok(printed)
    }

    /// Composes every letter and writes its own content, which finds every layout and every glyph that is used; then
    /// writes what the letters of each layout share.
    fn write_all(
        &self,
        job: Job<'_>,
        pieces: &[Piece<'_>],
        manner: Manner,
        mut glyphs: GlyphMap,
    ) -> Result<Written, LetterError> {
        let lexicon = Lexicon::new(&self.fonts);
        let press = Press { lexicon: &lexicon, geometry: &self.geometry };
        let mut memo = Memo::default();
        let mut letters = Vec::with_capacity(pieces.len());
        glyphs.take_used();
        for piece in pieces {
            let composed = self.compose(press, job, piece, &mut memo).map_err(|reason| refused(piece, reason))?;
            let write = |page: &Vec<Group>| content::write_own(page, self.geometry.page_height, manner, &mut glyphs);
            let own = composed.own.iter().map(write).collect();
            letters.push(WrittenLetter { layout: composed.layout, own, faces: glyphs.take_used() });
        }
        let height = self.geometry.page_height;
        let mut shared = Vec::new();
        for (language, layout) in memo.layouts() {
            let write = |page: &Vec<Group>| content::write_shared(page, height, (language, manner), &mut glyphs);
            shared.push(layout.shared.iter().map(write).collect());
        }
        Ok(Written { memo, glyphs, shared, letters })
    }

    fn compose(
        &self,
        press: Press<'_>,
        job: Job<'_>,
        piece: &Piece<'_>,
        memo: &mut Memo,
    ) -> Result<Composed, Unprintable> {
        let recipient = piece.recipient;
        self.check_name(&recipient.full_name)?;
        let address = address::lines(recipient)?;
        let subject = Subject {
            address: &address,
            abroad: !recipient.address.is_domestic(),
            barcode: piece.barcode,
            sequence: piece.sequence,
        };
        compose(self.form(recipient)?, press, job, &mut piece::filled(piece), subject, memo)
    }

    /// The fonts with these glyphs: those of the last file, if they are the same.
    fn font_objects(&self, glyphs: &GlyphMap, faces: Faces) -> Result<Arc<FontObjects>, LetterError> {
        let key = (glyphs.ids(), faces);
        let mut last = self.last_fonts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, fonts)) = last.as_ref()
            && *known == key
        {
            return Ok(Arc::clone(fonts));
        }
        let fonts = Arc::new(FontObjects::of(glyphs, faces)?);
        *last = Some((key, Arc::clone(&fonts)));
        Ok(fonts)
    }

    fn imprint<'a>(&'a self, document: &DocumentInfo, pieces: &[Piece<'_>], printed: &[PrintedPiece]) -> Imprint<'a> {
        let language = pieces.first().map_or(Language::En, |piece| piece.recipient.language);
        let one_language = pieces.iter().all(|piece| piece.recipient.language == language);
        let title = self.forms.iter().find(|form| form.language == language).map_or("", |form| &form.title);
        let mut identity = Sha256::new();
        identity.update(document.package.as_bytes());
        identity.update(document.made_at.timestamp().to_be_bytes());
        identity.update(self.version.as_bytes());
        printed.iter().for_each(|letter| identity.update(letter.sha256));
        Imprint {
            title: format!("{title} ({})", document.package),
            author: &self.agency,
            language: if one_language { code(language) } else { code(Language::En) },
            made_at: document.made_at,
            identity: identity.finalize().into(),
        }
    }
}

/// Letters with their content written, and what they share.
struct Written {
    memo: Memo,
    glyphs: GlyphMap,
    /// The content of the pages of each layout.
    shared: Vec<Vec<Vec<u8>>>,
    letters: Vec<WrittenLetter>,
}

fn refused(piece: &Piece<'_>, reason: Unprintable) -> LetterError {
    LetterError::Unprintable { letter_id: piece.letter_id.to_string(), reason }
}

/// The language as BCP 47 has it: letters are written for readers in the United States.
fn code(language: Language) -> &'static str {
    match language {
        Language::En => "en-US",
        Language::Es => "es-US",
    }
}
