//! The tables of USPS-B-3200: which character stands for which codeword, and where each bit of a character is drawn.
//!
//! They are worked out while the program is compiled.

/// Bits of a character.
const CHARACTER_BITS: u32 = 13;
/// All bits of a character.
pub(super) const CHARACTER_MASK: u16 = (1 << CHARACTER_BITS) - 1;
/// Characters of a barcode, A to J.
pub(super) const CHARACTERS: usize = 10;
/// Bars of a barcode.
pub const BARS: usize = 65;
/// Characters with five bits set; they come first.
const FIVE_OF_13: usize = 1287;
/// Characters with two bits set.
const TWO_OF_13: usize = 78;
/// Codewords: how many values one character has.
pub(super) const CODEWORDS: usize = FIVE_OF_13 + TWO_OF_13;
/// Stands in [`CODEWORD_OF`] where a pattern of bits is no character.
pub(super) const NO_CODEWORD: u16 = u16::MAX;

/// The character of each codeword.
pub(super) static CHARACTER_OF: [u16; CODEWORDS] = characters();
/// The codeword of each character, by its bits.
pub(super) static CODEWORD_OF: [u16; 1 << CHARACTER_BITS] = codewords();
/// The descender and the ascender of each bar.
pub(super) static PLACES: [[Place; 2]; BARS] = places();

/// The bit that says whether a part of a bar is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The character, 0 for A.
    pub(super) character: u8,
    /// Its bit, 0 the least significant.
    pub(super) bit: u8,
}

/// Descender and ascender of the bars from left to right: a character's letter and the number of its bit.
const BAR_TO_CHARACTER: &str = "\
    H2/E3 B10/A0 J12/C8 F5/G11 I9/D1 A1/F12 C5/B8 E4/J11 G3/I10 D9/H6 F11/B4 I5/C12 J10/A2 H1/G7 D6/E9 A3/I6 G4/C7 \
    B1/J9 H10/F2 E0/D8 G2/A4 I11/B0 J8/D12 C6/H7 F1/E10 B12/G9 H3/I0 F8/J7 E6/C10 D4/A5 I4/F7 H11/B9 G0/J6 A6/E8 \
    C1/D2 F9/I12 E11/G1 J5/H4 D3/B2 A7/C0 B3/E1 G10/D5 I7/J4 C11/F6 A8/H12 E2/I1 F10/D0 J3/A9 G5/C4 H8/B7 F0/E5 \
    C3/A10 G12/J2 D11/B6 I8/H9 F4/A11 B5/C2 J1/E12 I3/G6 H0/D7 E7/H5 A12/B11 C9/J0 G8/F3 D10/I2 ";

/// All characters, by codeword.
const fn characters() -> [u16; CODEWORDS] {
    let table = place_of_13([0; CODEWORDS], 5, 0, FIVE_OF_13);
    place_of_13(table, 2, FIVE_OF_13, CODEWORDS)
}

/// Writes the characters with `ones` bits set into `table` from `low` up to `end`: each beside its mirror image from
/// the low end, those that are their own mirror image from the high end.
const fn place_of_13(mut table: [u16; CODEWORDS], ones: u32, mut low: usize, end: usize) -> [u16; CODEWORDS] {
    let mut high = end;
    let mut character = 0;
    while character <= CHARACTER_MASK {
        let mirrored = character.reverse_bits() >> (u16::BITS - CHARACTER_BITS);
        if character.count_ones() == ones && mirrored == character {
            high -= 1;
            table[high] = character;
        } else if character.count_ones() == ones && mirrored > character {
            table[low] = character;
            table[low + 1] = mirrored;
            low += 2;
        }
        character += 1;
    }
    table
}

const fn codewords() -> [u16; 1 << CHARACTER_BITS] {
    let mut table = [NO_CODEWORD; 1 << CHARACTER_BITS];
    let characters = characters();
    let mut codeword = 0;
    while codeword < CODEWORDS {
        table[characters[codeword] as usize] = codeword as u16;
        codeword += 1;
    }
    table
}

/// Reads [`BAR_TO_CHARACTER`].
const fn places() -> [[Place; 2]; BARS] {
    let text = BAR_TO_CHARACTER.as_bytes();
    let mut table = [[Place { character: 0, bit: 0 }; 2]; BARS];
    let (mut place, mut at) = (0, 0);
    while at < text.len() {
        let character = text[at] - b'A';
        let mut bit = 0;
        at += 1;
        while text[at].is_ascii_digit() {
            bit = bit * 10 + (text[at] - b'0');
            at += 1;
        }
        // Past the slash or the space.
        at += 1;
        table[place / 2][place % 2] = Place { character, bit };
        place += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_begin_and_end_as_printed_in_the_specification() {
        let (five, two) = CHARACTER_OF.split_at(FIVE_OF_13);
        assert_eq!(five[..4], [0x1F, 0x1F00, 0x2F, 0x1E80]);
        assert_eq!(five[FIVE_OF_13 - 4..], [0x4E4, 0x358, 0x2E8, 0x1F0]);
        assert_eq!(two[..4], [0x3, 0x1800, 0x5, 0x1400]);
        assert_eq!(two[TWO_OF_13 - 4..], [0x404, 0x208, 0x110, 0xA0]);
    }

    #[test]
    fn every_codeword_has_a_character_of_its_own() {
        for (codeword, character) in (0..).zip(CHARACTER_OF) {
            assert_eq!(CODEWORD_OF[usize::from(character)], codeword);
        }
        assert_eq!(CODEWORD_OF.iter().filter(|codeword| **codeword != NO_CODEWORD).count(), CODEWORDS);
    }

    #[test]
    fn every_bit_of_every_character_is_drawn_once() {
        let mut drawn = [0u16; CHARACTERS];
        for [descender, ascender] in PLACES {
            assert_ne!(descender.character, ascender.character, "so a changed bar breaks two characters");
            for place in [descender, ascender] {
                drawn[usize::from(place.character)] += 1 << place.bit;
            }
        }
        assert_eq!(drawn, [CHARACTER_MASK; CHARACTERS]);
    }
}
