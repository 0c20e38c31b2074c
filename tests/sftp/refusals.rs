//! What a server refuses, and what a person then finds: nothing half done, and one start that goes on when it is mended.

use std::fs;
use std::path::Path;

use crate::night::site;
use crate::nightly::{Ran, TestSite};
use crate::server::{Server, lead_by_sftp};

/// The night that is due.
fn night(site: &TestSite) -> Ran {
    site.clock("2026-03-02T22:30:00-05:00");
    site.run(&["run", "nightly"])
}

/// Nothing of ours is at the vendor, whatever its name.
#[track_caller]
fn nothing_was_sent(site: &TestSite) {
    let inbox = fs::read_dir(site.path("vendor/inbox")).unwrap();
    let names: Vec<_> = inbox.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.is_empty(), "{names:?}");
    assert_eq!(site.rows("SELECT DISTINCT status, offered_at FROM batch"), [["sealed", ""]]);
}

/// One start is enough when the trouble is over.
#[track_caller]
fn one_start_goes_on(site: &TestSite) {
    let ran = night(site).done();
    assert!(ran.stdout.contains("resumed"), "{}", ran.text());
    assert_eq!(site.packages().len(), 2);
    assert_eq!(site.rows("SELECT DISTINCT status FROM letter"), [["delivered"]]);
    site.closed_accounting();
}

#[test]
fn another_host_under_the_vendors_name_is_an_alarm_and_gets_nothing() {
    let (server, other) = (Server::start(), Server::start());
    let site = site(&server, "");
    let (pinned, before) = (server.path("known_hosts"), server.log());
    fs::write(&pinned, other.known_hosts()).unwrap();
    let ran = night(&site).expect(4);
    assert!(ran.stderr.contains("alarm: vendor acme: the host that answered at "), "{}", ran.text());
    assert!(ran.stderr.contains("ask the vendor by telephone"), "{}", ran.text());
    nothing_was_sent(&site);
    assert!(!server.log()[before.len()..].contains("Accepted publickey"), "no login was tried: {}", server.log());
    assert!(site.run(&["doctor"]).expect(4).stdout.contains("alarm  SFTP server of vendor acme"));
    // The vendor changes its key, and says so before: both are pinned for a while.
    fs::write(&pinned, format!("{}{}", other.known_hosts(), server.known_hosts())).unwrap();
    one_start_goes_on(&site);
}

#[test]
fn a_file_of_host_keys_that_trusts_more_is_not_used() {
    let server = Server::start();
    let site = site(&server, "");
    let key = server.known_hosts();
    let pinned = server.path("known_hosts");
    for (text, told) in [
        (key.replace("acme ", "@cert-authority acme "), "a certificate authority is not taken"),
        (key.replace("acme ", "* "), "its name is a pattern"),
        (key.replace("acme ", "other "), "it has no host key under 'acme'"),
    ] {
        fs::write(&pinned, text).unwrap();
        let ran = night(&site).expect(1);
        assert!(ran.stderr.contains(told), "{}", ran.text());
        assert!(site.run(&["doctor"]).expect(2).stdout.contains(told));
        nothing_was_sent(&site);
    }
    fs::write(&pinned, key).unwrap();
    one_start_goes_on(&site);
}

#[test]
fn a_login_that_is_refused_waits_for_a_person_and_calls_one() {
    let server = Server::start();
    let site = site(&server, "");
    let called = site.path("called");
    site.configure("# on_alarm = ", &format!("on_alarm = [\"touch\", \"{}\"] # ", called.display()));
    let (authorized, key) = (server.path("authorized"), fs::read(server.path("authorized")).unwrap());
    fs::write(&authorized, "").unwrap();
    let ran = night(&site).expect(1);
    assert!(ran.stderr.contains("person: vendor acme: the login to "), "{}", ran.text());
    assert!(ran.stderr.contains("2 packages wait"), "{}", ran.text());
    assert!(ran.stdout.contains("unfinished"), "{}", ran.text());
    assert!(called.exists(), "a vendor that gets nothing is worth a call");
    nothing_was_sent(&site);
    let again = site.run(&["deliver"]).expect(1);
    assert_eq!(again.stderr.matches("Permission denied (publickey)").count(), 1, "one try is enough: {}", again.text());
    assert!(site.run(&["doctor"]).expect(2).stdout.contains("bad   SFTP server of vendor acme"));
    fs::write(&authorized, key).unwrap();
    one_start_goes_on(&site);
}

#[test]
fn a_key_that_others_can_read_is_no_login() {
    let server = Server::start();
    let site = site(&server, "");
    let open = |mode| fs::set_permissions(server.path("login"), std::os::unix::fs::PermissionsExt::from_mode(mode));
    open(0o644).unwrap();
    assert!(night(&site).expect(1).stderr.contains("the login to "));
    assert!(site.run(&["doctor"]).expect(2).stdout.contains("can be read by others (mode 644)"));
    nothing_was_sent(&site);
    open(0o600).unwrap();
    one_start_goes_on(&site);
}

#[test]
fn an_inbox_that_is_missing_is_no_package_that_was_taken() {
    let server = Server::start();
    let site = site(&server, "");
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    let ran = night(&site).expect(1);
    assert!(ran.stderr.contains("ask the vendor for the folder"), "{}", ran.text());
    fs::rename(&away, &inbox).unwrap();
    nothing_was_sent(&site);
    one_start_goes_on(&site);
}

#[test]
fn an_inbox_that_takes_no_changes_waits_for_a_person() {
    let reading = Server::with("internal-sftp -R");
    let site = site(&reading, "");
    let ran = night(&site).expect(1);
    assert!(ran.stderr.contains("ask the vendor to let our account read and write there"), "{}", ran.text());
    nothing_was_sent(&site);
    let writing = Server::start();
    writing.takes_over(&reading, &site.path("letterpost.toml"));
    one_start_goes_on(&site);
}

