//! The words of a PDF: numbers, names, strings, brackets (ISO 32000-1, 7.2 and 7.3).

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::letter) enum Token<'a> {
    Number(f64),
    Name(&'a [u8]),
    Text(Vec<u8>),
    /// An operator, or another word without a mark of its own.
    Word(&'a [u8]),
    /// `[`, or `<` for `<<`.
    Open(u8),
    /// `]`, or `>` for `>>`.
    Close(u8),
}

/// Reads words from bytes.
#[derive(Debug, Clone)]
pub(in crate::letter) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(in crate::letter) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What was not read yet.
    pub(in crate::letter) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over so many bytes.
    pub(in crate::letter) fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// The next word; `None` at the end, and where no word can be read.
    pub(in crate::letter) fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let rest = self.rest();
        match *rest.first()? {
            open @ b'[' => self.passed(1, Token::Open(open)),
            close @ b']' => self.passed(1, Token::Close(close)),
            b'(' => self.literal(),
            b'<' if rest.get(1) == Some(&b'<') => self.passed(2, Token::Open(b'<')),
            b'>' if rest.get(1) == Some(&b'>') => self.passed(2, Token::Close(b'>')),
            b'<' => self.hexadecimal(),
            b'/' => {
                let length = word_length(rest.get(1..)?);
                self.passed(1 + length, Token::Name(rest.get(1..1 + length)?))
            }
            b')' | b'>' | b'{' | b'}' => None,
            _ => {
                let word = rest.get(..word_length(rest))?;
                self.passed(word.len(), number(word).map_or(Token::Word(word), Token::Number))
            }
        }
    }

    /// Passes over blanks and comments.
    fn skip_blanks(&mut self) {
        loop {
            self.at += self.rest().iter().take_while(|byte| is_blank(**byte)).count();
            if self.rest().first() != Some(&b'%') {
                return;
            }
            self.at += self.rest().iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
        }
    }

    fn passed(&mut self, bytes: usize, token: Token<'a>) -> Option<Token<'a>> {
        self.at += bytes;
        Some(token)
    }

    /// A string between round brackets.
    fn literal(&mut self) -> Option<Token<'a>> {
        let mut text = Vec::new();
        let (mut depth, mut escaped) = (0, false);
        for (place, byte) in self.rest().iter().enumerate() {
            match (escaped, byte) {
                (true, _) => {
                    text.push(match byte {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'b' => 8,
                        b'f' => 12,
                        // Bytes by number are not written here.
                        b'0'..=b'7' => return None,
                        other => *other,
                    });
                    escaped = false;
                }
                (false, b'\\') => escaped = true,
                (false, b'(') if depth == 0 => depth = 1,
                (false, b'(') => {
                    depth += 1;
                    text.push(b'(');
                }
                (false, b')') if depth == 1 => return self.passed(place + 1, Token::Text(text)),
                (false, b')') => {
                    depth -= 1;
                    text.push(b')');
                }
                (false, byte) => text.push(*byte),
            }
        }
        None
    }

    /// A string of hexadecimal digits.
    fn hexadecimal(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let end = rest.iter().position(|byte| *byte == b'>')?;
        let text = hex::decode(rest.get(1..end)?).ok()?;
        self.passed(end + 1, Token::Text(text))
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 12 | 0)
}

/// How long the word is that these bytes begin with.
fn word_length(bytes: &[u8]) -> usize {
    let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'[' | b']' | b'(' | b')' | b'<' | b'>' | b'/' | b'%');
    bytes.iter().position(ends).unwrap_or(bytes.len()).max(usize::from(bytes.first().is_some_and(|byte| !ends(byte))))
}

/// A number as PDF writes it: no exponent.
fn number(word: &[u8]) -> Option<f64> {
    let (sign, digits) = match word {
        [b'-', rest @ ..] => (-1.0, rest),
        [b'+', rest @ ..] => (1.0, rest),
        _ => (1.0, word),
    };
    let (mut value, mut scale, mut point, mut any) = (0.0, 1.0, false, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                any = true;
                value = value * 10.0 + f64::from(byte - b'0');
                scale *= if point { 10.0 } else { 1.0 };
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    any.then_some(sign * value / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let mut lexer = Lexer::new(b"<</A[1 -.5]/B(a\\(b\\)\\r)/C<00FF>>>% x\nBT 12.25 Td");
        let mut words = Vec::new();
        while let Some(word) = lexer.next() {
            words.push(word);
        }
        assert_eq!(
            words,
            [
                Token::Open(b'<'),
                Token::Name(b"A"),
                Token::Open(b'['),
                Token::Number(1.0),
                Token::Number(-0.5),
                Token::Close(b']'),
                Token::Name(b"B"),
                Token::Text(b"a(b)\r".to_vec()),
                Token::Name(b"C"),
                Token::Text(vec![0, 255]),
                Token::Close(b'>'),
                Token::Word(b"BT"),
                Token::Number(12.25),
                Token::Word(b"Td"),
            ]
        );
        assert_eq!(Lexer::new(b"(open").next(), None);
        assert_eq!(Lexer::new(b"").next(), None);
        let comments = b"%\n".repeat(1 << 20);
        assert_eq!(Lexer::new(&comments).next(), None);
    }
}
