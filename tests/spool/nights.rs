//! Nights whose packages lie in a bucket.

use super::cutter::{Cut, Cutter};
use super::nightly::TestSite;
use super::opened::open_all;
use super::s3::{Careless, Flaw, server};

/// A Monday noon; its night is for Tuesday.
const MONDAY: &str = "2026-03-02T12:00:00-05:00";
const NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// The demo's site before its first night, its spool in this bucket behind this port.
fn site(port: u16, bucket: &str) -> TestSite {
    let site = TestSite::before_the_night(MONDAY);
    site.configure("# spool = \"spool\"", &format!("spool = \"s3://{bucket}/eba\""));
    let section = format!("[spool]\nendpoint = \"http://127.0.0.1:{port}\"\nanswer_seconds = 1\n\n[keys]");
    site.configure("[keys]", &section);
    std::fs::remove_dir(site.path("spool")).unwrap();
    site.surround(&server().credentials());
    site
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The night is done, whatever was before: everything is with the vendor once, and the log is one.
fn assert_all_is_delivered(site: &TestSite) {
    let letters: usize = open_all(site).iter().map(|package| package.letters.len()).sum();
    assert_eq!(letters, 17);
    assert_eq!(site.value("SELECT count(*) FROM batch WHERE status = 'delivered'"), site.packages().len().to_string());
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
    assert!(!site.path("spool").exists(), "nothing was written to a folder");
    for (_, value) in server().credentials() {
        assert!(!site.said().contains(value), "no credential is told");
    }
}

#[test]
fn a_night_lies_in_a_bucket_until_its_term_is_over() {
    let server = server();
    server.bucket("letters-night");
    let site = site(server.port, "letters-night");
    let checked = words(&site.run(&["doctor"]).expect(0).stdout);
    let fit = "good spool s3://letters-night/eba at http://127.0.0.1";
    assert!(checked.contains(fit) && checked.contains("what is there is never written over"), "{checked}");
    assert_eq!(server.keys("letters-night"), [""; 0], "a trial leaves nothing");
    site.clock(NIGHT);
    site.night();
    assert_all_is_delivered(&site);
    let kept: Vec<String> = site.packages().iter().map(|package| format!("eba/{package}.1")).collect();
    assert_eq!(server.keys("letters-night"), kept);
}

#[test]
fn a_package_that_was_changed_in_the_bucket_is_not_sent() {
    let server = server();
    server.bucket("letters-spoilt");
    let site = site(server.port, "letters-spoilt");
    site.clock(NIGHT);
    site.run(&["collect"]).done();
    site.run(&["produce"]).done();
    let keys = server.keys("letters-spoilt");
    server.obey(&format!("spoil letters-spoilt {}", keys[0]));
    let told = site.run(&["deliver"]).expect(4).text();
    assert!(told.contains("is not the one that was recorded"), "{told}");
    assert_eq!(site.packages().len(), keys.len() - 1);
}

#[test]
fn a_server_that_falls_silent_in_the_night_ends_it_and_the_next_start_makes_it_good() {
    let server = server();
    server.bucket("letters-gone");
    let wire = Cutter::to(server.port, &[]);
    let site = site(wire.port(), "letters-gone");
    site.clock(NIGHT);
    site.run(&["collect"]).done();
    // From the fifth connection of each start on, and in the middle of a package.
    for cut in [Cut::Silent(3000), Cut::At(3000)] {
        let connections = [vec![cut], vec![Cut::Silent(0); 100]].concat();
        wire.cut_next(&connections);
        let told = site.run(&["produce"]).expect(3).text();
        assert!(told.contains("s3://letters-gone/eba"), "{told}");
        assert_eq!(site.value("SELECT count(*) FROM batch WHERE status <> 'claimed'"), "0", "{told}");
    }
    wire.cut_next(&[]);
    site.night();
    assert_all_is_delivered(&site);
    assert_eq!(server.keys("letters-gone").len(), site.packages().len(), "what was left behind is swept");
}

#[test]
fn a_night_without_its_server_mints_nothing() {
    let site = site(1, "letters-away");
    site.clock(NIGHT);
    let told = site.run(&["run", "nightly"]).expect(3).text();
    assert!(told.contains("cannot list s3://letters-away/eba: http://127.0.0.1:1: no connection"), "{told}");
    assert_eq!(
        site.value("SELECT count(*) FROM letter"),
        site.value("SELECT count(*) FROM letter WHERE status <> 'sealed'")
    );
    let checked = words(&site.run(&["doctor"]).expect(2).stdout);
    assert!(checked.contains("see that the server is up"), "{checked}");
}

#[test]
fn a_night_with_wrong_credentials_asks_for_a_person() {
    let server = server();
    server.bucket("letters-wrong");
    server.bucket("others");
    let wrong_secret = [("AWS_ACCESS_KEY_ID", server.key.as_str()), ("AWS_SECRET_ACCESS_KEY", "not-the-secret-of-it")];
    let half = [("AWS_ACCESS_KEY_ID", server.key.as_str())];
    for (bucket, credentials, said) in [
        ("letters-wrong", wrong_secret.as_slice(), "it answered 403 SignatureDoesNotMatch; mend AWS_ACCESS_KEY_ID"),
        ("letters-missing", &server.credentials(), "it answered 404 NoSuchBucket; make the bucket, or mend"),
        ("others", &server.credentials(), "it answered 403 AccessDenied; mend AWS_ACCESS_KEY_ID"),
        ("letters-wrong", &half, "there are no credentials for it; put AWS_ACCESS_KEY_ID and"),
    ] {
        let site = site(server.port, bucket);
        site.surround(credentials);
        site.clock(NIGHT);
        let told = words(&site.run(&["produce"]).expect(2).text());
        assert!(told.contains(said), "{told}");
        let checked = words(&site.run(&["doctor"]).expect(2).stdout);
        assert!(checked.contains(said.split("; ").next().unwrap()), "{checked}");
    }
}

#[test]
fn a_server_that_writes_over_objects_is_found_out() {
    let careless = Careless::with(Flaw::WritesOver);
    let site = site(careless.port, "letters");
    let checked = words(&site.run(&["doctor"]).expect(2).stdout);
    assert!(checked.contains("writes over an object that is there"), "{checked}");
}
