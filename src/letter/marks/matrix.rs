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
        Self::of_codewords(codewords(text)?, size)
    }

    fn of_codewords(mut data: Vec<u8>, size: MatrixSize) -> Option<Self> {
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

/// The symbols of texts that are alike but for a few codewords, as the marks of one package are.
///
/// Error correction and placement are linear: what a bit of data changes of the modules is the same in every symbol of a
/// size. So the changes of each bit that varies are worked out once, and a symbol is put together from them.
#[derive(Debug, Clone)]
pub(in crate::letter) struct MatrixFamily {
    size: MatrixSize,
    codewords: Vec<u8>,
    matrix: Matrix,
    /// The place of each codeword that varies, and the modules that each of its bits changes, lowest first.
    changes: Vec<(usize, [Vec<u8>; 8])>,
}

impl MatrixFamily {
    /// The symbols for texts as long as this one, in which the codewords at these places vary.
    pub(in crate::letter) fn of(text: &str, size: MatrixSize, varying: &[usize]) -> Option<Self> {
        let codewords = codewords(text)?;
        let matrix = Matrix::of_codewords(codewords.clone(), size)?;
        let mut changes = Vec::with_capacity(varying.len());
        for place in varying {
            let changed = |bit: u32| {
                let mut other = codewords.clone();
                *other.get_mut(*place)? ^= 1 << bit;
                let other = Matrix::of_codewords(other, size)?;
                Some(other.rows.iter().zip(&matrix.rows).map(|(other, own)| other ^ own).collect())
            };
            let bits: Vec<Vec<u8>> = (0..8).map(changed).collect::<Option<_>>()?;
            changes.push((*place, bits.try_into().ok()?));
        }
        Some(Self { size, codewords, matrix, changes })
    }

    /// The symbol of a text; worked out from the beginning where it is not one of the family.
    pub(in crate::letter) fn matrix(&self, text: &str) -> Option<Matrix> {
        let codewords = codewords(text)?;
        if codewords.len() != self.codewords.len() {
            return Matrix::of(text, self.size);
        }
        let mut matrix = self.matrix.clone();
        for (place, (other, own)) in codewords.iter().zip(&self.codewords).enumerate() {
            let differs = other ^ own;
            if differs == 0 {
                continue;
            }
            let Some((_, bits)) = self.changes.iter().find(|(varying, _)| *varying == place) else {
                return Matrix::of(text, self.size);
            };
            for (_, change) in bits.iter().enumerate().filter(|(bit, _)| differs >> bit & 1 == 1) {
                matrix.rows.iter_mut().zip(change).for_each(|(row, change)| *row ^= change);
            }
        }
        Some(matrix)
    }
}

/// The places of the codewords in which two texts of one length differ; `None` where they are not of one.
pub(in crate::letter) fn differing(one: &str, other: &str) -> Option<Vec<usize>> {
    let (one, other) = (codewords(one)?, codewords(other)?);
    let differs = |(place, (a, b)): (usize, (&u8, &u8))| (a != b).then_some(place);
    (one.len() == other.len()).then(|| one.iter().zip(&other).enumerate().filter_map(differs).collect())
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
    fn a_family_has_the_symbols_that_the_library_places() {
        let text = |sequence: u32, sheet: u32| format!("eba-acme-000123 {sequence:06} {sheet}/3");
        let size = MatrixSize::holding(&text(0, 0)).unwrap();
        let varying = differing(&text(0, 0), &text(999_999, 3)).unwrap();
        assert_eq!(varying.len(), 4);
        let family = MatrixFamily::of(&text(0, 0), size, &varying).unwrap();
        for sequence in (0..1_000_000).step_by(997) {
            for sheet in 1..=3 {
                let text = text(sequence, sheet);
                assert_eq!(family.matrix(&text), Matrix::of(&text, size), "{text}");
            }
        }
        for other in ["eba-acme-000124 000001 1/3", "eba-acme-000123 000001 1/2", "short"] {
            assert_eq!(family.matrix(other), Matrix::of(other, size), "{other}");
        }
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
