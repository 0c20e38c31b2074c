//! A print vendor that nobody has taken on yet, with keys that gpg made for it.

use std::fs;
use std::path::PathBuf;

use super::nightly::{Ran, TestSite};
use super::tools::GnuPg;

pub const CURVE25519: &str = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\n\
                              Subkey-Curve: cv25519\nSubkey-Usage: encrypt";

/// The vendor: its key ring, and its certificate as it sends it.
pub struct West {
    pub gpg: GnuPg,
    pub certificate: PathBuf,
}

impl West {
    pub fn new(parameters: &str) -> Self {
        let gpg = GnuPg::new();
        let certificate = gpg.generate("print@west.invalid", parameters);
        Self { certificate: gpg.write("west.asc", certificate), gpg }
    }

    pub fn fingerprint(&self) -> String {
        let shown = self.gpg.run(&["--with-colons", "--list-keys", "print@west.invalid"]);
        let line = shown.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// `vendor add west` with folders in the site's own, and these words more.
    pub fn add(&self, site: &TestSite, more: &[&str]) -> Ran {
        for folder in ["west/in", "west/out"] {
            fs::create_dir_all(site.path(folder)).unwrap();
        }
        let certificate = self.certificate.to_str().unwrap();
        let words = ["vendor", "add", "west", "--name", "West Print (invented)", "--certificate", certificate];
        let folders = ["--inbox", "west/in", "--outbox", "west/out", "--by", "Robin Sample"];
        site.run(&[&words[..], &folders, more].concat())
    }

    /// The settings that it was handed over, with its own secret key.
    pub fn settle_in(&self, site: &TestSite) {
        self.gpg.run(&["--armor", "--output", "secret.asc", "--export-secret-keys", "print@west.invalid"]);
        fs::create_dir_all(site.path("west/keys")).unwrap();
        fs::copy(self.gpg.folder().join("secret.asc"), site.path("west/keys/west-secret.asc")).unwrap();
        fs::copy(site.path("for-west/site.pub.asc"), site.path("west/site.pub.asc")).unwrap();
        let settings = fs::read_to_string(site.path("for-west/vendor.toml")).unwrap();
        fs::write(site.path("west/vendor.toml"), settings.replace("\"outbox\"", "\"out\"")).unwrap();
    }
}

/// A command of the vendor on a package of its inbox.
pub fn vendor(site: &TestSite, command: &str, package: &str, more: &[&str]) -> Ran {
    let sealed = site.path(&format!("west/in/{package}.zip.pgp"));
    site.run(&[&["vendor", command, sealed.to_str().unwrap()], more].concat())
}
