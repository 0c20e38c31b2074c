//! `doctor` says of every finding that is not good what to do about it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::nightly::{TestSite, run_limited};
use crate::older::TwoNights;

const NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// What `doctor` found of each check: finding, message, and remedy. Good ones have no remedy, the others have one.
#[track_caller]
fn found(site: &TestSite) -> BTreeMap<String, (String, String)> {
    let ran = site.run(&["--json", "doctor"]);
    let checks = ran.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    for it in checks.as_array().unwrap() {
        let (check, finding, remedy) = (text(&it["check"]), text(&it["finding"]), text(&it["remedy"]));
        assert_eq!(remedy.is_empty(), finding == "good", "{it}");
        assert!(!text(&it["message"]).is_empty(), "{it}");
        // Of several of one name the worst is kept.
        let rank = |finding: &str| ["good", "note", "bad", "alarm"].iter().position(|it| *it == finding);
        let worst = found.get(&check).is_none_or(|(before, _): &(String, String)| rank(before) < rank(&finding));
        if worst {
            found.insert(check, (finding, remedy));
        }
    }
    let worst = found.values().map(|(finding, _)| finding.as_str()).collect::<Vec<_>>();
    let expected = if worst.contains(&"alarm") {
        4
    } else if worst.contains(&"bad") {
        2
    } else {
        0
    };
    assert_eq!(ran.code, expected, "{}", ran.text());
    found
}

fn set_mode(site: &TestSite, file: &str, mode: u32) {
    fs::set_permissions(site.path(file), fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn says(found: &BTreeMap<String, (String, String)>, check: &str, finding: &str, remedy: &str) {
    let (was, told) = found.get(check).unwrap_or_else(|| panic!("no check '{check}': {found:?}"));
    assert_eq!(was, finding, "{check}: {told}");
    assert!(told.contains(remedy), "{check}: {told}");
}

#[test]
fn a_fit_site_has_remedies_only_for_its_notes() {
    let site = TestSite::after_the_night(NIGHT);
    let before = found(&site);
    says(&before, "last backup", "note", "letterpost ledger backup");
    says(&before, "secret keys", "note", "a live site refuses it");
    site.run(&["ledger", "backup"]).expect(0);
    let after = found(&site);
    says(&after, "last backup", "good", "");
    says(&after, "backups", "good", "");
    says(&after, "packages in the spool", "good", "");
    says(&after, "packages at vendor acme", "good", "");
    site.clock("2026-03-05T22:30:00-05:00");
    says(&found(&site), "last backup", "note", "letterpost ledger backup");
}

#[test]
fn what_others_can_read_or_write_is_told_with_the_command_that_mends_it() {
    let site = TestSite::after_the_night(NIGHT);
    site.run(&["ledger", "backup"]).expect(0);
    let backup = fs::read_dir(site.path("backups")).unwrap().next().unwrap().unwrap().path();
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o644)).unwrap();
    for (file, mode) in [("keys/site.sec.asc", 0o640), ("keys/pepper", 0o604), ("letterpost.db", 0o644)] {
        set_mode(&site, file, mode);
    }
    set_mode(&site, "audit/heads.log", 0o666);
    let told = found(&site);
    for check in ["site key", "pepper", "ledger", "backups"] {
        says(&told, check, "note", "chmod 600");
    }
    says(&told, "file of heads", "note", "chmod go-w");
}

#[test]
fn folders_and_the_portals_table_that_others_can_open_are_told_and_stop_a_live_night() {
    let site = TestSite::after_the_night(NIGHT);
    site.run(&["ledger", "backup"]).expect(0);
    let before = found(&site);
    for check in ["spool", "quarantine", "folder of the backups", "portal's table", "ledger", "pepper", "site key"] {
        says(&before, check, "good", "");
    }
    for (folder, mode) in [("spool", 0o750), ("quarantine", 0o701), ("backups", 0o755), ("intake.db", 0o664)] {
        set_mode(&site, folder, mode);
    }
    let told = found(&site);
    for (check, remedy) in [
        ("spool", "/spool'"),
        ("quarantine", "/quarantine'"),
        ("folder of the backups", "/backups'"),
        ("portal's table", "run 'chmod o= "),
    ] {
        says(&told, check, "note", remedy);
    }
    says(&told, "spool", "note", "run 'chmod 700 ");
    // The portal may work on its table as another account of the same group.
    set_mode(&site, "intake.db", 0o660);
    says(&found(&site), "portal's table", "good", "");
}

