//! Dispatch records: from the intake file to the receipt line and back, with totals that tie, by the report alone.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;
#[path = "support/print_vendor.rs"]
mod print_vendor;

#[path = "dispatch/chain.rs"]
mod chain;
#[path = "dispatch/forms.rs"]
mod forms;
#[path = "dispatch/large.rs"]
mod large;
#[path = "dispatch/nights.rs"]
mod nights;
#[path = "dispatch/statement.rs"]
mod statement;
#[path = "dispatch/tampering.rs"]
mod tampering;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nightly::{Ran, TestSite, csv_rows, run_limited};

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// Tuesday evening, when the trays have left.
const TUESDAY_EVENING: &str = "2026-03-03T18:00:00-05:00";

/// A row of the report, by column.
type Row = BTreeMap<String, String>;

/// The report as CSV, in a file, and how the command ended.
fn written(site: &TestSite, arguments: &[&str]) -> (PathBuf, Ran) {
    let ran = site.run(&[&["report", "dispatch", "--format", "csv"], arguments].concat());
    let path = site.outside().join("dispatch.csv");
    fs::write(&path, &ran.stdout).unwrap();
    (path, ran)
}

/// The rows of the report, which must tie.
fn rows(site: &TestSite, arguments: &[&str]) -> Vec<Row> {
    let (path, ran) = written(site, arguments);
    assert!(ran.expect(0).stderr.contains("everything ties"));
    csv_rows(&path)
}

/// Reckons the dates of a report anew, in Python, from a calendar of its own.
fn recompute(csv: &Path) -> Ran {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("readers/bin/python");
    assert!(python.exists(), "{} is missing: run tests/run once, which installs holidays there", python.display());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dispatch/recompute.py");
    run_limited(python.to_str().unwrap(), &[script, csv.to_str().unwrap()], &[], "")
}
