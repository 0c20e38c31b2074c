//! Rows of a CSV file: its header decides which column each field belongs to.

use super::rfc4180::{Field, Malformed, Record, Records};
use super::{FileRefused, RowRead, bounded, known_column, nearest_column, row_problem, shown, too_long};
use crate::domain::request::{FieldProblem, REQUIRED_COLUMNS, RawRequest};

/// What `each` makes of every row after the header.
///
/// # Errors
/// Where the header is missing, unreadable, or not made of the known columns with all the required ones, and where
/// there are too many rows.
pub(super) fn read<'a, T>(bytes: &'a [u8], each: impl Fn(RowRead<'a>) -> T) -> Result<Vec<T>, FileRefused> {
    let mut records = Records::of(bytes);
    let header = read_header(records.next().ok_or(FileRefused::NoHeader)?)?;
    bounded(records.map(|record| each(read_row(&header, record))))
}

/// The column of each field, from the first record.
fn read_header(record: Record<'_>) -> Result<Vec<&'static str>, FileRefused> {
    let names = record.fields.map_err(|fault| FileRefused::UnreadableHeader { reason: described(fault).0 })?;
    let mut header = Vec::with_capacity(names.len());
    for name in names {
        let name =
            std::str::from_utf8(&name).map_err(|_| FileRefused::UnreadableHeader { reason: "is not UTF-8" })?.trim();
        let column = known_column(name)
            .ok_or_else(|| FileRefused::UnknownColumn { column: shown(name), nearest: nearest_column(name) })?;
        if header.contains(&column) {
            return Err(FileRefused::RepeatedColumn(column));
        }
        header.push(column);
    }
    match REQUIRED_COLUMNS.into_iter().find(|required| !header.contains(required)) {
        Some(missing) => Err(FileRefused::MissingColumn(missing)),
        None => Ok(header),
    }
}

fn read_row<'a>(header: &[&'static str], record: Record<'a>) -> RowRead<'a> {
    let outcome = match record.fields {
        Ok(fields) => assign(header, &fields),
        Err(Malformed::TooLong) => Err(vec![too_long()]),
        Err(fault) => {
            let (problem, remedy) = described(fault);
            Err(vec![row_problem(problem, remedy)])
        }
    };
    RowRead { line: record.line, bytes: record.bytes, outcome }
}

/// Puts each field into its column.
fn assign(header: &[&'static str], fields: &[Field<'_>]) -> Result<RawRequest, Vec<FieldProblem>> {
    if fields.len() != header.len() {
        let problem = format!("has {} fields and the header has {}", fields.len(), header.len());
        return Err(vec![row_problem(problem, "look for a missing or unquoted comma")]);
    }
    let mut raw = RawRequest::default();
    let mut problems = Vec::new();
    for (column, field) in header.iter().zip(fields) {
        match std::str::from_utf8(field) {
            Ok(text) => {
                if let Some(place) = raw.column_mut(column) {
                    *place = Some(text.to_owned());
                }
            }
            Err(_) => problems.push(FieldProblem {
                column,
                problem: "is not UTF-8".to_owned(),
                remedy: "write the file in UTF-8; this looks like an older encoding".to_owned(),
            }),
        }
    }
    if problems.is_empty() { Ok(raw) } else { Err(problems) }
}

/// What a fault is, and what to do about it.
fn described(fault: Malformed) -> (&'static str, &'static str) {
    const REMEDY: &str = "put the field in quotes and write each quote within it twice (RFC 4180)";
    match fault {
        Malformed::QuoteInside => ("has a quote within a field that does not begin with one", REMEDY),
        Malformed::TextAfterQuote => ("has text after the closing quote of a field", REMEDY),
        Malformed::Unclosed => ("has a quote that is not closed", REMEDY),
        Malformed::TooLong => ("is too long", "look for a missing line end"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw_text;
    use super::*;

    const HEADER: &str = "reference,username,full_name,address_line_1,city,second_factor,requested_at";

    fn refusal(header: &str) -> FileRefused {
        read(header.as_bytes(), |row| row).unwrap_err()
    }

    #[test]
    fn columns_may_stand_in_any_order_with_spaces_around() {
        let text =
            "city , requested_at,second_factor,address_line_1,full_name,username,\"reference\"\r\nA,B,C,D,E,F,G\r\n";
        let rows = read(text.as_bytes(), |row| row).unwrap();
        let raw = rows[0].outcome.as_ref().unwrap();
        assert_eq!((raw.city.as_deref(), raw.reference.as_deref(), raw.state.as_deref()), (Some("A"), Some("G"), None));
        assert_eq!((rows[0].line, rows[0].bytes), (2, b"A,B,C,D,E,F,G".as_slice()));
    }

    #[test]
    fn a_header_that_is_not_ours_refuses_the_file() {
        assert_eq!(refusal(""), FileRefused::NoHeader);
        assert_eq!(refusal(&HEADER.replace("city,", "")), FileRefused::MissingColumn("city"));
        assert_eq!(refusal(&format!("{HEADER},city")), FileRefused::RepeatedColumn("city"));
        let unknown = FileRefused::UnknownColumn { column: "full name".to_owned(), nearest: "full_name" };
        assert_eq!(refusal(&HEADER.replace("full_name", "full name")), unknown);
        assert!(matches!(refusal(&HEADER.replace("city", "City")), FileRefused::UnknownColumn { .. }));
        assert!(matches!(
            read(b"\xFF\xFEr\0e\0f\0", |row| row),
            Err(FileRefused::UnreadableHeader { reason: "is not UTF-8" })
        ));
        assert!(matches!(refusal("\"reference"), FileRefused::UnreadableHeader { .. }));
    }

    #[test]
    fn a_bad_row_has_its_line_and_the_rest_go_on() {
        let mut text = format!("{HEADER}\n1,2,\"3\n3\",4,5,6,7\n1,2,3\n").into_bytes();
        text.extend_from_slice(b"1,2,Jos\xE9,4,Bogot\xE1,6,7\n1,2,3,4,5,6,7");
        let rows = read(&text, |row| row).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 5, 6]);
        assert_eq!(rows[0].outcome.as_ref().unwrap().full_name.as_deref(), Some("3\n3"));
        let short = rows[1].outcome.as_ref().unwrap_err();
        assert_eq!(short[0].problem, "has 3 fields and the header has 7");
        let latin: Vec<_> = rows[2].outcome.as_ref().unwrap_err().iter().map(|problem| problem.column).collect();
        assert_eq!(latin, ["full_name", "city"]);
        assert_eq!(raw_text(rows[2].bytes), "1,2,Jos\u{FFFD},4,Bogot\u{FFFD},6,7");
        assert!(rows[3].outcome.is_ok());
    }
}
