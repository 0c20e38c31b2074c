//! Glyphs of a line as a `TJ` array: strings of glyph numbers, and how far the next glyph stands from its usual place.

use unicode_normalization::UnicodeNormalization as _;

use crate::letter::pdf::numbers::{integer, numbers};
use crate::letter::typeset::fonts::Glyph;

/// A `TJ` array that is being written.
#[derive(Default)]
pub(in crate::letter) struct Array {
    open: bool,
    in_string: bool,
    /// Thousandths of the type size by which the next glyph stands further left.
    left: i32,
}

impl Array {
    /// A letter with its marks. Where a mark is a glyph of its own, what is copied is said outright: readers take
    /// raised text for another line.
    pub(in crate::letter) fn cluster(
        &mut self,
        out: &mut Vec<u8>,
        cluster: &[Glyph],
        size: f64,
        mut number: impl FnMut(&Glyph) -> u16,
    ) {
        let marked = cluster.len() > 1;
        if marked {
            self.close(out);
            out.extend_from_slice(b"/Span<</ActualText<FEFF");
            for unit in cluster.iter().map(|glyph| glyph.meant).nfc().collect::<String>().encode_utf16() {
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
            out.push(b'(');
            self.in_string = true;
        }
        for byte in number.to_be_bytes() {
            // Of the bytes of a string, these four mean something else (ISO 32000-1, 7.3.4.2).
            match byte {
                b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
                b'\r' => out.extend_from_slice(b"\\r"),
                _ => out.push(byte),
            }
        }
    }

    fn end_string(&mut self, out: &mut Vec<u8>) {
        if self.in_string {
            out.push(b')');
            self.in_string = false;
        }
    }

    /// Ends the array; what the next glyph stands further left is carried over.
    pub(in crate::letter) fn close(&mut self, out: &mut Vec<u8>) {
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
pub(in crate::letter) fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}')
}
