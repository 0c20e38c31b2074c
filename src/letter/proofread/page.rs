//! What is on a page: its content stream read as a viewer reads it, glyph by glyph.

use std::collections::HashMap;

use crate::domain::imb::{BARS, Bar};
use crate::letter::marks::matrix::Matrix;
use crate::letter::pdf::bar_font::{BAR_FONT, bar_of_glyph};
use crate::letter::proofread::fonts::Meanings;
use crate::letter::proofread::lexer::{Lexer, Token};

/// The widest image within a stream, in pixels: an inserter's mark has far fewer.
const WIDEST_IMAGE: usize = 1_000;

/// A line of text, from the baseline's left end in points, y upwards.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct SeenLine {
    pub x: f64,
    pub y: f64,
    pub text: String,
}

/// A Data Matrix with its lower left corner and its side in points.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct SeenMatrix {
    pub x: f64,
    pub y: f64,
    pub side: f64,
    pub matrix: Matrix,
}

/// A barcode, with the left end of the line that its bars cross.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) struct SeenBars {
    pub x: f64,
    pub y: f64,
    pub bars: [Bar; BARS],
}

/// Everything that a content stream shows, but rules and frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::letter) struct Seen {
    pub lines: Vec<SeenLine>,
    pub matrices: Vec<SeenMatrix>,
    pub bars: Vec<SeenBars>,
}

/// Reads a content stream.
///
/// # Errors
///
/// What cannot be read, in words.
pub(in crate::letter) fn read(content: &[u8], fonts: &HashMap<Vec<u8>, Meanings>) -> Result<Seen, &'static str> {
    let mut reader = Reader::new(content, fonts);
    while let Some(token) = reader.lexer.next() {
        reader.take(token)?;
    }
    if reader.lexer.rest().iter().all(u8::is_ascii_whitespace) {
        Ok(reader.seen)
    } else {
        Err("a content stream is broken")
    }
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    fonts: &'a HashMap<Vec<u8>, Meanings>,
    seen: Seen,
    operands: Vec<Token<'a>>,
    font: Option<&'a Meanings>,
    is_bar_font: bool,
    at: (f64, f64),
    /// The six numbers of the last `cm`.
    matrix: Option<[f64; 6]>,
    /// For each open span, whether what is copied is said outright.
    spans: Vec<bool>,
}

impl<'a> Reader<'a> {
    fn new(content: &'a [u8], fonts: &'a HashMap<Vec<u8>, Meanings>) -> Self {
        Self {
            lexer: Lexer::new(content),
            fonts,
            seen: Seen::default(),
            operands: Vec::new(),
            font: None,
            is_bar_font: false,
            at: (0.0, 0.0),
            matrix: None,
            spans: Vec::new(),
        }
    }

    fn take(&mut self, token: Token<'a>) -> Result<(), &'static str> {
        let Token::Word(operator) = token else {
            self.operands.push(token);
            return Ok(());
        };
        match operator {
            b"BT" => self.at = (0.0, 0.0),
            b"Td" => self.begin_line()?,
            b"Tf" => self.choose_font()?,
            b"TJ" | b"Tj" => self.show()?,
            b"BDC" | b"BMC" => self.open_span(),
            b"EMC" => {
                self.spans.pop().ok_or("a span ends that did not begin")?;
            }
            b"cm" => self.matrix = self.numbers(),
            b"BI" => self.image()?,
            b"true" | b"false" => return Ok(()),
            b"ET" | b"Tc" | b"Ts" | b"q" | b"Q" | b"w" | b"m" | b"l" | b"S" | b"re" | b"g" | b"G" | b"EI" => {}
            _ => return Err("a content stream has an operator that no letter has"),
        }
        self.operands.clear();
        Ok(())
    }

    fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let number = |token: &Token<'_>| if let Token::Number(number) = token { Some(*number) } else { None };
        let numbers: Vec<f64> = self.operands.iter().filter_map(number).collect();
        numbers.try_into().ok()
    }

