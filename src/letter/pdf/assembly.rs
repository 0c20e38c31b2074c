//! A PDF file put together object by object: streams as they come, small objects packed into object streams, and a
//! cross-reference stream at the end (ISO 32000-1, 7.5.7 and 7.5.8).
//!
//! The library that writes whole documents keeps every object in memory as a tree and compresses each page for itself;
//! a file of a thousand letters is written several times as fast, and smaller, in one go.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use zeroize::Zeroizing;

use crate::letter::error::LetterError;

/// The number of an object in its file.
pub(in crate::letter) type ObjectNumber = u32;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nowhere: its number is not used.
    Nowhere,
    /// At this byte.
    At(u32),
    /// In an object stream, at this place from zero.
    Within(ObjectNumber, u16),
}

/// The most objects in one object stream.
const OBJECTS_A_STREAM: usize = 250;
/// Middle of the road: 9 takes three times as long for a hundredth of the size.
const COMPRESSION: u32 = 6;

/// A file that is being put together. A copy of it goes on by itself: files that begin alike share the beginning.
#[derive(Clone)]
pub(in crate::letter) struct Assembly {
    bytes: Zeroizing<Vec<u8>>,
    places: Vec<Place>,
    pending: Vec<(ObjectNumber, String)>,
}

/// What a whole file says of itself.
pub(in crate::letter) struct Trailer {
    pub catalog: ObjectNumber,
    pub information: ObjectNumber,
    /// What makes this file itself.
    pub identity: [u8; 16],
    /// Whether the cross-reference stream is worth compressing.
    pub compressed: bool,
}

impl Assembly {
    /// An empty file of PDF 1.7.
    pub(in crate::letter) fn new() -> Self {
        // Four bytes above 127 tell transfer programs that the file is not text (ISO 32000-1, 7.5.2).
        let bytes = Zeroizing::new(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec());
        Self { bytes, places: vec![Place::Nowhere], pending: Vec::new() }
    }

    /// How long the file is so far, in bytes.
    pub(in crate::letter) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The file so far.
    pub(in crate::letter) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A copy with room for so many bytes more, so that no half-written one is left behind by growing.
    pub(in crate::letter) fn copy_with_room(&self, bytes: usize) -> Self {
        let mut copy = Zeroizing::new(Vec::with_capacity(self.bytes.len() + bytes));
        copy.extend_from_slice(&self.bytes);
        Self { bytes: copy, places: self.places.clone(), pending: self.pending.clone() }
    }

    /// A number for an object that is written later.
    pub(in crate::letter) fn reserve(&mut self) -> ObjectNumber {
        self.places.push(Place::Nowhere);
        ObjectNumber::try_from(self.places.len() - 1).unwrap_or(ObjectNumber::MAX)
    }

    /// Writes a stream under a reserved number. `entries` are those of its dictionary beside the length.
    pub(in crate::letter) fn put_stream(&mut self, number: ObjectNumber, entries: &str, content: &[u8]) {
        self.place(number, Place::At(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)));
        // Writing to memory does not fail.
        let _ = writeln!(self.bytes, "{number} 0 obj<<{entries}/Length {}>>stream", content.len());
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\nendstream endobj\n");
    }

    /// Writes a stream, compressed.
    pub(in crate::letter) fn put_packed(
        &mut self,
        number: ObjectNumber,
        entries: &str,
        content: &[u8],
    ) -> Result<(), LetterError> {
        let packed = packed(content)?;
        self.put_stream(number, &format!("{entries}/Filter/FlateDecode"), &packed);
        Ok(())
    }

    /// Writes an object that is no stream under a reserved number.
    pub(in crate::letter) fn put(&mut self, number: ObjectNumber, body: String) -> Result<(), LetterError> {
        self.pending.push((number, body));
        if self.pending.len() >= OBJECTS_A_STREAM { self.flush() } else { Ok(()) }
    }

    /// Writes the objects that wait as one object stream.
    pub(in crate::letter) fn flush(&mut self) -> Result<(), LetterError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let stream = self.reserve();
        let (mut index, mut bodies) = (String::new(), String::new());
        for (place, (number, body)) in (0u16..).zip(&pending) {
            let _ = write!(index, "{number} {} ", bodies.len());
            bodies.push_str(body);
            bodies.push('\n');
            self.place(*number, Place::Within(stream, place));
        }
        let entries = format!("/Type/ObjStm/N {}/First {}", pending.len(), index.len());
        self.put_packed(stream, &entries, (index + &bodies).as_bytes())
    }

    /// Ends the file.
    pub(in crate::letter) fn finish(mut self, trailer: &Trailer) -> Result<Zeroizing<Vec<u8>>, LetterError> {
        self.flush()?;
        let start = self.bytes.len();
        let number = self.reserve();
        self.place(number, Place::At(u32::try_from(start).unwrap_or(u32::MAX)));
        let identity = hex::encode_upper(trailer.identity);
        let entries = format!(
            "/Type/XRef/Size {}/W[1 4 2]/Root {} 0 R/Info {} 0 R/ID[<{identity}><{identity}>]",
            self.places.len(),
            trailer.catalog,
            trailer.information
        );
        let rows: Vec<[u8; 7]> = self.places.iter().map(|place| place.row()).collect();
        if trailer.compressed {
            let entries = format!("{entries}/DecodeParms<</Predictor 12/Columns 7>>");
            self.put_packed(number, &entries, &differences(&rows))?;
        } else {
            self.put_stream(number, &entries, rows.as_flattened());
        }
        let _ = write!(self.bytes, "startxref\n{start}\n%%EOF\n");
        Ok(self.bytes)
    }

    fn place(&mut self, number: ObjectNumber, place: Place) {
        if let Some(slot) = usize::try_from(number).ok().and_then(|number| self.places.get_mut(number)) {
            *slot = place;
        }
    }
}

