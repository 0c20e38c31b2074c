//! Heads are signed, and stay good when another key takes over. Their signatures are opened by code of another house.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use letterpost::audit::check::notes::notes_in;
use serde_json::{Value, json};
use signed_note::{Note, StandardVerifier, Verifier as _, VerifierList};

use crate::nightly::TestSite;

/// A Monday.
pub const MONDAY: &str = "2026-03-02T22:30:00-05:00";
const TUESDAY: &str = "2026-03-03T22:30:00-05:00";
const ROBIN: [&str; 4] = ["--reason", "yearly", "--by", "Robin Sample"];

/// The newest note in the file of heads.
pub fn newest(site: &TestSite) -> String {
    let kept = fs::read_to_string(site.path("audit/heads.log")).unwrap();
    notes_in(&kept).pop().expect("a note")
}

pub fn read(site: &TestSite, name: &str) -> String {
    fs::read_to_string(site.path(name)).unwrap()
}

fn vkey(site: &TestSite) -> String {
    read(site, "keys/log.vkey").trim().to_owned()
}

/// Whether a key signed a note, by another implementation: the text is parsed, and each signature verified.
fn is_signed_by(note: &str, vkey: &str) -> bool {
    let verifier = StandardVerifier::new(vkey).unwrap();
    let name = verifier.name().to_owned();
    let opened = Note::from_bytes(note.as_bytes()).unwrap().verify(&VerifierList::new(vec![Box::new(verifier)]));
    opened.is_ok_and(|(verified, _)| verified.iter().any(|signature| *signature.name() == name))
}

fn rotate(site: &TestSite, more: &[&str]) -> Value {
    let mut arguments = vec!["audit", "key", "rotate"];
    arguments.extend(ROBIN);
    arguments.extend(more);
    site.json(&arguments)
}