    fn begin_line(&mut self) -> Result<(), &'static str> {
        let [right, up] = self.numbers().ok_or("a line begins nowhere")?;
        self.at = (self.at.0 + right, self.at.1 + up);
        self.seen.lines.push(SeenLine { x: self.at.0, y: self.at.1, text: String::new() });
        Ok(())
    }

    fn choose_font(&mut self) -> Result<(), &'static str> {
        let Some(Token::Name(name)) = self.operands.first() else { return Err("a font has no name") };
        self.is_bar_font = *name == BAR_FONT.as_bytes();
        self.font = self.fonts.get(*name);
        if self.font.is_some() || self.is_bar_font { Ok(()) } else { Err("a font is not among the file's") }
    }

    fn show(&mut self) -> Result<(), &'static str> {
        if self.is_bar_font {
            return self.show_bars();
        }
        let (font, line) =
            (self.font.ok_or("text has no font")?, self.seen.lines.last_mut().ok_or("text has no place")?);
        if self.spans.contains(&true) {
            return Ok(());
        }
        for token in &self.operands {
            let Token::Text(codes) = token else { continue };
            for code in codes.chunks(2) {
                let [high, low] = code.try_into().map_err(|_| "half a glyph")?;
                line.text.push_str(font.of(u16::from_be_bytes([high, low])).ok_or("a glyph has no meaning")?);
            }
        }
        Ok(())
    }

    fn show_bars(&mut self) -> Result<(), &'static str> {
        let Some(Token::Text(glyphs)) = self.operands.first() else { return Err("a barcode has no bars") };
        let bars: Option<Vec<Bar>> = glyphs.iter().map(|glyph| bar_of_glyph(*glyph)).collect();
        let bars = bars.and_then(|bars| bars.try_into().ok()).ok_or("a barcode has not 65 bars")?;
        self.seen.lines.pop();
        self.seen.bars.push(SeenBars { x: self.at.0, y: self.at.1, bars });
        Ok(())
    }

    /// A span may say what is copied of it: that is then the text, whatever its glyphs are.
    fn open_span(&mut self) {
        let mut said = None;
        for pair in self.operands.windows(2) {
            if let [Token::Name(b"ActualText"), Token::Text(text)] = pair {
                said = Some(utf16(text));
            }
        }
        if let (Some(text), Some(line)) = (&said, self.seen.lines.last_mut()) {
            line.text.push_str(text);
        }
        self.spans.push(said.is_some());
    }

    /// An image within the stream: its entries up to `ID`, then its bytes.
    fn image(&mut self) -> Result<(), &'static str> {
        let broken = "an image is broken";
        let (mut side, mut is_hexadecimal) = (0, false);
        loop {
            match self.lexer.next().ok_or(broken)? {
                Token::Word(b"ID") => break,
                Token::Name(b"W") => {
                    if let Some(Token::Number(width)) = self.lexer.next() {
                        side = width as usize;
                    }
                }
                Token::Name(b"AHx") => is_hexadecimal = true,
                _ => {}
            }
        }
        if side > WIDEST_IMAGE {
            return Err(broken);
        }
        let length = side.div_ceil(8) * side;
        let rest = self.lexer.rest().get(1..).ok_or(broken)?;
        let (rows, taken) = if is_hexadecimal {
            (hex::decode(rest.get(..2 * length).ok_or(broken)?).map_err(|_| broken)?, 2 * length + 2)
        } else {
            (rest.get(..length).ok_or(broken)?.to_vec(), length + 1)
        };
        self.lexer.skip(taken);
        let [width, .., x, y] = self.matrix.take().ok_or("an image has no place")?;
        let matrix = Matrix { side, rows: rows.iter().map(|byte| !byte).collect() };
        self.seen.matrices.push(SeenMatrix { x, y, side: width, matrix });
        Ok(())
    }
}

/// Text in UTF-16 after its byte order mark; anything else is empty.
fn utf16(text: &[u8]) -> String {
    let units = text.strip_prefix(&[0xFE, 0xFF]).unwrap_or_default().chunks(2);
    let units = units.map(|unit| unit.iter().fold(0, |number, byte| number << 8 | u16::from(*byte)));
    char::decode_utf16(units).map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