impl Place {
    /// The entry of the cross-reference stream: kind, place, and generation or index.
    fn row(self) -> [u8; 7] {
        let (kind, place, index) = match self {
            Self::Nowhere => (0, 0, 0xFFFF),
            Self::At(byte) => (1, byte, 0),
            Self::Within(stream, index) => (2, stream, index),
        };
        let ([a, b, c, d], [e, f]) = (place.to_be_bytes(), index.to_be_bytes());
        [kind, a, b, c, d, e, f]
    }
}

/// Each row as its difference from the one above, after the number of that filter (PNG, filter type Up).
fn differences(rows: &[[u8; 7]]) -> Vec<u8> {
    let mut above = [0; 7];
    let mut out = Vec::with_capacity(rows.len() * 8);
    for row in rows {
        out.push(2);
        out.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
        above = *row;
    }
    out
}

/// Bytes compressed for the filter FlateDecode.
fn packed(content: &[u8]) -> Result<Vec<u8>, LetterError> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(content.len() / 2), Compression::new(COMPRESSION));
    let packed = encoder.write_all(content).and_then(|()| encoder.finish());
    packed.map_err(|error| LetterError::Pdf(error.to_string()))
}

/// A text string: in Latin letters as it is, in others as UTF-16 (ISO 32000-1, 7.9.2.2).
pub(in crate::letter) fn text_string(text: &str) -> String {
    if text.chars().all(|c| matches!(c, ' '..='~')) {
        let escaped: String =
            text.chars().flat_map(|c| matches!(c, '(' | ')' | '\\').then_some('\\').into_iter().chain([c])).collect();
        return format!("({escaped})");
    }
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    format!("<FEFF{}>", hex::encode_upper(units))
}

/// An instant as a date string.
pub(in crate::letter) fn date_string(at: DateTime<Utc>) -> String {
    at.format("(D:%Y%m%d%H%M%SZ)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_finds_every_object() {
        let mut file = Assembly::new();
        let (catalog, pages, information) = (file.reserve(), file.reserve(), file.reserve());
        let page: Vec<ObjectNumber> = (0..600).map(|_| file.reserve()).collect();
        for number in &page {
            let own = file.reserve();
            file.put_stream(own, "", format!("% page {number}").as_bytes());
            file.put(*number, format!("<</Type/Page/Parent {pages} 0 R/Contents {own} 0 R>>")).unwrap();
        }
        let kids: String = page.iter().map(|number| format!("{number} 0 R ")).collect();
        let tree = format!("<</Type/Pages/Count 600/MediaBox[0 0 612 792]/Kids[{kids}]>>");
        file.put(pages, tree).unwrap();
        file.put(catalog, format!("<</Type/Catalog/Pages {pages} 0 R>>")).unwrap();
        file.put(information, format!("<</Title{}>>", text_string("Ñandú (one)"))).unwrap();
        for compressed in [true, false] {
            let trailer = Trailer { catalog, information, identity: [7; 16], compressed };
            let bytes = file.clone().finish(&trailer).unwrap();
            let read = lopdf::Document::load_mem(&bytes).unwrap();
            assert_eq!(read.get_pages().len(), 600);
            for (number, id) in page.iter().zip(read.page_iter()) {
                assert_eq!(read.get_page_content(id).trim_ascii_end(), format!("% page {number}").as_bytes());
            }
        }
    }

    #[test]
    fn strings_are_escaped_or_in_utf_16() {
        assert_eq!(text_string("a (b) \\"), "(a \\(b\\) \\\\)");
        assert_eq!(text_string("ñ"), "<FEFF00F1>");
        let at = "2026-12-15T02:30:09Z".parse().unwrap();
        assert_eq!(date_string(at), "(D:20261215023009Z)");
    }
}
