//! What the glyphs of a file mean, and whether they look like it: a wrong glyph in a password is a fortnight lost.

use std::collections::HashMap;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use crate::letter::proofread::bar_font;
use crate::letter::proofread::file::{Entries, PdfFile, Value};
use crate::letter::proofread::lexer::{Lexer, Token};
use crate::letter::typeset::fonts::Face;

/// The text of each glyph of a font, by its code.
#[derive(Debug, Default)]
pub(in crate::letter) struct Meanings(Vec<Option<Box<str>>>);

impl Meanings {
    pub(in crate::letter) fn of(&self, code: u16) -> Option<&str> {
        self.0.get(usize::from(code))?.as_deref()
    }

    fn set(&mut self, code: u16, text: String) {
        let place = usize::from(code);
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        if let Some(slot) = self.0.get_mut(place) {
            *slot = Some(text.into());
        }
    }
}

/// The fonts of a file, each by the name under which pages use it.
///
/// # Errors
///
/// What is wrong with a font: it cannot be read, or a glyph does not look like the character that it stands for.
pub(in crate::letter) fn read(file: &PdfFile<'_>, tree: &Entries) -> Result<HashMap<Vec<u8>, Meanings>, String> {
    let broken = || "the fonts of the file cannot be read".to_owned();
    let resources = tree.get("Resources").and_then(|value| file.resolved(value)).ok_or_else(broken)?;
    let fonts = resources.entries().and_then(|entries| file.resolved(entries.get("Font")?)).ok_or_else(broken)?;
    let mut meanings = HashMap::new();
    for (name, font) in fonts.entries().ok_or_else(broken)?.iter() {
        let font = file.resolved(font).ok_or_else(broken)?;
        let font = font.entries().ok_or_else(broken)?;
        if font.get("Subtype") == Some(&Value::Name(b"Type3".to_vec())) {
            bar_font::check(file, font)?;
            continue;
        }
        let known = to_unicode(file, font).ok_or_else(broken)?;
        check_outlines(file, font, &known)?;
        meanings.insert(name.to_vec(), known);
    }
    Ok(meanings)
}

/// The map from codes to text that the font carries.
fn to_unicode(file: &PdfFile<'_>, font: &Entries) -> Option<Meanings> {
    let Some(Value::Reference(map)) = font.get("ToUnicode") else { return None };
    let (_, map) = file.stream(*map)?;
    let mut lexer = Lexer::new(&map);
    let mut meanings = Meanings::default();
    let mut pending: Vec<Token<'_>> = Vec::new();
    while let Some(token) = lexer.next() {
        match &token {
            Token::Word(b"endbfchar") => {
                for pair in pending.chunks(2) {
                    let [Token::Text(code), Token::Text(text)] = pair else { return None };
                    meanings.set(number(code), utf16(text));
                }
            }
            Token::Word(b"endbfrange") => {
                for row in pending.chunks(3) {
                    let [Token::Text(first), Token::Text(last), Token::Text(text)] = row else { return None };
                    let (first, last, start) = (number(first), number(last), number(text));
                    for (code, unit) in (first..=last).zip(u32::from(start)..) {
                        meanings.set(code, char::from_u32(unit)?.to_string());
                    }
                }
            }
            Token::Word(_) => {}
            _ => {
                pending.push(token);
                continue;
            }
        }
        pending.clear();
    }
    Some(meanings)
}

fn number(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |number, byte| number << 8 | u16::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks(2).map(number).collect();
    String::from_utf16_lossy(&units)
}

/// Compares each glyph's outline with that of its character in the whole font.
fn check_outlines(file: &PdfFile<'_>, font: &Entries, meanings: &Meanings) -> Result<(), String> {
    let (name, program) = program(file, font).ok_or("a font of the file is not embedded")?;
    let face = Face::ALL.into_iter().find(|face| name.ends_with(face.name().as_bytes()));
    let whole = face.and_then(|face| FontRef::new(face.bytes()).ok()).ok_or("a font of the file is none of ours")?;
    let subset = FontRef::new(&program).map_err(|_| "a font of the file is damaged")?;
    for (code, text) in (0u32..).zip(&meanings.0) {
        let mut characters = text.iter().flat_map(|text| text.chars());
        let (Some(character), None) = (characters.next(), characters.next()) else { continue };
        let expected = whole.charmap().map(character).and_then(|glyph| outline(&whole, glyph));
        let found = outline(&subset, GlyphId::new(code));
        if found != expected && !is_variant(character) && !is_dotless(found.as_ref(), expected.as_ref()) {
            return Err(format!("the glyph for U+{:04X} does not look like it", u32::from(character)));
        }
    }
    Ok(())
}

