//! The head outside is believed for its signature, and a site from before heads were signed goes on with a key.

use std::fs;

use letterpost::audit::checkpoint::Checkpoint;
use letterpost::audit::note::SigningKey;

use crate::keys::{MONDAY, newest, read};
use crate::nightly::TestSite;

const NO_GUARDS: &str = "DROP TRIGGER audit_head_is_never_changed";

fn keep_outside(site: &TestSite, note: &str) {
    fs::write(site.path("audit/heads.log"), format!("{note}\n")).unwrap();
}

#[test]
fn a_head_outside_that_this_logs_key_did_not_sign_stops_a_night() {
    let site = TestSite::after_the_night(MONDAY);
    let note = newest(&site);
    let first = SigningKey::parse(&read(&site, "keys/log.key")).unwrap();
    site.run(&["audit", "key", "rotate", "--reason", "yearly", "--by", "Robin Sample"]).expect(0);
    site.clock("2026-03-03T21:00:00-05:00");
    site.run(&["checkpoint"]).expect(0);
    let good = Checkpoint::unverified(&newest(&site)).unwrap();
    let stranger = SigningKey::new(&good.origin, &[7; 32]).unwrap();
    let newer = Checkpoint { size: good.size + 1, ..good.clone() };
    let whole = read(&site, "audit/heads.log");
    for (what, forged, words) in [
        ("a bare text", good.text(), "it has no signature"),
        ("a stranger's signature", good.sign(&[&stranger]).unwrap(), "none of its signatures"),
        ("the old key's, beyond its time", newer.sign(&[&first]).unwrap(), "signed no head of that size"),
        ("another text under the signature", note.replacen('\n', "\n1", 1), "is not of this text"),
    ] {
        keep_outside(&site, &forged);
        let stopped = site.run(&["produce"]).expect(4);
        assert!(stopped.stderr.contains(words), "{what}: {}", stopped.stderr);
        let verified = site.run(&["audit", "verify"]).expect(4);
        assert!(verified.text().contains(words), "{what}: {}", verified.text());
    }
    // An old head by its own key is good, and so is the newest.
    for good in [format!("{note}\n"), whole] {
        fs::write(site.path("audit/heads.log"), good).unwrap();
        site.run(&["produce"]).done();
    }
}

#[test]
fn a_site_from_before_heads_were_signed_makes_its_first_key_and_goes_on() {
    // No ledger on PostgreSQL is from before heads were signed.
    if crate::nightly::is_on_postgres() {
        return;
    }
    let site = TestSite::before_the_night(MONDAY);
    site.run(&["checkpoint"]).expect(0);
    let bare = Checkpoint::unverified(&newest(&site)).unwrap().text();
    site.rows(NO_GUARDS);
    site.tamper("UPDATE audit_head SET note = NULL");
    keep_outside(&site, &bare);
    for name in ["keys/log.key", "keys/log.vkey"] {
        fs::remove_file(site.path(name)).unwrap();
    }
    let refused = site.run(&["run", "nightly"]).expect(2);
    assert!(refused.stderr.contains("letterpost audit key rotate"), "{}", refused.stderr);
    assert_eq!(site.value("SELECT count(*) FROM batch"), "0");
    site.run(&["audit", "verify"]).expect(0);
    let made = site.json(&["audit", "key", "rotate", "--reason", "heads are signed now", "--by", "Robin Sample"]);
    assert!(made["before"].is_null(), "{made}");
    site.night();
    site.run(&["audit", "verify"]).expect(0);
    assert_eq!(site.run(&["doctor"]).code, 0);
    let notes = read(&site, "audit/heads.log");
    assert!(notes.starts_with(&format!("{bare}\n")) && notes.matches("\n\n\u{2014} ").count() >= 2, "{notes}");
}
