//! Records of a CSV file, strictly by RFC 4180 section 2.
//!
//! The usual readers are lenient: they take `"a"b` for `ab`, and one stray quote makes them swallow every row up to
//! the next quote in the file. Here a record with a wrong quote ends with the line that it begins on, and reading
//! goes on with the next line, so that one bad row costs no other.

use std::borrow::Cow;

use super::ROW_LIMIT_BYTES;

/// The bytes of one field, without its quotes.
pub(super) type Field<'a> = Cow<'a, [u8]>;

/// One record: where it begins, its bytes without the line end, and its fields with quotes taken off.
pub(super) struct Record<'a> {
    pub line: u64,
    pub bytes: &'a [u8],
    pub fields: Result<Vec<Field<'a>>, Malformed>,
}

/// How a record breaks the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A quote within a field that did not begin with one.
    QuoteInside,
    /// Text between the closing quote and the next comma.
    TextAfterQuote,
    /// A quote that nothing closes.
    Unclosed,
    /// Over [`ROW_LIMIT_BYTES`].
    TooLong,
}

/// The records of a file; empty lines are passed over.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    line: u64,
}

impl<'a> Records<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, line: 1 }
    }

    /// Takes `length` bytes off the front, counting their lines.
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        self.line += taken.iter().filter(|b| **b == b'\n').count() as u64;
        taken
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        while let Some(length) = empty_line(self.rest) {
            self.take(length);
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let (fields, length) = match record(self.rest) {
            Ok((fields, length)) => (Ok(fields), length),
            Err(malformed) => (Err(malformed), physical_line(self.rest)),
        };
        let bytes = without_line_end(self.take(length));
        Some(Record { line, bytes, fields })
    }
}

/// The length of the empty line at the front, if there is one.
fn empty_line(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b"\n") {
        Some(1)
    } else if rest.starts_with(b"\r\n") {
        Some(2)
    } else {
        None
    }
}

/// The length of the line at the front with its end.
fn physical_line(rest: &[u8]) -> usize {
    rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |end| end + 1)
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// The fields of the record at the front and its length with the line end.
fn record(rest: &[u8]) -> Result<(Vec<Field<'_>>, usize), Malformed> {
    // Two bytes of grace hold the line end of a record that is just as long as allowed.
    let window = rest.get(..ROW_LIMIT_BYTES + 2).unwrap_or(rest);
    let is_cut = window.len() < rest.len();
    let mut fields = Vec::new();
    let mut length = 0;
    loop {
        let (field, taken, end) = field(window.get(length..).unwrap_or_default())?;
        fields.push(field);
        length += taken;
        match end {
            End::Comma => {}
            End::Line => break,
            End::File if is_cut => return Err(Malformed::TooLong),
            End::File => break,
        }
    }
    if without_line_end(window.get(..length).unwrap_or_default()).len() > ROW_LIMIT_BYTES {
        return Err(Malformed::TooLong);
    }
    Ok((fields, length))
}

/// What ends a field.
enum End {
    Comma,
    Line,
    File,
}

/// The field at the front, its length with what ends it, and what that is.
fn field(rest: &[u8]) -> Result<(Field<'_>, usize, End), Malformed> {
    match rest.strip_prefix(b"\"") {
        Some(rest) => quoted(rest).map(|(field, length, end)| (field, length + 1, end)),
        None => unquoted(rest),
    }
}

fn unquoted(rest: &[u8]) -> Result<(Field<'_>, usize, End), Malformed> {
    let length = rest.iter().position(|b| matches!(b, b',' | b'\n' | b'"')).unwrap_or(rest.len());
    let field = rest.get(..length).unwrap_or_default();
    match rest.get(length) {
        Some(b',') => Ok((field.into(), length + 1, End::Comma)),
        Some(b'\n') => Ok((without_line_end(field).into(), length + 1, End::Line)),
        Some(_) => Err(Malformed::QuoteInside),
        None => Ok((without_line_end(field).into(), length, End::File)),
    }
}

