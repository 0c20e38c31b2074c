//! `ledger copy`: all of a site's records, or none of them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use letterpost::adapters::run_lock::RunLock;

use super::nightly::postgres::{Database, SUPERUSER};
use super::nightly::{TestSite, text_of};
use super::sites::{entries, in_file, waiting, worked_site};

fn copy(site: &TestSite, database: &Database) -> super::nightly::Ran {
    site.run(&["ledger", "copy", "--to", &database.url("migrations"), "--switch", &database.url("robin")])
}

#[test]
fn a_site_moves_with_all_its_records_and_goes_on() {
    let (site, database) = (worked_site(), Database::new());
    let configuration = std::fs::read_to_string(site.path("letterpost.toml")).unwrap();
    let told = |site: &TestSite| [["letter", "list"], ["request", "list"]].map(|words| site.json(&words));
    let (before, log) = (told(&site), site.json(&["audit", "verify"]));
    let highest: u64 = site.value("SELECT max(id) FROM request").parse().unwrap();
    let corrections: usize = site.rows("SELECT id FROM letter_correction").len();

    let planned = site.json(&["ledger", "copy", "--to", &database.url("migrations"), "--dry-run"]);
    assert_eq!(entries(&database), 0);
    let copied = copy(&site, &database).expect(0);
    assert!(copied.stdout.contains("letter_correction") && copied.stdout.contains("works on"), "{}", copied.stdout);

    // The same records, and a log that goes on.
    assert_eq!(told(&site), before);
    let after = site.json(&["audit", "verify"]);
    assert_eq!(after["entries"].as_u64().unwrap(), log["entries"].as_u64().unwrap() + 1);
    assert_eq!(after["faults"].as_array().unwrap().len(), 0, "{after}");
    let last = database.rows("SELECT convert_from(entry, 'UTF8') FROM audit_entry ORDER BY seq DESC LIMIT 1");
    let last: serde_json::Value = serde_json::from_str(&last[0].join("|")).unwrap();
    assert_eq!(text_of(&last["kind"]), "ledger.copied");
    assert_eq!(last["data"]["root"], log["root"]);
    assert_eq!(last["data"]["rows"].as_u64().unwrap(), planned["rows"].as_u64().unwrap());
    assert!(planned["rows"].as_u64().unwrap() > 200 && planned["tables"].as_array().unwrap().len() > 35, "{planned}");

    // Who logged in is known of none that came.
    let logins = database.rows("SELECT asked_login, settled_login FROM letter_correction");
    assert_eq!(logins, vec![["copied from SQLite", ""]; corrections]);
    // What comes next has numbers of its own, and the triggers that rested are awake.
    let next = database.rows("SELECT nextval(pg_get_serial_sequence('letterpost.request', 'id'))");
    assert_eq!(next, [[(highest + 1).to_string()]]);
    let resting = "SELECT tgname FROM pg_trigger WHERE tgenabled = 'D'
        UNION ALL SELECT 'right' WHERE has_table_privilege('letterpost_migrator', 'letterpost.audit_entry', 'INSERT')";
    assert!(database.rows(resting).is_empty());
    database.allows("portal", &waiting("WAITS-2").replace("mail_requests", "intake.mail_requests"));
    let waits = database.rows("SELECT id, reference FROM intake.mail_requests ORDER BY id");
    let ids: Vec<i64> = waits.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(waits.len() >= 2 && ids.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
    assert_eq!(waits[waits.len() - 2][1], "WAITS-1");

    // The old ledger is not opened, and the portal's old table takes nothing.
    let refused = in_file(&site.path("intake.db"), &waiting("WAITS-3")).unwrap_err().to_string();
    assert!(refused.contains("taken on PostgreSQL"), "{refused}");
    std::fs::write(site.path("letterpost.toml"), configuration).unwrap();
    for words in [&["letter", "list"][..], &["run", "nightly"], &["audit", "verify"], &["ledger", "backup"]] {
        let ran = site.run(words).expect(2);
        assert!(ran.stderr.contains("was copied to PostgreSQL"), "{}", ran.text());
    }
}

#[test]
fn a_ledger_that_is_not_empty_is_refused_and_stays() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    let database = Database::new();
    database.allows(
        "migrations",
        "INSERT INTO site VALUES (1, 'other', 'test', 'other.example/log', '2026-03-02T09:00Z', TRUE)",
    );
    let ran = copy(&site, &database).expect(2);
    assert!(ran.stderr.contains("table letterpost.site has 1 rows"), "{}", ran.text());
    assert_eq!(database.rows("SELECT code FROM site"), [["other"]]);
    site.run(&["request", "list"]).expect(0);
}

