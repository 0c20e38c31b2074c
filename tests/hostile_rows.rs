//! Hostile people: whatever stands in a row is printed as text, held with a reason, or refused with a remedy. Nothing
//! is run, nothing is dropped, and nobody else waits for it.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;

use std::collections::BTreeMap;
use std::fs;

use lopdf::{Document, Object};
use nightly::{TestSite, text_of};
use opened::{Opened, Printed, open_all};
use serde_json::Value;

/// The evening of the day on which the hostile requests were asked.
const NIGHT: &str = "2026-11-20T22:30:00-05:00";
const HOSTILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/requests/hostile.csv");

/// The names that are printed, as their rows give them.
const PRINTED: [(&str, &str); 8] = [
    ("HOST-01", "{{ name }}"),
    ("HOST-02", "**x**"),
    ("HOST-03", "[a](b)"),
    ("HOST-04", r#"=HYPERLINK("http://example.invalid")"#),
    ("HOST-11", r#"Sam "the Sample" Example"#),
    ("HOST-15", "../../etc/passwd"),
    ("HOST-16", "Robert'); DROP TABLE mail_requests;--"),
    ("HOST-18", "Sam Sample"),
];

/// The rows that are refused: the line of the file, the column, and what the problem is about.
const REFUSED: [(u64, &str, &str); 9] = [
    (7, "full_name", "U+202E"),
    (8, "full_name", "500 characters"),
    (9, "full_name", "NUL"),
    (10, "full_name", "UTF-8"),
    (11, "row", "4 fields"),
    (13, "row", "quote within a field"),
    (14, "full_name", "U+000A"),
    (16, "row", "after the closing quote"),
    (19, "row", "after the closing quote"),
];

/// The demo's site with the hostile rows imported beside the demo's own.
fn hostile_site() -> (TestSite, nightly::Ran) {
    let site = TestSite::before_the_night(NIGHT);
    // They all live at one place.
    site.configure("# letters_an_address = 4", "letters_an_address = 0");
    let file = site.path("hostile.csv");
    fs::copy(HOSTILE, &file).unwrap();
    let imported = site.run(&["request", "import", file.to_str().unwrap()]).expect(1);
    (site, imported)
}

#[test]
fn each_refused_row_is_told_with_its_line_its_column_and_what_to_do() {
    let (site, imported) = hostile_site();
    let kept = quarantined_rows(&site);
    assert_eq!(kept.keys().copied().collect::<Vec<_>>(), REFUSED.map(|(line, ..)| line));
    for (line, column, problem) in REFUSED {
        let told = imported.text().lines().find(|told| told.starts_with(&format!("  line {line}"))).map(str::to_owned);
        let told = told.unwrap_or_else(|| panic!("line {line}: {}", imported.text()));
        let row = &kept[&line];
        let [only] = row["problems"].as_array().unwrap().as_slice() else { panic!("{row}") };
        assert!(told.contains(column) && told.contains(problem), "{told}");
        assert_eq!(only["column"], column);
        assert!(only["problem"].as_str().unwrap().contains(problem), "{only}");
        let remedy = text_of(&only["remedy"]);
        assert!(!remedy.is_empty() && told.contains(&remedy), "{told}");
        assert!(text_of(&row["row"]).starts_with("HOST-"), "the row itself is kept");
    }
    let listed = site.rows(
        "SELECT rows, new_rows, repeated_rows, routed_rows, quarantined_rows FROM intake_file WHERE name = 'hostile.csv'",
    );
    assert_eq!(listed, [["18", "9", "0", "0", "9"]]);
}

/// The rows of the hostile file that lie in quarantine, by line.
fn quarantined_rows(site: &TestSite) -> BTreeMap<u64, Value> {
    let files = fs::read_dir(site.path("quarantine")).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("hostile.csv."));
    let text = fs::read_to_string(files.next().unwrap()).unwrap();
    assert!(files.next().is_none());
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["line"].as_u64().unwrap(), row)).collect()
}

#[test]
fn a_hostile_row_is_printed_as_text_or_held_and_the_good_ones_go_out() {
    let (site, _) = hostile_site();
    site.run(&["run", "nightly"]).expect(1);
    let packages = open_all(&site);
    let letters: BTreeMap<String, &Printed> = packages
        .iter()
        .flat_map(|package| &package.letters)
        .map(|letter| (reference_of(&site, letter), letter))
        .collect();
    for (reference, name) in PRINTED {
        let text = letters[reference].text();
        // As on paper: in reading order, poppler takes a hyphen at the end of a line for a broken word.
        let laid_out = letters[reference].laid_out.concat();
        assert!(laid_out.lines().any(|line| line.trim() == name.to_uppercase()), "{name} in the window:\n{laid_out}");
        assert!(text.contains(&format!("Dear {name},")), "{name} in the letter:\n{text}");
    }
    let good: Vec<&String> = letters.keys().filter(|reference| reference.starts_with("EBA-")).collect();
    assert_eq!((good.len(), letters.len()), (17, 17 + PRINTED.len()), "{good:?}");
    let held = site.json(&["request", "show", "HOST-05"]);
    assert!(held.to_string().contains("U+1F600") && held.to_string().contains("held"), "{held}");
    packages.iter().for_each(assert_no_live_content);
    let accounting = site.closed_accounting();
    // 24 + 18 rows, less the demo's bad one and the nine refused here.
    assert_eq!((&accounting["requests"], &accounting["request_states"]["held"]), (&32.into(), &4.into()));
    for table in ["request", "letter", "audit_entry"] {
        assert_ne!(site.value(&format!("SELECT count(*) FROM {table}")), "0");
    }
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn hostile_letters_can_be_used_receipted_and_reported() {
    let (site, _) = hostile_site();
    site.night();
    for package in site.packages() {
        site.receipt(&package, &[]).expect(0);
    }
    let packages = open_all(&site);
    for letter in packages.iter().flat_map(|package| &package.letters) {
        let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
        assert_eq!(site.check(&username, &letter.password), (0, "accepted".to_owned()), "{username}");
    }
    let report = site.run(&["report", "dispatch", "--format", "csv"]).expect(0).stdout;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(report.as_bytes());
    for cell in reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    assert_eq!(site.closed_accounting()["letter_states"]["mailed"], 25);
}

fn reference_of(site: &TestSite, letter: &Printed) -> String {
    let id = letter.id();
    site.value(&format!(
        "SELECT reference FROM request JOIN letter ON letter.request_id = request.id WHERE letter.id = '{id}'"
    ))
}

/// No name became a link, a script, a form or an attached file.
fn assert_no_live_content(package: &Opened) {
    let document = Document::load_mem(&package.file("letters.pdf")).unwrap();
    for object in document.objects.values() {
        let dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        for key in [&b"URI"[..], b"JS", b"JavaScript", b"Annots", b"AcroForm", b"OpenAction", b"EmbeddedFiles", b"AA"] {
            assert!(!dictionary.has(key), "{}", String::from_utf8_lossy(key));
        }
    }
}
