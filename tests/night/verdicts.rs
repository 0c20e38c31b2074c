//! What `password check` says over the life of a password.

use super::MONDAY_NIGHT;
use super::nightly::TestSite;
use super::opened::{Opened, letter_of, open_all};

const BO: &str = "bo.li@example.com";
const AVERY: &str = "avery.sample@example.com";

fn said(answer: (i32, String), code: i32, verdict: &str) {
    assert_eq!((answer.0, answer.1.as_str()), (code, verdict));
}

/// A password that nobody was given, of a right form.
const NOBODYS: &str = "0000-0000-0000";

#[test]
fn a_password_is_used_up_once() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, BO);
    said(site.check(BO, &letter.password), 0, "accepted");
    said(site.check(BO, &letter.password), 0, "accepted");
    said(site.redeem(BO, &letter.password), 0, "accepted");
    said(site.redeem(BO, &letter.password), 5, "used");
    said(site.check(BO, &letter.password), 5, "used");
    said(site.check(BO, NOBODYS), 5, "wrong");
    let redeemed = site.audit_kinds(letter.id()).iter().filter(|kind| *kind == "password.redeemed").count();
    assert_eq!(redeemed, 1, "one audit entry");
    site.closed_accounting();
}

#[test]
fn what_a_person_types_is_forgiven() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, BO);
    let password = &letter.password;
    for typed in [
        password.to_lowercase(),
        password.replace('-', ""),
        password.replace('-', " "),
        format!("  {password}  "),
        password.replace('0', "O").replace('1', "I"),
        password.to_lowercase().replace('0', "o").replace('1', "l"),
        password.chars().map(|symbol| format!("{symbol} ")).collect(),
    ] {
        said(site.check(BO, &typed), 0, "accepted");
    }
    for typed in ["", "-", "U", &password[..13], &format!("{password}0"), "💥", &"0".repeat(5000)] {
        said(site.check(BO, typed), 5, "wrong");
    }
    said(site.check("nobody@example.com", password), 5, "wrong");
    // The letters O and I, read as digits, in passwords that have those digits.
    let with_digits = packages.iter().flat_map(|p| &p.letters).find(|l| l.password.contains(['0', '1'])).unwrap();
    let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", with_digits.id()));
    said(site.check(&username, &with_digits.password.replace('0', "o").replace('1', "i")), 0, "accepted");
}

#[test]
fn a_password_is_good_from_its_delivery_on() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.run(&["collect"]).expect(0);
    site.run(&["produce"]).done();
    // Nothing is in the inbox yet: the vendor opens a copy that is brought to it from the spool.
    for object in std::fs::read_dir(site.path("spool")).unwrap() {
        let object = object.unwrap().file_name().into_string().unwrap();
        let sealed = format!("vendor/inbox/{}.zip.pgp", object.trim_end_matches(".1"));
        std::fs::copy(site.path("spool").join(&object), site.path(&sealed)).unwrap();
    }
    let packages = open_all(&site);
    for name in site.packages() {
        std::fs::remove_file(site.path(&format!("vendor/inbox/{name}.zip.pgp"))).unwrap();
    }
    let letter = letter_of(&site, &packages, BO);
    said(site.check(BO, &letter.password), 5, "not_yet");
    said(site.redeem(BO, &letter.password), 5, "not_yet");
    said(site.check(BO, NOBODYS), 5, "wrong");
    site.run(&["deliver"]).expect(0);
    said(site.check(BO, &letter.password), 0, "accepted");
    assert!(site.audit_kinds(letter.id()).contains(&"letter.sealed".to_owned()));
}

