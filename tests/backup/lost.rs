//! The way on after a real loss: what vendors may have is never sent again, and nobody is forgotten.

use std::fs;

use crate::nightly::{TestSite, text_of};
use crate::older::{TWO_MORE, TwoNights, files};

const ACCEPT: [&str; 6] = ["ledger", "accept-loss", "--by", "Robin Sample", "--reason", "the disk of 3 March is lost"];

fn statuses(site: &TestSite) -> Vec<(String, String)> {
    let requests = site.json(&["request", "list"]);
    let mut all: Vec<(String, String)> =
        requests.as_array().unwrap().iter().map(|it| (text_of(&it["reference"]), text_of(&it["status"]))).collect();
    all.sort();
    all
}

#[test]
fn after_a_loss_nothing_of_before_is_minted_unless_a_person_releases_it() {
    let nights = TwoNights::new();
    let site = &nights.site;
    nights.restore().expect(1);
    let inbox = files(&site.path("vendor/inbox"));
    // 1. The plan changes nothing; the loss is accepted once.
    let entries = site.value("SELECT count(*) FROM audit_entry");
    let planned = site.run(&[&["--json"], &ACCEPT[..], &["--dry-run"]].concat()).expect(1).json();
    assert_eq!(site.value("SELECT count(*) FROM audit_entry"), entries, "--dry-run changes nothing");
    let accepted = site.run(&[&["--json"], &ACCEPT[..]].concat()).expect(1).json();
    assert_eq!(planned, accepted);
    let lost = accepted["numbers_left_out"].as_array().unwrap();
    assert_eq!(lost.len(), nights.newer.len());
    site.run(&["audit", "verify"]).expect(0);
    let again = site.run(&ACCEPT).expect(2);
    assert!(again.stderr.contains("nothing shows that the ledger lacks anything"), "{}", again.text());
    // 2. The portal hands in again: who asked before the loss is held, who asks after it is not.
    site.clock("2026-03-04T10:00:00-05:00");
    site.import("again.csv", TWO_MORE).done();
    let after = TWO_MORE.replace("LOST", "AFTER").replace("sample@", "after@").replace("03-03T", "03-04T");
    site.clock("2026-03-04T12:00:00-05:00");
    site.import("after.csv", &after.replace("T09", "T11")).done();
    let is = |reference: &str| statuses(site).into_iter().find(|(it, _)| it == reference).unwrap().1;
    assert_eq!((is("LOST-1"), is("LOST-2")), ("held".to_owned(), "held".to_owned()));
    assert_eq!((is("AFTER-1"), is("AFTER-2")), ("pending".to_owned(), "pending".to_owned()));
    // 3. The night goes on behind the lost numbers.
    site.clock("2026-03-04T22:30:00-05:00");
    site.night();
    assert_eq!((is("LOST-1"), is("AFTER-1")), ("held".to_owned(), "lettered".to_owned()));
    let now = files(&site.path("vendor/inbox"));
    assert!(inbox.iter().all(|(name, bytes)| now.get(name) == Some(bytes)), "what the vendor has is as it was");
    let newest_lost = nights.newer.iter().max().unwrap();
    let made: Vec<&String> = now.keys().filter(|name| !inbox.contains_key(*name)).collect();
    assert!(!made.is_empty() && made.iter().all(|name| name.as_str() > newest_lost.as_str()), "{made:?}");
    // 4. A person releases one, and it gets its letter.
    site.run(&["request", "release", "LOST-1", "--reason", "the vendor printed nothing"]).expect(0);
    site.clock("2026-03-05T22:30:00-05:00");
    site.night();
    assert_eq!((is("LOST-1"), is("LOST-2")), ("lettered".to_owned(), "held".to_owned()));
    site.closed_accounting();
}

#[test]
fn what_was_in_the_making_or_sealed_is_never_sent_again() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    site.run(&["produce"]).done();
    let backup = site.path("sealed.db").display().to_string();
    site.run(&["ledger", "backup", "--to", &backup]).expect(0);
    site.run(&["deliver"]).done();
    site.run(&["checkpoint"]).expect(0);
    let inbox = files(&site.path("vendor/inbox"));
    let sealed = site.packages();
    // The vendor takes them all.
    fs::remove_dir_all(site.path("vendor/inbox")).unwrap();
    fs::create_dir(site.path("vendor/inbox")).unwrap();
    site.run(&["ledger", "restore", &backup]).expect(1);
    let accepted = site.run(&[&["--json"], &ACCEPT[..]].concat()).expect(1).json();
    assert_eq!(accepted["in_doubt"].as_array().unwrap().len(), sealed.len());
    let night = site.night();
    assert!(files(&site.path("vendor/inbox")).is_empty(), "nothing is uploaded again: {}", night.text());
    assert!(night.stderr.contains("it is not sent again"), "{}", night.text());
    // What the vendor receipts is its, and its passwords are good.
    inbox.iter().for_each(|(name, bytes)| fs::write(site.path("vendor/inbox").join(name), bytes).unwrap());
    for package in &sealed {
        site.receipt(package, &[]).done();
    }
    assert_eq!(site.value("SELECT count(*) FROM batch WHERE status <> 'accepted'"), "0");
}

#[test]
fn a_vendors_word_counts_where_it_cannot_be_asked() {
    let nights = TwoNights::new();
    let site = &nights.site;
    fs::remove_dir_all(site.path("spool")).unwrap();
    fs::create_dir(site.path("spool")).unwrap();
    nights.restore_with_heads();
    fs::rename(site.path("vendor/inbox"), site.path("vendor/away")).unwrap();
    let refused = site.run(&ACCEPT).expect(3);
    assert!(refused.stderr.contains("--vendor-has acme=NUMBER"), "{}", refused.text());
    let mistyped = site.run(&[&ACCEPT[..], &["--vendor-has", "acme=9000000"]].concat()).expect(2);
    assert!(mistyped.stderr.contains("look at the number again"), "{}", mistyped.text());
    let unknown = site.run(&[&ACCEPT[..], &["--vendor-has", "other=7"]].concat()).expect(3);
    assert!(unknown.stderr.contains("cannot be asked"), "{}", unknown.text());
    site.run(&[&ACCEPT[..], &["--vendor-has", "acme=40"]].concat()).expect(1);
    assert_eq!(site.value("SELECT max(number) FROM lost_number"), "40");
    fs::rename(site.path("vendor/away"), site.path("vendor/inbox")).unwrap();
    let after = TWO_MORE.replace("03-03T", "03-04T").replace("T09", "T10");
    site.clock("2026-03-04T12:00:00-05:00");
    site.import("after.csv", &after).done();
    site.night();
    assert_eq!(site.value("SELECT min(number) FROM batch WHERE number > 40"), "41");
}
