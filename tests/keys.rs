//! A vendor's keys: one is changed for another while letters go out, and none that is not fit is ever sealed to.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[allow(dead_code, reason = "the tests of packages use all of it")]
#[path = "package/tools.rs"]
mod tools;

use std::fs;
use std::path::PathBuf;

use nightly::TestSite;
use serde_json::Value;
use tools::GnuPg;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// An hour after it, for gpg.
const AN_HOUR_LATER: &str = "20260303T043000!";

const CURVE25519: &str = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\n\
                          Subkey-Curve: cv25519\nSubkey-Usage: encrypt";
const RSA: &str = "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 2048\n\
                   Subkey-Usage: encrypt";
const BRAINPOOL: &str = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\n\
                         Subkey-Curve: brainpoolP256r1\nSubkey-Usage: encrypt";

/// A key that the vendor made with gpg, in a ring of its own, its certificate among the site's keys.
struct VendorKey {
    gpg: GnuPg,
    user_id: String,
    file: String,
}

impl VendorKey {
    fn make(site: &TestSite, name: &str, parameters: &str) -> Self {
        let (gpg, user_id) = (GnuPg::new(), format!("{name}@acme.invalid"));
        gpg.generate(&user_id, parameters);
        let key = Self { gpg, user_id, file: format!("keys/{name}.asc") };
        key.publish(site);
        key
    }

    /// Puts its certificate, as it is now, where the site reads it.
    fn publish(&self, site: &TestSite) {
        fs::write(site.path(&self.file), self.gpg.export(&self.user_id)).unwrap();
    }

    fn fingerprint(&self) -> String {
        let shown = self.gpg.run(&["--with-colons", "--list-keys", &self.user_id]);
        let line = shown.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// The secret key as a file, as the vendor's commands take it.
    fn secret_file(&self) -> PathBuf {
        self.gpg.run(&["--armor", "--output", "secret.asc", "--export-secret-keys", &self.user_id]);
        self.gpg.folder().join("secret.asc")
    }

    /// Opens a package of the inbox with this key alone; gives gpg's status lines.
    fn open(&self, site: &TestSite, package: &str) -> (bool, String) {
        // The site's key was made on the night, after the vendor's.
        let site_key = site.path("keys/site.pub.asc");
        self.gpg.run(&["--faked-system-time", AN_HOUR_LATER, "--import", site_key.to_str().unwrap()]);
        let sealed = site.path(&format!("vendor/inbox/{package}.zip.pgp"));
        let opened = self.gpg.folder().join(format!("{package}.zip"));
        let words = ["--faked-system-time", AN_HOUR_LATER, "--output", opened.to_str().unwrap(), "--decrypt"];
        self.gpg.try_run(&[&words[..], &[sealed.to_str().unwrap()]].concat())
    }
}

/// The demo's site before its night, whose vendor has these certificates.
fn site_with(certificates: &[&VendorKey], site: TestSite) -> TestSite {
    let files: Vec<String> = certificates.iter().map(|key| format!("\"{}\"", key.file)).collect();
    site.configure("certificate = \"keys/acme.asc\"", &format!("certificates = [{}]", files.join(", ")));
    site
}

/// What `doctor` found of the vendor's certificates: finding and message.
fn found(site: &TestSite) -> Vec<(String, String)> {
    let checks = site.run(&["--json", "doctor"]).json();
    let of_vendor = |check: &&Value| check["check"] == "certificate of vendor acme";
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    checks.as_array().unwrap().iter().filter(of_vendor).map(|it| (text(&it["finding"]), text(&it["message"]))).collect()
}

#[test]
fn while_a_key_is_changed_either_opens_every_package_and_either_signs_receipts() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let old = VendorKey::make(&site, "acme-2026", RSA);
    let new = VendorKey::make(&site, "acme-2027", CURVE25519);
    let site = site_with(&[&old, &new], site);
    site.night();
    let packages = site.packages();
    assert!(packages.len() >= 2, "{packages:?}");
    let site_key = site.value("SELECT fingerprint FROM package_key WHERE role = 'signer' LIMIT 1");
    for package in &packages {
        for key in [&old, &new] {
            let (opened, status) = key.open(&site, package);
            assert!(opened && status.contains("[GNUPG:] DECRYPTION_OKAY"), "{}: {status}", key.user_id);
            assert!(status.contains(&format!("[GNUPG:] VALIDSIG {site_key} ")), "{status}");
        }
        let shown = site.json(&["batch", "show", package]);
        let mut expected = [old.fingerprint(), new.fingerprint()];
        expected.sort();
        let mut sealed_to: Vec<&str> = shown["sealed_to"].as_str().unwrap().split(' ').collect();
        sealed_to.sort_unstable();
        assert_eq!(sealed_to, expected);
        assert_eq!(shown["sealed_by"], site_key.as_str());
        let sealed = site.value(&format!(
            "SELECT CAST(entry AS TEXT) FROM audit_entry WHERE entry ->> '$.kind' = 'package.sealed'
             AND entry ->> '$.data.package' = '{package}'"
        ));
        assert!(expected.iter().chain([&site_key]).all(|fingerprint| sealed.contains(fingerprint)), "{sealed}");
    }
    // The old key signs the one receipt, and the new key the other.
    site.clock("2026-03-03T20:00:00-05:00");
    for (package, key) in packages.iter().zip([&old, &new]) {
        site.receipt(package, &["--key", key.secret_file().to_str().unwrap()]).expect(0);
        assert_eq!(site.value(&format!("SELECT status FROM batch WHERE name = '{package}'")), "accepted");
    }
    // When the change is over, the old key signs nothing any more.
    let both = format!("certificates = [\"{}\", \"{}\"]", old.file, new.file);
    site.configure(&both, &format!("certificates = [\"{}\"]", new.file));
    let late = ["--key", old.secret_file().to_str().unwrap(), "--events", "returned", "--only"].map(str::to_owned);
    let letter = site.value(&format!(
        "SELECT letter.id FROM letter JOIN batch ON batch.id = batch_id WHERE name = '{}' LIMIT 1",
        packages[0]
    ));
    let late: Vec<&str> = late.iter().map(String::as_str).chain([letter.as_str()]).collect();
    let refused = site.receipt(&packages[0], &late).expect(1);
    assert!(refused.stderr.contains(&format!("not by the pinned key {}", new.fingerprint())), "{}", refused.text());
}

