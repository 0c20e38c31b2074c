//! Cells of a CSV file that a person may open in a spreadsheet.
//!
//! A spreadsheet takes a cell that starts with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula and runs it
//! (OWASP, "CSV injection"). Such a text is written with an apostrophe before it and read back without it.

use std::borrow::Cow;

/// The text as it may stand in a cell.
#[must_use]
pub fn guard(text: &str) -> Cow<'_, str> {
    let needs_guard = starts_a_formula(text) || text.strip_prefix('\'').is_some_and(needs_apostrophe);
    if needs_guard { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`guard`] was given.
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if needs_apostrophe(rest) => rest,
        _ => cell,
    }
}

/// Whether a spreadsheet would run a cell with this text.
#[must_use]
pub fn starts_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether an apostrophe before this text is a guard and not a character of the text.
fn needs_apostrophe(rest: &str) -> bool {
    starts_a_formula(rest) || rest.starts_with('\'')
}

/// One row as RFC 4180 writes it: fields quoted where they must be, CR LF at the end, every cell guarded.
#[must_use]
pub fn row<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        push_quoted(&mut line, &guard(field));
    }
    line.push_str("\r\n");
    line
}

fn push_quoted(line: &mut String, cell: &str) {
    if cell.contains([',', '"', '\r', '\n']) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_cell_never_starts_a_formula_and_reads_back() {
        for text in
            ["", "plain", "=1+1", "+1", "-1", "@x", "\tx", "\rx", "'", "''", "'=1", "''=1", "'tis", "'''", "5-1", "a=b"]
        {
            let cell = guard(text);
            assert!(!starts_a_formula(&cell), "{text:?}");
            assert_eq!(unguard(&cell), text, "{text:?}");
        }
        assert_eq!(guard("=HYPERLINK(\"http://x.invalid\")"), "'=HYPERLINK(\"http://x.invalid\")");
    }

    #[test]
    fn rows_are_quoted_as_rfc_4180_says() {
        assert_eq!(
            row(["a", "b,c", "say \"x\"", "two\r\nlines", ""]),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\r\nlines\",\r\n"
        );
        assert_eq!(row(["=1,2"]), "\"'=1,2\"\r\n");
    }
}
