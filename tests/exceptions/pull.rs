//! Pulled letters: their passwords end at once, and the vendor gets a sealed order.

use std::fs;

use serde_json::Value;

use super::desk::{
    BO, GRACE, JOSE, LARGE_PRINT, MONDAY_NIGHT, PACKAGE, REFERENCE_OF_BO, SOREN, all_is_well, decide, letter,
    newest_entry, night, notices, passwords, refuse, request, site_on_tuesday, states,
};
use super::nightly::TestSite;
use super::opened::KeyRing;

/// A pull order as gpg opens it, its signature checked.
fn opened(site: &TestSite, file: &str) -> Value {
    let ring = KeyRing::of_the_vendor(site);
    let out = site.outside().join("order.json");
    let sealed = site.path(&format!("vendor/inbox/{file}"));
    let status = ring.gpg(&["--output", out.to_str().unwrap(), "--decrypt", sealed.to_str().unwrap()]);
    let signed_by = format!("VALIDSIG {} ", ring.fingerprint(&site.path("keys/site.pub.asc")));
    assert!(status.contains(&signed_by) && status.contains("DECRYPTION_OKAY"), "{status}");
    serde_json::from_slice(&fs::read(out).unwrap()).unwrap()
}

#[test]
fn a_pulled_letter_does_not_work_from_then_on_and_its_vendor_has_an_order() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    let [bo, jose, grace] = [BO, JOSE, GRACE].map(|username| letter(&site, username));
    let keyline = format!("#{jose}");
    let said = decide(
        &site,
        1,
        &[
            "batch",
            "pull",
            &bo,
            &keyline,
            &grace,
            &bo,
            "00000-00000",
            "--reason",
            "wrong insert",
            "--by",
            "Robin Sample",
        ],
    );
    assert!(said.contains("its password ends at once") && said.contains("there is no letter 00000-00000"), "{said}");
    assert!(said.contains("5 letters: 3 done, 1 known, 1 refused"), "{said}");
    for (username, id) in [(BO, &bo), (JOSE, &jose), (GRACE, &grace)] {
        assert_eq!(site.check(username, &printed[id]), (5, "revoked".to_owned()));
        assert_eq!(states(&site, id), ("delivered".to_owned(), "revoked".to_owned()));
        assert_eq!(site.audit_kinds(id), ["letter.sealed", "letter.pull_ordered", "password.revoked"]);
    }
    let soren = letter(&site, SOREN);
    assert_eq!(site.check(SOREN, &printed[&soren]), (0, "accepted".to_owned()), "the others are as they were");
    assert_eq!(notices(&site, REFERENCE_OF_BO), ["minted", "ended"]);

    let order = opened(&site, &format!("{PACKAGE}.pull-1.json.pgp"));
    assert_eq!(order["package"], PACKAGE);
    assert_eq!(
        (&order["format_version"], &order["number"], &order["reason"]),
        (&1.into(), &1.into(), &"wrong insert".into())
    );
    let mut named = order["letters"].as_array().unwrap().clone();
    named.sort_by_key(Value::to_string);
    let mut wanted = [Value::from(bo.as_str()), Value::from(jose.as_str())];
    wanted.sort_by_key(Value::to_string);
    assert_eq!(named, wanted);
    assert_eq!(opened(&site, &format!("{LARGE_PRINT}.pull-1.json.pgp"))["letters"], serde_json::json!([grace]));
    assert_eq!(newest_entry(&site, "package.pull_ordered")["by"], "Robin Sample");

    // A second order for the same package has the next number; what was ordered is not ordered again.
    let said = decide(&site, 0, &["batch", "pull", &soren, &bo, "--reason", "the press stopped"]);
    assert!(said.contains(&format!("pull order 1 of package {PACKAGE} names it already")), "{said}");
    assert_eq!(opened(&site, &format!("{PACKAGE}.pull-2.json.pgp"))["letters"], serde_json::json!([soren]));

    // The vendor's word: one was taken out, one had left already.
    let (pulled, late) = (format!("{bo}=pulled"), format!("{soren}=pulled"));
    let ran = site.receipt(PACKAGE, &["--except", &pulled, "--except", &late]);
    assert_eq!(ran.code, 4, "Jose's letter was mailed all the same: {}", ran.text());
    assert!(ran.stderr.contains(&jose), "{}", ran.stderr);
    assert_eq!(states(&site, &bo), ("pulled".to_owned(), "revoked".to_owned()));
    assert_eq!(states(&site, &jose), ("mailed".to_owned(), "revoked".to_owned()));
    decide(&site, 0, &["batch", "pull", &bo, "--reason", "again"]);
    all_is_well(&site);
}