#[test]
fn a_certificate_that_has_ended_is_left_out_beside_a_good_one() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    // It ends at noon of the day of the night.
    let ended = VendorKey::make(&site, "ended", &format!("{CURVE25519}\nExpire-Date: 20260302T120000"));
    let good = VendorKey::make(&site, "good", CURVE25519);
    let site = site_with(&[&ended, &good], site);
    let [(first, message), (second, shown)] = found(&site).try_into().unwrap();
    assert_eq!((first.as_str(), second.as_str(), shown), ("note", "good", good.fingerprint()));
    assert!(
        message.contains("it expired at 2026-03-02 12:00:00 UTC") && message.ends_with("it is left out"),
        "{message}"
    );
    site.night();
    for package in site.packages() {
        assert_eq!(site.json(&["batch", "show", &package])["sealed_to"], good.fingerprint().as_str());
        assert!(good.open(&site, &package).0 && !ended.open(&site, &package).0);
    }
}

/// That nothing can be sealed for this vendor, and nothing is claimed.
fn assert_nothing_is_claimed(site: &TestSite, why: &str) {
    let found = found(site);
    assert!(found.iter().all(|(finding, _)| finding == "bad"), "{found:?}");
    assert!(found.iter().any(|(_, message)| message.contains(why)), "{found:?}");
    site.run(&["doctor"]).expect(2);
    let states = "SELECT status, count(*) FROM request GROUP BY status";
    let before = site.rows(states);
    for command in [&["produce"][..], &["produce", "--dry-run"], &["run", "nightly"]] {
        let refused = site.run(command).expect(2);
        assert!(refused.stderr.contains("nothing was minted") && refused.stderr.contains(why), "{}", refused.text());
    }
    assert_eq!(site.rows(states), before);
    assert_eq!(site.value("SELECT count(*) FROM batch"), "0");
}

