//! The word SPECIMEN across every page of a finished PDF, under what is printed there.
//!
//! It is drawn as outlines in light grey, so that it needs no font, no transparency and no second ink.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider as _};
use zeroize::Zeroizing;

use crate::letter::error::LetterError;
use crate::letter::typeset::fonts::Face;

/// What is written.
const WORD: &str = "SPECIMEN";
/// Its grey, 0 for black: pale enough that the smallest print over it stays legible.
const GREY: f64 = 0.86;
/// Its length, as a part of the page's diagonal.
const LENGTH: f64 = 0.8;

/// The same document with the word across each page.
///
/// # Errors
/// [`LetterError::Pdf`] where the bytes are no PDF that letterpost writes.
pub fn mark(pdf: &[u8]) -> Result<Zeroizing<Vec<u8>>, LetterError> {
    let mut document = Document::load_mem(pdf).map_err(failed)?;
    let word = outlines(WORD)?;
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for page in pages {
        let (width, height) = page_size(&document, page)?;
        let mut under = Stream::new(Dictionary::new(), drawn(&word, width, height));
        under.compress().map_err(failed)?;
        let under = document.add_object(under);
        put_under(&mut document, page, under)?;
    }
    let mut marked = Zeroizing::new(Vec::with_capacity(pdf.len() * 2));
    document.save_to(&mut *marked).map_err(failed)?;
    Ok(marked)
}

/// Makes a content stream the first of a page.
fn put_under(document: &mut Document, page: ObjectId, under: ObjectId) -> Result<(), LetterError> {
    let page = document.get_dictionary_mut(page).map_err(failed)?;
    let mut contents = vec![Object::Reference(under)];
    match page.get(b"Contents") {
        Ok(Object::Array(own)) => contents.extend(own.iter().cloned()),
        Ok(own) => contents.push(own.clone()),
        // The back of a sheet may be blank.
        Err(_) => {}
    }
    page.set("Contents", contents);
    Ok(())
}

/// Width and height of a page in points, from the corner 0 0: its own, or those that it has from the tree of pages.
fn page_size(document: &Document, page: ObjectId) -> Result<(f64, f64), LetterError> {
    let size = |of: &lopdf::Dictionary| of.get(b"MediaBox")?.as_array().cloned();
    let inherited = |of: &lopdf::Dictionary| size(document.get_dictionary(of.get(b"Parent")?.as_reference()?)?);
    let corners =
        document.get_dictionary(page).and_then(|page| size(page).or_else(|_| inherited(page))).map_err(failed)?;
    let sides: Vec<f64> = corners.iter().filter_map(|side| side.as_float().ok()).map(f64::from).collect();
    match sides[..] {
        [_, _, width, height] => Ok((width, height)),
        _ => Err(LetterError::Pdf("a page has no size".to_owned())),
    }
}

/// A word as path operators, with its bounds in font units: its width and the height of its capitals.
struct Word {
    path: String,
    width: f64,
    height: f64,
}

/// The outlines of a word in capitals, from the baseline's left end.
fn outlines(word: &str) -> Result<Word, LetterError> {
    let damaged = || LetterError::Font(Face::Bold.name());
    let font = FontRef::new(Face::Bold.bytes()).map_err(|_| damaged())?;
    let (glyphs, characters) = (font.outline_glyphs(), font.charmap());
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let capitals = font.metrics(Size::unscaled(), LocationRef::default()).cap_height.ok_or_else(damaged)?;
    let mut pen = Pen::default();
    for character in word.chars() {
        let glyph = characters.map(character).ok_or_else(damaged)?;
        let outline = glyphs.get(glyph).ok_or_else(damaged)?;
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        outline.draw(settings, &mut pen).map_err(|_| damaged())?;
        pen.right += metrics.advance_width(glyph).ok_or_else(damaged)?;
    }
    Ok(Word { path: pen.path, width: f64::from(pen.right), height: f64::from(capitals) })
}

/// The content stream that draws the word from corner to corner of a page.
fn drawn(word: &Word, width: f64, height: f64) -> Vec<u8> {
    let scale = width.hypot(height) * LENGTH / word.width;
    let slope = height.atan2(width);
    let (rise, run) = (slope.sin() * scale, slope.cos() * scale);
    // The middle of the word comes to the middle of the page.
    let (middle, waist) = (word.width / 2.0, word.height / 2.0);
    let left = width / 2.0 - (run * middle - rise * waist);
    let bottom = height / 2.0 - (rise * middle + run * waist);
    format!("q {GREY} g {run:.5} {rise:.5} {:.5} {run:.5} {left:.3} {bottom:.3} cm\n{}f Q\n", -rise, word.path)
        .into_bytes()
}

/// Writes outlines as path operators.
#[derive(Default)]
struct Pen {
    path: String,
    /// Where the next glyph begins.
    right: f32,
    /// Where the pen is.
    at: (f32, f32),
}

impl Pen {
    fn put(&mut self, points: &[(f32, f32)], operator: &str) {
        for (x, y) in points {
            self.path.push_str(&format!("{} {} ", x + self.right, y));
        }
        self.path.push_str(operator);
        self.path.push('\n');
        self.at = points.last().copied().unwrap_or(self.at);
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put(&[(x, y)], "m");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put(&[(x, y)], "l");
    }

    /// PDF has no quadratic curves: the same curve as a cubic one.
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let towards = |from: f32, to: f32| from + (to - from) * 2.0 / 3.0;
        let (from_x, from_y) = self.at;
        let first = (towards(from_x, cx), towards(from_y, cy));
        let second = (towards(x, cx), towards(y, cy));
        self.put(&[first, second, (x, y)], "c");
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.put(&[(cx0, cy0), (cx1, cy1), (x, y)], "c");
    }

    fn close(&mut self) {
        self.path.push_str("h\n");
    }
}

/// The error of a library, told.
fn failed(error: impl std::fmt::Display) -> LetterError {
    LetterError::Pdf(format!("the specimen cannot be marked: {error}"))
}
