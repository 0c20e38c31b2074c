//! Checkpoints leave the site: for the places that the operator chose, and for an authority that stamps them with the time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that starts processes and reads files, and may fail loudly"
)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "checkpoints/reach.rs"]
mod reach;
#[path = "checkpoints/sending.rs"]
mod sending;
#[path = "checkpoints/stamping.rs"]
mod stamping;
#[path = "checkpoints/troubles.rs"]
mod troubles;
#[path = "checkpoints/witnesses.rs"]
mod witnesses;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nightly::{Ran, TestSite};
use serde_json::Value;

/// A Monday afternoon.
const NOW: &str = "2026-03-02T15:00:00-05:00";

/// A site with these lines in its configuration.
fn site_with(lines: &str) -> TestSite {
    let site = TestSite::before_the_night(NOW);
    add(&site, lines);
    site
}

/// Adds lines to the section of the audit log.
fn add(site: &TestSite, lines: &str) {
    let (path, section) = (site.path("letterpost.toml"), "\n[audit]\n");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(section).count(), 1);
    fs::write(&path, text.replace(section, &format!("{section}{lines}\n"))).unwrap();
}

/// Writes a script into the site's folder and gives it as a command of the configuration. It runs in that folder.
fn script(site: &TestSite, name: &str, lines: &str) -> String {
    let path = site.path(name);
    fs::write(&path, format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{lines}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("[\"{}\"]", path.display())
}

/// Something happens, and a checkpoint is taken.
fn checkpoint(site: &TestSite) -> Ran {
    grow(site);
    site.run(&["--json", "checkpoint"])
}

/// Something happens that the log tells of.
fn grow(site: &TestSite) {
    let count = site.value("SELECT count(*) FROM request");
    let row = format!(
        "T-{count},user{count},Pat Sample,{count} Test Street,,Springfield,IL,62701,US,,,en,standard,2026-03-01T12:00:00Z"
    );
    site.import(&format!("more-{count}.csv"), &row).done();
}

/// Every checkpoint that the ledger signed, oldest first: its size and its text.
fn notes(site: &TestSite) -> Vec<(u64, String)> {
    let rows = site.rows("SELECT CAST(size AS TEXT), note FROM audit_head WHERE note IS NOT NULL ORDER BY size");
    rows.into_iter().map(|row| (row[0].parse().unwrap(), row[1].clone())).collect()
}

/// All of them as a file has them: one after another, with an empty line after each.
fn in_one_file(site: &TestSite) -> String {
    notes(site).into_iter().map(|(_, note)| format!("{note}\n")).collect()
}

/// The files of a folder by name, with what is in them.
fn in_folder(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// All of them as a folder has them.
fn one_file_each(site: &TestSite) -> Vec<(String, String)> {
    notes(site).into_iter().map(|(size, note)| (format!("{size:012}.note"), note)).collect()
}

/// What `doctor` found of a check: finding, message, remedy.
#[track_caller]
fn doctor(site: &TestSite, check: &str) -> (String, String, String) {
    let checks = site.run(&["--json", "doctor"]).json();
    let found = checks.as_array().unwrap().iter().find(|it| it["check"] == check);
    let found = found.unwrap_or_else(|| panic!("no check '{check}': {checks}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("finding"), text("message"), text("remedy"))
}

/// The messages of a stage about a subject.
fn told(ran: &Ran, subject: &str) -> Vec<String> {
    let shown: Value = ran.json();
    let matters = shown["matters"].as_array().unwrap().iter().filter(|matter| matter["subject"] == subject);
    matters
        .map(|matter| format!("{}: {}", matter["urgency"].as_str().unwrap(), matter["message"].as_str().unwrap()))
        .collect()
}
