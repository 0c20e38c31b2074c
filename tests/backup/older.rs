//! An older ledger mints nothing: not where the head outside tells, nor where that was set back with it and only the
//! vendor's files or the spool tell.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::nightly::{Ran, TestSite};

const FIRST_NIGHT: &str = "2026-03-02T22:30:00-05:00";
const SECOND_NIGHT: &str = "2026-03-03T22:30:00-05:00";
/// Two people who ask between the nights.
pub const TWO_MORE: &str = "LOST-1,lee.sample@example.com,Lee Sample,1 Example Street,,Springfield,IL,62701,US,,email,en,standard,2026-03-03T09:00:00-05:00\n\
                            LOST-2,kim.sample@example.com,Kim Sample,2 Example Street,,Springfield,IL,62701,US,,email,en,standard,2026-03-03T09:05:00-05:00";

/// A site on which two nights were done; the backup is from between them.
pub struct TwoNights {
    pub site: TestSite,
    pub backup: String,
    /// The heads as they were when the backup was made.
    heads: Vec<u8>,
    /// The packages of the second night.
    pub newer: Vec<String>,
}

impl TwoNights {
    pub fn new() -> Self {
        let site = TestSite::after_the_night(FIRST_NIGHT);
        let before = site.packages();
        let backup = site.path("yesterday.db").display().to_string();
        site.run(&["ledger", "backup", "--to", &backup]).expect(0);
        let heads = fs::read(site.path("audit/heads.log")).unwrap();
        site.clock("2026-03-03T10:00:00-05:00");
        site.import("second.csv", TWO_MORE).done();
        site.clock(SECOND_NIGHT);
        site.night();
        let newer: Vec<String> = site.packages().into_iter().filter(|name| !before.contains(name)).collect();
        assert!(!newer.is_empty(), "the second night made a package");
        site.clock("2026-03-04T09:00:00-05:00");
        Self { site, backup, heads, newer }
    }

    /// Yesterday's ledger is put back.
    pub fn restore(&self) -> Ran {
        self.site.run(&["ledger", "restore", &self.backup])
    }

    /// The file of heads is yesterday's too, as it is where a whole disk was set back.
    pub fn restore_with_heads(&self) {
        fs::write(self.site.path("audit/heads.log"), &self.heads).unwrap();
        self.restore().expect(0);
    }

    /// Nothing is minted for somebody who waits, and nothing anywhere is changed.
    #[track_caller]
    pub fn mints_nothing(&self) -> Ran {
        let site = &self.site;
        site.import("third.csv", &TWO_MORE.replace("LOST", "THIRD").replace("sample@", "third@")).done();
        let before = (files(&site.path("vendor/inbox")), files(&site.path("spool")), letters(site));
        let ran = site.run(&["run", "nightly"]).expect(4);
        assert!(ran.stderr.contains("nothing was minted"), "{}", ran.text());
        let after = (files(&site.path("vendor/inbox")), files(&site.path("spool")), letters(site));
        assert_eq!(before, after);
        ran
    }
}

fn letters(site: &TestSite) -> String {
    site.value("SELECT count(*) FROM letter")
}

/// The files of a folder with their bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

fn empty(folder: &Path) {
    fs::read_dir(folder).unwrap().for_each(|entry| fs::remove_file(entry.unwrap().path()).unwrap());
}

#[test]
fn yesterdays_ledger_under_the_head_of_today() {
    let nights = TwoNights::new();
    let restored = nights.restore().expect(1);
    assert!(restored.stdout.contains("it lacks the last"), "{}", restored.text());
    assert!(restored.stdout.contains("letterpost ledger accept-loss"), "{}", restored.text());
    let ran = nights.mints_nothing();
    assert!(ran.stderr.contains("an older ledger was put back"), "{}", ran.text());
}

#[test]
fn a_package_in_the_inbox_tells_though_the_heads_were_set_back_too() {
    let nights = TwoNights::new();
    empty(&nights.site.path("spool"));
    nights.restore_with_heads();
    let ran = nights.mints_nothing();
    assert!(ran.stderr.contains(&format!("{}.ready in the inbox", nights.newer[0])), "{}", ran.text());
    assert!(ran.stderr.contains("letterpost ledger restore"), "a remedy: {}", ran.text());
}

#[test]
fn a_receipt_tells_after_the_vendor_took_the_package() {
    let nights = TwoNights::new();
    for package in &nights.newer {
        nights.site.receipt(package, &[]).done();
    }
    empty(&nights.site.path("spool"));
    empty(&nights.site.path("vendor/inbox"));
    nights.restore_with_heads();
    let ran = nights.mints_nothing();
    assert!(ran.stderr.contains(".receipt-1.csv in the outbox"), "{}", ran.text());
}

#[test]
fn the_spool_tells_where_the_vendor_has_nothing() {
    let nights = TwoNights::new();
    empty(&nights.site.path("vendor/inbox"));
    nights.restore_with_heads();
    let ran = nights.mints_nothing();
    assert!(ran.stderr.contains(&format!("{}.1 in the spool", nights.newer[0])), "{}", ran.text());
}

#[test]
fn a_package_that_the_ledger_never_offered_tells() {
    let site = TestSite::before_the_night(FIRST_NIGHT);
    site.run(&["produce"]).done();
    let backup = site.path("sealed.db").display().to_string();
    site.run(&["ledger", "backup", "--to", &backup]).expect(0);
    site.run(&["deliver"]).done();
    site.run(&["ledger", "restore", &backup]).expect(0);
    for stage in ["produce", "deliver"] {
        let ran = site.run(&[stage]).expect(4);
        assert!(ran.stderr.contains("the ledger never gave them away"), "{}", ran.text());
    }
}

#[test]
fn a_vendor_that_was_away_while_letters_were_made_is_asked_before_anything_goes_to_it() {
    let nights = TwoNights::new();
    let site = &nights.site;
    empty(&site.path("spool"));
    nights.restore_with_heads();
    fs::rename(site.path("vendor"), site.path("vendor-away")).unwrap();
    site.import("third.csv", &TWO_MORE.replace("LOST", "THIRD").replace("sample@", "third@")).done();
    let made = site.run(&["produce"]).done();
    assert!(made.stdout.contains("2 letters"), "a vendor that is away keeps nobody from minting: {}", made.text());
    fs::rename(site.path("vendor-away"), site.path("vendor")).unwrap();
    let before = files(&site.path("vendor/inbox"));
    let ran = site.run(&["deliver"]).expect(4);
    assert!(ran.stderr.contains("nothing more goes there until that is mended"), "{}", ran.text());
    assert_eq!(files(&site.path("vendor/inbox")), before, "nothing was sent");
}

#[test]
fn the_newest_ledger_goes_on_where_the_night_left_off() {
    let nights = TwoNights::new();
    let site = &nights.site;
    let newest = site.path("newest.db").display().to_string();
    site.run(&["ledger", "backup", "--to", &newest]).expect(0);
    let (inbox, before) = (files(&site.path("vendor/inbox")), site.json(&["letter", "list"]));
    site.run(&["ledger", "restore", &newest]).expect(0);
    site.clock("2026-03-04T22:30:00-05:00");
    site.night();
    assert_eq!((files(&site.path("vendor/inbox")), site.json(&["letter", "list"])), (inbox, before), "nothing twice");
    site.run(&["audit", "verify"]).expect(0);
}