#[test]
fn a_password_ends_with_its_last_day() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, BO);
    let expires_on = site.value(&format!("SELECT expires_on FROM letter WHERE id = '{}'", letter.id()));
    assert_eq!(
        expires_on, "2026-03-22",
        "three weeks of hours after Monday night are over on Monday; summer time began"
    );
    site.clock("2026-03-22T23:59:59-04:00");
    said(site.check(BO, &letter.password), 0, "accepted");
    site.clock("2026-03-23T00:00:00-04:00");
    said(site.check(BO, &letter.password), 5, "expired");
    said(site.redeem(BO, &letter.password), 5, "expired");
    site.run(&["expire"]).expect(0);
    said(site.check(BO, &letter.password), 5, "expired");
    assert_eq!(site.audit_kinds(letter.id()).last().unwrap(), "password.expired");
    // A month later the verifier is destroyed, and nobody can be told why any more.
    site.clock("2026-04-21T12:00:00-04:00");
    // Nobody certified that the package was destroyed, which is told once.
    site.run(&["retention"]).expect(1);
    said(site.check(BO, &letter.password), 5, "expired");
    site.clock("2026-04-22T12:00:00-04:00");
    site.run(&["expire"]).expect(0);
    assert!(site.run(&["retention", "--dry-run"]).expect(0).stdout.contains("verifiers destroyed"));
    said(site.check(BO, &letter.password), 5, "expired");
    site.run(&["retention"]).expect(0);
    said(site.check(BO, &letter.password), 5, "wrong");
    assert_eq!(site.audit_kinds(letter.id()).last().unwrap(), "password.verifier_destroyed");
}

#[test]
fn a_returned_letter_revokes_its_password_alone() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages = open_all(&site);
    let (returned, kept) = (letter_of(&site, &packages, BO), letter_of(&site, &packages, AVERY));
    site.clock("2026-03-03T20:00:00-05:00");
    let package = site.packages().remove(0);
    assert_eq!(site.receipt(&package, &[]).code, 0);
    said(site.check(BO, &returned.password), 0, "accepted");
    site.clock("2026-03-10T20:00:00-04:00");
    site.receipt(&package, &["--only", returned.id(), "--events", "returned"]).done();
    said(site.check(BO, &returned.password), 5, "revoked");
    said(site.check(AVERY, &kept.password), 0, "accepted");
    let kinds = site.audit_kinds(returned.id());
    assert!(kinds.ends_with(&["letter.returned".to_owned(), "password.revoked".to_owned()]), "{kinds:?}");
    assert!(!site.audit_kinds(kept.id()).contains(&"password.revoked".to_owned()));
    site.closed_accounting();
}

#[test]
fn wrong_tries_lock_a_password() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# failures_until_locked = 100", "failures_until_locked = 3");
    site.night();
    let packages = open_all(&site);
    let letter = letter_of(&site, &packages, BO);
    // A right try in between starts the count anew.
    said(site.check(BO, NOBODYS), 5, "wrong");
    said(site.check(BO, "not a password"), 5, "wrong");
    said(site.check(BO, &letter.password), 0, "accepted");
    for _ in 0..3 {
        said(site.check(BO, NOBODYS), 5, "wrong");
    }
    said(site.check(BO, &letter.password), 5, "locked");
    said(site.redeem(BO, &letter.password), 5, "locked");
    said(site.check(BO, NOBODYS), 5, "wrong");
    let locked = site.audit_kinds(letter.id()).iter().filter(|kind| *kind == "password.locked").count();
    assert_eq!(locked, 1, "one audit entry");
    said(site.check(AVERY, &letter_of(&site, &packages, AVERY).password), 0, "accepted");
}

#[test]
fn one_accounts_verifier_copied_onto_anothers_row_verifies_nothing() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let packages: Vec<Opened> = open_all(&site);
    let (bo, avery) = (letter_of(&site, &packages, BO), letter_of(&site, &packages, AVERY));
    site.tamper(&format!(
        "UPDATE letter SET verifier = (SELECT verifier FROM letter WHERE id = '{}') WHERE id = '{}'",
        bo.id(),
        avery.id()
    ));
    said(site.check(AVERY, &bo.password), 5, "wrong");
    said(site.check(AVERY, &avery.password), 5, "wrong");
    said(site.check(BO, &bo.password), 0, "accepted");
    // Nor does a letter that is given to another account altogether.
    site.tamper(&format!("UPDATE letter SET username = 'mallory@example.com' WHERE id = '{}'", bo.id()));
    said(site.check("mallory@example.com", &bo.password), 5, "wrong");
    said(site.check(BO, &bo.password), 5, "wrong");
}
