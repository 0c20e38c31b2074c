//! The lights of SECURITY.md are what they say: green rows name tests that there are, and red rows say what to do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that reads files, and may fail loudly"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A row of a table with lights.
#[derive(Debug, Clone)]
struct Row {
    obligation: String,
    light: String,
    shown_by: String,
    left: String,
}

/// What a named test is: a file and a function in it.
type Named = (String, String);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(root().join("SECURITY.md")).unwrap()
}

/// The cells of a table's line.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(|cell| cell.trim().to_owned()).collect())
}

/// The rows of all tables whose second column is a light.
fn rows(text: &str) -> Vec<Row> {
    let mut found = Vec::new();
    let mut has_lights = false;
    for line in text.lines() {
        let Some(cells) = cells(line) else {
            has_lights = false;
            continue;
        };
        if cells.get(1).is_some_and(|cell| cell == "light") {
            has_lights = true;
        } else if has_lights && !cells.iter().all(|cell| cell.chars().all(|c| c == '-')) {
            let [obligation, light, shown_by, left] = &cells[..] else { panic!("a row has four cells: {line}") };
            found.push(Row {
                obligation: obligation.clone(),
                light: light.clone(),
                shown_by: shown_by.clone(),
                left: left.clone(),
            });
        }
    }
    found
}

/// The tests that a text names: `tests/file.rs::name`.
fn named(text: &str) -> Vec<Named> {
    let quoted = text.split('`').skip(1).step_by(2);
    let tests = quoted.filter_map(|it| it.split_once("::").filter(|(file, _)| file.ends_with(".rs")));
    tests.map(|(file, name)| (file.to_owned(), name.to_owned())).collect()
}

/// The functions in a source that are tests.
fn tests_in(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        // Tests of each ledger: their list gives them what makes a test of them.
        let of_each_ledger = line.strip_prefix("pub async fn ").filter(|rest| rest.contains("(kind: Kind)"));
        if let Some((name, _)) = of_each_ledger.and_then(|rest| rest.split_once('(')) {
            found.insert(name.to_owned());
        } else if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if std::mem::take(&mut is_test) {
                found.insert(name);
            }
        }
    }
    found
}

/// Whether a test is in its file, or in a module of that file.
fn exists((file, name): &Named) -> bool {
    let path = root().join(file);
    let Ok(source) = fs::read_to_string(&path) else { return false };
    if tests_in(&source).contains(name) {
        return true;
    }
    let modules = fs::read_dir(path.with_extension("")).into_iter().flatten();
    modules.filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok()).any(|text| tests_in(&text).contains(name))
}

/// What is wrong with a row, in words.
fn fault(row: &Row) -> Option<String> {
    let tests = named(&row.shown_by);
    let missing: Vec<_> = tests.iter().chain(&named(&row.left)).filter(|test| !exists(test)).cloned().collect();
    if !missing.is_empty() {
        return Some(format!("there is no test {missing:?}"));
    }
    match row.light.as_str() {
        "green" if tests.is_empty() => Some("is green and names no test".to_owned()),
        "green" if !row.left.is_empty() => Some("is green and leaves something to do".to_owned()),
        "amber" | "red" if row.left.is_empty() => Some("does not say what to do".to_owned()),
        "red" if !tests.is_empty() => Some("is red and names a test that shows it".to_owned()),
        "green" | "amber" | "red" if row.obligation.is_empty() || row.shown_by.is_empty() => {
            Some("is empty".to_owned())
        }
        "green" | "amber" | "red" => None,
        _ => Some("has no light".to_owned()),
    }
}

#[test]
fn every_light_is_what_it_says() {
    let rows = rows(&document());
    let of = |light: &str| rows.iter().filter(|row| row.light == light).count();
    assert!(
        of("green") >= 30 && of("amber") >= 10 && of("red") >= 9,
        "{} green, {} amber, {} red",
        of("green"),
        of("amber"),
        of("red")
    );
    let faults: Vec<String> =
        rows.iter().filter_map(|row| Some(format!("'{}' {}", row.obligation, fault(row)?))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_test_that_is_named_anywhere_in_it_is_one() {
    let named = named(&document());
    assert!(named.len() >= 60, "{}", named.len());
    let missing: Vec<_> = named.iter().filter(|test| !exists(test)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_is_not_so_is_red() {
    let rows = rows(&document());
    for words in [
        "validated modules",
        "two codes of different methods",
        "left in memory",
        "two persons on SQLite",
        "approved generator",
    ] {
        let row = rows.iter().find(|row| row.obligation.contains(words)).unwrap_or_else(|| panic!("no row on {words}"));
        assert_eq!(row.light, "red", "{}", row.obligation);
    }
}

#[test]
fn each_boundary_has_its_threats() {
    let text = document();
    for boundary in
        ["The portal", "The ledger", "The host", "The spool and the package", "The vendor", "The mail", "The auditor"]
    {
        let section =
            text.split(&format!("\n## {boundary}\n")).nth(1).unwrap_or_else(|| panic!("no section on {boundary}"));
        let threats = section.split("\n## ").next().unwrap().lines().filter_map(cells);
        // A threat, what stands against it, and what is left; the two first lines of a table are no threats.
        let threats: Vec<_> = threats.skip(2).collect();
        assert!(threats.len() >= 3, "{boundary}: {threats:?}");
        assert!(
            threats.iter().all(|row| row.len() == 3 && row.iter().all(|cell| !cell.is_empty())),
            "{boundary}: {threats:?}"
        );
    }
}

#[test]
fn a_row_that_is_wrong_is_found() {
    let good = Row {
        obligation: "x".to_owned(),
        light: "green".to_owned(),
        shown_by: "`tests/security.rs::a_row_that_is_wrong_is_found`".to_owned(),
        left: String::new(),
    };
    assert_eq!(fault(&good), None);
    let with = |light: &str, shown_by: &str, left: &str| {
        let row = Row { light: light.to_owned(), shown_by: shown_by.to_owned(), left: left.to_owned(), ..good.clone() };
        fault(&row).is_some()
    };
    assert!(with("green", "we are sure of it", ""));
    assert!(with("green", "`tests/security.rs::no_such_test`", ""));
    // A function that is no test shows nothing.
    assert!(with("green", "`tests/security.rs::document`", ""));
    assert!(with("green", "`tests/no_such_file.rs::every_light_is_what_it_says`", ""));
    assert!(with("red", "not so", ""));
    assert!(with("amber", "partly", ""));
    assert!(with("yellow", "partly", "much"));
    assert!(!with("red", "not so", "do something else"));
    let text = "| a | light | c | d |\n|---|---|---|---|\n| x | green | y | z |\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    assert_eq!(rows(text).len(), 1);
}
