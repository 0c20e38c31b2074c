//! Rows that are refused though each is a good one by itself, and the file that refused rows are kept in.

use std::collections::BTreeMap;

use super::TABLE_NAME;
use crate::domain::request::FieldProblem;
use crate::ports::ledger::{IntakeFile, PlannedRow};
use crate::stages::intake_file::raw_text;

/// Refuses what a reference says now, which said something else before.
pub(super) fn other_content(line: u64, reference: String) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "reference",
        problem: "this reference was taken before with other content".to_owned(),
        remedy: "the earlier request stands; send the change under a reference of its own".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(reference), problems }
}

/// Whether it is the same request cannot be told any more, so it is neither lost silently nor a second letter.
pub(super) fn erased_before(line: u64, reference: String) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "reference",
        problem: "this reference was taken before, and what it said is erased: the two cannot be compared".to_owned(),
        remedy: "the earlier request is over; send a new one under a reference of its own".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(reference), problems }
}

/// Refuses a request of a time that has not come.
pub(super) fn from_the_future(line: u64, reference: String) -> PlannedRow {
    let problems = vec![FieldProblem {
        column: "requested_at",
        problem: "it is more than a day ahead of this machine's clock".to_owned(),
        remedy: "check the portal's clock and this one, and send the row again under the same reference".to_owned(),
    }];
    PlannedRow::Quarantined { line, reference: Some(reference), problems }
}

/// The refused rows as JSON Lines, each with its line, its reasons and its text, which is found by its line; `None` where there
/// are none.
pub(super) fn quarantine_text(rows: &[PlannedRow], found: &BTreeMap<u64, &[u8]>) -> Option<String> {
    let mut text = String::new();
    for row in rows {
        if let PlannedRow::Quarantined { line, reference, problems } = row {
            let raw = found.get(line).map_or_else(|| format!("row {line} of {TABLE_NAME}"), |bytes| raw_text(bytes));
            let record = serde_json::json!({ "line": line, "reference": reference, "problems": problems, "row": raw });
            text.push_str(&record.to_string());
            text.push('\n');
        }
    }
    (!text.is_empty()).then_some(text)
}

/// The same file is kept under the same name however often it comes.
pub(super) fn quarantine_name(file: &IntakeFile, kind: &str) -> String {
    format!("{}.{}.{kind}", file.name, file.sha256.get(..12).unwrap_or_default())
}
