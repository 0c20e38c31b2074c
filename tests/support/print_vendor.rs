//! A print vendor that writes its receipts by hand: as it should, or as nobody should.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use letterpost::package::openpgp::{SecretKey, sign_detached};
use rand08::SeedableRng as _;
use rand08::rngs::StdRng;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::nightly::{Ran, TestSite, run_limited};

/// The first package of the demo's site.
pub const PACKAGE: &str = "eba-test-acme-000001";
/// Where the vendor's own key lies on the demo's site.
pub const VENDOR_KEY: &str = "keys/acme.sec.asc";
/// Another key, which no receipt may be signed with.
pub const SITE_KEY: &str = "keys/site.sec.asc";

/// The vendor, and the site whose first package it has.
pub struct Vendor {
    pub site: TestSite,
    /// The letters of the package, in its order.
    pub letters: Vec<String>,
    /// Of the sealed package.
    pub package_sha256: String,
    /// The date of the receipts' rows on the package.
    pub package_on: String,
}

impl Vendor {
    /// The vendor of a site whose night is over, with the clock at `now`: the date of what it says of the package.
    pub fn of(site: TestSite, now: &str) -> Self {
        let rows = site.rows(&format!(
            "SELECT letter.id FROM letter JOIN batch ON batch.id = letter.batch_id
             WHERE batch.name = '{PACKAGE}' ORDER BY sequence"
        ));
        let letters = rows.into_iter().map(|row| row[0].clone()).collect();
        let sealed = fs::read(site.path(&format!("vendor/inbox/{PACKAGE}.zip.pgp"))).unwrap();
        site.clock(now);
        Self { site, letters, package_sha256: hex::encode(Sha256::digest(sealed)), package_on: now[..10].to_owned() }
    }

    /// A receipt that accepts the package, of these lines: each `letter_id,event,event_on,sheets,detail`.
    pub fn receipt(&self, lines: &[String]) -> String {
        let sheets: u64 = lines.iter().filter_map(|line| line.split(',').nth(3)?.parse::<u64>().ok()).sum();
        let mut text = format!(
            "record,letter_id,event,event_on,sheets,detail\npackage,,accepted,{},,{}\n",
            self.package_on, self.package_sha256
        );
        for line in lines {
            text.push_str(&format!("letter,{line}\n"));
        }
        text + &format!("trailer,,,,{sheets},{}\n", lines.len())
    }

    /// A line on a letter of one sheet.
    pub fn line(&self, letter: usize, event: &str, event_on: &str) -> String {
        format!("{},{event},{event_on},1,", self.letters[letter])
    }

    /// A line on a letter that was spoiled and made again.
    pub fn remade(&self, letter: usize, event_on: &str) -> String {
        format!("{}remade", self.line(letter, "spoiled", event_on))
    }

    /// Where a file of the outbox lies.
    pub fn outbox(&self, name: &str) -> PathBuf {
        self.site.path("vendor/outbox").join(name)
    }

    /// The name of a receipt for the package.
    pub fn name(number: u32) -> String {
        format!("{PACKAGE}.receipt-{number}.csv")
    }

    /// Writes a receipt without a signature.
    pub fn write(&self, number: u32, csv: impl AsRef<[u8]>) {
        fs::write(self.outbox(&Self::name(number)), csv).unwrap();
    }

    /// Signs a receipt with one of the site's keys.
    ///
    /// Each number is signed at a second of its own, so that no two receipts are the same file.
    pub fn sign(&self, number: u32, key: &str) {
        let name = Self::name(number);
        let signature = self.signature_after(i64::from(number), &fs::read(self.outbox(&name)).unwrap(), key);
        fs::write(self.outbox(&format!("{name}.asc")), signature).unwrap();
    }

    /// Signs a file of the outbox.
    pub fn sign_file(&self, name: &str, key: &str) {
        let signature = self.signature(&fs::read(self.outbox(name)).unwrap(), key);
        fs::write(self.outbox(&format!("{name}.asc")), signature).unwrap();
    }

    /// A signature of these bytes.
    pub fn signature(&self, bytes: &[u8], key: &str) -> String {
        self.signature_after(0, bytes, key)
    }

    fn signature_after(&self, seconds: i64, bytes: &[u8], key: &str) -> String {
        let key = SecretKey::parse(&fs::read(self.site.path(key)).unwrap(), None).unwrap();
        let at: DateTime<Utc> = self.site.now().parse().unwrap();
        sign_detached(bytes, &key, at + TimeDelta::seconds(seconds), &mut StdRng::seed_from_u64(7)).unwrap()
    }

    /// Writes and signs a receipt.
    pub fn put(&self, number: u32, lines: &[String]) {
        self.write(number, self.receipt(lines));
        self.sign(number, VENDOR_KEY);
    }

    /// Writes and signs a receipt, and the site reads it.
    pub fn tell(&self, number: u32, lines: &[String]) -> Ran {
        self.put(number, lines);
        self.site.run(&["ingest"])
    }

    /// A letter's state and its dispatch date.
    pub fn letter(&self, letter: usize) -> (String, String) {
        let row = self.site.rows(&format!(
            "SELECT status, coalesce(CAST(dispatched_on AS TEXT), '') FROM letter WHERE id = '{}'",
            self.letters[letter]
        ));
        (row[0][0].clone(), row[0][1].clone())
    }

    /// `batch show --json` of the package.
    pub fn shown(&self) -> Value {
        self.site.json(&["batch", "show", PACKAGE])
    }

    /// All letters and packages as the ledger has them, to see that nothing has changed.
    pub fn dump(&self) -> Vec<Vec<String>> {
        let mut rows = self.site.rows("SELECT * FROM letter ORDER BY id");
        rows.extend(self.site.rows("SELECT * FROM batch ORDER BY id"));
        rows
    }

    /// Reads the receipts, and how long that took, in seconds, and the most memory that it held at once, in MiB.
    pub fn ingest_measured(&self) -> (Ran, f64, f64) {
        let config = self.site.path("letterpost.toml");
        self.measured(&["--config", config.to_str().unwrap(), "ingest"])
    }

    /// The most memory, in MiB, of the program where it does nothing.
    pub fn own_mib(&self) -> f64 {
        self.measured(&["--version"]).2
    }

    fn measured(&self, words: &[&str]) -> (Ran, f64, f64) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/measured.py");
        let measured = self.site.path("measured.json");
        let mut arguments = vec![script, measured.to_str().unwrap(), env!("CARGO_BIN_EXE_letterpost")];
        arguments.extend(words);
        let now = self.site.now();
        let surroundings = [("LETTERPOST_SIMULATED_NOW", now.as_str()), ("LETTERPOST_SIMULATED_SEED", "99")];
        let ran = run_limited("python3", &arguments, &surroundings, "");
        let measured: Value = serde_json::from_slice(&fs::read(measured).unwrap()).unwrap();
        (ran, measured["seconds"].as_f64().unwrap(), measured["peak_mib"].as_f64().unwrap())
    }
}
