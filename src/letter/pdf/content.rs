//! Content streams: ink written as PDF operators, with glyphs numbered as they are in the subset fonts.

use subsetter::GlyphRemapper;
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::request::Language;
use crate::letter::typeset::block::Ink;
use crate::letter::typeset::fonts::{Face, Glyph};
use crate::letter::typeset::paragraph::SetLine;

/// Which glyphs of each face are used, under which number, and what they are copied as.
#[derive(Clone, Default)]
pub(in crate::letter) struct GlyphMap([FaceGlyphs; 5]);

/// The glyphs of one face.
#[derive(Clone, Default)]
pub(in crate::letter) struct FaceGlyphs {
    pub remapper: GlyphRemapper,
    /// What each number after zero is copied as.
    pub texts: Vec<char>,
}

impl GlyphMap {
    /// Each face with its glyphs.
    pub(in crate::letter) fn faces(&self) -> impl Iterator<Item = (Face, &FaceGlyphs)> {
        Face::ALL.into_iter().zip(&self.0)
    }

    /// The number of a glyph in its subset font.
    pub(in crate::letter) fn number(&mut self, face: Face, glyph: &Glyph) -> u16 {
        let [text, bold, mono, fallback, fallback_bold] = &mut self.0;
        let used = match face {
            Face::Text => text,
            Face::Bold => bold,
            Face::Mono => mono,
            Face::Fallback => fallback,
            Face::FallbackBold => fallback_bold,
        };
        used.remapper.get(glyph.id).unwrap_or_else(|| {
            used.texts.push(glyph.text);
            used.remapper.remap(glyph.id)
        })
    }
}

/// Writes a page's ink, wrapped in a span that names its language.
pub(in crate::letter) fn write(inks: &[Ink], page_height: f64, language: Language, glyphs: &mut GlyphMap) -> Vec<u8> {
    let mut out = Vec::with_capacity(inks.len() * 400);
    let tag: &[u8] = match language {
        Language::En => b"/Span<</Lang(en-US)>>BDC\n",
        Language::Es => b"/Span<</Lang(es-US)>>BDC\n",
    };
    out.extend_from_slice(tag);
    // Black alone, so that no press mixes it from four inks.
    out.extend_from_slice(b"0 g 0 G\n");
    for ink in inks {
        match ink {
            Ink::Text { x, y, size, line } => text(&mut out, (*x, page_height - y), *size, line, glyphs),
            Ink::Rule { x, y, right, down, weight } => {
                numbers(&mut out, &[*weight], "w ");
                numbers(&mut out, &[*x, page_height - y], "m ");
                numbers(&mut out, &[x + right, page_height - y - down], "l S\n");
            }
            Ink::Frame { x, y, width, height, weight } => {
                numbers(&mut out, &[*weight], "w ");
                numbers(&mut out, &[*x, page_height - y - height, *width, *height], "re S\n");
            }
        }
    }
    out.extend_from_slice(b"EMC\n");
    out
}

/// A line of text from its baseline's left end.
fn text(out: &mut Vec<u8>, (x, y): (f64, f64), size: f64, line: &SetLine, glyphs: &mut GlyphMap) {
    out.extend_from_slice(b"BT 1 0 0 1 ");
    numbers(out, &[x, y], "Tm");
    let mut face = None;
    let mut array = Array::default();
    for run in &line.runs {
        if face != Some(run.face) {
            array.close(out);
            out.extend_from_slice(b" /");
            out.extend_from_slice(run.face.resource().as_bytes());
            out.push(b' ');
            numbers(out, &[size], "Tf");
            face = Some(run.face);
        }
        for cluster in run.glyphs.chunk_by(|_, next| is_mark(next.text)) {
            array.cluster(out, cluster, size, |glyph| glyphs.number(run.face, glyph));
        }
    }
    array.close(out);
    out.extend_from_slice(b" ET\n");
}

/// A `TJ` array that is being written.
#[derive(Default)]
struct Array {
    open: bool,
    in_string: bool,
    /// Thousandths of the type size by which the next glyph stands further left.
    left: i32,
}

impl Array {
    /// A letter with its marks. Where a mark is a glyph of its own, what is copied is said outright: readers take
    /// raised text for another line.
    fn cluster(&mut self, out: &mut Vec<u8>, cluster: &[Glyph], size: f64, mut number: impl FnMut(&Glyph) -> u16) {
        let marked = cluster.len() > 1;
        if marked {
            self.close(out);
            out.extend_from_slice(b"/Span<</ActualText<FEFF");
            for unit in cluster.iter().map(|glyph| glyph.text).nfc().collect::<String>().encode_utf16() {
                hex(out, unit);
            }
            out.extend_from_slice(b">>>BDC ");
        }
        let last = cluster.len() - 1;
        for (place, glyph) in cluster.iter().enumerate() {
            if marked && place == last {
                self.last_mark(out, glyph, size, number(glyph));
            } else {
                self.glyph(out, glyph, size, number(glyph));
            }
        }
        if marked {
            out.extend_from_slice(b" EMC ");
        }
    }

