//! The PDF: fonts and first page from printpdf, then one page after another stamped over them with lopdf.

use std::io::Write as _;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Object, ObjectId, Stream, StringFormat, dictionary};
use printpdf::{
    Codepoint, FontId, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfSaveOptions, Pt, TextItem,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::letter::envelope::geometry::SheetGeometry;
use crate::letter::error::LetterError;
use crate::letter::pdf::content::{FaceGlyphs, GlyphMap};
use crate::letter::typeset::fonts::Face;

/// What the document says of itself.
pub(in crate::letter) struct Imprint<'a> {
    pub title: String,
    pub author: &'a str,
    /// BCP 47.
    pub language: &'static str,
    pub made_at: DateTime<Utc>,
    /// What makes this document itself; its file identifier is the digest of it.
    pub identity: [u8; 32],
}

/// A content stream, ready to be shared by pages.
pub(in crate::letter) struct Packed {
    compressed: Vec<u8>,
}

impl Packed {
    /// Compresses a content stream.
    pub(in crate::letter) fn new(content: &[u8]) -> Result<Self, LetterError> {
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(content.len() / 2), Compression::new(COMPRESSION));
        let compressed = encoder.write_all(content).and_then(|()| encoder.finish()).map_err(failed)?;
        Ok(Self { compressed })
    }

    fn into_stream(self) -> Stream {
        Stream::new(dictionary! { "Filter" => "FlateDecode" }, self.compressed)
    }
}

/// Middle of the road: 9 takes three times as long for a hundredth of the size.
const COMPRESSION: u32 = 6;
/// Bytes of a page's own objects beside its content, generously.
const PAGE_OVERHEAD: usize = 400;

/// A document that is being stamped.
pub(in crate::letter) struct Stamp {
    document: lopdf::Document,
    resources: ObjectId,
    pages: ObjectId,
    kids: Vec<Object>,
    size_bytes: usize,
    media_box: Vec<Object>,
}

impl Stamp {
    /// The document with its fonts, from which printpdf's own page is taken out again.
    pub(in crate::letter) fn new(
        glyphs: &GlyphMap,
        imprint: &Imprint<'_>,
        geometry: &SheetGeometry,
    ) -> Result<Self, LetterError> {
        let mut document = specimen(glyphs, imprint, geometry)?;
        let catalog = document.trailer.get(b"Root").and_then(Object::as_reference).map_err(failed)?;
        let pages = document.get_dictionary(catalog).and_then(|c| c.get(b"Pages")?.as_reference()).map_err(failed)?;
        let page = document.page_iter().next().ok_or_else(|| LetterError::Pdf("printpdf wrote no page".to_owned()))?;
        let own = document.get_dictionary(page).map_err(failed)?;
        let reference = |key: &[u8]| own.get(key).and_then(Object::as_reference).map_err(failed);
        let (resources, contents) = (reference(b"Resources")?, reference(b"Contents")?);
        document.objects.remove(&page);
        document.objects.remove(&contents);
        finish_catalog(&mut document, catalog, imprint)?;
        document.compress();
        let media_box = [0.0, 0.0, geometry.page_width, geometry.page_height].map(number).to_vec();
        Ok(Self { document, resources, pages, kids: Vec::new(), size_bytes: 200_000, media_box })
    }

    /// Adds a content stream, for one page or for many.
    pub(in crate::letter) fn add(&mut self, packed: Packed) -> ObjectId {
        self.size_bytes += packed.compressed.len() + PAGE_OVERHEAD;
        self.document.add_object(packed.into_stream())
    }

    /// Adds a page that draws these content streams one over the other.
    pub(in crate::letter) fn add_page(&mut self, contents: &[ObjectId]) {
        let contents: Vec<Object> = contents.iter().map(|id| Object::Reference(*id)).collect();
        self.size_bytes += PAGE_OVERHEAD;
        let page = dictionary! {
            "Type" => "Page", "Parent" => self.pages, "MediaBox" => self.media_box.clone(),
            "Resources" => self.resources, "Contents" => contents,
        };
        self.kids.push(Object::Reference(self.document.add_object(page)));
    }

