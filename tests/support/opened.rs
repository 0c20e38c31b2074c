//! A package as a vendor opens it with its own tools: GnuPG, unzip, sha256sum, poppler.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use serde_json::Value;

use super::nightly::{TestSite, csv_rows, run_limited};

/// The programs that tests run, each with a limit of time.
fn succeed(program: &str, arguments: &[&str], surroundings: &[(&str, &str)]) -> String {
    run_limited(program, arguments, surroundings, "").expect(0).stdout
}

/// GnuPG with a key ring of its own; its agent ends with it.
pub struct KeyRing {
    home: PathBuf,
    now: String,
}

impl KeyRing {
    /// The vendor's ring: the site's certificate and the vendor's secret key, on an hour after the site's clock.
    pub fn of_the_vendor(site: &TestSite) -> Self {
        let home = site.outside();
        let hour_later = DateTime::parse_from_rfc3339(&site.now()).unwrap().to_utc() + chrono::TimeDelta::hours(1);
        let ring = Self { home, now: hour_later.format("%Y%m%dT%H%M%S!").to_string() };
        for key in ["keys/site.pub.asc", "keys/acme.sec.asc"] {
            ring.gpg(&["--import", site.path(key).to_str().unwrap()]);
        }
        ring
    }

    /// Runs gpg, which must succeed; gives its status lines.
    pub fn gpg(&self, arguments: &[&str]) -> String {
        let mut all = vec!["--batch", "--no-tty", "--yes", "--status-fd", "1", "--faked-system-time", &self.now];
        all.extend(arguments);
        succeed("gpg", &all, &[("GNUPGHOME", self.home.to_str().unwrap())])
    }

    /// The fingerprint of the key in a file.
    pub fn fingerprint(&self, key: &Path) -> String {
        let shown = self.gpg(&["--with-colons", "--show-keys", key.to_str().unwrap()]);
        let line = shown.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }
}

impl Drop for KeyRing {
    fn drop(&mut self) {
        run_limited("gpgconf", &["--homedir", self.home.to_str().unwrap(), "--kill", "all"], &[], "");
    }
}

/// One letter of a package, as it is printed.
pub struct Printed {
    /// Its row in the manifest, by column.
    pub row: BTreeMap<String, String>,
    /// The text of each of its pages, in reading order.
    pub pages: Vec<String>,
    /// The text of each of its pages, laid out as on paper.
    pub laid_out: Vec<String>,
    /// The temporary password.
    pub password: String,
}

impl Printed {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.row["letter_id"]
    }

    /// Its whole text.
    pub fn text(&self) -> String {
        self.pages.concat()
    }
}

/// A package that was decrypted, verified and unpacked.
pub struct Opened {
    pub folder: PathBuf,
    pub ticket: Value,
    pub letters: Vec<Printed>,
}

impl Opened {
    /// Opens a package of the inbox as a vendor does, and checks its signature and sums.
    pub fn open(site: &TestSite, package: &str) -> Self {
        let ring = KeyRing::of_the_vendor(site);
        let folder = site.outside();
        let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let sealed = site.path(&format!("vendor/inbox/{package}.zip.pgp"));
        let status = ring.gpg(&["--output", &at("package.zip"), "--decrypt", sealed.to_str().unwrap()]);
        let signed_by = format!("VALIDSIG {} ", ring.fingerprint(&site.path("keys/site.pub.asc")));
        assert!(status.contains(&signed_by) && status.contains("DECRYPTION_OKAY"), "{status}");
        succeed("unzip", &["-q", &at("package.zip"), "-d", folder.to_str().unwrap()], &[]);
        // sha256sum reads its list's names from where it runs.
        succeed("env", &["-C", folder.to_str().unwrap(), "sha256sum", "--strict", "-c", "SHA256SUMS"], &[]);
        let ticket = serde_json::from_slice(&fs::read(folder.join("job-ticket.json")).unwrap()).unwrap();
        let letters = csv_rows(&folder.join("manifest.csv")).into_iter().map(|row| read_letter(&folder, row)).collect();
        Self { folder, ticket, letters }
    }

    /// The bytes of a file of the package.
    pub fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap()
    }
}

fn read_letter(folder: &Path, row: BTreeMap<String, String>) -> Printed {
    let file = folder.join(&row["file"]);
    let first: usize = row["first_page"].parse().unwrap();
    let count: usize = row["pages"].parse().unwrap();
    let read = |page: usize, option: &[&str]| {
        let page = page.to_string();
        let mut arguments = vec!["-f", &page, "-l", &page];
        arguments.extend(option);
        arguments.extend([file.to_str().unwrap(), "-"]);
        succeed("pdftotext", &arguments, &[])
    };
    let pages: Vec<String> = (first..first + count).map(|page| read(page, &[])).collect();
    let laid_out = (first..first + count).map(|page| read(page, &["-layout"])).collect();
    let passwords = passwords_in(&pages.concat());
    let [password] = passwords.as_slice() else { panic!("letter {}: {} passwords", row["letter_id"], passwords.len()) };
    Printed { password: password.clone(), row, pages, laid_out }
}

/// What looks like a temporary password in a text: three groups of four symbols.
pub fn passwords_in(text: &str) -> Vec<String> {
    let is_symbol = |c: char| "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(c);
    let is_password = |word: &&str| {
        let groups: Vec<&str> = word.split('-').collect();
        groups.len() == 3 && groups.iter().all(|group| group.len() == 4 && group.chars().all(is_symbol))
    };
    text.split_whitespace().filter(is_password).map(str::to_owned).collect()
}

/// All packages of the inbox, opened.
pub fn open_all(site: &TestSite) -> Vec<Opened> {
    site.packages().iter().map(|name| Opened::open(site, name)).collect()
}

/// The printed letter of the account, in any package of the inbox.
#[track_caller]
pub fn letter_of<'a>(site: &TestSite, packages: &'a [Opened], username: &str) -> &'a Printed {
    let ids: Vec<String> =
        site.rows(&format!("SELECT id FROM letter WHERE username = '{username}'")).into_iter().flatten().collect();
    let mut found = packages.iter().flat_map(|package| &package.letters).filter(|l| ids.contains(&l.row["letter_id"]));
    let letter = found.next().unwrap_or_else(|| panic!("no letter for {username}"));
    assert!(found.next().is_none(), "{username} has more than one letter");
    letter
}
