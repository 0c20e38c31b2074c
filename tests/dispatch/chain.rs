//! Fifty pieces drawn at random: each goes from its row of the intake file to its line of the receipt and back.

use std::collections::BTreeMap;
use std::fs;

use rand08::SeedableRng as _;
use rand08::rngs::StdRng;
use rand08::seq::SliceRandom as _;
use sha2::{Digest as _, Sha256};

use super::nightly::{TestSite, csv_rows, run_limited};
use super::opened::KeyRing;
use super::{Row, nights, recompute, rows, written};

/// How many pieces are drawn.
const DRAWN: usize = 50;
/// All days on which a piece of the played site counts.
const SPAN: [&str; 4] = ["--from", "2026-03-02", "--to", "2026-03-31"];

fn sha256_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Manifests of packages of the spool, opened with the vendor's key by gpg and unzip.
struct Manifests<'a> {
    site: &'a TestSite,
    ring: KeyRing,
    opened: BTreeMap<String, Vec<Row>>,
}

impl<'a> Manifests<'a> {
    fn of(site: &'a TestSite) -> Self {
        Self { site, ring: KeyRing::of_the_vendor(site), opened: BTreeMap::new() }
    }

    /// The manifest's row of a piece; the package must have the digest that the report gives.
    fn row_of(&mut self, piece: &Row) -> &Row {
        let package = &piece["package"];
        if !self.opened.contains_key(package) {
            let sealed = self.sealed(package, &piece["package_sha256"]);
            let folder = self.site.outside();
            let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
            self.ring.gpg(&["--output", &at("package.zip"), "--decrypt", &sealed]);
            run_limited("unzip", &["-q", &at("package.zip"), "manifest.csv", "-d", &at("")], &[], "").expect(0);
            self.opened.insert(package.clone(), csv_rows(&folder.join("manifest.csv")));
        }
        let place: usize = piece["sequence"].parse().unwrap();
        &self.opened[package][place - 1]
    }

    /// The file of the spool that has this digest.
    fn sealed(&self, package: &str, sha256: &str) -> String {
        let mut files = fs::read_dir(self.site.path("spool")).unwrap().map(|entry| entry.unwrap().path());
        let found = files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(package)).unwrap();
        assert_eq!(sha256_of(&fs::read(&found).unwrap()), sha256, "{package}");
        found.to_str().unwrap().to_owned()
    }
}

/// The intake file has the digest of the report, and at the line stands the row's reference.
fn check_intake(site: &TestSite, piece: &Row) {
    let bytes = fs::read(site.path(&piece["intake_file"])).unwrap();
    assert_eq!(sha256_of(&bytes), piece["intake_sha256"], "{piece:?}");
    let line: usize = piece["intake_line"].parse().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let at_line = text.lines().nth(line - 1).unwrap();
    assert!(at_line.starts_with(&format!("{},", piece["reference"])), "{at_line}: {piece:?}");
}

/// The manifest's row is of this letter.
fn check_manifest(manifests: &mut Manifests<'_>, piece: &Row) {
    let row = manifests.row_of(piece);
    for (column, of_manifest) in
        [("letter_id", "letter_id"), ("sequence", "sequence"), ("sheets", "sheets"), ("letter_sha256", "sha256")]
    {
        assert_eq!(piece[column], row[of_manifest], "{column}: {piece:?}");
    }
}

/// The receipt has the digest of the report, a good signature, and at the line this letter's last word.
fn check_receipt(site: &TestSite, ring: &KeyRing, piece: &Row) {
    let path = site.path("vendor/outbox").join(&piece["receipt_file"]);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(sha256_of(&bytes), piece["receipt_sha256"], "{piece:?}");
    let signature = format!("{}.asc", path.to_str().unwrap());
    assert!(ring.gpg(&["--verify", &signature, path.to_str().unwrap()]).contains("VALIDSIG"));
    let line: usize = piece["receipt_line"].parse().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let fields: Vec<&str> = text.lines().nth(line - 1).unwrap().split(',').collect();
    // A piece that came back was mailed by this line; what a person corrected, the vendor had said otherwise.
    let status = if piece["status"] == "returned" { "mailed" } else { &piece["status"] };
    let on =
        [&piece["reported_on"], &piece["dispatched_on"], &piece["unmailed_on"]].into_iter().find(|on| !on.is_empty());
    assert_eq!(fields[..5], ["letter", &piece["letter_id"], status, on.unwrap(), &piece["sheets"]], "{piece:?}");
    if status == "mailed" {
        assert_eq!(fields[5], piece["postal_statement"]);
        assert_eq!(fields[5], format!("3600-{}", on.unwrap().replace('-', "")));
    }
}

