//! Stationery: templates, letterhead and fonts compiled once, from which letters are printed.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::domain::request::{Format, Language, Recipient};
use crate::letter::checker::Checker;
use crate::letter::envelope::address;
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::pdf::content::{self, Manner};
use crate::letter::pdf::font_objects::FontObjects;
use crate::letter::pdf::glyph_map::{Faces, GlyphIds, GlyphMap};
use crate::letter::pdf::letter_file::{LayoutParts, LetterFileWriter};
use crate::letter::pdf::print_stream::{self, Imprint, WrittenLetter};
use crate::letter::piece::{
    self, DocumentInfo, Extent, FileLayout, LetterFiles, Piece, PrintMode, PrintStream, PrintedLetters, PrintedPiece,
};
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::markup;
use crate::letter::template::render::{self, TemplateSet};
use crate::letter::typeset::characters;
use crate::letter::typeset::compose::{Composed, Job, Memo, Subject, compose};
use crate::letter::typeset::fonts::{Face, Fonts, Style};
use crate::letter::typeset::form::{Form, Press};
use crate::letter::typeset::layout::{Group, Layout};
use crate::letter::typeset::lexicon::Lexicon;
use crate::letter::typeset::type_scale::LINE_LENGTHS;

/// Compiled stationery.
pub struct Stationery {
    pub(in crate::letter) fonts: Fonts,
    pub(in crate::letter) geometry: SheetGeometry,
    agency: String,
    version: String,
    forms: Vec<Form>,
    /// The glyphs that most letters need, so that they have the same numbers in each batch.
    glyphs: GlyphMap,
    /// The fonts of the last print stream: the next one seldom needs other glyphs.
    last_fonts: Mutex<Option<KnownFonts>>,
}

/// Fonts, and the glyphs and faces that they were made of.
type KnownFonts = ((GlyphIds, Faces), Arc<FontObjects>);

/// Characters that nearly every batch needs.
const COMMON: &str =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

impl Stationery {
    /// Compiles every language and format.
    ///
    /// # Errors
    ///
    /// Says which template, letterhead field or length is wrong and how: an undefined variable, markup that is not
    /// known, a character that no font has, a page that does not fit.
    pub fn compile(
        templates: &TemplateSet,
        letterhead: &Letterhead,
        geometry: &SheetGeometry,
    ) -> Result<Self, LetterError> {
        letterhead.check()?;
        if let Some(fault) = geometry.fault() {
            return Err(LetterError::Geometry(fault));
        }
        let fonts = Fonts::load()?;
        for (field, text) in letterhead.fields() {
            if let Some(reason) = [Style::Regular, Style::Bold].into_iter().find_map(|style| fonts.gap(text, style)) {
                return Err(LetterError::Letterhead(format!("{field}: {reason}")));
            }
        }
        let tera = templates.parse()?;
        let mut forms = Vec::new();
        for language in Language::ALL {
            for format in Format::ALL {
                let name = templates.name_for(*language, *format);
                let rendered = render::render(&tera, &name, letterhead, *language, *format)?;
                let sheet = markup::read(&rendered).map_err(|reason| LetterError::Template { name, reason })?;
                forms.push(compile_form(&fonts, geometry, (*language, *format), &sheet)?);
            }
        }
        Ok(Self {
            glyphs: common_glyphs(&fonts)?,
            fonts,
            geometry: geometry.clone(),
            agency: letterhead.agency.clone(),
            version: version(templates, letterhead, geometry),
            forms,
            last_fonts: Mutex::default(),
        })
    }

    /// SHA-256, in hexadecimal, of the template texts, the letterhead, the geometry and the fonts.
    #[must_use]
    pub fn template_version(&self) -> &str {
        &self.version
    }

    /// Whether this recipient's letter can be printed, whatever its password and dates.
    ///
    /// # Errors
    ///
    /// The field and the reason: a character that no font here has or that cannot be set, an address line that the
    /// window does not show whole, too many lines or pages.
    pub fn check(&self, recipient: &Recipient) -> Result<(), Unprintable> {
        self.checker(PrintMode::default()).check(recipient)
    }