#[test]
fn every_head_is_signed_in_the_ledger_outside_and_with_the_package() {
    let site = TestSite::before_the_night(MONDAY);
    let key = read(&site, "keys/log.key");
    assert!(key.starts_with("PRIVATE+KEY+letters.benefits.example/eba+") && key.lines().count() == 1);
    let mode = fs::metadata(site.path("keys/log.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    site.night();
    let (vkey, note) = (vkey(&site), newest(&site));
    assert!(is_signed_by(&note, &vkey), "{note}");
    assert_eq!(site.value("SELECT note FROM audit_head ORDER BY size DESC LIMIT 1"), note);
    // The first package rides with the empty log's head, which is the hash of nothing.
    let package = &site.packages()[0];
    let ready: Value = serde_json::from_str(&read(&site, &format!("vendor/inbox/{package}.ready"))).unwrap();
    let rider = ready["checkpoint"].as_str().unwrap();
    let empty = "letters.benefits.example/eba\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} ";
    assert!(rider.starts_with(empty) && is_signed_by(rider, &vkey), "{rider}");
    site.clock(TUESDAY);
    let shown = site.json(&["checkpoint"]);
    // The key itself may have a '+' in it.
    let label = vkey.splitn(3, '+').take(2).collect::<Vec<_>>().join("+");
    assert_eq!(shown["did"]["key"], label.as_str(), "{shown}");
    assert_eq!(site.json(&["audit", "key", "show"]), json!([{ "vkey": vkey, "from_size": 0, "to_size": null }]));
    assert!(!site.said().contains("PRIVATE"), "the secret key is never shown");
    let checks = site.run(&["--json", "doctor"]).json();
    let check = checks.as_array().unwrap().iter().find(|check| check["check"] == "key of the audit log").unwrap();
    assert_eq!((&check["finding"], &check["message"]), (&json!("good"), &json!(label)));
}

#[test]
fn another_key_takes_over_and_what_the_first_one_signed_stays_good() {
    let site = TestSite::after_the_night(MONDAY);
    let (first, before) = (vkey(&site), newest(&site));
    site.run(&["audit", "key", "rotate"]).expect(2);
    let planned = rotate(&site, &["--dry-run"]);
    assert_eq!((&planned["before"], &planned["dry_run"]), (&json!(first), &json!(true)));
    assert_eq!((vkey(&site), newest(&site)), (first.clone(), before.clone()), "--dry-run changes nothing");

    let rotated = rotate(&site, &[]);
    let second = vkey(&site);
    assert_eq!((&rotated["before"], &rotated["after"]), (&json!(first), &json!(second)));
    assert_ne!(first, second);
    let both = newest(&site);
    assert!(is_signed_by(&both, &first) && is_signed_by(&both, &second), "{both}");
    assert!(!site.path("keys/log.key.next").exists());
    let size = rotated["size"].as_u64().unwrap();
    let entry = site.entries().pop().unwrap();
    assert_eq!((&entry["kind"], &entry["seq"]), (&json!("log.key_rotated"), &json!(size - 1)));
    assert_eq!((&entry["before"], &entry["after"]), (&json!({ "vkey": first }), &json!({ "vkey": second })));
    assert_eq!(entry["data"], json!({ "by": "Robin Sample", "reason": "yearly" }));

    site.clock(TUESDAY);
    site.night();
    let after = newest(&site);
    assert!(is_signed_by(&after, &second) && !is_signed_by(&after, &first), "{after}");
    assert!(is_signed_by(&before, &first), "the old head by the old key");
    let third = rotate(&site, &[]);
    let shown = site.json(&["audit", "key", "show"]);
    let third_size = &third["size"];
    assert_eq!(
        shown,
        json!([
            { "vkey": first, "from_size": 0, "to_size": size },
            { "vkey": second, "from_size": size, "to_size": third_size },
            { "vkey": third["after"], "from_size": third_size, "to_size": null },
        ])
    );
    site.run(&["audit", "verify"]).expect(0);
    site.run(&["ledger", "backup"]).expect(0);
    assert_eq!(site.run(&["doctor"]).code, 0);
}

#[test]
fn a_rotation_that_is_cut_short_leaves_one_key_that_signs() {
    let site = TestSite::after_the_night(MONDAY);
    let first = (read(&site, "keys/log.key"), vkey(&site));
    // Cut before the ledger knew: what lies ready is another key, or half of one.
    for left in ["", "PRIVATE+KEY+lett"] {
        fs::write(site.path("keys/log.key.next"), left).unwrap();
        site.run(&["checkpoint"]).expect(0);
        assert_eq!(vkey(&site), first.1);
    }
    let second = rotate(&site, &[])["after"].as_str().unwrap().to_owned();
    // Cut after the ledger knew: the old files are still there, and the head outside is the one before.
    let key = read(&site, "keys/log.key");
    let heads = read(&site, "audit/heads.log");
    let rotation = newest(&site);
    for public in [&first.1, &second] {
        fs::rename(site.path("keys/log.key"), site.path("keys/log.key.next")).unwrap();
        fs::write(site.path("keys/log.key"), &first.0).unwrap();
        fs::write(site.path("keys/log.vkey"), format!("{public}\n")).unwrap();
        fs::write(site.path("audit/heads.log"), heads.strip_suffix(&format!("{rotation}\n")).unwrap()).unwrap();
        site.run(&["checkpoint"]).expect(0);
        assert_eq!((read(&site, "keys/log.key"), vkey(&site)), (key.clone(), second.clone()));
        assert_eq!(newest(&site), rotation, "the head that both signed is outside now");
        assert!(!site.path("keys/log.key.next").exists());
    }
    site.clock(TUESDAY);
    site.night();
    assert!(is_signed_by(&newest(&site), &second));
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn without_its_key_nothing_is_minted_until_it_is_back_or_said_to_be_lost() {
    let site = TestSite::before_the_night(MONDAY);
    site.run(&["checkpoint"]).expect(0);
    let first = vkey(&site);
    fs::rename(site.path("keys/log.key"), site.path("elsewhere")).unwrap();
    let refused = site.run(&["run", "nightly"]).expect(2);
    assert!(refused.stderr.contains("bring it back from where you keep it"), "{}", refused.stderr);
    assert_eq!(site.value("SELECT count(*) FROM batch"), "0");
    let doctor = site.run(&["doctor"]).expect(2);
    assert!(doctor.text().contains("letterpost audit key rotate"), "{}", doctor.text());
    let told = site.run(&[&["audit", "key", "rotate"], &ROBIN[..]].concat()).expect(2).stderr;
    assert!(told.contains("say so with --lost"), "{told}");
    let rotated = rotate(&site, &["--lost"]);
    assert_eq!(rotated["before"], first.as_str(), "the log knows whose place the new key takes");
    let note = newest(&site);
    assert!(is_signed_by(&note, &vkey(&site)) && !is_signed_by(&note, &first));
    site.night();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_site_that_gets_its_own_name_before_its_first_entry_has_its_key_under_that_name() {
    let site = TestSite::before_the_night(MONDAY);
    let made = site.outside().join("site");
    let run = |arguments: &[&str]| crate::nightly::run_limited(env!("CARGO_BIN_EXE_letterpost"), arguments, &[], "");
    run(&["init", made.to_str().unwrap()]).expect(0);
    let config = made.join("letterpost.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("letters.benefits.example/eba", "letters.other.example/oba")).unwrap();
    let shown = run(&["--config", config.to_str().unwrap(), "audit", "key", "show"]).expect(0);
    assert!(shown.stdout.starts_with("letters.other.example/oba+"), "{}", shown.text());
    let public = fs::read_to_string(made.join("keys/log.vkey")).unwrap();
    assert!(shown.stdout.starts_with(public.trim()), "{public}");
    let secret = fs::read_to_string(made.join("keys/log.key")).unwrap();
    assert!(secret.starts_with("PRIVATE+KEY+letters.other.example/oba+"));
}
