//! Restoring: what is put in the ledger's place is this site's and whole, and what was there is kept.

use std::fs;
use std::fs::File;
use std::path::PathBuf;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::nightly::{TestSite, run_limited};

const NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// A site after its first night, and a backup of it.
fn backed_up() -> (TestSite, PathBuf) {
    let site = TestSite::after_the_night(NIGHT);
    let backup = site.path("kept.db");
    site.run(&["ledger", "backup", "--to", backup.to_str().unwrap()]).expect(0);
    (site, backup)
}

fn ledgers(site: &TestSite) -> Vec<String> {
    let names = fs::read_dir(site.path("")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("letterpost.db")).collect();
    names.sort();
    names
}

fn words(file: &std::path::Path) -> Vec<&str> {
    vec!["ledger", "restore", file.to_str().unwrap()]
}

#[test]
fn the_newest_backup_brings_everything_back_and_the_old_ledger_is_kept() {
    let (site, backup) = backed_up();
    let before = site.json(&["letter", "list"]);
    // The ledger's file is ruined, as a disk ruins one.
    let ruined = b"ruined".repeat(20_000);
    fs::write(site.path("letterpost.db"), &ruined).unwrap();
    assert_ne!(site.run(&["letter", "list"]).code, 0);
    let planned = site.run(&[&["--json"], &words(&backup)[..], &["--dry-run"]].concat()).expect(0).json();
    assert_eq!(planned["lacks_entries"], 0);
    assert_eq!(fs::read(site.path("letterpost.db")).unwrap(), ruined, "--dry-run changes nothing");
    let restored = site.json(&words(&backup));
    assert_eq!(fs::read(restored["kept"].as_str().unwrap()).unwrap(), ruined);
    assert_eq!(site.json(&["letter", "list"]), before);
    site.run(&["audit", "verify"]).expect(0);
    site.run(&["run", "nightly"]).done();
}

#[test]
fn what_is_no_backup_of_this_site_is_refused() {
    let (site, backup) = backed_up();
    let whole = fs::read(&backup).unwrap();
    let (ledger, names) = (fs::read(site.path("letterpost.db")).unwrap(), ledgers(&site));
    let other = tempfile::tempdir().unwrap();
    let folder = other.path().join("other").display().to_string();
    run_limited(env!("CARGO_BIN_EXE_letterpost"), &["init", &folder], &[], "").expect(0);
    let mut corrupt = whole.clone();
    let page = corrupt.len() / 4096 / 2 * 4096;
    corrupt[page..page + 4096].fill(0xa5);
    let trial = site.path("trial.db");
    for (bytes, said) in [
        (whole[..whole.len() / 2].to_vec(), "is damaged"),
        (corrupt, "is damaged"),
        (b"no database at all".repeat(1000), "is damaged"),
        (Vec::new(), "is damaged"),
        (fs::read(format!("{folder}/letterpost.db")).unwrap(), "is a ledger of site 'eba' (test"),
        (fs::read(site.path("intake.db")).unwrap(), "is damaged or no ledger"),
    ] {
        fs::write(&trial, bytes).unwrap();
        let refused = site.run(&words(&trial)).expect(2);
        assert!(refused.stderr.contains(said), "{said}: {}", refused.text());
        assert!(refused.stderr.contains("take a"), "a remedy: {}", refused.text());
    }
    let missing = site.run(&words(&site.path("nothing.db"))).expect(2);
    assert!(missing.stderr.contains("there is no file"), "{}", missing.text());
    fs::write(site.path("trial.db-wal"), "x").unwrap();
    let at_work = site.run(&words(&trial)).expect(2);
    assert!(at_work.stderr.contains("is a database at work"), "{}", at_work.text());
    assert_eq!((fs::read(site.path("letterpost.db")).unwrap(), ledgers(&site)), (ledger, names), "nothing was changed");
}

#[test]
fn a_newer_letterposts_backup_is_refused_and_an_older_one_is_brought_up_to_date() {
    let (site, backup) = backed_up();
    let change = |statement: &'static str| {
        let options = SqliteConnectOptions::new().filename(&backup);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut copy = options.connect().await.unwrap();
            sqlx::query(statement).execute(&mut copy).await.unwrap();
            copy.close().await.unwrap();
        });
    };
    change("INSERT INTO _sqlx_migrations VALUES (9999, 'later', '2030-01-01', 1, x'00', 0)");
    let refused = site.run(&words(&backup)).expect(2);
    assert!(
        refused.stderr.contains("was written by a newer letterpost (its schema has step 9999)"),
        "{}",
        refused.text()
    );
    change("DELETE FROM _sqlx_migrations WHERE version = 9999");
    site.run(&words(&backup)).expect(0);
}

#[test]
fn nothing_is_restored_under_a_run_or_an_open_ledger() {
    let (site, backup) = backed_up();
    let lock = File::options().write(true).open(site.path("letterpost.db.lock")).unwrap();
    lock.lock().unwrap();
    let busy = site.run(&words(&backup)).expect(3);
    assert!(busy.stderr.contains("another run is at work"), "{}", busy.text());
    lock.unlock().unwrap();
    let reader = site.reader();
    let names = ledgers(&site);
    let open = site.run(&words(&backup)).expect(3);
    assert!(open.stderr.contains("another program has"), "{}", open.text());
    assert_eq!(ledgers(&site), names, "nothing was changed");
    drop(reader);
    site.run(&words(&backup)).expect(0);
}

#[test]
fn what_the_lost_ledger_left_beside_it_is_not_taken_for_the_new_ones() {
    let (site, backup) = backed_up();
    let (ledger, log) = (site.path("letterpost.db"), site.path("letterpost.db-wal"));
    let reader = site.reader();
    site.clock("2026-03-03T10:00:00-05:00");
    site.import("more.csv", crate::older::TWO_MORE).done();
    let left = fs::read(&log).unwrap();
    assert!(!left.is_empty());
    drop(reader);
    let newer = site.value("SELECT count(*) FROM audit_entry");
    fs::remove_file(&ledger).unwrap();
    fs::write(&log, &left).unwrap();
    let restored = site.json(&words(&backup));
    assert_eq!(restored["kept"], serde_json::Value::Null);
    assert_ne!(site.value("SELECT count(*) FROM audit_entry"), newer, "the old log is not played into the backup");
    site.run(&["audit", "verify"]).expect(0);
    let kept = ledgers(&site).into_iter().find(|name| name.contains(".replaced-") && name.ends_with("-wal")).unwrap();
    assert_eq!(fs::read(site.path(&kept)).unwrap(), left);
}

#[test]
fn an_intake_is_put_back_only_where_there_is_none() {
    let (site, backup) = backed_up();
    let intake = site.path("intake.db");
    let kept = fs::read(&intake).unwrap();
    site.run(&words(&backup)).expect(0);
    assert_eq!(fs::read(&intake).unwrap(), kept);
    fs::remove_file(&intake).unwrap();
    let restored = site.json(&words(&backup));
    assert_eq!(restored["intake"], intake.to_str().unwrap());
    site.run(&["collect"]).done();
}