/// A field after its opening quote; two quotes within it stand for one.
fn quoted(rest: &[u8]) -> Result<(Field<'_>, usize, End), Malformed> {
    let mut text = Cow::Borrowed(&[][..]);
    let mut length = 0;
    loop {
        let ahead = rest.get(length..).unwrap_or_default();
        let quote = ahead.iter().position(|b| *b == b'"').ok_or(Malformed::Unclosed)?;
        let (run, after) = ahead.split_at_checked(quote).ok_or(Malformed::Unclosed)?;
        if text.is_empty() {
            text = Cow::Borrowed(run);
        } else {
            text.to_mut().extend_from_slice(run);
        }
        length += quote + 1;
        match after.get(1..).unwrap_or_default() {
            [b'"', ..] => {
                text.to_mut().push(b'"');
                length += 1;
            }
            [b',', ..] => return Ok((text, length + 1, End::Comma)),
            [b'\n', ..] => return Ok((text, length + 1, End::Line)),
            [b'\r', b'\n', ..] => return Ok((text, length + 2, End::Line)),
            [] | [b'\r'] => return Ok((text, rest.len(), End::File)),
            _ => return Err(Malformed::TextAfterQuote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each record as its line and either its fields or its fault.
    fn read(text: &str) -> Vec<(u64, Result<Vec<String>, Malformed>)> {
        let text_of =
            |fields: Vec<Field<'_>>| fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        Records::of(text.as_bytes()).map(|record| (record.line, record.fields.map(text_of))).collect()
    }

    fn good(line: u64, fields: &[&str]) -> (u64, Result<Vec<String>, Malformed>) {
        (line, Ok(fields.iter().map(|field| (*field).to_owned()).collect()))
    }

    #[test]
    fn quotes_commas_and_line_ends_within_fields() {
        let text = "a,\"b,\"\"c\"\"\",\"d\r\ne\"\r\n\r\n\"\",,\nlast,\"x\"";
        assert_eq!(read(text), [good(1, &["a", "b,\"c\"", "d\r\ne"]), good(4, &["", "", ""]), good(5, &["last", "x"])]);
    }

    #[test]
    fn a_wrong_quote_costs_one_line_and_no_other_row() {
        for (bad, fault) in [
            ("a,b\"c", Malformed::QuoteInside),
            ("a,\"b\"c", Malformed::TextAfterQuote),
            ("a,\"b\" ", Malformed::TextAfterQuote),
            (" \"a\",b", Malformed::QuoteInside),
        ] {
            assert_eq!(
                read(&format!("x,y\n{bad}\nz,w\n")),
                [good(1, &["x", "y"]), (2, Err(fault)), good(3, &["z", "w"])]
            );
        }
        assert_eq!(read("a,\"b\nc,d\n"), [(1, Err(Malformed::Unclosed)), good(2, &["c", "d"])]);
    }

    #[test]
    fn a_record_has_a_limit() {
        let long = "x".repeat(ROW_LIMIT_BYTES);
        assert_eq!(read(&format!("{long}\r\ny")), [good(1, &[&long]), good(2, &["y"])]);
        assert_eq!(read(&format!("{long}x\ny")), [(1, Err(Malformed::TooLong)), good(2, &["y"])]);
        assert_eq!(read(&format!("\"{long}\"\ny")), [(1, Err(Malformed::TooLong)), good(2, &["y"])]);
        assert_eq!(read(&format!("\"{long}{long}\"\ny")), [(1, Err(Malformed::Unclosed)), good(2, &["y"])]);
    }

    proptest::proptest! {
        #[test]
        fn what_another_writer_writes_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a-c,\"\r\n é]{0,6}", 2..5), 0..6)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let back: Vec<_> = read(&text).into_iter().map(|(_, fields)| fields.unwrap()).collect();
            proptest::prop_assert_eq!(back, rows);
        }
    }
}
