//! Rows of a JSON Lines file: one object a line, its members texts named as the columns.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::{
    FileRefused, ROW_LIMIT_BYTES, RowRead, bounded, known_column, nearest_column, row_problem, shown, too_long,
};
use crate::domain::request::{COLUMNS, FieldProblem, RawRequest};

/// What `each` makes of every line that is not blank.
///
/// # Errors
/// Where there are too many.
pub(super) fn read<'a, T>(bytes: &'a [u8], each: impl Fn(RowRead<'a>) -> T) -> Result<Vec<T>, FileRefused> {
    let lines = (1..).zip(bytes.split(|b| *b == b'\n'));
    bounded(lines.filter(|(_, row)| !row.trim_ascii().is_empty()).map(|(line, row)| each(read_row(line, row))))
}

fn read_row(line: u64, row: &[u8]) -> RowRead<'_> {
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    RowRead { line, bytes: row, outcome: read_object(row) }
}

fn read_object(row: &[u8]) -> Result<RawRequest, Vec<FieldProblem>> {
    if row.len() > ROW_LIMIT_BYTES {
        return Err(vec![too_long()]);
    }
    let Ok(text) = std::str::from_utf8(row) else {
        return Err(vec![row_problem("is not UTF-8", "write the file in UTF-8")]);
    };
    let Members(members) = serde_json::from_str(text).map_err(|error| vec![described(&error)])?;
    if members.len() > COLUMNS.len() {
        let problem = format!("has {} keys and there are only {} columns", members.len(), COLUMNS.len());
        return Err(vec![row_problem(problem, "take out what is not a column")]);
    }
    let mut raw = RawRequest::default();
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    for (name, value) in members {
        if let Err(problem) = assign(&mut raw, &mut seen, &name, value) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(raw) } else { Err(problems) }
}

/// Puts one member into its column; `seen` are the columns that the row has named already.
fn assign(raw: &mut RawRequest, seen: &mut Vec<&'static str>, name: &str, value: Value) -> Result<(), FieldProblem> {
    let Some(column) = known_column(name) else {
        let problem =
            format!("has the unknown key '{}', the nearest known one is '{}'", shown(name), nearest_column(name));
        return Err(row_problem(problem, "rename it or take it out"));
    };
    let refused = |problem: &str, remedy: &str| {
        Err(FieldProblem { column, problem: problem.to_owned(), remedy: remedy.to_owned() })
    };
    if seen.contains(&column) {
        return refused("stands twice", "say it once");
    }
    seen.push(column);
    let text = match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Bool(_) => return refused("is true or false, not text", "write it in quotes"),
        Value::Number(_) => {
            return refused("is a number, not text", "write it in quotes: a number loses leading zeros");
        }
        Value::Array(_) | Value::Object(_) => return refused("is not text", "write it in quotes"),
    };
    if let Some(place) = raw.column_mut(column) {
        *place = text;
    }
    Ok(())
}

/// The reader's error without the text that it may quote.
fn described(error: &serde_json::Error) -> FieldProblem {
    match error.classify() {
        Category::Data => row_problem("is not a JSON object", "write one object a line, {\"reference\": …}"),
        _ => row_problem(
            format!("is not JSON, at byte {}", error.column()),
            "write one object a line, all of it on that line",
        ),
    }
}

/// The members of an object in their order, repeated ones too: a map would keep the last and hide the others.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(row: &str) -> Vec<(&'static str, String)> {
        read_object(row.as_bytes()).unwrap_err().into_iter().map(|fault| (fault.column, fault.problem)).collect()
    }

    #[test]
    fn texts_are_taken_and_null_is_absent() {
        let rows = read(b"\n{\"reference\":\"R\\u00e91\",\"state\":null}\r\n  \n{}\n", |row| row).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
        let raw = rows[0].outcome.as_ref().unwrap();
        assert_eq!((raw.reference.as_deref(), raw.state.as_deref()), (Some("Ré1"), None));
        assert_eq!(String::from_utf8_lossy(rows[0].bytes), "{\"reference\":\"R\\u00e91\",\"state\":null}");
    }

    #[test]
    fn all_faults_of_a_row_are_found_at_once() {
        let found =
            faults(r#"{"postal_code":2108,"city":true,"state":{},"language":[],"user":"x","phone":"1","phone":null}"#);
        let columns: Vec<_> = found.iter().map(|(column, _)| *column).collect();
        assert_eq!(columns, ["postal_code", "city", "state", "language", "row", "phone"]);
        assert_eq!(found[4].1, "has the unknown key 'user', the nearest known one is 'username'");
        assert_eq!(found[5].1, "stands twice");
    }

    #[test]
    fn what_is_no_object_is_refused_without_being_quoted() {
        for row in
            ["\"secret\"", "[\"secret\"]", "7", "{\"reference\":\"secret\"", "{\"a\":\"\\ud800\"}", "{} {}", "secret"]
        {
            let found = faults(row);
            assert_eq!(found.len(), 1, "{row}");
            assert!(found[0].0 == "row" && !found[0].1.contains("secret"), "{row}: {found:?}");
        }
        assert_eq!(read_object(b"{\"city\":\"Bogot\xE1\"}").unwrap_err()[0].problem, "is not UTF-8");
        let crowded = format!("{{{}\"x\":0}}", "\"x\":0,".repeat(9000));
        assert_eq!(faults(&crowded), [("row", "has 9001 keys and there are only 16 columns".to_owned())]);
        assert!(read_object(&[b'['; ROW_LIMIT_BYTES]).is_err(), "depth is bounded");
        assert!(faults(&" ".repeat(ROW_LIMIT_BYTES + 1))[0].1.starts_with("has more than"));
    }
}
