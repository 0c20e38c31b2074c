//! The fonts of a file: subset with the used glyphs alone and written as objects by printpdf, and the font of bars.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lopdf::{Document, Object, ObjectId};
use printpdf::{
    Codepoint, FontId, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Pt, TextItem,
};
use sha2::{Digest, Sha256};

use crate::letter::error::LetterError;
use crate::letter::pdf::assembly::{Assembly, ObjectNumber};
use crate::letter::pdf::bar_font::{self, BAR_FONT, GLYPHS, PITCH, REACH};
use crate::letter::pdf::font_program;
use crate::letter::pdf::glyph_map::{FaceGlyphs, Faces, GlyphMap};
use crate::letter::typeset::fonts::Face;

/// The beginning of a file that holds its fonts.
pub(in crate::letter) struct FontObjects {
    pub assembly: Assembly,
    /// The dictionary of resources that every page shares.
    pub resources: String,
}

impl FontObjects {
    /// These faces with these glyphs; those of which no glyph is used are left out.
    pub(in crate::letter) fn of(glyphs: &GlyphMap, faces: Faces) -> Result<Self, LetterError> {
        let mut assembly = Assembly::new();
        let source = specimen(glyphs, faces)?;
        let fonts = fonts_of(&source).map_err(failed)?;
        let mut resources = String::from("<</Font<<");
        let mut carrier = Carrier { source: &source, numbers: BTreeMap::new(), assembly: &mut assembly };
        for (face, _) in used_faces(glyphs, faces) {
            let font = fonts.get(face.resource()).ok_or(LetterError::Font(face.name()))?;
            let number = carrier.carry(*font)?;
            let _ = write!(resources, "/{} {number} 0 R", face.resource());
        }
        if faces.has_bars() {
            let number = bars(&mut assembly)?;
            let _ = write!(resources, "/{BAR_FONT} {number} 0 R");
        }
        resources.push_str(">>>>");
        assembly.flush()?;
        Ok(Self { assembly, resources })
    }
}

fn used_faces(glyphs: &GlyphMap, faces: Faces) -> impl Iterator<Item = (Face, &FaceGlyphs)> {
    glyphs.faces().filter(move |(face, used)| faces.has(*face) && !used.texts.is_empty())
}

/// A printpdf document whose one page shows every glyph that is used: printpdf writes the fonts, their widths and
/// what each glyph is copied as from it.
fn specimen(glyphs: &GlyphMap, faces: Faces) -> Result<Document, LetterError> {
    let mut document = PdfDocument::new("fonts");
    let mut ops = vec![Op::StartTextSection];
    for (face, used) in used_faces(glyphs, faces) {
        let id = FontId(face.resource().to_owned());
        document.resources.fonts.map.insert(id.clone(), PdfFont::new(subset(face, used)?));
        ops.push(Op::SetFont { font: PdfFontHandle::External(id), size: Pt(1.0) });
        let shown = |(number, text): (u16, &char)| Codepoint::with_cid(number, 0.0, text.to_string());
        ops.push(Op::ShowText { items: vec![TextItem::GlyphIds((1..).zip(&used.texts).map(shown).collect())] });
    }
    ops.push(Op::EndTextSection);
    let size = printpdf::Mm::from(Pt(100.0));
    document.with_pages(vec![PdfPage::new(size, size, ops)]);
    Ok(document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new()))
}

/// A font with the used glyphs alone.
fn subset(face: Face, used: &FaceGlyphs) -> Result<ParsedFont, LetterError> {
    let program = subsetter::subset(face.bytes(), 0, &used.remapper).map_err(|_| LetterError::Font(face.name()))?;
    let mut parsed = ParsedFont::from_bytes(&program, 0, &mut Vec::new()).ok_or(LetterError::Font(face.name()))?;
    // The tag of six capitals that marks a subset (ISO 32000-1, 9.6.4), drawn from the bytes so that it names them.
    let tag: String = Sha256::digest(&program).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
    parsed.font_name = Some(format!("{tag}+{}", face.name()));
    Ok(parsed)
}

/// The fonts of the document's page by their resource names.
fn fonts_of(document: &Document) -> lopdf::Result<BTreeMap<String, ObjectId>> {
    let page = document.page_iter().next().ok_or(lopdf::Error::PageNumberNotFound(1))?;
    let mut resources = document.get_dictionary(page)?.get(b"Resources")?;
    if let Object::Reference(id) = resources {
        resources = document.get_object(*id)?;
    }
    let mut fonts = resources.as_dict()?.get(b"Font")?;
    if let Object::Reference(id) = fonts {
        fonts = document.get_object(*id)?;
    }
    let named =
        |(name, font): (&Vec<u8>, &Object)| Ok((String::from_utf8_lossy(name).into_owned(), font.as_reference()?));
    fonts.as_dict()?.iter().map(named).collect()
}

