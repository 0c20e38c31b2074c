//! Reading a file of requests: bytes in, rows out.
//!
//! In goes a whole file, CSV or JSON Lines, as the portal wrote it. Out comes one [`RowRead`] for each row, good or
//! bad, with the line on which it begins and where it stands in the file; or the file is refused whole, with the reason. Nothing is durable when it returns and nothing is left by a crash: the caller records rows and file.
//! Whether the content of a readable row makes a request is for [`crate::domain::request::judge`] to say.

mod control;
mod csv_rows;
mod json_rows;
mod rfc4180;

use crate::domain::request::{COLUMNS, FieldProblem, RawRequest, WHOLE_ROW};

pub use control::{ControlFile, check_control};

/// Bytes in a request file, at most.
pub const FILE_LIMIT_BYTES: usize = 256 << 20;
/// Bytes in a row, at most.
pub const ROW_LIMIT_BYTES: usize = 64 << 10;
/// Rows in a file, at most: with the limit in bytes it bounds the memory that a file of tiny rows could take.
pub const ROWS_LIMIT: usize = 250_000;

/// A row of a file: what it says, or why that cannot be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRead<'a> {
    /// The line on which it begins, the file's first being 1.
    pub line: u64,
    /// The row as it stands in the file, without its line end.
    pub bytes: &'a [u8],
    /// The columns, or what keeps them from being read.
    pub outcome: Result<RawRequest, Vec<FieldProblem>>,
}

/// Why a file is refused whole: nothing of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// The name ends in none of the known extensions.
    #[error("'{file_name}' is neither .csv nor .jsonl (or .ndjson): name the file after its format")]
    UnknownKind {
        /// The file's name.
        file_name: String,
    },
    /// It is over [`FILE_LIMIT_BYTES`].
    #[error("the file has {size_bytes} bytes and the limit is {FILE_LIMIT_BYTES}: split it")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
    },
    /// It has more than [`ROWS_LIMIT`] rows.
    #[error("the file has more than {ROWS_LIMIT} rows: split it")]
    TooManyRows,
    /// A CSV file without a line.
    #[error("the file is empty: a CSV file begins with a row of column names")]
    NoHeader,
    /// The header row cannot be read.
    #[error("the header row {reason}: save the file as CSV in UTF-8 with the column names in its first row")]
    UnreadableHeader {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The header names a column that is not known.
    #[error("unknown column '{column}', the nearest known one is '{nearest}': rename it or take it out")]
    UnknownColumn {
        /// The name found, cut to 40 characters.
        column: String,
        /// The known name most like it.
        nearest: &'static str,
    },
    /// The header names a column twice.
    #[error("column '{0}' stands twice in the header: take one out")]
    RepeatedColumn(&'static str),
    /// The header lacks a required column.
    #[error("column '{0}' is missing: every request needs it, so no row of this file can be taken")]
    MissingColumn(&'static str),
    /// The control file cannot be read.
    #[error("the control file is not valid ({0}): it is a JSON object with 'rows' and 'sha256'")]
    UnreadableControl(String),
    /// The control file names another digest.
    #[error("the file has SHA-256 {found} and its control file says {said}: transfer both again")]
    OtherDigest {
        /// The digest of the file, hex.
        found: String,
        /// The digest that was announced, hex.
        said: String,
    },
    /// The control file names another number of rows.
    #[error("the file has {found} rows and its control file says {said}: ask the portal to write both again")]
    OtherRowCount {
        /// Rows found, good and bad.
        found: u64,
        /// Rows announced.
        said: u64,
    },
}

/// Every row of a request file, in the file's order. The format goes by the extension of `file_name`, case aside.
///
/// # Errors
/// Where the file as a whole cannot be taken. A row that cannot be read is no such error: it is among the rows.
pub fn read_requests<'a>(file_name: &str, bytes: &'a [u8]) -> Result<Vec<RowRead<'a>>, FileRefused> {
    read_each(file_name, bytes, |row| row)
}

