//! The floors of the house: a file imports from its own folder or from a lower floor, never upwards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that reads the sources, and may fail loudly"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The floors, by the first part of a module's path. `stages` and `adapters` share one and do not see each other.
const FLOORS: [(&str, u8); 10] = [
    ("domain", 1),
    ("letter", 2),
    ("package", 2),
    ("audit", 2),
    ("ports", 3),
    ("stages", 4),
    ("adapters", 4),
    ("daemon", 5),
    ("cli", 5),
    ("portal", 5),
];

fn floor_of(module: &str) -> u8 {
    FLOORS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("'{module}' stands on no floor")).1
}

/// What is wrong with the imports of one file; `module` is the folder at the top that it belongs to.
fn arrows_up(module: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::") {
            let target: String =
                code[at + "crate::".len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_module = FLOORS.iter().any(|(name, _)| *name == target);
            let is_upward = is_module && target != module && floor_of(&target) >= floor_of(module);
            // On their shared floor the command line wires the daemon, and the portal's calls read the same configuration.
            let is_beside = matches!((module, target.as_str()), ("cli", "daemon") | ("portal", "cli"));
            if is_upward && !is_beside {
                found.push(format!("line {number}: {module} imports {target}"));
            }
        }
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_import_points_up() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    let mut seen = 0;
    for path in rust_files(&source) {
        let inside = path.strip_prefix(&source).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        faults.extend(arrows_up(module, &text).into_iter().map(|fault| format!("{}: {fault}", inside.display())));
    }
    assert!(seen > 80, "only {seen} files were looked at");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_import_that_points_up_is_found() {
    assert_eq!(arrows_up("domain", "use crate::ports::Clock;"), ["line 1: domain imports ports"]);
    assert_eq!(arrows_up("letter", "\nlet x = crate::package::name();"), ["line 2: letter imports package"]);
    assert_eq!(arrows_up("stages", "use crate::adapters::files;"), ["line 1: stages imports adapters"]);
    assert_eq!(arrows_up("cli", "use crate::portal::Portal;"), ["line 1: cli imports portal"]);
    assert!(arrows_up("portal", "use crate::cli::config::Config;").is_empty());
    assert!(arrows_up("stages", "use crate::domain::letter::LetterId; // crate::cli").is_empty());
}
