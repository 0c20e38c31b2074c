//! A row as one line of text, the same for both sides: that of PostgreSQL's COPY, with instants, dates and times written as SQLite
//! has them.

use chrono::NaiveDate;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, ValueRef as _};

use super::catalog::{NOBODY, Table};
use crate::audit::entry::instant_text;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Truth,
    Instant,
    /// A time on a wall, without a zone.
    Wall,
    Date,
    Bytes,
}

impl Kind {
    /// The kind of a type of PostgreSQL's.
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "text" => Self::Text,
            "bigint" | "integer" => Self::Whole,
            "boolean" => Self::Truth,
            "timestamp with time zone" => Self::Instant,
            "timestamp without time zone" => Self::Wall,
            "date" => Self::Date,
            "bytea" => Self::Bytes,
            _ => return None,
        })
    }

    /// How PostgreSQL is asked for a column so that it answers as [`write`] writes.
    pub(super) fn asked_for(self, column: &str) -> String {
        match self {
            Self::Instant => format!("to_char(\"{column}\" AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
            Self::Wall => format!("to_char(\"{column}\", 'YYYY-MM-DD\"T\"HH24:MI:SS')"),
            Self::Date => format!("to_char(\"{column}\", 'YYYY-MM-DD')"),
            Self::Text | Self::Whole | Self::Truth | Self::Bytes => format!("\"{column}\""),
        }
    }
}

/// The length of a time on a wall that has no seconds.
const WITHOUT_SECONDS: usize = "2026-11-20T22:30".len();

/// Appends a row of SQLite as a line; `Err` says which column cannot be stored and why, without its value.
pub(super) fn write(table: &Table, row: &SqliteRow, line: &mut Vec<u8>) -> Result<(), String> {
    for (place, column) in table.columns.iter().enumerate() {
        if place > 0 {
            line.push(b'\t');
        }
        cell(row, place, column.kind, line).map_err(|problem| format!("its {} {problem}", column.name))?;
    }
    line.push(b'\n');
    Ok(())
}

/// Appends, in a line that was written, the value that PostgreSQL alone has.
pub(super) fn append_given(line: &mut Vec<u8>) {
    line.pop();
    line.push(b'\t');
    line.extend_from_slice(NOBODY.as_bytes());
    line.push(b'\n');
}

fn cell(row: &SqliteRow, place: usize, kind: Kind, line: &mut Vec<u8>) -> Result<(), String> {
    let value = row.try_get_raw(place).map_err(|error| format!("cannot be read: {error}"))?;
    if value.is_null() {
        line.extend_from_slice(b"\\N");
        return Ok(());
    }
    let other = |_| "holds a value of another type than letterpost writes".to_owned();
    match kind {
        Kind::Whole => {
            let number = <i64 as Decode<Sqlite>>::decode(value).map_err(other)?;
            line.extend_from_slice(number.to_string().as_bytes());
        }
        Kind::Truth => match <i64 as Decode<Sqlite>>::decode(value).map_err(other)? {
            0 => line.push(b'f'),
            1 => line.push(b't'),
            _ => return Err("is neither true nor false".to_owned()),
        },
        Kind::Bytes => {
            line.extend_from_slice(b"\\\\x");
            line.extend_from_slice(hex::encode(<&[u8] as Decode<Sqlite>>::decode(value).map_err(other)?).as_bytes());
        }
        Kind::Text => text(<&str as Decode<Sqlite>>::decode(value).map_err(other)?, line)?,
        Kind::Instant | Kind::Wall | Kind::Date => {
            let written = <&str as Decode<Sqlite>>::decode(value).map_err(other)?;
            line.extend_from_slice(time(written, kind).ok_or("is no time as letterpost writes it")?.as_bytes());
        }
    }
    Ok(())
}

/// A time as both sides write it.
fn time(written: &str, kind: Kind) -> Option<String> {
    match kind {
        Kind::Instant => written.parse().ok().map(instant_text).filter(|text| text == written),
        Kind::Date => written.parse::<NaiveDate>().ok().map(|date| date.to_string()).filter(|text| text == written),
        _ if written.len() == WITHOUT_SECONDS => Some(format!("{written}:00")),
        _ => Some(written.to_owned()),
    }
}

/// A text with what COPY escapes.
fn text(written: &str, line: &mut Vec<u8>) -> Result<(), String> {
    for byte in written.bytes() {
        let escaped = match byte {
            0 => return Err("holds the character NUL, which PostgreSQL cannot store".to_owned()),
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            11 => b'v',
            12 => b'f',
            b'\r' => b'r',
            b'\\' => b'\\',
            _ => {
                line.push(byte);
                continue;
            }
        };
        line.extend_from_slice(&[b'\\', escaped]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_escaped_as_copy_does_and_nul_is_refused() {
        let mut line = Vec::new();
        text("a\tb\\c\nd\r\u{8}\u{b}\u{c}é\u{1}", &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), "a\\tb\\\\c\\nd\\r\\b\\v\\fé\u{1}");
        assert!(text("a\0", &mut Vec::new()).unwrap_err().contains("NUL"));
    }

    #[test]
    fn times_are_those_that_letterpost_writes() {
        assert_eq!(time("2026-11-20T22:30:00Z", Kind::Instant).unwrap(), "2026-11-20T22:30:00Z");
        assert_eq!(time("2026-11-20T22:30", Kind::Wall).unwrap(), "2026-11-20T22:30:00");
        for (written, kind) in [
            ("2026-11-20T22:30:00.5Z", Kind::Instant),
            ("2026-11-20T22:30:00-05:00", Kind::Instant),
            ("2026-11-31", Kind::Date),
            ("soon", Kind::Date),
        ] {
            assert_eq!(time(written, kind), None, "{written}");
        }
    }
}
