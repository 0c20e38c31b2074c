//! Stationery: templates, letterhead and fonts compiled once, from which letters are printed.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::request::{Format, Language, Recipient};
use crate::letter::envelope::address::{self, AddressLine};
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::pdf::content::{self, GlyphMap};
use crate::letter::pdf::document::{Imprint, Packed, Stamp};
use crate::letter::piece::{self, DocumentInfo, Extent, Piece, PrintStream, PrintedPiece};
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::markup;
use crate::letter::template::render::{self, TemplateSet};
use crate::letter::typeset::characters;
use crate::letter::typeset::fonts::{Face, Fonts, Style};
use crate::letter::typeset::form::{Form, Memo, Page, Press};

/// Compiled stationery.
pub struct Stationery {
    fonts: Fonts,
    geometry: SheetGeometry,
    agency: String,
    version: String,
    forms: Vec<PrintedForm>,
    /// The glyphs of all fixed text, and those that most letters need.
    glyphs: GlyphMap,
    /// The blocks that hold dates, with the widest of them, for checks.
    widest: Memo,
}

/// A form and the content of its pages that all letters share.
struct PrintedForm {
    form: Form,
    shared: Vec<Vec<u8>>,
}

/// Characters that nearly every batch needs, so that their glyphs have the same numbers in each.
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
        let mut stationery = Self {
            glyphs: common_glyphs(&fonts)?,
            fonts,
            geometry: geometry.clone(),
            agency: letterhead.agency.clone(),
            version: version(templates, letterhead, geometry),
            forms: Vec::new(),
            widest: Memo::default(),
        };
        let tera = templates.parse()?;
        for language in Language::ALL {
            for format in Format::ALL {
                let name = templates.name_for(*language, *format);
                let rendered = render::render(&tera, &name, letterhead, *language, *format)?;
                let sheet = markup::read(&rendered).map_err(|reason| LetterError::Template { name, reason })?;
                stationery.add_form(*language, *format, sheet)?;
            }
        }
        Ok(stationery)
    }

    fn add_form(&mut self, language: Language, format: Format, sheet: markup::Sheet) -> Result<(), LetterError> {
        let press = Press { fonts: &self.fonts, geometry: &self.geometry };
        let form =
            Form::compile(press, (language, format), sheet, &piece::filler("Ann Example", language, Extent::Typical))?;
        // The widest dates must fit too, if less loosely.
        let widest = &mut piece::filler("Ann Example", language, Extent::Widest);
        form.compose(press, widest, &mut self.widest, &[], &|_, _| String::new())
            .map_err(|refusal| LetterError::Layout { language, format, reason: refusal.reason })?;
        let height = self.geometry.page_height;
        let glyphs = &mut self.glyphs;
        let fixed = form.fixed(&self.geometry);
        let shared = fixed.iter().map(|inks| content::write(inks, height, language, glyphs)).collect();
        self.forms.push(PrintedForm { form, shared });
        Ok(())
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
        self.check_name(&recipient.full_name)?;
        let address = address::lines(recipient)?;
        let (_, form) = self.form(recipient)?;
        let texts = &mut piece::filler(&recipient.full_name, recipient.language, Extent::Widest);
        form.form.compose(self.press(), texts, &mut self.widest.clone(), &address, &|page, pages| {
            format!("package 000000 {page}/{pages}")
        })?;
        Ok(())
    }

    fn check_name(&self, name: &str) -> Result<(), Unprintable> {
        let gap = || [Style::Regular, Style::Bold].into_iter().find_map(|style| self.fonts.gap(name, style));
        match characters::refusal(name).or_else(gap) {
            Some(reason) => Err(Unprintable::new("full_name", reason)),
            None => Ok(()),
        }
    }

    fn press(&self) -> Press<'_> {
        Press { fonts: &self.fonts, geometry: &self.geometry }
    }

    /// The form for a recipient's language and format, and its place among the forms.
    fn form(&self, recipient: &Recipient) -> Result<(usize, &PrintedForm), Unprintable> {
        let wanted = |(_, PrintedForm { form, .. }): &(usize, &PrintedForm)| {
            form.language == recipient.language && form.format == recipient.format
        };
        let found = self.forms.iter().enumerate().find(wanted);
        found.ok_or_else(|| Unprintable::new("letter", "has no form in this stationery"))
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
        // 1. Lay out every letter and write its own content; this finds every glyph that is used.
        let mut glyphs = self.glyphs.clone();
        let mut memo = Memo::default();
        let written = pieces
            .iter()
            .map(|piece| self.write_piece(document, piece, &mut glyphs, &mut memo))
            .collect::<Result<Vec<_>, _>>()?;
        // 2. Make the document with its fonts.
        let imprint = self.imprint(document, pieces, &written);
        let mut stamp = Stamp::new(&glyphs, &imprint, &self.geometry)?;
        // 3. Stamp the letters over the pages that they share.
        let mut shared = Vec::with_capacity(self.forms.len());
        for form in &self.forms {
            let add = |content: &Vec<u8>| Packed::new(content).map(|packed| stamp.add(packed));
            shared.push(form.shared.iter().map(add).collect::<Result<Vec<_>, _>>()?);
        }
        let mut printed: Vec<PrintedPiece> = Vec::with_capacity(written.len());
        let mut first_page = 1;
        for letter in written {
            let under = shared.get(letter.form).map_or(&[][..], Vec::as_slice);
            let pages = u32::try_from(letter.pages.len()).unwrap_or(u32::MAX);
            printed.push(PrintedPiece { first_page, pages, sheets: pages, sha256: letter.sha256 });
            first_page += pages;
            stamp_letter(&mut stamp, under, letter)?;
        }
        Ok(PrintStream { pdf: stamp.finish()?, pieces: printed })
    }

    /// One letter's own content and its digest.
    fn write_piece(
        &self,
        document: &DocumentInfo,
        piece: &Piece<'_>,
        glyphs: &mut GlyphMap,
        memo: &mut Memo,
    ) -> Result<Written, LetterError> {
        let refuse = |reason| LetterError::Unprintable { letter_id: piece.letter_id.to_string(), reason };
        let recipient = piece.recipient;
        self.check_name(&recipient.full_name).map_err(refuse)?;
        let address: Vec<AddressLine> = address::lines(recipient).map_err(refuse)?;
        let (place, form) = self.form(recipient).map_err(refuse)?;
        let mark = |page, pages| format!("{} {:06} {page}/{pages}", document.package, piece.sequence);
        let pages =
            form.form.compose(self.press(), &mut piece::filled(piece), memo, &address, &mark).map_err(refuse)?;
        let mut digest = Sha256::new();
        let mut written = Vec::with_capacity(pages.len());
        for (number, Page { on_frame, inks }) in pages.iter().enumerate() {
            let content = content::write(inks, self.geometry.page_height, recipient.language, glyphs);
            if let Some(shared) = form.shared.get(number).filter(|_| *on_frame) {
                digest.update(shared);
            }
            digest.update(&content);
            written.push(WrittenPage { on_frame: *on_frame, content: Zeroizing::new(content) });
        }
        Ok(Written { form: place, pages: written, sha256: digest.finalize().into() })
    }

    fn imprint<'a>(&'a self, document: &DocumentInfo, pieces: &[Piece<'_>], written: &[Written]) -> Imprint<'a> {
        let language = pieces.first().map_or(Language::En, |piece| piece.recipient.language);
        let one_language = pieces.iter().all(|piece| piece.recipient.language == language);
        let title = self.forms.iter().find(|form| form.form.language == language).map_or("", |form| &form.form.title);
        let mut identity = Sha256::new();
        identity.update(document.package.as_bytes());
        identity.update(document.made_at.timestamp().to_be_bytes());
        identity.update(self.version.as_bytes());
        written.iter().for_each(|letter| identity.update(letter.sha256));
        Imprint {
            title: format!("{title} ({})", document.package),
            author: &self.agency,
            language: if one_language && language == Language::Es { "es-US" } else { "en-US" },
            made_at: document.made_at,
            identity: identity.finalize().into(),
        }
    }
}

