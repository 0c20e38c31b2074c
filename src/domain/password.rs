//! The temporary password: minted here, printed once, and kept by nobody.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::crockford;

/// Symbols in a password: twelve of five bits are 60 bits, well over the six decimal digits that
/// NIST SP 800-63B-4 section 4.2.1.2 asks of a code sent by post.
pub const SYMBOLS: usize = 12;
/// Symbols in a printed group.
const GROUP: usize = 4;

/// A temporary password in the clear.
///
/// It has no `Debug`, `Display`, `Clone` or `Serialize` that shows it, and is wiped when dropped. The two ways to
/// its symbols are [`grouped`](Self::grouped), for the page, and [`expose`](Self::expose), for the verifier.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TemporaryPassword([u8; SYMBOLS]);

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryPassword(hidden)")
    }
}

/// The printed form, `XXXX-XXXX-XXXX`, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct GroupedPassword([u8; SYMBOLS + 2]);

impl GroupedPassword {
    /// The characters to set on the page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl TemporaryPassword {
    /// The password that these random bytes give, or `None` where it would spell a word that offends: draw again.
    #[must_use]
    pub fn from_entropy(bytes: &[u8; SYMBOLS]) -> Option<Self> {
        let password = Self(bytes.map(crockford::symbol));
        (!offends(&password.0)).then_some(password)
    }

    /// The password that a person typed: case, spaces, hyphens and lookalikes are forgiven. `None` where it cannot
    /// be a password at all.
    #[must_use]
    pub fn from_typed(typed: &str) -> Option<Self> {
        let mut password = Self([0; SYMBOLS]);
        let mut count = 0;
        for character in typed.chars().filter(|c| !crockford::is_separator(*c)) {
            *password.0.get_mut(count)? = crockford::forgive(character)?;
            count += 1;
        }
        (count == SYMBOLS).then_some(password)
    }

    /// The printed form: three groups of four with hyphens between.
    #[must_use]
    pub fn grouped(&self) -> GroupedPassword {
        let mut printed = GroupedPassword([b'-'; SYMBOLS + 2]);
        for (place, symbol) in self.0.iter().enumerate() {
            printed.0[place + place / GROUP] = *symbol;
        }
        printed
    }

    /// The symbols without hyphens, for the verifier to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8; SYMBOLS] {
        &self.0
    }
}

/// Words that no agency wants in a letter, in English and Spanish, spelled with the symbols of the alphabet.
///
/// The alphabet has no I, L, O and U, so a reader sees such a word only where a digit stands for the letter:
/// 0 for O, 1 for I and L, 3 for E, 4 for A, 5 for S, 7 for T, V for U. [`offends`] reads them so.
const OFFENSIVE: &[&str] = &[
    "ANAL", "ANUS", "ARSE", "BALLS", "BASTARD", "BITCH", "BOOB", "BUTT", "CACA", "CABRON", "CAGA", "CLIT", "COCK",
    "COJON", "COON", "CRAP", "CULO", "CUM", "CUNT", "DAMN", "DEAD", "DICK", "DIE", "DUMB", "DYKE", "FAG", "FART",
    "FATSO", "FCK", "FEO", "FUCK", "FUK", "GAY", "GORDO", "GOOK", "HATE", "HELL", "HOE", "IDIOT", "JERK", "JODE",
    "JODA", "JOTO", "KILL", "KKK", "KYS", "LOCO", "MAMA", "MATA", "MEAR", "MIERDA", "MORON", "MUERE", "NAZI", "NIGG",
    "PEDO", "PENE", "PENDEJ", "PERRA", "PISS", "POLLA", "POOP", "PORN", "PUTA", "PUTO", "QUEER", "RAPE", "RETARD",
    "SEX", "SHIT", "SLAVE", "SLUT", "SPIC", "STFU", "STUPID", "SUCK", "TETA", "TIT", "TONTO", "TURD", "TWAT", "VAGIN",
    "VERGA", "VIOLA", "WANK", "WHORE", "WTF", "666", "ZORRA",
];

/// Whether a reader would see an offensive word in these symbols, hyphens passed over.
fn offends(symbols: &[u8; SYMBOLS]) -> bool {
    OFFENSIVE.iter().any(|word| {
        symbols
            .windows(word.len())
            .any(|window| window.iter().zip(word.bytes()).all(|(seen, meant)| reads_as(*seen, meant)))
    })
}

/// Whether a reader may take the symbol `seen` for the letter `meant`.
fn reads_as(seen: u8, meant: u8) -> bool {
    seen == meant
        || matches!(
            (seen, meant),
            (b'0', b'O')
                | (b'1', b'I' | b'L')
                | (b'3', b'E')
                | (b'4', b'A')
                | (b'5', b'S')
                | (b'7', b'T')
                | (b'V', b'U')
                | (b'8', b'B')
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random bytes that give these symbols.
    fn bytes_for(symbols: &str) -> [u8; SYMBOLS] {
        let mut bytes = [0; SYMBOLS];
        for (byte, symbol) in bytes.iter_mut().zip(symbols.bytes()) {
            *byte = crockford::ALPHABET.iter().position(|s| *s == symbol).unwrap() as u8;
        }
        bytes
    }

    #[test]
    fn the_printed_form_is_three_groups_of_four() {
        let password = TemporaryPassword::from_entropy(&bytes_for("9QX2K7D04MZH")).unwrap();
        assert_eq!(password.grouped().as_str(), "9QX2-K7D0-4MZH");
    }

    #[test]
    fn what_people_type_is_forgiven() {
        let printed = TemporaryPassword::from_entropy(&bytes_for("9QX2K1D04MZH")).unwrap();
        for typed in ["9qx2-k1d0-4mzh", " 9QX2 KLDO 4MZH\n", "9qx2ki\u{2013}do4mzh"] {
            assert_eq!(TemporaryPassword::from_typed(typed).unwrap().expose(), printed.expose(), "{typed}");
        }
        for refused in ["", "9QX2-K1D0-4MZ", "9QX2-K1D0-4MZHH", "9QX2-K1D0-4MZU", "9QX2_K1D0_4MZH"] {
            assert!(TemporaryPassword::from_typed(refused).is_none(), "{refused}");
        }
    }

    #[test]
    fn offensive_words_are_drawn_again_also_across_groups_and_in_digits() {
        for offensive in ["9QX25H174MZH", "9QXFVCK04MZH", "9QX2PVTA4MZH", "SEX2K7D04MZH", "9QX2K7D04666"] {
            assert!(TemporaryPassword::from_entropy(&bytes_for(offensive)).is_none(), "{offensive}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let password = TemporaryPassword::from_entropy(&bytes_for("9QX2K7D04MZH")).unwrap();
        assert_eq!(format!("{password:?}"), "TemporaryPassword(hidden)");
    }
}