#[test]
fn without_a_certificate_that_can_be_sealed_to_nothing_is_claimed() {
    let sign_only = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign";
    for (name, parameters, why) in [
        ("expired", format!("{CURVE25519}\nExpire-Date: 20260302T120000"), "it expired at 2026-03-02 12:00:00 UTC"),
        ("signonly", sign_only.to_owned(), "it has no valid encryption subkey"),
        ("brainpool", BRAINPOOL.to_owned(), "it has no valid encryption subkey"),
    ] {
        let site = TestSite::before_the_night(MONDAY_NIGHT);
        let key = VendorKey::make(&site, name, &parameters);
        assert_nothing_is_claimed(&site_with(&[&key], site), why);
    }
}

#[test]
fn a_revoked_certificate_is_never_sealed_to_again_even_if_it_was() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let key = VendorKey::make(&site, "revoked", CURVE25519);
    let other = VendorKey::make(&site, "expired", &format!("{RSA}\nExpire-Date: 20260302T120000"));
    let site = site_with(&[&key, &other], site);
    assert_eq!(found(&site)[0].0, "good");
    let revocation = format!("openpgp-revocs.d/{}.rev", key.fingerprint());
    let text = String::from_utf8(key.gpg.read(&revocation)).unwrap().replace(":-----BEGIN", "-----BEGIN");
    key.gpg.write("revocation.asc", text);
    key.gpg.run(&["--import", "revocation.asc"]);
    key.publish(&site);
    assert_nothing_is_claimed(&site, "it was revoked");
}

#[test]
fn the_end_of_the_last_good_certificate_is_told_thirty_days_before() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let first = VendorKey::make(&site, "first", &format!("{CURVE25519}\nExpire-Date: 20260501T000000"));
    let second = VendorKey::make(&site, "second", &format!("{CURVE25519}\nExpire-Date: 20270501T000000"));
    let site = site_with(&[&first], site);
    for (now, finding) in [
        ("2026-03-31T23:59:59Z", "good"),
        ("2026-04-01T00:00:01Z", "note"),
        ("2026-04-30T23:59:59Z", "note"),
        ("2026-05-01T00:00:00Z", "bad"),
    ] {
        site.clock(now);
        assert_eq!(found(&site)[0].0, finding, "{now}");
    }
    // gpg extends it, and the vendor sends it again.
    let fingerprint = first.fingerprint();
    first.gpg.run_an_hour_later(&["--quick-set-expire", &fingerprint, "2027-03-01"]);
    first.gpg.run_an_hour_later(&["--quick-set-expire", &fingerprint, "2027-03-01", "*"]);
    first.publish(&site);
    assert_eq!(found(&site)[0].0, "good");
    // While the next one is there already, the end of the old one is nothing to do something about.
    let site = {
        site.configure(
            &format!("certificates = [\"{}\"]", first.file),
            &format!("certificates = [\"{}\", \"{}\"]", first.file, second.file),
        );
        site
    };
    site.clock("2027-02-20T00:00:00Z");
    assert_eq!(found(&site).iter().map(|(finding, _)| finding.as_str()).collect::<Vec<_>>(), ["good", "good"]);
}

#[test]
fn there_is_no_way_to_send_what_is_not_encrypted() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("certificate = \"keys/acme.asc\"", "certificates = []");
    let refused = site.run(&["doctor"]).expect(2);
    assert!(refused.stderr.contains("[[vendor]] acme certificates is []; write a list of files"), "{}", refused.text());
    site.configure("certificates = []\n", "");
    let refused = site.run(&["produce"]).expect(2);
    assert!(refused.stderr.contains("[[vendor]] acme certificate is missing"), "{}", refused.text());
    site.configure("inbox = \"vendor/inbox\"", "certificate = \"keys/gone.asc\"\ninbox = \"vendor/inbox\"");
    assert!(site.run(&["produce"]).expect(2).stderr.contains("keys/gone.asc"));
    // Not the vendor's secret key either: that it is here at all is a mistake.
    site.configure("certificate = \"keys/gone.asc\"", "certificate = \"keys/acme.sec.asc\"");
    assert!(site.run(&["produce"]).expect(2).stderr.contains("this is not one OpenPGP certificate"));
    site.configure(
        "certificate = \"keys/acme.sec.asc\"",
        "certificate = \"keys/acme.asc\"\ncertificates = [\"keys/acme.asc\"]",
    );
    assert!(site.run(&["doctor"]).expect(2).stderr.contains("certificate and certificates are both there"));
    assert_eq!(site.value("SELECT count(*) FROM batch"), "0");
}
