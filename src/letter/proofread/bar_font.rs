//! Whether the font of bars draws each bar as it should: a barcode whose glyphs are not found is a row of gaps.

use crate::letter::pdf::bar_font::{BAR_WIDTH, GLYPHS, PITCH, bar_of_glyph, reach};
use crate::letter::proofread::file::{Entries, PdfFile, Value};
use crate::letter::proofread::lexer::{Lexer, Token};

/// How far a bar may be from its measures, in points: what is lost when numbers are written.
const ROUNDED: f64 = 0.002;

/// Reads the drawing of each glyph of a Type 3 font, by way of the font's own names for them.
///
/// # Errors
///
/// Where a glyph is missing, or is not the bar that it stands for.
pub(in crate::letter) fn check(file: &PdfFile<'_>, font: &Entries) -> Result<(), String> {
    let matrix = font.get("FontMatrix").and_then(numbers).ok_or("the font of bars has no scale")?;
    for glyph in GLYPHS {
        let drawn = drawing(file, font, glyph).ok_or("a bar of the barcode's font is missing")?;
        let (bottom, top) = bar_of_glyph(glyph).map(reach).ok_or("a glyph is no bar")?;
        let expected = [0.0, bottom, BAR_WIDTH, top - bottom, PITCH];
        let same = drawn.iter().zip(expected).all(|(drawn, expected)| (drawn - expected).abs() < ROUNDED);
        if matrix != [1.0, 0.0, 0.0, 1.0, 0.0, 0.0] || !same {
            return Err("a bar of the barcode's font does not look like it".to_owned());
        }
    }
    Ok(())
}

/// The rectangle that a glyph paints (left, bottom, width, height), and how far the next one stands.
fn drawing(file: &PdfFile<'_>, font: &Entries, glyph: u8) -> Option<[f64; 5]> {
    let encoding = file.resolved(font.get("Encoding")?)?;
    let name = glyph_name(encoding.entries()?.get("Differences")?.items()?, glyph)?;
    let procedures = file.resolved(font.get("CharProcs")?)?;
    let Some(Value::Reference(number)) = procedures.entries()?.get(std::str::from_utf8(name).ok()?) else {
        return None;
    };
    let (_, content) = file.stream(*number)?;
    let (mut lexer, mut operands, mut rectangle) = (Lexer::new(&content), Vec::new(), None);
    while let Some(token) = lexer.next() {
        match token {
            Token::Number(number) => operands.push(number),
            Token::Word(b"re") if rectangle.is_none() => rectangle = operands.drain(..).as_slice().try_into().ok(),
            Token::Word(b"d1") => operands.clear(),
            Token::Word(b"f") => {}
            _ => return None,
        }
    }
    let [left, bottom, width, height]: [f64; 4] = rectangle?;
    let first = font.get("FirstChar")?.number()?;
    let place = (f64::from(glyph) - first) as usize;
    Some([left, bottom, width, height, *numbers(font.get("Widths")?)?.get(place)?])
}

/// The name of a code: the names after a number are of that code and those that follow it (ISO 32000-1, 9.6.6).
fn glyph_name(differences: &[Value], glyph: u8) -> Option<&[u8]> {
    let mut code = 0.0;
    for value in differences {
        match value {
            Value::Number(number) => code = *number,
            Value::Name(name) if code == f64::from(glyph) => return Some(name),
            Value::Name(_) => code += 1.0,
            _ => return None,
        }
    }
    None
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.items()?.iter().map(Value::number).collect()
}