    /// Writes the file.
    pub(in crate::letter) fn finish(mut self) -> Result<Zeroizing<Vec<u8>>, LetterError> {
        let count = i64::try_from(self.kids.len()).unwrap_or(i64::MAX);
        let tree = dictionary! { "Type" => "Pages", "Count" => count, "Kids" => self.kids };
        self.document.set_object(self.pages, tree);
        // Room for all of it, so that no half-written copy is left behind by growing.
        let mut pdf = Zeroizing::new(Vec::with_capacity(self.size_bytes));
        self.document.save_to(&mut *pdf).map_err(failed)?;
        Ok(pdf)
    }
}

/// A printpdf document whose one page shows every glyph that is used: printpdf writes the fonts, their widths and
/// what each glyph is copied as from it.
fn specimen(
    glyphs: &GlyphMap,
    imprint: &Imprint<'_>,
    geometry: &SheetGeometry,
) -> Result<lopdf::Document, LetterError> {
    let mut document = PdfDocument::new(&imprint.title);
    let mut ops = vec![Op::StartTextSection];
    for (face, used) in glyphs.faces().filter(|(_, used)| !used.texts.is_empty()) {
        let id = FontId(face.resource().to_owned());
        document.resources.fonts.map.insert(id.clone(), PdfFont::new(subset(face, used)?));
        ops.push(Op::SetFont { font: PdfFontHandle::External(id), size: Pt(1.0) });
        let shown = |(number, text): (u16, &char)| Codepoint::with_cid(number, 0.0, text.to_string());
        ops.push(Op::ShowText { items: vec![TextItem::GlyphIds((1..).zip(&used.texts).map(shown).collect())] });
    }
    ops.push(Op::EndTextSection);
    let size = |points: f64| printpdf::Mm::from(Pt(points as f32));
    document.with_pages(vec![PdfPage::new(size(geometry.page_width), size(geometry.page_height), ops)]);
    let made_at = printpdf::date::DateTime::from_unix_timestamp(imprint.made_at.timestamp()).map_err(failed)?;
    let info = &mut document.metadata.info;
    info.creation_date = made_at;
    info.modification_date = made_at;
    info.metadata_date = made_at;
    info.author = imprint.author.to_owned();
    info.creator = CREATOR.to_owned();
    info.producer = CREATOR.to_owned();
    Ok(document.to_lopdf_document(&PdfSaveOptions::default(), &mut Vec::new()))
}

const CREATOR: &str = concat!("letterpost ", env!("CARGO_PKG_VERSION"));

/// A font with the used glyphs alone.
fn subset(face: Face, used: &FaceGlyphs) -> Result<ParsedFont, LetterError> {
    let program = subsetter::subset(face.bytes(), 0, &used.remapper).map_err(|_| LetterError::Font(face.name()))?;
    let mut parsed = ParsedFont::from_bytes(&program, 0, &mut Vec::new()).ok_or(LetterError::Font(face.name()))?;
    // The tag of six capitals that marks a subset (ISO 32000-1, 9.6.4), drawn from the bytes so that it names them.
    let tag: String = Sha256::digest(&program).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect();
    parsed.font_name = Some(format!("{tag}+{}", face.name()));
    Ok(parsed)
}

/// Language, title bar and identifier; what printpdf says of print standards that this is not is taken out.
fn finish_catalog(document: &mut lopdf::Document, catalog: ObjectId, imprint: &Imprint<'_>) -> Result<(), LetterError> {
    for key in [&b"OutputIntents"[..], b"Metadata", b"PageLayout"] {
        if let Some(Object::Reference(id)) = document.get_dictionary_mut(catalog).map_err(failed)?.remove(key) {
            document.objects.remove(&id);
        }
    }
    let root = document.get_dictionary_mut(catalog).map_err(failed)?;
    root.set("Lang", Object::string_literal(imprint.language));
    root.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    if let Ok(info) = document.trailer.get(b"Info").and_then(Object::as_reference) {
        let info = document.get_dictionary_mut(info).map_err(failed)?;
        for key in [&b"GTS_PDFXVersion"[..], b"Identifier", b"Trapped", b"Keywords", b"Subject"] {
            info.remove(key);
        }
    }
    let id = Object::String(imprint.identity.get(..16).unwrap_or_default().to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    document.version = "1.7".to_owned();
    Ok(())
}

/// A length, as an integer where it is one.
fn number(points: f64) -> Object {
    if points.fract() == 0.0 { Object::Integer(points as i64) } else { Object::Real(points as f32) }
}

/// The error of a library, told.
fn failed(error: impl std::fmt::Display) -> LetterError {
    LetterError::Pdf(error.to_string())
}
