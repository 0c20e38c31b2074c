//! Crockford base32: the alphabet of temporary passwords and letter ids.
//!
//! Thirty-two symbols without I, L, O and U, so that nothing printed is mistaken for something else. A reader's
//! I and L are taken as 1, and O as 0, whatever the case.

/// The symbols in order of their value, 0 to 31.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The symbol for the low five bits of `value`.
#[must_use]
pub fn symbol(value: u8) -> u8 {
    ALPHABET[usize::from(value & 31)]
}

/// What a character that a person typed stands for; `None` where it is no symbol and no lookalike of one.
#[must_use]
pub fn forgive(typed: char) -> Option<u8> {
    let upper = typed.to_ascii_uppercase();
    let meant = match upper {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let byte = u8::try_from(meant).ok()?;
    ALPHABET.contains(&byte).then_some(byte)
}

/// Characters that people put between groups and that mean nothing: spaces, hyphens and their typographic kin.
#[must_use]
pub fn is_separator(typed: char) -> bool {
    typed.is_whitespace() || matches!(typed, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{00AD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_are_forgiven() {
        for (typed, meant) in [('o', b'0'), ('O', b'0'), ('i', b'1'), ('L', b'1'), ('a', b'A'), ('Z', b'Z')] {
            assert_eq!(forgive(typed), Some(meant), "{typed}");
        }
        for refused in ['U', 'u', '*', 'é', '0'.to_ascii_lowercase(), ' '] {
            assert_eq!(forgive(refused).is_none(), refused != '0', "{refused}");
        }
    }
}
