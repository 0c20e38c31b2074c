//! Content streams: ink written as PDF operators, with glyphs numbered as they are in the subset fonts.

use std::io::Write as _;

use zeroize::Zeroizing;

use crate::domain::imb::{BARS, Bar};
use crate::domain::request::Language;
use crate::letter::marks::matrix::Matrix;
use crate::letter::pdf::bar_font::{BAR_FONT, bar_glyph};
use crate::letter::pdf::glyph_array::{Array, is_mark};
use crate::letter::pdf::glyph_map::GlyphMap;
use crate::letter::pdf::numbers::{decimal, hundredths, numbers};
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::fonts::Face;
use crate::letter::typeset::layout::{Element, Group};
use crate::letter::typeset::paragraph::SetLine;

/// How a content stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) enum Manner {
    /// For a print stream: ink alone.
    Plain,
    /// For a file of its own: each element marked by its number, so that it can be read aloud.
    Tagged {
        /// How many blocks the form has: the numbers of password and address follow theirs.
        blocks: usize,
    },
}

impl Manner {
    /// The number that marks an element; `None` for the edges of the page, which are not read aloud.
    pub(in crate::letter) fn mark(self, element: Element) -> Option<usize> {
        match (self, element) {
            (Self::Plain, _) | (_, Element::Barcode | Element::Edge) => None,
            (_, Element::Block(number)) => Some(number),
            (Self::Tagged { blocks }, Element::Password) => Some(blocks),
            (Self::Tagged { blocks }, Element::Address) => Some(blocks + 1),
        }
    }
}

/// Writes the ink that letters of one layout share on a page. In a print stream, which may hold letters in several
/// languages, a span names this one's.
pub(in crate::letter) fn write_shared(
    groups: &[Group],
    page_height: f64,
    (language, manner): (Language, Manner),
    glyphs: &mut GlyphMap,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(8_000);
    // Black alone, so that no press mixes it from four inks.
    out.extend_from_slice(b"0 g 0 G\n");
    let tag = match language {
        _ if manner != Manner::Plain => "",
        Language::En => "/Span<</Lang(en-US)>>BDC\n",
        Language::Es => "/Span<</Lang(es-US)>>BDC\n",
    };
    out.extend_from_slice(tag.as_bytes());
    write(&mut out, groups, page_height, manner, glyphs);
    out.extend_from_slice(if tag.is_empty() { b"" } else { b"EMC\n" });
    out
}

/// Room for what a letter has for itself on a page: most take less.
const OWN_BYTES: usize = 1_600;

/// Writes the ink of one letter's own on a page.
pub(in crate::letter) fn write_own(
    groups: &[Group],
    page_height: f64,
    manner: Manner,
    glyphs: &mut GlyphMap,
) -> Zeroizing<Vec<u8>> {
    // Room for all of it, so that no half-written copy is left behind by growing.
    let mut out = Zeroizing::new(Vec::with_capacity(OWN_BYTES));
    write(&mut out, groups, page_height, manner, glyphs);
    out
}

fn write(out: &mut Vec<u8>, groups: &[Group], page_height: f64, manner: Manner, glyphs: &mut GlyphMap) {
    for group in groups.iter().filter(|group| !group.inks.is_empty()) {
        let mark = manner.mark(group.element);
        match (manner, mark) {
            (Manner::Plain, _) => {}
            (_, Some(number)) => out.extend_from_slice(format!("/P<</MCID {number}>>BDC\n").as_bytes()),
            (_, None) => out.extend_from_slice(b"/Artifact BMC\n"),
        }
        let mut pen = Pen { out, glyphs, text: None };
        for ink in &group.inks {
            pen.draw(ink, page_height);
        }
        pen.end_text();
        if manner != Manner::Plain {
            out.extend_from_slice(b"EMC\n");
        }
    }
}

/// Writes operators, and remembers where in a text object it is.
struct Pen<'a> {
    out: &'a mut Vec<u8>,
    glyphs: &'a mut GlyphMap,
    text: Option<TextState>,
}

/// What a text object knows: the font and where the last line began, in hundredths of a point.
#[derive(Default, Clone, Copy)]
struct TextState {
    font: Option<(Face, i64)>,
    x: i64,
    y: i64,
}