/// Runs a command as somebody works whose files are open to all.
fn run_open(site: &TestSite, arguments: &[&str]) {
    let (program, config) = (env!("CARGO_BIN_EXE_letterpost"), site.path("letterpost.toml"));
    let mut all = vec!["-c", "umask 000; exec \"$0\" \"$@\"", program, "--config", config.to_str().unwrap()];
    all.extend(arguments);
    let now = site.now();
    let surroundings = [("LETTERPOST_SIMULATED_NOW", now.as_str()), ("LETTERPOST_SIMULATED_SEED", "7")];
    run_limited("sh", &all, &surroundings, "").done();
}

/// What below a folder others can write, or can read though it is not meant for them.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mut open = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, mode) = (entry.path(), entry.metadata().unwrap().permissions().mode() & 0o777);
        let mask = if path.ends_with("audit/heads.log") { 0o022 } else { 0o077 };
        if mode & mask != 0 {
            open.push(format!("{} {mode:o}", path.display()));
        }
        if path.is_dir() {
            open.extend(open_to_others(&path));
        }
    }
    open
}

#[test]
fn what_a_site_makes_is_its_owners_alone_whatever_the_umask() {
    let site = TestSite::before_the_night(NIGHT);
    fs::remove_dir_all(site.path("")).unwrap();
    run_open(&site, &["demo", "--no-run", site.path("").to_str().unwrap()]);
    run_open(&site, &["run", "nightly"]);
    run_open(&site, &["ledger", "backup"]);
    for made in ["letterpost.db", "intake.db", "audit/heads.log", "keys/site.sec.asc"] {
        assert!(site.path(made).exists(), "{made}");
    }
    assert!(
        fs::read_dir(site.path("spool")).unwrap().count() > 0
            && fs::read_dir(site.path("backups")).unwrap().count() > 0
    );
    assert_eq!(open_to_others(&site.path("")), Vec::<String>::new());
}

#[test]
fn what_is_missing_is_told_with_where_it_comes_from() {
    let site = TestSite::before_the_night(NIGHT);
    for folder in ["quarantine", "vendor/inbox"] {
        fs::remove_dir_all(site.path(folder)).unwrap();
    }
    let told = found(&site);
    says(&told, "quarantine", "bad", "make the folder");
    says(&told, "inbox of vendor acme", "note", "mount the vendor's share");
    says(&told, "packages at vendor acme", "note", "it is asked again before anything goes to it");
    fs::remove_file(site.path("letterpost.db")).unwrap();
    let told = found(&site);
    says(&told, "ledger", "bad", "letterpost ledger restore");
    says(&told, "site", "bad", "letterpost doctor");
}

#[test]
fn keys_and_days_that_do_not_reach_are_told() {
    let site = TestSite::before_the_night(NIGHT);
    site.configure("# serials_to = 999999999", "serials_to = 15");
    site.night();
    says(&found(&site), "mailer id 567094 of vendor acme", "note", "another mailer id");
    // Keys that were made on the day have not begun the day before.
    site.clock("2026-01-02T09:00:00-05:00");
    let told = found(&site);
    says(&told, "site key", "bad", "docs/operations.md");
    says(&told, "certificate of vendor acme", "bad", "ask vendor acme for a certificate");
}

#[test]
fn a_ledger_that_was_set_back_is_an_alarm_by_each_witness() {
    let nights = TwoNights::new();
    nights.restore().expect(1);
    let told = found(&nights.site);
    for check in ["ledger against the head kept outside", "packages in the spool", "packages at vendor acme"] {
        says(&told, check, "alarm", "letterpost ledger restore FILE");
    }
    // The heads are gone, or another log's.
    let site = TestSite::after_the_night(NIGHT);
    fs::write(site.path("audit/heads.log"), "other/log\n3\nAAAA\n\n").unwrap();
    says(&found(&site), "ledger against the head kept outside", "alarm", "put this site's own file of heads back");
    fs::remove_file(site.path("audit/heads.log")).unwrap();
    says(&found(&site), "ledger against the head kept outside", "alarm", "letterpost checkpoint");
}