#[test]
fn what_cannot_be_pulled_is_told_with_what_can_be_done() {
    let site = site_on_tuesday();
    let bo = letter(&site, BO);
    assert_eq!(site.receipt(PACKAGE, &[]).code, 0);
    refuse(
        &site,
        &["batch", "pull", &bo, "--reason", "too late"],
        &format!("'letterpost request cancel {REFERENCE_OF_BO}'"),
    );
    let grace = letter(&site, GRACE);
    let spoiled = format!("{grace}=spoiled");
    site.receipt(LARGE_PRINT, &["--except", &spoiled]).done();
    refuse(&site, &["batch", "pull", &grace, "--reason", "too late"], "it is spoiled: there is nothing to pull");
    refuse(&site, &["batch", "pull", &grace, "--reason", " "], "--reason must say why");
}

#[test]
fn an_order_that_cannot_be_sent_is_sent_by_a_later_run() {
    let site = site_on_tuesday();
    let printed = passwords(&site);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    let bo = letter(&site, BO);
    let ran = site.run(&["batch", "pull", &bo, "--reason", "wrong insert"]).expect(1);
    assert!(ran.stderr.contains("pull order 1 is recorded and could not be sent"), "{}", ran.stderr);
    assert_eq!(site.check(BO, &printed[&bo]), (5, "revoked".to_owned()), "that does not wait for the vendor");
    site.run(&["deliver"]).expect(1);
    fs::rename(&away, &inbox).unwrap();
    let planned = site.json(&["deliver", "--dry-run"]);
    assert_eq!(planned["did"]["would_send"], serde_json::json!([format!("{PACKAGE}.pull-1.json.pgp")]));
    site.run(&["deliver"]).expect(0);
    let file = format!("{PACKAGE}.pull-1.json.pgp");
    assert_eq!(opened(&site, &file)["letters"], serde_json::json!([bo]));
    // The vendor takes it away; nobody sends it again.
    fs::remove_file(inbox.join(&file)).unwrap();
    site.run(&["deliver"]).expect(0);
    site.run(&["batch", "pull", &bo, "--reason", "wrong insert"]).expect(0);
    assert!(!inbox.join(&file).exists());
    assert_eq!(newest_entry(&site, "package.pull_sent")["number"], 1);
    all_is_well(&site);
}

#[test]
fn a_crash_after_the_order_reached_the_vendor_sends_the_same_file() {
    let site = site_on_tuesday();
    let bo = letter(&site, BO);
    site.run(&["batch", "pull", &bo, "--reason", "wrong insert"]).expect(0);
    let file = site.path(&format!("vendor/inbox/{PACKAGE}.pull-1.json.pgp"));
    let sent = fs::read(&file).unwrap();
    // As if the program had died before it recorded that the order was sent.
    site.tamper("DROP TRIGGER pull_order_is_never_changed; UPDATE pull_order SET sent_at = NULL");
    site.run(&["deliver"]).expect(0);
    assert_eq!(fs::read(&file).unwrap(), sent);
    assert_eq!(site.value("SELECT sent_at IS NOT NULL FROM pull_order"), "1");
}

#[test]
fn an_order_follows_its_package_and_a_person_decides_if_that_never_goes() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    site.run(&["run", "nightly"]).expect(1);
    site.clock("2026-03-03T10:00:00-05:00");
    let [bo, grace] = [BO, GRACE].map(|username| letter(&site, username));
    let said = decide(&site, 0, &["batch", "pull", &bo, &grace, "--reason", "under review"]);
    assert!(said.contains("is told once its package is delivered"), "{said}");
    assert_eq!(states(&site, &bo), ("sealed".to_owned(), "revoked".to_owned()));
    site.run(&["batch", "hold", LARGE_PRINT, "--reason", "under review", "--by", "Robin Sample"]).expect(0);
    fs::rename(&away, &inbox).unwrap();
    site.run(&["deliver"]).expect(0);
    assert_eq!(opened(&site, &format!("{PACKAGE}.pull-1.json.pgp"))["letters"], serde_json::json!([bo]));
    assert!(!inbox.join(format!("{LARGE_PRINT}.pull-1.json.pgp")).exists(), "no vendor has that package");
    assert_eq!(states(&site, &bo), ("delivered".to_owned(), "revoked".to_owned()));
    // The held package is too late on Friday. The letter that was stopped is not made anew by itself.
    let ran = night(&site, "2026-03-06");
    assert_eq!(ran.code, 1, "{}", ran.text());
    assert_eq!(states(&site, &grace), ("voided".to_owned(), "revoked".to_owned()));
    assert_eq!(request(&site, super::desk::REFERENCE_OF_GRACE), "held");
    all_is_well(&site);
}