/// Carries objects from a document into a file, each once.
struct Carrier<'a> {
    source: &'a Document,
    numbers: BTreeMap<ObjectId, ObjectNumber>,
    assembly: &'a mut Assembly,
}

impl Carrier<'_> {
    fn carry(&mut self, id: ObjectId) -> Result<ObjectNumber, LetterError> {
        if let Some(number) = self.numbers.get(&id) {
            return Ok(*number);
        }
        let number = self.assembly.reserve();
        self.numbers.insert(id, number);
        match self.source.get_object(id).map_err(failed)? {
            Object::Stream(stream) => {
                let program = if stream.dict.has(b"Length1") { font_program::slim(&stream.content) } else { None };
                let mut entries = String::new();
                for (key, value) in stream.dict.iter() {
                    match (key.as_slice(), &program) {
                        (b"Length", _) => {}
                        (b"Length1", Some(program)) => {
                            let _ = write!(entries, "/Length1 {}", program.len());
                        }
                        _ => self.entry(key, value, &mut entries)?,
                    }
                }
                match stream.dict.has(b"Filter") {
                    true => self.assembly.put_stream(number, &entries, &stream.content),
                    false => {
                        self.assembly.put_packed(number, &entries, program.as_deref().unwrap_or(&stream.content))?;
                    }
                }
            }
            object => {
                let mut body = String::new();
                self.write(object, &mut body)?;
                self.assembly.put(number, body)?;
            }
        }
        Ok(number)
    }

    fn entry(&mut self, key: &[u8], value: &Object, out: &mut String) -> Result<(), LetterError> {
        let _ = write!(out, "/{} ", String::from_utf8_lossy(key));
        self.write(value, out)
    }

    fn write(&mut self, object: &Object, out: &mut String) -> Result<(), LetterError> {
        let _ = match object {
            Object::Null => write!(out, "null"),
            Object::Boolean(truth) => write!(out, "{truth}"),
            Object::Integer(number) => write!(out, "{number}"),
            Object::Real(number) => write!(out, "{number}"),
            Object::Name(name) => write!(out, "/{}", String::from_utf8_lossy(name)),
            Object::String(text, _) => write!(out, "<{}>", hex::encode_upper(text)),
            Object::Reference(id) => write!(out, "{} 0 R", self.carry(*id)?),
            Object::Array(items) => {
                out.push('[');
                for item in items {
                    self.write(item, out)?;
                    out.push(' ');
                }
                write!(out, "]")
            }
            Object::Dictionary(entries) => {
                out.push_str("<<");
                for (key, value) in entries.iter() {
                    self.entry(key, value, out)?;
                }
                write!(out, ">>")
            }
            Object::Stream(_) => return Err(failed("a stream stands within another object")),
        };
        Ok(())
    }
}

/// Writes the Type 3 font of bars.
fn bars(assembly: &mut Assembly) -> Result<ObjectNumber, LetterError> {
    let mut procedures = String::new();
    for glyph in GLYPHS {
        let number = assembly.reserve();
        assembly.put_stream(number, "", bar_font::procedure(glyph).as_bytes());
        let _ = write!(procedures, "/{} {number} 0 R", char::from(glyph));
    }
    let [first, .., last] = GLYPHS;
    let width = |code: u8| if GLYPHS.contains(&code) { format!("{PITCH:.4} ") } else { "0 ".to_owned() };
    let widths: String = (first..=last).map(width).collect();
    let differences: String = GLYPHS.map(|glyph| format!("{glyph}/{} ", char::from(glyph))).concat();
    let (map, number) = (assembly.reserve(), assembly.reserve());
    assembly.put_packed(map, "", bar_font::to_unicode().as_bytes())?;
    assembly.put(
        number,
        format!(
            "<</Type/Font/Subtype/Type3/Name/{BAR_FONT}/FontBBox[0 {low:.2} {PITCH:.2} {REACH:.2}]/FontMatrix[1 0 0 1 0 0]\
             /CharProcs<<{procedures}>>/Encoding<</Type/Encoding/Differences[{differences}]>>/FirstChar {first}\
             /LastChar {last}/Widths[{widths}]/ToUnicode {map} 0 R/Resources<<>>>>",
            low = -REACH
        ),
    )?;
    Ok(number)
}

fn failed(error: impl std::fmt::Display) -> LetterError {
    LetterError::Pdf(error.to_string())
}
