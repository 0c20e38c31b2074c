//! What is left in the raw files of a ledger when people were forgotten: nothing, whatever the spelling.

use std::fs;
use std::path::{Path, PathBuf};

use crate::nightly::TestSite;
use crate::quarter::{LATER, MAILED, OVER, files_below, letter_of, played, played_here, scanner, words_of};

/// The files of the ledger: the database, and what SQLite keeps beside it.
fn ledger_files(site: &TestSite) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = files_below(&site.path(""));
    files.retain(|(path, _)| is_of_the_ledger(path));
    assert!(!files.is_empty());
    files
}

fn is_of_the_ledger(path: &Path) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with("letterpost.db")
}

/// In which of the files these words stand.
fn found(files: &[(PathBuf, Vec<u8>)], words: &[&str]) -> Vec<String> {
    let scanner = scanner(words);
    let hits = files.iter().filter_map(|(path, bytes)| Some(format!("{}: {}", path.display(), scanner.find(bytes)?)));
    hits.collect()
}

#[test]
fn no_byte_of_the_ledgers_files_tells_of_whoever_was_forgotten() {
    let site = played();
    let before = ledger_files(&site);
    for word in words_of(OVER) {
        assert!(!found(&before, &[word]).is_empty(), "{word} is there before, or the search could not fail");
    }
    let outcome = site.run(&["retention"]).done();
    let after = ledger_files(&site);
    assert_eq!(found(&after, &words_of(OVER)), Vec::<String>::new(), "{}", outcome.text());
    assert_eq!(site.value("SELECT count(*) FROM erasure_residue"), "0");
    for word in LATER.words {
        assert!(!found(&after, &[word]).is_empty(), "{word} is whole");
    }
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn no_file_of_the_whole_site_tells_of_whoever_was_forgotten_once_all_terms_are_over() {
    let site = played_here();
    let before = files_below(&site.path(""));
    for (word, part) in [
        ("Zanzibarski", "people.csv"),
        ("Zanzibarski", "letterpost.db"),
        ("Zanzibarski", "backups/"),
        ("Thistlecroft", "intake.db"),
        ("Thistlecroft", ".intake.db"),
        ("Gryphonia", "quarantine/"),
        ("wexelblatty", "quarantine/"),
        ("wexelblatty", "headless.csv"),
    ] {
        let places = found(&before, &[word]);
        assert!(places.iter().any(|place| place.contains(part)), "{word} is in {part} before: {places:?}");
    }
    site.run(&["retention"]).done();
    // The newest copy stays whatever its age, so a newer one is made, and the old ones go.
    site.run(&["ledger", "backup"]).expect(0);
    site.clock("2026-06-18T04:00:00-04:00");
    let outcome = site.run(&["retention"]).done();
    let mut after = files_below(&site.path(""));
    // A file that was refused whole was never taken in, so it is not letterpost's to remove where the operator put it.
    after.retain(|(path, _)| !path.ends_with("headless.csv"));
    assert_eq!(found(&after, &words_of(OVER)), Vec::<String>::new(), "{}", outcome.text());
    for part in ["letterpost.db", "intake.db", "backups/", "spool/", "audit/", "vendor/"] {
        assert!(after.iter().any(|(path, _)| path.to_str().unwrap().contains(part)), "{part} is looked at");
    }
    assert!(!found(&after, LATER.words).is_empty());
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn what_was_proved_and_reported_before_is_so_after() {
    let site = played();
    let report = ["--json", "report", "dispatch", "--from", "2026-03-01", "--to", "2026-05-31"];
    site.run(&["checkpoint"]).expect(0);
    let (dispatched, heads) = (site.run(&report).expect(0).stdout, site.rows("SELECT size, hex(root) FROM audit_head"));
    assert!(dispatched.contains("dispatched_on"));
    let outside = Outside::of(&site);
    site.run(&["retention"]).done();
    let erased = format!("SELECT count(*) FROM letter WHERE erased_at IS NOT NULL AND id = '{}'", outside.letter);
    assert_eq!(site.value(&erased), "1");
    assert_eq!(site.run(&report).expect(0).stdout, dispatched);
    assert_eq!(site.rows("SELECT size, hex(root) FROM audit_head"), heads);
    site.run(&["checkpoint"]).expect(0);
    outside.holds(&site);
}

/// What an auditor took away: a letter's proof, the whole log with its own, and the checkpoint.
struct Outside {
    folder: tempfile::TempDir,
    letter: String,
}

impl Outside {
    fn of(site: &TestSite) -> Self {
        let outside = Self { folder: tempfile::tempdir().unwrap(), letter: letter_of(site, MAILED.reference) };
        site.run(&["audit", "prove", &outside.letter, "--out", &outside.path("letter.json")]).expect(0);
        let (log, proof) = (outside.path("log.jsonl"), outside.path("log.json"));
        site.run(&["audit", "export", "--out", &log, "--proof", &proof]).expect(0);
        let notes = fs::read_to_string(site.path("audit/heads.log")).unwrap();
        let last = notes.trim_end().rfind("letters.benefits.example/eba\n").unwrap();
        fs::write(outside.path("mine.note"), format!("{}\n", notes[last..].trim_end())).unwrap();
        outside
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// All of it is good by itself, and this site's log is that log, grown.
    fn holds(&self, site: &TestSite) {
        let key = site.path("keys/log.vkey");
        let key = key.to_str().unwrap();
        site.run(&["audit", "verify-proof", &self.path("letter.json"), "--key", key]).expect(0);
        let (log, proof, mine) = (self.path("log.jsonl"), self.path("log.json"), self.path("mine.note"));
        site.run(&["audit", "verify-proof", &proof, "--export", &log, "--key", key]).expect(0);
        site.run(&["audit", "verify", "--checkpoint", &mine, "--export", &log]).expect(0);
        site.run(&["audit", "consistency", &mine, &site.value("SELECT max(size) FROM audit_head")]).expect(0);
        // The letter is proved anew too, and now its erasure with it.
        let again = self.path("again.json");
        site.run(&["audit", "prove", &self.letter, "--out", &again]).expect(0);
        assert!(fs::read_to_string(&again).unwrap().contains("request.erased"));
        site.run(&["audit", "verify-proof", &again, "--key", key]).expect(0);
    }
}

#[test]
fn a_reader_delays_the_cleaning_which_is_told_and_tried_again() {
    let site = played();
    let reader = Snapshot::of(&site);
    let told = site.run(&["--json", "retention"]).done().json();
    let matters = told["matters"].to_string();
    assert!(matters.contains("another program was at work on it"), "{told}");
    assert_eq!(site.value("SELECT count(*) FROM erasure_residue"), "1");
    assert!(!found(&ledger_files(&site), &words_of(OVER)).is_empty(), "the reader's pages are there");
    site.clock("2026-06-20T04:00:00-04:00");
    let later = site.run(&["retention"]).expect(1).text();
    assert!(later.contains("person: ledger: another program"), "{later}");
    drop(reader);
    let said = site.run(&["retention"]).done().text();
    assert!(!said.contains("another program"), "{said}");
    assert_eq!(found(&ledger_files(&site), &words_of(OVER)), Vec::<String>::new());
    assert_eq!(site.value("SELECT count(*) FROM erasure_residue"), "0");
}

/// A program in the middle of reading the ledger.
struct Snapshot(std::process::Child);

impl Snapshot {
    fn of(site: &TestSite) -> Self {
        use std::io::{BufRead as _, BufReader, Write as _};
        use std::process::{Command, Stdio};
        let mut child = Command::new("sqlite3")
            .arg(site.path("letterpost.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.as_mut().unwrap().write_all(b"BEGIN; SELECT count(*) FROM request;\n").unwrap();
        child.stdin.as_mut().unwrap().flush().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.trim().is_empty());
        Self(child)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