/// What `each` makes of every row of a request file, in the file's order: a row is over before the next one is read.
///
/// # Errors
/// As [`read_requests`].
pub fn read_each<'a, T>(
    file_name: &str,
    bytes: &'a [u8],
    each: impl Fn(RowRead<'a>) -> T,
) -> Result<Vec<T>, FileRefused> {
    if bytes.len() > FILE_LIMIT_BYTES {
        return Err(FileRefused::TooLarge { size_bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv") => csv_rows::read(bytes, each),
        Some("jsonl" | "ndjson") => json_rows::read(bytes, each),
        _ => Err(FileRefused::UnknownKind { file_name: file_name.to_owned() }),
    }
}

/// The rows, unless there are too many.
fn bounded<T>(rows: impl Iterator<Item = T>) -> Result<Vec<T>, FileRefused> {
    let rows: Vec<_> = rows.take(ROWS_LIMIT + 1).collect();
    if rows.len() > ROWS_LIMIT { Err(FileRefused::TooManyRows) } else { Ok(rows) }
}

/// The text of a row for quarantine. Bytes that are not UTF-8 are shown as U+FFFD, and a row over [`ROW_LIMIT_BYTES`] is cut
/// there.
#[must_use]
pub fn raw_text(row: &[u8]) -> String {
    String::from_utf8_lossy(row.get(..ROW_LIMIT_BYTES).unwrap_or(row)).into_owned()
}

/// A problem of a row as a whole.
fn row_problem(problem: impl Into<String>, remedy: &str) -> FieldProblem {
    FieldProblem { column: WHOLE_ROW, problem: problem.into(), remedy: remedy.to_owned() }
}

/// The problem of a row over the limit.
fn too_long() -> FieldProblem {
    row_problem(format!("has more than {ROW_LIMIT_BYTES} bytes"), "look for a missing line end")
}

/// The known column of this name.
fn known_column(name: &str) -> Option<&'static str> {
    COLUMNS.into_iter().find(|column| *column == name)
}

/// The known column whose name is most like this one, case aside.
fn nearest_column(name: &str) -> &'static str {
    let name = &name.to_lowercase();
    let likeness = |column: &str| strsim::jaro_winkler(name, column);
    COLUMNS.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default()
}

/// An unknown name as a message may show it: short, and with what cannot be seen escaped.
fn shown(name: &str) -> String {
    name.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_goes_by_the_extension() {
        let header = "reference,username,full_name,address_line_1,city,second_factor,requested_at\n";
        assert_eq!(read_requests("a.CSV", header.as_bytes()), Ok(vec![]));
        assert_eq!(read_requests("a.ndjson", b""), Ok(vec![]));
        for refused in ["requests.xlsx", "requests", "csv", "requests.csv.control", ""] {
            let refusal = read_requests(refused, header.as_bytes()).unwrap_err();
            assert_eq!(refusal, FileRefused::UnknownKind { file_name: refused.to_owned() });
        }
    }

    #[test]
    fn a_file_over_the_limit_is_refused_before_it_is_read() {
        let bytes = vec![0; FILE_LIMIT_BYTES + 1];
        let refusal = FileRefused::TooLarge { size_bytes: bytes.len() };
        assert_eq!(read_requests("a.jsonl", &bytes), Err(refusal));
    }

    #[test]
    fn a_file_has_at_most_so_many_rows() {
        let mut text = "{}\n".repeat(ROWS_LIMIT);
        assert_eq!(read_requests("a.jsonl", text.as_bytes()).unwrap().len(), ROWS_LIMIT);
        text.push_str("{}");
        assert_eq!(read_requests("a.jsonl", text.as_bytes()), Err(FileRefused::TooManyRows));
    }

    #[test]
    fn a_near_name_is_found() {
        for (written, meant) in [("user_name", "username"), ("adress_line1", "address_line_1"), ("Phone", "phone")] {
            assert_eq!(nearest_column(written), meant, "{written}");
        }
        assert_eq!(shown("a\u{202E}\n"), "a\\u{202e}\\n");
    }
}
