//! Backups: whole, of one moment, also while a night is at work.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::night::{NIGHT_LIMIT, NightSite};
use crate::nightly::TestSite;

const NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// What `sha256sum` says of a file.
fn sha256(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_backup_is_whole_private_and_says_what_it_holds() {
    let site = TestSite::after_the_night(NIGHT);
    let entries: u64 = site.value("SELECT count(*) FROM audit_entry").parse().unwrap();
    let planned = site.json(&["ledger", "backup", "--dry-run"]);
    let path = site.path("backups/letterpost-2026-03-03T033000Z.db");
    assert_eq!(planned["would_make"], path.to_str().unwrap());
    assert!(!site.path("backups").exists(), "--dry-run makes nothing");
    let made = site.json(&["ledger", "backup"]);
    assert_eq!((&made["path"], &made["entries"]), (&path.to_str().unwrap().into(), &entries.into()));
    let intake = site.path("backups/letterpost-2026-03-03T033000Z.intake.db");
    for (told, file) in [(&made, &path), (&made["intake"], &intake)] {
        assert_eq!(told["sha256"], sha256(file), "{}", file.display());
        assert_eq!(told["size_bytes"], fs::metadata(file).unwrap().len());
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let verified = site.json(&["audit", "verify"]);
    assert_eq!(made["root"], verified["root"], "the root that the auditor's command recomputes");
    assert_eq!(fs::read_dir(site.path("backups")).unwrap().count(), 2, "nothing unfinished is left");
    assert_eq!(site.value("SELECT path || sha256 FROM backup"), format!("{}{}", path.display(), sha256(&path)));
}

#[test]
fn a_backup_takes_no_other_files_place() {
    let site = TestSite::before_the_night(NIGHT);
    let target = site.path("kept.db");
    fs::write(&target, "something else").unwrap();
    let refused = site.run(&["ledger", "backup", "--to", target.to_str().unwrap()]).expect(2);
    assert!(refused.stderr.contains("nothing is ever overwritten"), "{}", refused.text());
    assert_eq!(fs::read_to_string(&target).unwrap(), "something else");
    // What a backup that was killed left is no backup, and goes.
    fs::remove_file(&target).unwrap();
    fs::write(site.path("kept.db.part"), "half of a").unwrap();
    site.run(&["ledger", "backup", "--to", target.to_str().unwrap()]).expect(0);
    assert!(!site.path("kept.db.part").exists());
    fs::create_dir(site.path("backups")).unwrap();
    fs::write(site.path("backups/of-another-day.db.part"), "half of a").unwrap();
    site.run(&["ledger", "backup"]).expect(0);
    let names: Vec<_> = fs::read_dir(site.path("backups")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(names.len() == 2 && names.iter().all(|name| !name.to_str().unwrap().ends_with(".part")), "{names:?}");
}

#[test]
fn a_log_that_was_changed_is_no_backup() {
    let site = TestSite::after_the_night(NIGHT);
    site.rows("DROP TRIGGER audit_entry_is_never_changed");
    site.tamper("UPDATE audit_entry SET entry = x'7b7d' WHERE seq = 3");
    let refused = site.run(&["ledger", "backup"]).expect(4);
    assert!(refused.stderr.contains("was not made a backup"), "{}", refused.text());
    let named: Vec<_> = fs::read_dir(site.path("backups")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(named.iter().all(|name| name.to_str().unwrap().ends_with(".part")), "{named:?}");
}

#[test]
fn backups_made_while_a_night_is_at_work_open_and_hold_their_log() {
    let site = NightSite::with_requests(24, 8, 16_384);
    let mut night = site.start(&["run", "nightly"]);
    let mut made: Vec<Value> = Vec::new();
    while night.child.try_wait().unwrap().is_none() {
        let target = site.path(&format!("during-{}.db", made.len()));
        let backup = site.run(&["--json", "ledger", "backup", "--to", target.to_str().unwrap()]);
        assert_eq!(backup.exit, Some(0), "{backup:?}");
        made.push(serde_json::from_str(&backup.told).unwrap());
    }
    let ended = night.finish(NIGHT_LIMIT);
    assert_eq!(ended.exit, Some(0), "the night is not disturbed: {ended:?}");
    let sizes: Vec<u64> = made.iter().map(|backup| backup["entries"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted(), "{sizes:?}");
    let distinct = sizes.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(distinct >= 3, "some fell into the middle of the night: {sizes:?}");
    // Each is a ledger by itself: on a copy of the site, with the heads that the night kept before it.
    for (place, backup) in made.iter().enumerate().step_by(1.max(made.len() / 4)) {
        let copy = site.copy();
        fs::remove_file(copy.path("audit/heads.log")).unwrap();
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(copy.path(&format!("letterpost.db{ending}")));
        }
        fs::copy(site.path(&format!("during-{place}.db")), copy.path("letterpost.db")).unwrap();
        let verified = copy.run(&["--json", "audit", "verify"]);
        assert_eq!(verified.exit, Some(0), "{verified:?}");
        let told: Value = serde_json::from_str(&verified.told).unwrap();
        assert_eq!((&told["entries"], &told["root"]), (&backup["entries"], &backup["root"]));
    }
}
