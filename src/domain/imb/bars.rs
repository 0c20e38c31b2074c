//! From the number that a barcode carries to its bars, and back (USPS-B-3200, "encoding").

use super::tables::{BARS, CHARACTER_MASK, CHARACTER_OF, CHARACTERS, CODEWORD_OF, CODEWORDS, NO_CODEWORD, PLACES};

/// Bits of the number.
const VALUE_BITS: u32 = 102;
/// How many values the last codeword has, J, before it carries the orientation.
const LAST_CODEWORDS: u128 = 636;
/// How many values the first codeword has, A, before it carries a bit of the check sequence.
const FIRST_CODEWORDS: u16 = 659;
/// Generator polynomial of the frame check sequence, without its highest term.
const GENERATOR: u16 = 0x735;
/// Bits of the frame check sequence.
const CHECK_BITS: u32 = 11;

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bar {
    /// From top to bottom.
    Full,
    /// The middle and the upper part.
    Ascender,
    /// The middle and the lower part.
    Descender,
    /// The middle alone.
    Tracker,
}

impl Bar {
    /// The bar that has these parts besides the middle.
    #[must_use]
    pub fn of(descends: bool, ascends: bool) -> Self {
        match (descends, ascends) {
            (true, true) => Self::Full,
            (false, true) => Self::Ascender,
            (true, false) => Self::Descender,
            (false, false) => Self::Tracker,
        }
    }

    /// Whether it reaches above the middle.
    #[must_use]
    pub fn ascends(self) -> bool {
        matches!(self, Self::Full | Self::Ascender)
    }

    /// Whether it reaches below the middle.
    #[must_use]
    pub fn descends(self) -> bool {
        matches!(self, Self::Full | Self::Descender)
    }

    /// Its letter in the postal service's font and papers: F, A, D or T.
    #[must_use]
    pub fn as_char(self) -> char {
        match self {
            Self::Full => 'F',
            Self::Ascender => 'A',
            Self::Descender => 'D',
            Self::Tracker => 'T',
        }
    }

    /// The bar of a letter.
    #[must_use]
    pub fn from_char(letter: char) -> Option<Self> {
        [Self::Full, Self::Ascender, Self::Descender, Self::Tracker].into_iter().find(|bar| bar.as_char() == letter)
    }
}

/// Bars that are no barcode, or were misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// A pattern that no character has.
    #[error("the bars of character {0} are not those of any character; read the barcode again")]
    Character(char),
    /// A character whose place allows fewer values.
    #[error("character {0} has a value that it cannot have; is the barcode upside down?")]
    Codeword(char),
    /// The check sequence is another.
    #[error("the barcode's check sequence does not fit its bars; read the barcode again")]
    CheckSequence,
    /// A number that no digits give.
    #[error("the bars stand for a number that no Intelligent Mail barcode has")]
    Number,
}

/// The letter of a character, A to J.
fn letter(place: usize) -> char {
    "ABCDEFGHIJ".chars().nth(place).unwrap_or('?')
}

/// The bars of a number of 102 bits.
pub(super) fn bars_of(value: u128) -> [Bar; BARS] {
    let check = check_sequence(value);
    let mut characters = codewords_of(value, check).map(|codeword| CHARACTER_OF[usize::from(codeword)]);
    for (place, character) in characters.iter_mut().enumerate() {
        if check >> place & 1 == 1 {
            *character ^= CHARACTER_MASK;
        }
    }
    PLACES.map(|places| {
        let [descends, ascends] = places.map(|place| characters[usize::from(place.character)] >> place.bit & 1 == 1);
        Bar::of(descends, ascends)
    })
}

/// The number that the bars stand for. It has at most 102 bits.
pub(super) fn value_of(bars: &[Bar; BARS]) -> Result<u128, Misread> {
    let mut codewords = [0; CHARACTERS];
    let mut check = 0;
    for (place, character) in characters_of(bars).into_iter().enumerate() {
        // Two or five bits of thirteen are set; where more than half are, the character stands complemented.
        let is_complemented = character.count_ones() > CHARACTER_MASK.count_ones() / 2;
        let plain = if is_complemented { character ^ CHARACTER_MASK } else { character };
        codewords[place] = CODEWORD_OF[usize::from(plain)];
        check |= u16::from(is_complemented) << place;
        if codewords[place] == NO_CODEWORD {
            return Err(Misread::Character(letter(place)));
        }
    }
    if codewords[0] >= FIRST_CODEWORDS {
        codewords[0] -= FIRST_CODEWORDS;
        check |= 1 << (CHECK_BITS - 1);
    }
    let value = join_codewords(codewords)?;
    if check_sequence(value) == check { Ok(value) } else { Err(Misread::CheckSequence) }
}

fn characters_of(bars: &[Bar; BARS]) -> [u16; CHARACTERS] {
    let mut characters = [0; CHARACTERS];
    for (bar, [descender, ascender]) in bars.iter().zip(PLACES) {
        characters[usize::from(descender.character)] |= u16::from(bar.descends()) << descender.bit;
        characters[usize::from(ascender.character)] |= u16::from(bar.ascends()) << ascender.bit;
    }
    characters
}

/// The codewords A to J, with the orientation in J and the highest bit of the check sequence in A.
fn codewords_of(value: u128, check: u16) -> [u16; CHARACTERS] {
    let mut codewords = [0; CHARACTERS];
    // Each remainder is below 1,365.
    codewords[CHARACTERS - 1] = (value % LAST_CODEWORDS) as u16 * 2;
    let mut rest = value / LAST_CODEWORDS;
    for codeword in codewords[1..CHARACTERS - 1].iter_mut().rev() {
        *codeword = (rest % CODEWORDS as u128) as u16;
        rest /= CODEWORDS as u128;
    }
    codewords[0] = rest as u16 + FIRST_CODEWORDS * (check >> (CHECK_BITS - 1));
    codewords
}

/// The number of the codewords, from whose first the check bit is taken out already.
fn join_codewords(codewords: [u16; CHARACTERS]) -> Result<u128, Misread> {
    let last = u128::from(codewords[CHARACTERS - 1]);
    if codewords[0] >= FIRST_CODEWORDS {
        return Err(Misread::Codeword('A'));
    }
    if last % 2 == 1 || last / 2 >= LAST_CODEWORDS {
        return Err(Misread::Codeword('J'));
    }
    let first = codewords[..CHARACTERS - 1].iter().fold(0, |value, word| value * CODEWORDS as u128 + u128::from(*word));
    let value = first * LAST_CODEWORDS + last / 2;
    if value >> VALUE_BITS == 0 { Ok(value) } else { Err(Misread::Number) }
}

/// The frame check sequence of a number of 102 bits: 11 bits, the highest bit first, the register full at the start.
pub(super) fn check_sequence(value: u128) -> u16 {
    let mask = (1 << CHECK_BITS) - 1;
    (0..VALUE_BITS).rev().fold(mask, |register, place| {
        let bit = (value >> place & 1) as u16;
        let shifted = register << 1 & mask;
        if register >> (CHECK_BITS - 1) == bit { shifted } else { shifted ^ GENERATOR }
    })
}