#[test]
fn a_row_that_cannot_go_in_is_named_and_nothing_is_left_behind() {
    let site = TestSite::after_the_night("2026-03-02T22:30:00-05:00");
    let database = Database::new();
    let reference = site.value("SELECT reference FROM request WHERE id = 3");
    let refuse = format!("ALTER TABLE request ADD CONSTRAINT of_this_test CHECK (reference <> '{reference}')");
    database.allows(SUPERUSER, &refuse);
    let ran = copy(&site, &database).expect(2);
    assert!(ran.stderr.contains("table request, row id 3: the new ledger refuses it"), "{}", ran.text());
    assert!(!ran.stderr.contains(&reference), "{}", ran.text());
    database.allows(SUPERUSER, "ALTER TABLE request DROP CONSTRAINT of_this_test");
    site.tamper("UPDATE notice SET detail = 'a' || char(0) || 'b' WHERE id = 2");
    let ran = copy(&site, &database).expect(2);
    assert!(ran.stderr.contains("table notice, row id 2: its detail holds the character NUL"), "{}", ran.text());
    assert_eq!(entries(&database), 0);
    assert_eq!(database.rows("SELECT count(*) FROM request"), [["0"]]);
    site.tamper("UPDATE notice SET detail = 'a' WHERE id = 2");
    copy(&site, &database).expect(0);
}

#[test]
fn a_copy_that_died_before_the_old_ledger_was_left_is_gone_on_with() {
    let (site, database) = (worked_site(), Database::new());
    // What a crash between the new ledger's commit and the old one's mark leaves: the copy, and an old ledger without a mark.
    let (died, changed) =
        (TestSite::copy_of(&site.path(""), &site.now()), TestSite::copy_of(&site.path(""), &site.now()));
    copy(&site, &database).expect(0);
    let count = entries(&database);
    copy(&died, &database).expect(0);
    assert_eq!(entries(&database), count, "it is recorded once");
    database.allows(SUPERUSER, "UPDATE notice SET detail = 'another' WHERE id = (SELECT min(id) FROM notice)");
    let ran = copy(&changed, &database).expect(2);
    assert!(ran.stderr.contains("table notice, row id 1: the copy is not as the old ledger"), "{}", ran.text());
    changed.run(&["letter", "list"]).expect(0);
}

#[test]
fn killed_at_any_moment_it_loses_nothing_and_leaves_nothing_half() {
    let (site, database) = (worked_site(), Database::new());
    let letters = site.json(&["letter", "list"]);
    for milliseconds in [100, 300, 600, 1000, 1500] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_letterpost"))
            .args(["--config", site.path("letterpost.toml").to_str().unwrap(), "ledger", "copy"])
            .args(["--to", &database.url("migrations")])
            .env("LETTERPOST_SIMULATED_NOW", site.now())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is the experiment itself: nothing is waited for.
        let (_never, clock) = mpsc::channel::<()>();
        let _ = clock.recv_timeout(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let again = site.run(&["ledger", "copy", "--to", &database.url("migrations")]);
    assert!(again.code == 0 || again.stderr.contains("was copied to PostgreSQL"), "{}", again.text());
    let copied = database.rows("SELECT count(*) FROM audit_entry WHERE kind = 'ledger.copied'");
    assert_eq!(copied, [["1"]]);
    let url = format!("url = \"{}\"", database.url("robin"));
    site.configure("# url = \"sqlite:letterpost.db\"", &url);
    assert_eq!(site.json(&["letter", "list"]), letters);
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn nobody_works_meanwhile() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    let database = Database::new();
    let lock = RunLock::take(&site.path("letterpost.db.lock"), "a night of this test").unwrap();
    let ran = copy(&site, &database).expect(3);
    assert!(ran.stderr.contains("a night of this test"), "{}", ran.text());
    drop(lock);
    copy(&site, &database).expect(0);
}

#[test]
fn the_way_back_is_a_backup() {
    let (site, database) = (worked_site(), Database::new());
    let backups = std::fs::read_dir(site.path("backups")).unwrap().map(|entry| entry.unwrap().path());
    let backup = backups.filter(|path| is_ledger(path)).max().unwrap();
    site.run(&["ledger", "copy", "--to", &database.url("migrations")]).expect(0);
    site.run(&["letter", "list"]).expect(2);
    site.run(&["ledger", "restore", backup.to_str().unwrap()]).done();
    site.run(&["letter", "list"]).expect(0);
}

fn is_ledger(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "db") && !path.to_string_lossy().ends_with(".intake.db")
}
