//! A package that was offered and is gone: what to ask the vendor, and both answers.

use std::fs;

use crate::night::site;
use crate::nightly::TestSite;
use crate::opened::open_all;
use crate::server::Server;

const PACKAGE: &str = "eba-test-acme-000001";

/// A site whose first package was offered and is gone, and its vendor's server.
fn in_doubt() -> (TestSite, Server) {
    let (site, server) = offered();
    fs::rename(part(&site), site.path("vendor/taken.zip.pgp")).unwrap();
    (site, server)
}

/// A site whose first package was offered and lies there under its temporary name.
fn offered() -> (TestSite, Server) {
    let without_renames = Server::with("internal-sftp -P rename,posix-rename");
    let site = site(&without_renames, "");
    site.clock("2026-03-02T22:30:00-05:00");
    site.run(&["run", "nightly"]).expect(1);
    let server = Server::start();
    server.takes_over(&without_renames, &site.path("letterpost.toml"));
    (site, server)
}

fn part(site: &TestSite) -> std::path::PathBuf {
    site.path(&format!("vendor/inbox/{PACKAGE}.zip.pgp.part"))
}

fn settle<'a>(answer: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["batch", "settle", PACKAGE, "--reason", "telephone with Robin Sample, 9:14"];
    arguments.extend([answer].iter().filter(|answer| !answer.is_empty()));
    arguments.extend(more);
    arguments
}