#[test]
fn an_inbox_whose_files_cannot_be_read_back_gets_no_package() {
    let blind = Server::with("internal-sftp -P read");
    let site = site(&blind, "");
    let ran = night(&site).expect(1);
    assert!(ran.stderr.contains("cannot read ") && ran.stderr.contains("read and write there"), "{}", ran.text());
    assert!(site.packages().is_empty());
    assert_eq!(site.rows("SELECT DISTINCT status, offered_at FROM batch"), [["sealed", ""]]);
}

#[test]
fn an_account_without_a_file_service_waits_for_a_person() {
    let without = Server::with("/bin/false");
    let site = site(&without, "");
    let ran = night(&site).expect(1);
    assert!(ran.stderr.contains("takes the login and serves no files"), "{}", ran.text());
    nothing_was_sent(&site);
}

/// The night was done, and the answer to the first package's rename was lost.
fn offered_without_an_answer(site: &TestSite) {
    night(site).done();
    site.tamper("UPDATE batch SET status = 'sealed', delivered_at = NULL WHERE id = 1");
}

#[test]
fn another_file_under_a_packages_name_is_an_alarm_and_stays() {
    let server = Server::start();
    let site = site(&server, "");
    let theirs = site.path("vendor/inbox/eba-test-acme-000001.zip.pgp");
    fs::write(&theirs, "not ours").unwrap();
    // Under a name that was never given away, it looks like a later ledger's, and nothing is minted.
    let ran = night(&site).expect(4);
    assert!(ran.stderr.contains("eba-test-acme-000001.zip.pgp in the inbox: the ledger never gave"), "{}", ran.text());
    assert_eq!(site.rows("SELECT name FROM batch").len(), 0);
    assert_eq!(fs::read(&theirs).unwrap(), b"not ours");
    fs::remove_file(&theirs).unwrap();
    // Under the name of an offered one, it is that package's alarm.
    offered_without_an_answer(&site);
    fs::write(&theirs, "not ours").unwrap();
    let ran = site.run(&["deliver"]).expect(4);
    assert!(
        ran.stderr.contains("alarm: package eba-test-acme-000001: the vendor's inbox has another file"),
        "{}",
        ran.text()
    );
    assert!(ran.stderr.contains("a file of 8 bytes"), "{}", ran.text());
    assert_eq!(fs::read(&theirs).unwrap(), b"not ours");
    // Of the same length, it is told by its digest.
    let length =
        fs::metadata(site.path("spool").join(site.value("SELECT spool_object FROM batch WHERE id = 1"))).unwrap().len();
    fs::write(&theirs, vec![b'x'; length as usize]).unwrap();
    assert!(site.run(&["deliver"]).expect(4).stderr.contains("with SHA-256"));
    assert_eq!(site.rows("SELECT status FROM batch ORDER BY id"), [["sealed"], ["delivered"]]);
}

#[test]
fn another_marker_under_a_packages_name_is_an_alarm_and_stays() {
    let server = Server::start();
    let site = site(&server, "");
    let theirs = site.path("vendor/inbox/eba-test-acme-000001.ready");
    fs::write(&theirs, "{}").unwrap();
    let ran = night(&site).expect(4);
    assert!(ran.stderr.contains("eba-test-acme-000001.ready in the inbox: the ledger never gave"), "{}", ran.text());
    fs::remove_file(&theirs).unwrap();
    offered_without_an_answer(&site);
    fs::write(&theirs, "{}").unwrap();
    let ran = site.run(&["deliver"]).expect(4);
    assert!(ran.stderr.contains("is there with other content"), "{}", ran.text());
    assert_eq!(fs::read(&theirs).unwrap(), b"{}");
    fs::remove_file(&theirs).unwrap();
    site.run(&["deliver"]).done();
    assert_eq!(site.rows("SELECT DISTINCT status FROM batch"), [["delivered"]]);
}

/// A name that is no text, and one that leads elsewhere, are no receipts and keep no receipt from being read.
#[test]
fn strange_names_in_the_outbox_hurt_nobody() {
    use std::os::unix::ffi::OsStrExt as _;
    let server = Server::start();
    let site = site(&server, "");
    night(&site).done();
    let outbox = site.path("vendor/outbox");
    fs::write(outbox.join(std::ffi::OsStr::from_bytes(b"caf\xe9.receipt-1.csv")), "x").unwrap();
    fs::write(outbox.join("\u{1b}[2J\n.csv"), "x").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", outbox.join("link")).unwrap();
    fs::create_dir(outbox.join("eba-test-acme-000002.receipt-1.csv")).unwrap();
    site.clock("2026-03-03T18:00:00-05:00");
    // The folder in the place of a receipt is told; the receipt is read.
    let ran = site.receipt("eba-test-acme-000001", &[]);
    assert!(ran.text().contains("receipt eba-test-acme-000002.receipt-1.csv"), "{}", ran.text());
    assert_eq!(site.value("SELECT status FROM batch WHERE id = 1"), "accepted");
    assert!(Path::new("/etc/passwd").exists());
}

#[test]
fn a_folder_courier_is_left_as_it_was() {
    let server = Server::start();
    let site = TestSite::before_the_night("2026-03-02T12:00:00-05:00");
    night(&site).done();
    assert_eq!(site.packages().len(), 2);
    // The same site goes on by SFTP, with nothing sent twice.
    lead_by_sftp(&site.path("letterpost.toml"), &server.section(server.port(), &site.path("vendor"), ""));
    assert!(site.run(&["deliver"]).expect(0).stdout.contains("no delivered"));
}