    /// The last mark of a cluster. Readers take a span to end where its last glyph does; where that was not the end of
    /// the letter below, they would put a space after it. So the pen goes on by the glyph's own spacing.
    fn last_mark(&mut self, out: &mut Vec<u8>, glyph: &Glyph, size: f64, number: u16) {
        self.close(out);
        let spacing = glyph.advance - glyph.natural - glyph.right;
        out.push(b' ');
        numbers(out, &[f64::from(spacing) * size / 1000.0], "Tc ");
        self.glyph(out, &Glyph { advance: glyph.natural, ..*glyph }, size, number);
        // The spacing has brought the pen to where the next glyph stands.
        self.left -= glyph.right;
        self.close(out);
        out.extend_from_slice(b" 0 Tc");
    }

    fn glyph(&mut self, out: &mut Vec<u8>, glyph: &Glyph, size: f64, number: u16) {
        if glyph.up != 0 {
            self.close(out);
            out.push(b' ');
            numbers(out, &[f64::from(glyph.up) * size / 1000.0], "Ts");
        }
        self.left -= glyph.right;
        self.show(out, number);
        self.left += glyph.right + glyph.natural - glyph.advance;
        if glyph.up != 0 {
            self.close(out);
            out.extend_from_slice(b" 0 Ts");
        }
    }

    fn show(&mut self, out: &mut Vec<u8>, number: u16) {
        if !self.open {
            out.push(b'[');
            self.open = true;
        }
        if self.left != 0 {
            self.end_string(out);
            integer(out, i64::from(self.left));
            self.left = 0;
        }
        if !self.in_string {
            out.push(b'<');
            self.in_string = true;
        }
        hex(out, number);
    }

    fn end_string(&mut self, out: &mut Vec<u8>) {
        if self.in_string {
            out.push(b'>');
            self.in_string = false;
        }
    }

    /// Ends the array; what the next glyph stands further left is carried over.
    fn close(&mut self, out: &mut Vec<u8>) {
        self.end_string(out);
        if self.open {
            out.extend_from_slice(b"]TJ");
            self.open = false;
        }
    }
}

/// Four hexadecimal digits.
fn hex(out: &mut Vec<u8>, number: u16) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for shift in [12, 8, 4, 0] {
        out.extend(DIGITS.get(usize::from(number >> shift & 15)));
    }
}

/// Whether the character is a combining mark.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}')
}

/// Numbers with two decimals at most, each followed by a space, then an operator.
fn numbers(out: &mut Vec<u8>, values: &[f64], operator: &str) {
    for value in values {
        let hundredths = (value * 100.0).round() as i64;
        if hundredths < 0 {
            out.push(b'-');
        }
        let hundredths = hundredths.abs();
        integer(out, hundredths / 100);
        match hundredths % 100 {
            0 => {}
            tens if tens % 10 == 0 => {
                out.push(b'.');
                integer(out, tens / 10);
            }
            both => {
                out.push(b'.');
                integer(out, both / 10);
                integer(out, both % 10);
            }
        }
        out.push(b' ');
    }
    out.extend_from_slice(operator.as_bytes());
}

fn integer(out: &mut Vec<u8>, value: i64) {
    use std::io::Write as _;
    // Writing to memory does not fail.
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_two_decimals_at_most() {
        let mut out = Vec::new();
        numbers(&mut out, &[0.0, 72.0, 1.5, -1.25, 0.049_9, -0.001, 306.999], "re");
        assert_eq!(String::from_utf8(out).unwrap(), "0 72 1.5 -1.25 0.05 0 307 re");
    }

    #[test]
    fn a_cluster_ends_where_its_letter_does() {
        let glyph = |id, advance, right, text| Glyph { id, natural: 500, advance, right, up: 0, text };
        let glyphs = vec![glyph(7, 450, 0, 'M'), glyph(9, 0, -300, '\u{302}'), glyph(7, 500, 0, 'x')];
        let runs = vec![crate::letter::typeset::fonts::Run { face: Face::Text, glyphs }];
        let ink = Ink::Text { x: 10.0, y: 92.0, size: 10.0, line: SetLine { runs, advance: 950 }.into() };
        let content = String::from_utf8(write(&[ink], 100.0, Language::En, &mut GlyphMap::default())).unwrap();
        // The mark begins 350 left of the pen and is 500 wide: its spacing takes 200 off, back to the letter's end.
        let span = "/Span<</ActualText<FEFF004D0302>>>BDC [<0001>]TJ -2 Tc [350<0002>]TJ 0 Tc EMC [<0001>]TJ";
        assert!(content.contains(span), "{content}");
    }

    #[test]
    fn kerning_and_marks_are_written_as_offsets() {
        let glyph = |id, advance, right, up| Glyph { id, natural: 500, advance, right, up, text: 'x' };
        let glyphs = vec![glyph(7, 450, 0, 0), glyph(9, 0, -300, 20), glyph(7, 500, 0, 0)];
        let runs = vec![crate::letter::typeset::fonts::Run { face: Face::Text, glyphs }];
        let ink = Ink::Text { x: 10.0, y: 92.0, size: 10.0, line: SetLine { runs, advance: 950 }.into() };
        let content = write(&[ink], 100.0, Language::En, &mut GlyphMap::default());
        // 500 - 450 = 50 for the kern, 300 more for the mark; then 500 back to where the mark began.
        assert_eq!(
            String::from_utf8(content).unwrap(),
            "/Span<</Lang(en-US)>>BDC\n0 g 0 G\nBT 1 0 0 1 10 8 Tm /F0 10 Tf[<0001>]TJ 0.2 Ts[350<0002>]TJ 0 Ts[200<0001>]TJ ET\nEMC\n"
        );
    }
}