#[test]
fn a_delivery_in_doubt_says_what_to_ask() {
    let (site, _server) = in_doubt();
    let ran = site.run(&["deliver"]).expect(0);
    assert!(
        ran.stderr.contains(&format!("'letterpost batch show {PACKAGE}' says what to ask the vendor")),
        "{}",
        ran.text()
    );
    let shown = site.run(&["batch", "show", PACKAGE]).expect(0).stdout;
    let sha256 = site.value(&format!("SELECT sha256 FROM batch WHERE name = '{PACKAGE}'"));
    for told in [
        "It was offered to vendor acme at 2026-03-03 03:30:00 UTC",
        &format!("with SHA-256 {sha256}?"),
        "Its register of packages",
        &format!("letterpost batch settle {PACKAGE} --taken --reason"),
        &format!("letterpost batch settle {PACKAGE} --not-taken --reason"),
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let batch = site.json(&["batch", "show", PACKAGE]);
    assert_eq!((&batch["package"], batch["to_settle"].as_array().unwrap().len()), (&PACKAGE.into(), 9), "{batch}");
    let other = site.json(&["batch", "show", "eba-test-acme-000002"]);
    assert_eq!((&other["status"], other.get("to_settle")), (&"delivered".into(), None));
}

#[test]
fn an_answer_is_one_of_two_and_changes_nothing_when_only_planned() {
    let (site, _server) = in_doubt();
    let entries = "SELECT count(*) FROM audit_entry";
    let before = site.value(entries);
    assert!(site.run(&settle("", &[])).expect(2).stderr.contains("--taken|--not-taken"));
    site.run(&settle("--taken", &["--not-taken"])).expect(2);
    let planned = site.run(&settle("--not-taken", &["--dry-run"])).expect(0);
    assert!(planned.stderr.contains("would be done: withdraws eba-test-acme-000001"), "{}", planned.text());
    let planned = site.run(&settle("--taken", &["--dry-run"])).expect(0);
    assert!(planned.stderr.contains("would be done: records that vendor acme has"), "{}", planned.text());
    assert_eq!(site.value(entries), before);
    let delivered = ["batch", "settle", "eba-test-acme-000002", "--taken", "--reason", "none"];
    site.run(&["deliver"]).done();
    assert!(site.run(&delivered).expect(2).stderr.contains("has no delivery to settle"));
}

#[test]
fn a_package_that_the_vendor_has_is_good_from_then_on() {
    let (site, _server) = in_doubt();
    let told = site.run(&settle("--taken", &[])).expect(0);
    assert!(told.stderr.contains("the passwords of its 16 letters are good from now on"), "{}", told.text());
    let states = "SELECT DISTINCT status, password_status FROM letter JOIN batch ON batch.id = batch_id \
                  WHERE batch.number = 1";
    assert_eq!(site.rows(&states.replace("status, ", "letter.status, ")), [["delivered", "live"]]);
    assert_eq!(site.value("SELECT count(*) FROM batch WHERE status = 'delivered' AND number = 1"), "1");
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_package_that_the_vendor_does_not_have_is_withdrawn_and_made_anew() {
    let (site, _server) = in_doubt();
    site.run(&["deliver"]).done();
    let old: Vec<String> =
        site.rows("SELECT letter.id FROM letter JOIN batch ON batch.id = batch_id WHERE number = 1").concat();
    let told = site.run(&settle("--not-taken", &[])).expect(0);
    assert!(told.stderr.contains("gets a signed eba-test-acme-000001.void"), "{}", told.text());
    assert!(told.stdout.contains("the vendor does not have it: telephone with Robin Sample, 9:14"), "{}", told.text());
    let states = "SELECT DISTINCT letter.status, password_status FROM letter JOIN batch ON batch.id = batch_id \
                  WHERE number = 1";
    assert_eq!(site.rows(states), [["voided", "revoked"]]);
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), old.len().to_string());
    assert_eq!(fs::read_dir(site.path("spool")).unwrap().count(), 1, "only the other package's file is kept");
    let kinds = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry").concat();
    let settled: Vec<&String> = kinds.iter().filter(|entry| entry.contains("package.settled")).collect();
    assert!(settled.len() == 1 && settled[0].contains("not-taken"), "{settled:?}");
    // The next night tells the vendor, and the people get new letters.
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    assert!(site.path(&format!("vendor/inbox/{PACKAGE}.void")).exists());
    assert_eq!(site.packages(), ["eba-test-acme-000002", "eba-test-acme-000003"]);
    let packages = open_all(&site);
    let letters: Vec<_> = packages.iter().flat_map(|package| &package.letters).collect();
    assert_eq!(letters.len(), 17);
    for letter in letters {
        assert!(!old.contains(&letter.id().to_owned()));
        let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
        assert_eq!(site.check(&username, &letter.password), (0, "accepted".to_owned()));
    }
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_vendor_that_has_a_package_which_it_forswore_is_an_alarm() {
    let (site, _server) = in_doubt();
    site.run(&["deliver"]).done();
    site.run(&settle("--not-taken", &[])).expect(0);
    let kept = site.outside().join(format!("{PACKAGE}.zip.pgp"));
    fs::rename(site.path("vendor/taken.zip.pgp"), &kept).unwrap();
    let (kept, settings) = (kept.to_str().unwrap().to_owned(), site.path("vendor/vendor.toml"));
    let said = ["--without-ready", "--events", "accepted", "--vendor-config", settings.to_str().unwrap()];
    site.run(&[&["vendor", "receipt", kept.as_str()], &said[..]].concat()).expect(0);
    let told = site.run(&["ingest"]).expect(4);
    assert!(told.stderr.contains("two letters may reach each of these people"), "{}", told.text());
    assert_eq!(site.value("SELECT status FROM batch WHERE number = 1"), "void");
    // It is kept in quarantine, and told once.
    site.run(&["ingest"]).done();
}

#[test]
fn what_lies_in_the_inbox_is_not_in_doubt() {
    let (site, _server) = offered();
    for answer in ["--taken", "--not-taken"] {
        let told = site.run(&settle(answer, &[])).expect(2);
        assert!(told.stderr.contains("'letterpost deliver' goes on with it"), "{}", told.text());
    }
    let final_name = part(&site).with_extension("");
    fs::rename(part(&site), &final_name).unwrap();
    let told = site.run(&settle("--not-taken", &[])).expect(2);
    assert!(told.stderr.contains("may yet be taken from there"), "{}", told.text());
    fs::write(&final_name, "another").unwrap();
    site.run(&settle("--not-taken", &[])).expect(4);
    assert_eq!(site.value("SELECT status FROM batch WHERE number = 1"), "sealed");
}

#[test]
fn a_vendor_that_is_away_cannot_be_shown_to_lack_a_package() {
    let (site, mut server) = in_doubt();
    server.stop();
    let told = site.run(&settle("--not-taken", &[])).expect(3);
    assert!(told.stderr.contains("nothing was recorded"), "{}", told.text());
    let told = site.run(&settle("--taken", &[])).expect(0);
    assert!(told.stderr.contains("the inbox was not looked at"), "{}", told.text());
    assert_eq!(site.value("SELECT status FROM batch WHERE number = 1"), "delivered");
}
