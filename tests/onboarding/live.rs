//! A transmission test on a live site: it has `-test` in its name, and no number of a real package is spent on it.
//!
//! A live site is no rehearsal and has no simulated clock, so this one works under the machine's; nothing here asks what day it is.

use std::fs;
use std::path::Path;

use super::nightly::{Ran, run_limited};
use super::tools::GnuPg;
use super::west::CURVE25519;

struct LiveSite {
    root: tempfile::TempDir,
}

impl LiveSite {
    /// A new site, set live before anything was recorded in it, whose vendor has a key that gpg made.
    fn new(gpg: &GnuPg) -> Self {
        let site = Self { root: tempfile::tempdir().unwrap() };
        site.bare(&["init", site.path("site").to_str().unwrap()]).expect(0);
        let config = site.path("site/letterpost.toml");
        let text = fs::read_to_string(&config).unwrap();
        let text = text.replace("environment = \"test\"", "environment = \"live\"");
        let text = text.replace("imb = \"agency\"", "imb = \"vendor\"");
        let (before, barcode) = text.split_once("[vendor.barcode]").unwrap();
        assert!(barcode.contains("mailer_id = \"567094\""), "the section ends the sample");
        fs::write(&config, before).unwrap();
        fs::write(site.path("site/keys/acme.asc"), gpg.generate("print@acme.invalid", CURVE25519)).unwrap();
        site
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.root.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ran {
        let config = self.path("site/letterpost.toml");
        self.bare(&[&["--config", config.to_str().unwrap()], words].concat())
    }

    fn bare(&self, words: &[&str]) -> Ran {
        run_limited(env!("CARGO_BIN_EXE_letterpost"), words, &[], "")
    }

    /// What `doctor` says of the test: finding and message.
    fn doctor(&self) -> (String, String) {
        self.doctor_of("transmission test of vendor acme")
    }

    /// What `doctor` says of this check.
    fn doctor_of(&self, check: &str) -> (String, String) {
        let checks = self.run(&["--json", "doctor"]).json();
        let check = checks.as_array().unwrap().iter().find(|it| it["check"] == check).unwrap();
        let text = |field: &str| check[field].as_str().unwrap_or_default().to_owned();
        let told = [text("message"), text("remedy")];
        (
            text("finding"),
            told.iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>().join("; "),
        )
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

#[test]
fn on_a_live_site_a_test_spends_no_number_of_a_package() {
    let gpg = GnuPg::new();
    let site = LiveSite::new(&gpg);
    let (finding, message) = site.doctor();
    assert_eq!(finding, "note");
    assert!(message.contains("it never answered one; run 'letterpost vendor test acme'"), "{message}");
    for (number, goes) in [(1, "first"), (2, "second")] {
        let sent = site.run(&["--json", "vendor", "test", "acme"]).expect(0).json();
        assert_eq!(sent["name"], format!("eba-test-acme-{number:06}"), "the {goes}");
    }
    // The vendor's house, with the vendor's own key.
    let shop = site.path("shop");
    gpg.run(&["--armor", "--output", "secret.asc", "--export-secret-keys", "print@acme.invalid"]);
    copy(&gpg.folder().join("secret.asc"), &shop.join("secret.asc"));
    copy(&site.path("site/keys/site.pub.asc"), &shop.join("site.pub.asc"));
    let outbox = site.path("site/vendor/outbox");
    let settings = format!(
        "code = \"acme\"\nsecret_key = \"secret.asc\"\nsite_certificate = \"site.pub.asc\"\noutbox = \"{}\"\nregister = \"taken\"\n",
        outbox.display()
    );
    fs::write(shop.join("vendor.toml"), settings).unwrap();
    let sealed = site.path("site/vendor/inbox/eba-test-acme-000002.zip.pgp");
    let words =
        ["--vendor-config", shop.join("vendor.toml").to_str().unwrap(), sealed.to_str().unwrap()].map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let verified = site.bare(&[&["vendor", "verify"], &words[..]].concat()).expect(0);
    assert!(verified.stdout.contains("(test)"), "{}", verified.text());
    site.bare(&[&["vendor", "receipt"], &words[..], &["--events", "accepted"]].concat()).expect(0);
    let checked = site.run(&["--json", "vendor", "test", "acme", "--check"]).expect(0).json();
    assert_eq!(checked["status"], "accepted");
    let (finding, message) = site.doctor();
    assert_eq!(finding, "good");
    assert!(message.starts_with("eba-test-acme-000002 accepted at"), "{message}");
    // The packages themselves begin with their first number, and nothing of the tests is one.
    let batches = site.run(&["--json", "batch", "list"]).expect(0).json();
    assert_eq!(batches.as_array().unwrap().len(), 0);
    let report = site.run(&["--json", "report", "night"]).json();
    assert_eq!(report["accounting"]["letters"], 0);
}

#[test]
fn a_live_site_says_up_to_which_day_closures_by_order_are_known() {
    let site = LiveSite::new(&GnuPg::new());
    let (finding, message) = site.doctor_of("calendar");
    assert_eq!(finding, "bad");
    assert!(
        message.contains("write them into [calendar] closed and postal_closed, and the day into vouched_to"),
        "{message}"
    );
    let ran = site.run(&["produce"]).expect(2);
    assert!(ran.stderr.contains("nothing was minted") && ran.stderr.contains("vouched_to"), "{}", ran.stderr);
    let config = site.path("site/letterpost.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("# vouched_to = 2027-12-31", "vouched_to = 2099-12-31")).unwrap();
    assert_eq!(site.doctor_of("calendar"), ("good".to_owned(), "vouched for up to 2099-12-31".to_owned()));
}