/// Marks over and under letters take another form to fit the letter that they stand on.
fn is_variant(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

/// How far a part of a letter may be shifted in another drawing of it, in font units: a two-hundredth of the type size.
const SHIFTED: f32 = 5.0;

/// Whether one outline is the other without its dot, as `i` and its like are drawn below a mark: one contour less, and
/// what is left reaches as far. Where there is another dot below, it may move a little.
fn is_dotless(found: Option<&Outline>, dotted: Option<&Outline>) -> bool {
    let (Some(found), Some(dotted)) = (found, dotted) else { return false };
    let mut contours = dotted.contours();
    contours.sort_by(|one, other| one[1].total_cmp(&other[1]));
    let Some([_, dot_bottom, ..]) = contours.pop() else { return false };
    let (bare, found) = (contours.iter().copied().reduce(around), found.contours());
    let same_count = found.len() == contours.len();
    let (Some(bare), Some(found)) = (bare, found.into_iter().reduce(around)) else { return false };
    let reaches_as_far = bare.iter().zip(found).all(|(bare, found)| (bare - found).abs() < SHIFTED);
    same_count && reaches_as_far && bare[3] < dot_bottom
}

/// The rectangle around two: left, bottom, right, top.
fn around(one: [f32; 4], other: [f32; 4]) -> [f32; 4] {
    let ([left, bottom, right, top], [a, b, c, d]) = (one, other);
    [left.min(a), bottom.min(b), right.max(c), top.max(d)]
}

/// The name of a font, and the file that draws its glyphs.
fn program(file: &PdfFile<'_>, font: &Entries) -> Option<(Vec<u8>, Vec<u8>)> {
    let Some(Value::Name(name)) = font.get("BaseFont") else { return None };
    let descendants = file.resolved(font.get("DescendantFonts")?)?;
    let descendant = file.resolved(descendants.items()?.first()?)?;
    let descriptor = file.resolved(descendant.entries()?.get("FontDescriptor")?)?;
    let Some(Value::Reference(number)) = descriptor.entries()?.get("FontFile2") else { return None };
    Some((name.clone(), file.stream(*number)?.1))
}

fn outline(font: &FontRef<'_>, glyph: GlyphId) -> Option<Outline> {
    let mut outline = Outline::default();
    let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
    font.outline_glyphs().get(glyph)?.draw(settings, &mut outline).ok()?;
    Some(outline)
}

/// The strokes of a glyph: what is done, and the points in font units.
#[derive(Debug, PartialEq, Default)]
struct Outline(Vec<(u8, [f32; 6])>);

impl Outline {
    /// The rectangle around the points of each contour: left, bottom, right, top, in font units.
    fn contours(&self) -> Vec<[f32; 4]> {
        let points = |(stroke, points): &(u8, [f32; 6])| {
            let count = match stroke {
                b'c' => 3,
                b'q' => 2,
                b'h' => 0,
                _ => 1,
            };
            points.as_chunks::<2>().0.iter().take(count).map(|[x, y]| [*x, *y, *x, *y]).collect::<Vec<_>>()
        };
        self.0
            .split(|(stroke, _)| *stroke == b'h')
            .filter_map(|contour| contour.iter().flat_map(points).reduce(around))
            .collect()
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push((b'm', [x, y, 0.0, 0.0, 0.0, 0.0]));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push((b'l', [x, y, 0.0, 0.0, 0.0, 0.0]));
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.push((b'q', [cx, cy, x, y, 0.0, 0.0]));
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.push((b'c', [ax, ay, bx, by, x, y]));
    }
    fn close(&mut self) {
        self.0.push((b'h', [0.0; 6]));
    }
}