    /// What [`check`](Self::check) does, for the letters of one vendor one after another.
    #[must_use]
    pub fn checker(&self, mode: PrintMode) -> Checker<'_> {
        Checker::new(self, mode)
    }

    pub(in crate::letter) fn check_name(&self, name: &str) -> Result<(), Unprintable> {
        let gap = || [Style::Regular, Style::Bold].into_iter().find_map(|style| self.fonts.gap(name, style));
        match characters::refusal(name).or_else(gap) {
            Some(reason) => Err(Unprintable::new("full_name", reason)),
            None => Ok(()),
        }
    }

    /// The form for a recipient's language and format.
    pub(in crate::letter) fn form(&self, recipient: &Recipient) -> Result<&Form, Unprintable> {
        let wanted = |form: &&Form| form.language == recipient.language && form.format == recipient.format;
        let found = self.forms.iter().find(wanted);
        found.ok_or_else(|| Unprintable::new("letter", "has no form in this stationery"))
    }

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

/// Compiles a form with the best length of lines with which it fits its pages.
fn compile_form(
    fonts: &Fonts,
    geometry: &SheetGeometry,
    kind: (Language, Format),
    sheet: &markup::Sheet,
) -> Result<Form, LetterError> {
    let lexicon = Lexicon::new(fonts);
    let press = Press { lexicon: &lexicon, geometry };
    let mut tried = None;
    for line_length in LINE_LENGTHS {
        match try_form(press, kind, sheet.clone(), line_length) {
            Err(refused @ LetterError::Layout { .. }) => tried = Some(refused),
            settled => return settled,
        }
    }
    Err(tried.unwrap_or_else(|| LetterError::Pdf("there is no length for lines".to_owned())))
}

/// Compiles a form and tries it with the widest dates, which must fit too, if less loosely.
fn try_form(
    press: Press<'_>,
    (language, format): (Language, Format),
    sheet: markup::Sheet,
    line_length: f64,
) -> Result<Form, LetterError> {
    let typical = piece::filler("Ann Example", language, Extent::Typical);
    let form = Form::compile(press, (language, format), sheet, &typical, line_length)?;
    let widest = &mut piece::filler("Ann Example", language, Extent::Widest);
    let marks = sheet_marks(piece::FILLER_PACKAGE)?;
    let job = Job { marks: &marks, mode: PrintMode::default() };
    compose(
        &form,
        press,
        job,
        widest,
        Subject { address: &[], abroad: true, barcode: None, sequence: 1 },
        &mut Memo::default(),
    )
    .map_err(|refusal| LetterError::Layout { language, format, reason: refusal.reason })?;
    Ok(form)
}

pub(in crate::letter) fn sheet_marks(package: &str) -> Result<SheetMarks, LetterError> {
    SheetMarks::of(package).ok_or_else(|| {
        LetterError::Pdf(format!("the package's name '{package}' is too long for the mark on its sheets"))
    })
}

/// The glyphs of the common characters in the faces that set them.
fn common_glyphs(fonts: &Fonts) -> Result<GlyphMap, LetterError> {
    let mut glyphs = GlyphMap::default();
    for (style, face) in [(Style::Regular, Face::Text), (Style::Bold, Face::Bold), (Style::Mono, Face::Mono)] {
        for character in COMMON.chars() {
            let runs =
                fonts.shape(character.encode_utf8(&mut [0; 4]), style).map_err(|_| LetterError::Font(face.name()))?;
            for run in &runs {
                for glyph in run.glyphs.iter() {
                    glyphs.number(run.face, glyph);
                }
            }
        }
    }
    Ok(glyphs)
}

/// The digest of all that makes letters look as they do.
fn version(templates: &TemplateSet, letterhead: &Letterhead, geometry: &SheetGeometry) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    };
    for (name, text) in &templates.0 {
        add(name.as_bytes());
        add(text.as_bytes());
    }
    for (field, text) in letterhead.fields() {
        add(field.as_bytes());
        add(text.as_bytes());
    }
    add(format!("{geometry:?}").as_bytes());
    Face::ALL.into_iter().for_each(|face| add(face.bytes()));
    hex::encode(digest.finalize())
}
