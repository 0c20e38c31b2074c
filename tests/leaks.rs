//! A printed password stands in the vendor's package and nowhere else: not in a file of the site, not in what a
//! command says, in no spelling that a program would give it. And the log names nobody.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/opened.rs"]
mod opened;
#[path = "support/print_vendor.rs"]
mod print_vendor;
#[path = "support/spellings.rs"]
mod spellings;

#[path = "leaks/log.rs"]
mod log;

use std::fs;
use std::path::{Path, PathBuf};

use nightly::TestSite;
use opened::{Opened, Printed, open_all};
use spellings::{Scanner, spellings};

const NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// Every file under a folder, with its bytes.
fn files_under(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files
}

/// Right, wrong, malformed and repeated tries, by commands whose words are kept.
fn try_passwords(site: &TestSite, letters: &[&Printed]) {
    for (place, letter) in letters.iter().enumerate() {
        let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
        let typed = match place % 4 {
            0 => letter.password.clone(),
            1 => letter.password.to_lowercase(),
            2 => letter.password.replace('-', ""),
            _ => format!("{}!", letter.password),
        };
        site.check(&username, &typed);
        site.check("avery.sample@example.com", &typed);
        if place % 5 == 0 {
            site.redeem(&username, &typed);
            site.run_with_input(&["-v", "--json", "password", "check", &username], &typed);
        }
        site.run_with_input(&["password", "check", &username, "--redeme"], &typed).expect(2);
    }
}

/// Commands that show what there is to show.
fn look_around(site: &TestSite, letter: &Printed) {
    for command in [
        &["-v", "report", "night"][..],
        &["--json", "report", "dispatch"],
        &["report", "dispatch", "--format", "csv"],
        &["--json", "letter", "list"],
        &["letter", "show", letter.id()],
        &["batch", "list"],
        &["request", "list"],
        &["audit", "verify"],
        &["doctor"],
    ] {
        site.run(command).done();
    }
}

/// No file of the site and no word of a command holds a password of these packages; the named files were looked at.
fn assert_no_leak(site: &TestSite, packages: &[Opened], looked_at: &[&str]) {
    let letters = packages.iter().flat_map(|package| &package.letters);
    let scanner = Scanner::for_passwords(letters.map(|letter| letter.password.as_str()));
    let files = files_under(&site.path(""));
    for part in looked_at {
        assert!(files.iter().any(|(path, _)| path.starts_with(site.path(part))), "{part} is there to be looked at");
    }
    for (path, bytes) in &files {
        assert_eq!(scanner.find(bytes), None, "{} holds a password", path.display());
    }
    assert_eq!(scanner.find(site.said().as_bytes()), None, "a command said a password");
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(site.path("spool"))) {
        assert!(!bytes.windows(4).any(|four| four == b"%PDF" || four == b"PK\x03\x04"), "{}", path.display());
    }
    // The scanner does find them where they are.
    for package in packages {
        let text: String = package.letters.iter().map(Printed::text).collect();
        assert!(scanner.find(text.as_bytes()).is_some());
    }
}

#[test]
fn a_printed_password_appears_nowhere_else() {
    let site = TestSite::before_the_night(NIGHT);
    let _keeps_the_log = site.reader();
    site.run(&["-v", "run", "nightly"]).done();
    let packages = open_all(&site);
    let letters: Vec<&Printed> = packages.iter().flat_map(|package| &package.letters).collect();
    assert_eq!(letters.len(), 17);
    for package in site.packages() {
        site.receipt(&package, &[]).done();
    }
    try_passwords(&site, &letters);
    look_around(&site, letters[0]);
    assert!(site.said().contains("accepted") && site.said().contains("wrong"));
    let parts =
        ["letterpost.db", "letterpost.db-wal", "spool", "quarantine", "keys", "vendor/outbox", "audit", "intake.db"];
    assert_no_leak(&site, &packages, &parts);
}

#[test]
fn the_demo_leaves_no_password_behind() {
    let site = TestSite::demo(NIGHT, 1);
    let packages = open_all(&site);
    try_passwords(&site, &packages.iter().flat_map(|package| &package.letters).step_by(4).collect::<Vec<_>>());
    assert_no_leak(&site, &packages, &["letterpost.db", "spool", "vendor/register"]);
}

#[test]
fn the_scanner_finds_a_planted_password_in_every_spelling() {
    let scanner = Scanner::for_passwords(["0AB1-CD2E-F3GH", "7K2Q-X90D-MC4T"]);
    for (name, spelt) in spellings("7K2Q-X90D-MC4T") {
        for before in 0..5 {
            let mut haystack = vec![b'.'; 1000 + before];
            haystack.extend(&spelt);
            haystack.extend(vec![b'.'; 1000]);
            assert!(scanner.find(&haystack).is_some(), "{name}");
        }
    }
    assert_eq!(scanner.find(b"7K2Q-X90D-MC4S 7K2QX90DMC4"), None);
}

#[test]
fn the_scanner_finds_what_other_programs_wrote() {
    let site_folder = tempfile::tempdir().unwrap();
    let path = site_folder.path().join("planted");
    let scanner = Scanner::for_passwords(["7K2Q-X90D-MC4T"]);
    for (program, arguments) in [
        ("base64", &["-w", "0"][..]),
        ("basenc", &["--base64url", "-w", "0"]),
        ("basenc", &["--base16", "-w", "0"]),
        ("xxd", &["-p", "-c", "256"]),
        ("iconv", &["-f", "UTF-8", "-t", "UTF-16LE"]),
        ("iconv", &["-f", "UTF-8", "-t", "UTF-16BE"]),
    ] {
        for prefix in ["", "a", "ab", "abc", "\u{ff}\u{fe}?"] {
            for password in ["7K2Q-X90D-MC4T", "7K2QX90DMC4T", "7k2q-x90d-mc4t"] {
                let written = nightly_output(program, arguments, &format!("{prefix}{password} and more"), &path);
                assert!(scanner.find(&written).is_some(), "{program} {arguments:?} after {prefix:?}: {password}");
            }
        }
    }
}

/// What a program makes of an input, by way of a file, since it need not be text.
fn nightly_output(program: &str, arguments: &[&str], input: &str, path: &Path) -> Vec<u8> {
    let command = format!("{program} {} > {}", arguments.join(" "), path.display());
    nightly::run_limited("sh", &["-c", &command], &[], input).expect(0);
    fs::read(path).unwrap()
}