/// One letter, written.
struct Written {
    /// The place of its form in the stationery.
    form: usize,
    pages: Vec<WrittenPage>,
    sha256: [u8; 32],
}

/// One page of a letter, written: wiped when dropped, for the password may be on it.
struct WrittenPage {
    on_frame: bool,
    content: Zeroizing<Vec<u8>>,
}

/// Adds a letter's pages, each over the page of its form where it stands on that.
fn stamp_letter(stamp: &mut Stamp, under: &[lopdf::ObjectId], letter: Written) -> Result<(), LetterError> {
    for (number, page) in letter.pages.into_iter().enumerate() {
        let own = stamp.add(Packed::new(&page.content)?);
        let frame = under.get(number).filter(|_| page.on_frame);
        stamp.add_page(&frame.copied().into_iter().chain([own]).collect::<Vec<_>>());
    }
    Ok(())
}

/// The glyphs of the common characters in the faces that set them.
fn common_glyphs(fonts: &Fonts) -> Result<GlyphMap, LetterError> {
    let mut glyphs = GlyphMap::default();
    for (style, face) in [(Style::Regular, Face::Text), (Style::Bold, Face::Bold), (Style::Mono, Face::Mono)] {
        for character in COMMON.chars() {
            let runs =
                fonts.shape(character.encode_utf8(&mut [0; 4]), style).map_err(|_| LetterError::Font(face.name()))?;
            for run in &runs {
                run.glyphs.iter().for_each(|glyph| {
                    glyphs.number(run.face, glyph);
                });
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