impl Pen<'_> {
    fn draw(&mut self, ink: &Ink, page_height: f64) {
        match ink {
            Ink::Text { x, y, size, line } => self.text(*x, page_height - y, *size, line),
            Ink::Bars { x, y, bars } => {
                self.end_text();
                self.glyphs.note_bars();
                bar_code(self.out, *x, page_height - y, bars);
            }
            Ink::Matrix { x, y, module, matrix } => {
                self.end_text();
                data_matrix(self.out, *x, page_height - y, *module, matrix);
            }
            Ink::Rule { x, y, right, down, weight } => {
                self.end_text();
                numbers(self.out, &[*weight], "w ");
                numbers(self.out, &[*x, page_height - y], "m ");
                numbers(self.out, &[x + right, page_height - y - down], "l S\n");
            }
            Ink::Frame { x, y, width, height, weight } => {
                self.end_text();
                numbers(self.out, &[*weight], "w ");
                numbers(self.out, &[*x, page_height - y - height, *width, *height], "re S\n");
            }
        }
    }

    fn end_text(&mut self) {
        if self.text.take().is_some() {
            self.out.extend_from_slice(b"ET\n");
        }
    }

    /// A line of text from its baseline's left end.
    fn text(&mut self, x: f64, y: f64, size: f64, line: &SetLine) {
        let mut state = self.text.unwrap_or_else(|| {
            self.out.extend_from_slice(b"BT\n");
            TextState::default()
        });
        let (x, y) = (hundredths(x), hundredths(y));
        for offset in [x - state.x, y - state.y] {
            decimal(self.out, offset);
            self.out.push(b' ');
        }
        self.out.extend_from_slice(b"Td");
        (state.x, state.y) = (x, y);
        let mut array = Array::default();
        for run in &line.runs {
            let font = Some((run.face, hundredths(size)));
            if state.font != font {
                array.close(self.out);
                self.out.push(b'/');
                self.out.extend_from_slice(run.face.resource().as_bytes());
                self.out.push(b' ');
                numbers(self.out, &[size], "Tf");
                state.font = font;
            }
            for cluster in run.glyphs.chunk_by(|_, next| is_mark(next.text)) {
                array.cluster(self.out, cluster, size, |glyph| self.glyphs.number(run.face, glyph));
            }
        }
        array.close(self.out);
        self.out.push(b'\n');
        self.text = Some(state);
    }
}

/// A barcode: one glyph a bar, from the font of four bars. It is not for reading: nothing of it is copied as text.
fn bar_code(out: &mut Vec<u8>, x: f64, y: f64, bars: &[Bar; BARS]) {
    out.extend_from_slice(b"/Span<</ActualText()>>BDC BT/");
    out.extend_from_slice(BAR_FONT.as_bytes());
    out.extend_from_slice(b" 1 Tf ");
    numbers(out, &[x, y], "Td(");
    out.extend(bars.iter().map(|bar| bar_glyph(*bar)));
    out.extend_from_slice(b")Tj ET EMC\n");
}

/// A Data Matrix as one image mask, whose clear bits are painted.
fn data_matrix(out: &mut Vec<u8>, x: f64, y: f64, module: f64, matrix: &Matrix) {
    let side = matrix.side as f64 * module;
    out.extend_from_slice(b"q ");
    numbers(out, &[side, 0.0, 0.0, side, x, y - side], "cm BI");
    let _ = write!(out, "/W {0}/H {0}/IM true", matrix.side);
    // A reader that looks for the end of the image instead of counting must not find it too early.
    if matrix.rows.windows(2).any(|pair| pair == [!b'E', !b'I']) {
        out.extend_from_slice(b"/F/AHx ID ");
        let _ = write!(out, "{}>", hex::encode_upper(matrix.rows.iter().map(|byte| !byte).collect::<Vec<_>>()));
    } else {
        out.extend_from_slice(b" ID ");
        out.extend(matrix.rows.iter().map(|byte| !byte));
    }
    out.extend_from_slice(b"\nEI Q\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::typeset::fonts::{Glyph, Run};

    #[test]
    fn a_cluster_ends_where_its_letter_does() {
        let glyph = |id, advance, right, text| Glyph { id, natural: 500, advance, right, up: 0, text, meant: text };
        let glyphs = vec![glyph(7, 450, 0, 'M'), glyph(9, 0, -300, '\u{302}'), glyph(7, 500, 0, 'x')];
        let line = SetLine { runs: vec![Run::new(Face::Text, glyphs)], advance: 950 }.into();
        let inks = vec![Ink::Text { x: 10.0, y: 92.0, size: 10.0, line }];
        let groups = [Group { element: Element::Block(3), inks }];
        let content = write_own(&groups, 100.0, Manner::Plain, &mut GlyphMap::default());
        // The mark begins 350 left of the pen and is 500 wide: its spacing takes 200 off, back to the letter's end.
        let span = b"/Span<</ActualText<FEFF004D0302>>>BDC [(\0\x01)]TJ -2 Tc [350(\0\x02)]TJ 0 Tc EMC [(\0\x01)]TJ";
        assert!(content.windows(span.len()).any(|found| found == span), "{}", content.escape_ascii());
    }

    #[test]
    fn kerning_and_marks_are_written_as_offsets() {
        let glyph = |id, advance, right, up| Glyph { id, natural: 500, advance, right, up, text: 'x', meant: 'x' };
        let glyphs = vec![glyph(7, 450, 0, 0), glyph(9, 0, -300, 20), glyph(7, 500, 0, 0)];
        let line = SetLine { runs: vec![Run::new(Face::Text, glyphs)], advance: 950 }.into();
        let inks = vec![Ink::Text { x: 10.0, y: 92.0, size: 10.0, line }];
        let groups = [Group { element: Element::Block(3), inks }];
        let content = |manner| write_own(&groups, 100.0, manner, &mut GlyphMap::default()).to_vec();
        // 500 - 450 = 50 for the kern, 300 more for the mark; then 500 back to where the mark began.
        let text: &[u8] = b"BT\n10 8 Td/F0 10 Tf[(\0\x01)]TJ .2 Ts[350(\0\x02)]TJ 0 Ts[200(\0\x01)]TJ\nET\n";
        assert_eq!(content(Manner::Plain), text);
        assert_eq!(content(Manner::Tagged { blocks: 9 }), [b"/P<</MCID 3>>BDC\n", text, b"EMC\n"].concat());
    }
}
