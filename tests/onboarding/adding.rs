//! `vendor add` and `vendor list`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, run_limited};
use super::west::{CURVE25519, West};

/// Everything in the site's folder but the databases, by path, with what is in it.
fn all_files(site: &TestSite) -> Vec<(String, Vec<u8>)> {
    let listed = run_limited("find", &[site.path("").to_str().unwrap(), "-type", "f"], &[], "").expect(0).stdout;
    let mut files: Vec<(String, Vec<u8>)> = listed
        .lines()
        .filter(|path| !path.contains(".db"))
        .map(|path| (path.to_owned(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_vendor_is_added_at_the_end_and_nothing_else_is_touched() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let west = West::new(CURVE25519);
    let config = site.path("letterpost.toml");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
    let (before, files) = (fs::read_to_string(&config).unwrap(), all_files(&site));
    let takes =
        ["--language", "es", "--format", "standard", "--package-mib", "20", "--print-day", "tue", "--cut-off", "05:30"];

    let planned = west.add(&site, &[&takes[..], &["--dry-run"]].concat()).expect(0);
    assert!(
        planned.stdout.contains("would add to the configuration:") && planned.stdout.contains("cut_off = \"05:30\"")
    );
    assert_eq!(all_files(&site), files, "a rehearsal writes nothing");
    assert_eq!(site.value("SELECT count(*) FROM vendor_onboarding"), "0");

    let grouped: String =
        west.fingerprint().to_lowercase().chars().enumerate().fold(String::new(), |text, (place, c)| {
            if place > 0 && place % 4 == 0 { text + " " + &c.to_string() } else { text + &c.to_string() }
        });
    let added = west.add(&site, &[&takes[..], &["--fingerprint", &grouped]].concat()).expect(0);
    assert!(added.stdout.contains("the one that you gave") && added.stdout.contains("EdDSA"), "{}", added.text());
    let after = fs::read_to_string(&config).unwrap();
    let section = after.strip_prefix(&before).expect("what stood there stands there still");
    for line in [
        "code = \"west\"",
        "languages = [\"es\"]",
        "package_mib = 20",
        "print_days = [\"tue\"]",
        "certificate = \"keys/west.asc\"",
    ] {
        assert_eq!(section.matches(&format!("\n{line}\n")).count(), 1, "{section}");
    }
    assert_eq!(fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o640);
    // What the vendor is handed over is the site's certificate, and settings that its commands read.
    let site_certificate = fs::read(site.path("keys/site.pub.asc")).unwrap();
    assert_eq!(fs::read(site.path("for-west/site.pub.asc")).unwrap(), site_certificate);
    let settings: toml::Table =
        toml::from_str(&fs::read_to_string(site.path("for-west/vendor.toml")).unwrap()).unwrap();
    assert_eq!(settings["code"].as_str(), Some("west"));
    assert!(
        settings
            .keys()
            .all(|key| ["code", "secret_key", "site_certificate", "outbox", "register"].contains(&key.as_str()))
    );
    // Nothing stops the night, and the log says who did it.
    site.run(&["doctor"]).expect(0);
    let logged: Vec<_> = site.entries().into_iter().filter(|entry| entry["kind"] == "vendor.onboarded").collect();
    let said = |entry: usize| ["step", "detail"].map(|field| logged[entry]["data"][field].as_str().unwrap().to_owned());
    assert_eq!(said(0), ["added", "by Robin Sample"]);
    assert_eq!(said(1), ["certificate".to_owned(), format!("{} compared", west.fingerprint())]);
    let list = site.json(&["vendor", "list"]);
    let west_listed = &list[1];
    assert_eq!((&west_listed["code"], &west_listed["packages"]), (&"west".into(), &0.into()));
    assert_eq!(west_listed["certificates"][0]["fingerprint"], west.fingerprint().as_str());
    assert_eq!(west_listed["next"], "letterpost vendor test west");
    assert!(site.run(&["vendor", "list"]).expect(0).stdout.contains("west  West Print (invented)\n"));
    // A code is given once.
    let again = west.add(&site, &[]).expect(2);
    assert!(again.stderr.contains("has a [[vendor]] west already"), "{}", again.text());
    assert_eq!(fs::read_to_string(&config).unwrap(), after);
}

#[test]
fn what_is_not_fit_is_refused_and_nothing_is_written() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let files = all_files(&site);
    let west = West::new(CURVE25519);
    let sign_only = West::new("Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign");
    let expired = West::new(&format!("{CURVE25519}\nExpire-Date: 20260302T120000"));
    let other = "0000 1111 2222 3333 4444 5555 6666 7777 8888 9999";
    for (vendor, words, code, why) in [
        (&sign_only, &[][..], 2, "it has no valid encryption subkey; ask the vendor for a certificate that can be"),
        (&expired, &[], 2, "it expired at 2026-03-02 12:00:00 UTC"),
        (&west, &["--fingerprint", other], 5, "and not the one that you gave; nothing was written"),
        (&west, &["--country", "USA"], 2, "[[vendor]] west countries is [\"USA\"]"),
        (&west, &["--package-mib", "86"], 2, "[[vendor]] west package_mib is 86"),
        (&west, &["--layout", "letter-files", "--letters-a-package", "4501"], 2, "letters_a_package is 4501"),
        (&west, &["--host-key-fingerprint", "SHA256:x"], 2, "--sftp-host"),
    ] {
        let refused = vendor.add(&site, words).expect(code);
        assert!(refused.stderr.contains(why), "{words:?}: {}", refused.text());
        assert_eq!(all_files(&site), files, "{words:?}");
    }
    // A secret key is the vendor's own, and no certificate.
    let secret = site.path("keys/acme.sec.asc");
    let words = [
        "vendor",
        "add",
        "w",
        "--name",
        "W",
        "--certificate",
        secret.to_str().unwrap(),
        "--inbox",
        "i",
        "--outbox",
        "o",
    ];
    assert!(site.run(&words).expect(2).stderr.contains("this is not one OpenPGP certificate"));
    // A file that is in the way is not written over.
    fs::write(site.path("keys/west.asc"), "another").unwrap();
    let refused = west.add(&site, &[]).expect(2);
    assert!(refused.stderr.contains("keys/west.asc is there with other content, and nothing is overwritten"));
    assert_eq!(fs::read_to_string(site.path("keys/west.asc")).unwrap(), "another");
    assert_eq!(site.value("SELECT count(*) FROM vendor_onboarding"), "0");
}

#[test]
fn a_vendor_that_would_get_no_letters_is_told_so() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let west = West::new(CURVE25519);
    let told = "no letter goes to west as it is";
    assert!(west.add(&site, &["--dry-run"]).expect(0).stdout.contains(told), "acme takes everything");
    site.configure("# languages = [\"en\", \"es\"]", "languages = [\"en\"]");
    assert!(!west.add(&site, &["--dry-run"]).expect(0).stdout.contains(told));
    assert!(west.add(&site, &["--language", "en", "--dry-run"]).expect(0).stdout.contains(told));
}
