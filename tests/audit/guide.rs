//! The auditor's guide: its reckoning by hand gives what the log gives, and its verifier is as short as it says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::copied;
use crate::night::{NIGHT_LIMIT, start};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_leaf_of_the_guide_is_that_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in [("jsonl", "log.jsonl"), ("csv", "log.csv")] {
        let path = folder.path().join(name);
        let made = copied::site().run(&["audit", "export", "--format", format, "--out", path.to_str().unwrap()]);
        assert_eq!(made.exit, Some(0), "{made:?}");
    }
    let guide = read("docs/auditor-guide.md");
    let line = guide.lines().find(|line| line.contains("| sha256sum")).expect("the guide reckons a leaf by hand");
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(folder.path());
    let reckoned = start(command).finish(NIGHT_LIMIT);
    let leaf = reckoned.told.split_whitespace().next().unwrap_or_default().to_owned();
    let table = fs::read_to_string(folder.path().join("log.csv")).unwrap();
    let row = table.lines().nth(42).unwrap();
    assert!(row.starts_with("41,") && row.ends_with(&leaf) && leaf.len() == 64, "{row} {reckoned:?}");
}

#[test]
fn the_verifier_is_short_and_needs_nothing_installed() {
    let verifier = read("docs/verify_letterpost.py");
    let lines = verifier.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 150, "{lines} lines");
    let imports: Vec<&str> =
        verifier.lines().filter(|line| line.starts_with("import ") || line.starts_with("from ")).collect();
    assert_eq!(imports, ["import argparse, base64, hashlib, json, sys"]);
}

#[test]
fn the_verifier_reads_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let verify = |note: &str| {
        let path = folder.path().join("note");
        fs::write(&path, note).unwrap();
        let mut command = Command::new("python3");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_letterpost.py")).arg(path);
        command.args(["--key", &copied::vkey().to_string()]);
        start(command).finish(NIGHT_LIMIT)
    };
    let note = copied::note(300, [7; 32]);
    let good = verify(&note);
    assert_eq!(good.exit, Some(0), "{good:?}");
    assert!(good.told.contains("letters.benefits.example/eba has 300 entries"), "{good:?}");
    for changed in [note.replace("300", "301"), note.replace("benefits", "benefit"), note.replace('\u{2014}', "-")] {
        assert_eq!(verify(&changed).exit, Some(1), "{changed}");
    }
}
