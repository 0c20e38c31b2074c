//! Stationery: templates, letterhead and fonts compiled once, from which letters are printed.

use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use crate::domain::request::{Format, Language, Recipient};
use crate::letter::checker::Checker;
use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::{LetterError, Unprintable};
use crate::letter::marks::sheet_mark::SheetMarks;
use crate::letter::pdf::font_objects::FontObjects;
use crate::letter::pdf::glyph_map::{Faces, GlyphIds, GlyphMap};
use crate::letter::piece::{self, Extent, PrintMode};
use crate::letter::template::letterhead::Letterhead;
use crate::letter::template::markup;
use crate::letter::template::render::{self, TemplateSet};
use crate::letter::typeset::characters;
use crate::letter::typeset::compose::{Job, Memo, Subject, compose};
use crate::letter::typeset::fonts::{Face, Fonts, Style};
use crate::letter::typeset::form::{Form, Press};
use crate::letter::typeset::lexicon::Lexicon;
use crate::letter::typeset::type_scale::LINE_LENGTHS;

/// Compiled stationery.
pub struct Stationery {
    pub(in crate::letter) fonts: Fonts,
    pub(in crate::letter) geometry: SheetGeometry,
    pub(in crate::letter) agency: String,
    pub(in crate::letter) version: String,
    pub(in crate::letter) forms: Vec<Form>,
    /// The glyphs that most letters need, so that they have the same numbers in each batch.
    pub(in crate::letter) glyphs: GlyphMap,
    /// The fonts of the last print stream: the next one seldom needs other glyphs.
    pub(in crate::letter) last_fonts: Mutex<Option<KnownFonts>>,
}

/// Fonts, and the glyphs and faces that they were made of.
pub(in crate::letter) type KnownFonts = ((GlyphIds, Faces), Arc<FontObjects>);

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