/// The log's entry of the last word says the same letter, line and day.
fn check_entry(site: &TestSite, piece: &Row) {
    let entry = site.entries().remove(piece["audit_seq"].parse::<usize>().unwrap());
    let data = &entry["data"];
    assert_eq!(
        (data["letter"].as_str(), data["line"].to_string()),
        (Some(&*piece["letter_id"]), piece["receipt_line"].clone())
    );
    let (kind, day) = match &*piece["status"] {
        "mailed" | "returned" => ("letter.mailed".to_owned(), data["dispatched_on"].as_str()),
        ended => (format!("letter.{ended}"), data["ended_on"].as_str()),
    };
    let on =
        [&piece["reported_on"], &piece["dispatched_on"], &piece["unmailed_on"]].into_iter().find(|on| !on.is_empty());
    assert_eq!((entry["kind"].as_str(), day), (Some(&*kind), on.map(String::as_str)), "{piece:?}");
}

#[test]
fn fifty_pieces_go_from_the_intake_file_to_the_receipt_line_and_back() {
    let site = nights::played();
    let (csv, ran) = written(&site, &SPAN);
    assert!(ran.expect(0).stderr.contains("everything ties"));
    let mut pieces: Vec<Row> = csv_rows(&csv);
    assert_eq!(
        pieces.len().to_string(),
        site.value("SELECT CAST(count(*) AS TEXT) FROM letter"),
        "each letter counts on one day"
    );
    // What is drawn from has every end that a piece can come to, a correction, and letters that replace others.
    for status in ["mailed", "returned", "spoiled", "rejected"] {
        assert!(pieces.iter().any(|piece| piece["status"] == status), "{status}");
    }
    for column in ["reported_on", "corrections", "replaces", "replaced_by"] {
        assert!(pieces.iter().any(|piece| !piece[column].is_empty()), "{column}");
    }
    let recomputed = recompute(&csv).expect(0);
    assert!(recomputed.stderr.contains(&format!("{} letters, 0 dates differ", pieces.len())), "{}", recomputed.stderr);
    pieces.shuffle(&mut StdRng::seed_from_u64(50));
    let mut manifests = Manifests::of(&site);
    let vendors = KeyRing::of_the_vendor(&site);
    for piece in pieces.iter().take(DRAWN) {
        check_intake(&site, piece);
        check_manifest(&mut manifests, piece);
        check_receipt(&site, &vendors, piece);
        check_entry(&site, piece);
    }
    and_back(&site, &pieces);
}

/// From an id, a package's name and an intake file's name or digest to the same rows.
fn and_back(site: &TestSite, pieces: &[Row]) {
    for piece in pieces.iter().take(3) {
        assert_eq!(rows(site, &["--letter", &piece["letter_id"]]), std::slice::from_ref(piece));
    }
    let sorted = |mut found: Vec<Row>| {
        found.sort_by_key(|row| row["letter_id"].clone());
        found
    };
    for (option, column) in
        [("--package", "package"), ("--intake-file", "intake_file"), ("--intake-file", "intake_sha256")]
    {
        let value = &pieces[0][column];
        let of_it: Vec<Row> = pieces.iter().filter(|piece| piece[column] == *value).cloned().collect();
        assert!(of_it.len() > 1);
        assert_eq!(sorted(rows(site, &[option, value])), sorted(of_it), "{option} {value}");
    }
    let unmailed = rows(site, &["--status", "spoiled,rejected", "--from", "2026-03-02", "--to", "2026-03-31"]);
    assert_eq!(
        unmailed.len(),
        pieces.iter().filter(|piece| ["spoiled", "rejected"].contains(&&*piece["status"])).count()
    );
    assert_eq!(rows(site, &["--vendor", "nobody", "--from", "2026-03-02"]), [] as [Row; 0]);
}
