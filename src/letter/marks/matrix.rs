//! A Data Matrix (ECC 200, ISO/IEC 16022) of a size that is fixed beforehand, in ASCII encodation.
//!
//! The library's own encoder looks for the shortest encodation, which takes it longer than a letter may take. The marks
//! of a package differ in a few digits only, so the plain encodation serves, and error correction and placement are the
//! library's.

use datamatrix::placement::MatrixMap;
use datamatrix::{DataMatrix, SymbolSize, errorcode};

/// Square sizes that a mark may take, smallest first, with the bytes of data that each holds (ISO/IEC 16022, table 7).
const SIZES: [(SymbolSize, usize); 5] = [
    (SymbolSize::Square18, 18),
    (SymbolSize::Square20, 22),
    (SymbolSize::Square22, 30),
    (SymbolSize::Square24, 36),
    (SymbolSize::Square26, 44),
];
/// The codeword that ends data; what follows it is padding.
const END: u8 = 129;

/// A square size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::letter) struct MatrixSize {
    size: SymbolSize,
    data: usize,
}

impl MatrixSize {
    /// The smallest size that holds this text; `None` where no size does, or the text is not ASCII.
    pub(in crate::letter) fn holding(text: &str) -> Option<Self> {
        let needed = codewords(text)?.len();
        SIZES.into_iter().find(|(_, data)| *data >= needed).map(|(size, data)| Self { size, data })
    }
}

/// The modules of a symbol without its quiet zone, row by row from the top, each row in whole bytes, dark ones set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::letter) struct Matrix {
    pub side: usize,
    pub rows: Vec<u8>,
}

impl Matrix {
    /// The symbol of this size for a text; `None` where the text does not fit.
    pub(in crate::letter) fn of(text: &str, size: MatrixSize) -> Option<Self> {
        let mut data = codewords(text)?;
        if data.len() > size.data {
            return None;
        }
        pad(&mut data, size.data);
        let correction = errorcode::encode_error(&data, size.size);
        data.extend(correction);
        let bitmap = MatrixMap::new_with_codewords(&data, size.size).bitmap();
        let side = bitmap.width();
        let pack =
            |bits: &[bool]| bits.iter().enumerate().fold(0, |byte, (place, bit)| byte | u8::from(*bit) << (7 - place));
        let rows = bitmap.bits().chunks(side).flat_map(|row| row.chunks(8).map(pack)).collect();
        Some(Self { side, rows })
    }

    /// What a reader makes of these modules; `None` where they are no symbol, or damaged beyond repair.
    pub(in crate::letter) fn read(&self) -> Option<String> {
        let width = self.side.div_ceil(8);
        let dark = |row: &[u8], place: usize| row.get(place / 8).is_some_and(|byte| byte >> (7 - place % 8) & 1 == 1);
        let bits: Vec<bool> =
            self.rows.chunks(width.max(1)).flat_map(|row| (0..self.side).map(move |place| dark(row, place))).collect();
        DataMatrix::decode(&bits, self.side).ok().and_then(|text| String::from_utf8(text).ok())
    }
}

/// ASCII encodation: two digits in one codeword, any other character in one of its own.
fn codewords(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return Some(out),
            [tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] => {
                out.push(130 + (tens - b'0') * 10 + (units - b'0'));
                rest
            }
            [byte @ 0..=127, rest @ ..] => {
                out.push(byte + 1);
                rest
            }
            _ => return None,
        }
    }
}

/// Fills the symbol up: one end, then padding that is scrambled by its place (ISO/IEC 16022, annex B.1).
fn pad(data: &mut Vec<u8>, room: usize) {
    if data.len() < room {
        data.push(END);
    }
    while data.len() < room {
        let scramble = (149 * (data.len() + 1)) % 253 + 1;
        let sum = usize::from(END) + scramble;
        let padded = if sum > 254 { sum - 254 } else { sum };
        data.push(u8::try_from(padded).unwrap_or(END));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_every_length_read_back() {
        for text in
            ["eba-acme-000123 000017 1/2", "a-b-000001 000001 1/1", "abcdefgh-test-abcdefgh-999999 001000 3/3", "7", ""]
        {
            let matrix = Matrix::of(text, MatrixSize::holding(text).unwrap()).unwrap();
            assert_eq!(matrix.read().as_deref(), Some(text));
        }
        assert!(MatrixSize::holding("ü").is_none());
        assert!(MatrixSize::holding(&"a".repeat(45)).is_none());
        assert!(Matrix::of("longer than eighteen", MatrixSize::holding("short").unwrap()).is_none());
    }

    #[test]
    fn the_library_reads_the_same_symbol_that_it_would_write() {
        let text = "eba-acme-000123 000017 1/2";
        let size = MatrixSize::holding(text).unwrap();
        let whole: DataMatrix = DataMatrix::encode(text.as_bytes(), size.size).unwrap();
        let ours = Matrix::of(text, size).unwrap();
        assert_eq!((ours.side, whole.bitmap().width()), (20, 20));
        assert_eq!(DataMatrix::decode(whole.bitmap().bits(), 20).unwrap(), text.as_bytes());
    }

    #[test]
    fn damage_is_mended_or_found() {
        let text = "eba-acme-000123 000017 1/2";
        let matrix = Matrix::of(text, MatrixSize::holding(text).unwrap()).unwrap();
        let mut scratched = matrix.clone();
        scratched.rows[19] ^= 0x18;
        assert_eq!(scratched.read().as_deref(), Some(text));
        let mut torn = matrix;
        torn.rows[3..60].fill(0);
        assert_eq!(torn.read(), None);
    }
}
