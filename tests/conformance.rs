//! The set in `samples/conformance/`: every file of it gets the verdict that `expected.csv` gives, from `vendor verify`
//! and, what they can see, from gpg, unzip and sha256sum.
//!
//! Made anew with `LETTERPOST_REWRITE_GOLDEN=1 cargo test --test conformance`.
// A test of files writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "conformance/bad.rs"]
mod bad;
#[path = "conformance/draft.rs"]
mod draft;
#[path = "support/letters.rs"]
mod letters;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "vendor/pressed.rs"]
#[allow(dead_code, reason = "shared with the tests of the vendor's commands")]
mod pressed;
#[path = "package/sample.rs"]
#[allow(dead_code, reason = "shared with the tests of packages")]
mod sample;
#[path = "conformance/sealing.rs"]
mod sealing;
#[path = "conformance/set.rs"]
mod set;
#[path = "package/tools.rs"]
#[allow(dead_code, reason = "shared with the tests of packages")]
mod tools;
#[path = "conformance/zipped.rs"]
mod zipped;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use letterpost::package::void::VoidNotice;
use nightly::{Ran, run_limited};
use tools::{GnuPg, run, succeed};

/// Set, the set is written anew.
const REWRITE: &str = "LETTERPOST_REWRITE_GOLDEN";
/// The whole set, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// What `vendor verify` may have of memory for any of these, in KiB.
const MEMORY_KIB: u32 = 600_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/conformance")
}

fn write_all(folder: &Path, files: &[set::File]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// All files below a folder, by their paths in it.
fn read_all(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// A copy of the set, to work in.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    write_all(copy.path(), &read_all(&folder()).into_iter().collect::<Vec<_>>());
    copy
}

/// Runs the program in a folder, with a limit of memory.
fn letterpost(folder: &Path, words: &[&str]) -> Ran {
    let program = format!("cd '{}'; ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\"", folder.display());
    let mut all = vec!["-c", &program, env!("CARGO_BIN_EXE_letterpost"), "vendor"];
    all.extend(words);
    run_limited("bash", &all, &[("LETTERPOST_SIMULATED_NOW", "2026-03-03T20:00:00Z")], "")
}

#[test]
fn the_set_is_the_one_that_is_made() {
    let made = set::make();
    if std::env::var_os(REWRITE).is_some() {
        fs::remove_dir_all(folder()).ok();
        write_all(&folder(), &made.files);
    }
    let kept = read_all(&folder());
    let names = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect::<Vec<_>>();
    let advice = format!("look at the difference, and set {REWRITE}=1 to keep it");
    assert_eq!(names(&mut kept.keys()), names(&mut made.files.iter().map(|(name, _)| name)), "{advice}");
    // What holds letters changes with the letters' wording; all else must be as it is kept.
    for (name, bytes) in made.files.iter().filter(|(name, _)| !(name.contains('/') || name == "taken.txt")) {
        assert!(kept.get(name) == Some(bytes), "{name}: {advice}");
    }
    assert!(set::make().files == made.files, "the same set is made each time");
    let size: usize = kept.values().map(Vec::len).sum();
    assert!(size < MOST_BYTES, "{size} bytes");
    assert!(made.expected.iter().filter(|row| row.verdict == "refused").count() >= 40);
}

/// Every row of the table, by the program.
#[test]
fn vendor_verify_says_what_the_table_says() {
    let copy = copy();
    for row in csv::Reader::from_path(folder().join("expected.csv")).unwrap().records() {
        let row = row.unwrap();
        let [file, verdict, _, reason] = [0, 1, 2, 3].map(|column| row.get(column).unwrap());
        let command = match Path::new(file).extension().unwrap().to_str().unwrap() {
            "void" => continue,
            _ if file.contains(".pull-") => vec!["pulls", file],
            _ => vec!["verify", file, "--take"],
        };
        let register = fs::read(copy.path().join("taken.txt")).unwrap();
        let settings = copy.path().join("vendor.toml");
        let words = [&command[..], &["--vendor-config", settings.to_str().unwrap()]].concat();
        let ran = letterpost(copy.path(), &words);
        let is_taken = fs::read(copy.path().join("taken.txt")).unwrap() != register;
        if verdict == "accepted" {
            assert_eq!((ran.code, is_taken), (0, !file.contains(".pull-")), "{file}: {}", ran.text());
        } else {
            assert_eq!((ran.code, is_taken), (5, false), "{file}: {}", ran.text());
            assert!(ran.stderr.contains(reason), "{file}: '{reason}' is not in {}", ran.stderr);
            assert!(ran.stdout.is_empty(), "{file}: {}", ran.stdout);
        }
    }
}

/// The good package holds what `good/` shows, and the receipt there is the one that the program writes.
#[test]
fn what_is_good_is_what_the_set_shows() {
    let copy = copy();
    let package = "inbox/eba-test-acme-000123.zip.pgp";
    letterpost(copy.path(), &["verify", package, "--take", "--extract", "job"]).expect(0);
    for file in ["manifest.csv", "job-ticket.json"] {
        let shown = fs::read(copy.path().join("good").join(file)).unwrap();
        assert_eq!(fs::read(copy.path().join("job").join(file)).unwrap(), shown, "{file}");
    }
    letterpost(copy.path(), &["receipt", package, "--events", "printed,mailed", "--on", "2026-03-03"]).expect(0);
    let receipt = "eba-test-acme-000123.receipt-1.csv";
    let shown = fs::read(copy.path().join("good").join(receipt)).unwrap();
    assert_eq!(fs::read(copy.path().join("outbox").join(receipt)).unwrap(), shown);
    let pulled = letterpost(copy.path(), &["pulls", "inbox/eba-test-acme-000123.pull-1.json.pgp"]).expect(0);
    assert!(pulled.stdout.contains("take out 1 letters"), "{}", pulled.stdout);
    // The notice is the site's, and speaks of its number.
    let notice = fs::read(copy.path().join("inbox/eba-test-acme-000124.void")).unwrap();
    let read = VoidNotice::read(&notice, &draft::package(set::VOIDED), sealing::site_key().certificate(), sample::at());
    assert_eq!(read.unwrap().reason, "no letter was left in it");
}

const GUIDE: &str = include_str!("../docs/vendor-guide.md");

/// The text of the first block of the guide that begins so, up to its end.
fn block(begin: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(begin).unwrap();
    rest.split_once("```").unwrap().0
}

/// The guide tells what each refusal means.
#[test]
fn the_guides_table_has_every_refusal() {
    let copy = copy();
    let (_, rest) = GUIDE.split_once("## What a refusal means").unwrap();
    let table = rest.split_once("\n## ").unwrap().0;
    let told: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .flat_map(|line| line.split('|').next().unwrap().split('`').step_by(2))
        .filter(|words| !words.trim().is_empty())
        .collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for row in csv::Reader::from_path(folder().join("expected.csv")).unwrap().records() {
        let row = row.unwrap();
        let (file, is_refused) = (row.get(0).unwrap(), row.get(1) == Some("refused"));
        if is_refused {
            let command = if file.contains(".pull-") { &["pulls", file][..] } else { &["verify", file, "--take"] };
            let settings = ["--vendor-config", "vendor.toml"];
            let ran = letterpost(copy.path(), &[command, &settings].concat()).expect(5);
            let found: Vec<&str> = told.iter().copied().filter(|words| ran.stderr.contains(words)).collect();
            assert!(!found.is_empty(), "{file}: the table has no row for {}", ran.stderr);
            used.extend(found);
        }
    }
    // These have no file in the set: a key that ended, a name that is none, a ticket that cannot be read.
    let elsewhere = ["the key", "is not a sealed package's", "job-ticket.json cannot be read"];
    let unused: Vec<&&str> =
        told.iter().filter(|words| !used.contains(**words) && !elsewhere.contains(words)).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}");
}

/// The commands of the guide, in a folder with the samples.
#[test]
fn the_commands_of_the_guide_work_on_the_set() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("samples")).unwrap();
    write_all(&place.path().join("samples/conformance"), &read_all(&folder()).into_iter().collect::<Vec<_>>());
    let commands =
        block("Work on a copy:\n\n```\n").replace("letterpost ", &format!("{} ", env!("CARGO_BIN_EXE_letterpost")));
    let (good, refused) = commands.trim_end().rsplit_once('\n').unwrap();
    let run_all = |script: &str| {
        let program = format!("cd '{}'; set -e; {script}", place.path().display());
        run_limited("bash", &["-c", &program], &[("LETTERPOST_SIMULATED_NOW", "2026-03-03T20:00:00Z")], "")
    };
    let ran = run_all(good).expect(0);
    assert!(ran.stdout.contains("taken, print it now") && ran.stdout.contains("3 mailed, 3 printed"), "{}", ran.text());
    run_all(refused).expect(5);
}

/// The script of the guide refuses whatever gpg, unzip, sha256sum and awk can see, and takes the good package.
#[test]
fn the_script_of_the_guide_says_what_the_table_says() {
    let (copy, gpg) = (copy(), GnuPg::new());
    let at = |file: &str| copy.path().join(file);
    gpg.write("gpg.conf", "faked-system-time 20260303T040000!\n");
    for key in ["keys/site.asc", "keys/vendor-secret.asc"] {
        gpg.run(&["--import", at(key).to_str().unwrap()]);
    }
    fs::write(at("check-package"), block("```sh\n")).unwrap();
    fs::write(at("date"), "#!/bin/sh\necho 2026-03-03\n").unwrap();
    fs::set_permissions(at("date"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let site = sealing::site_key().certificate().fingerprint();
    for row in csv::Reader::from_path(folder().join("expected.csv")).unwrap().records() {
        let row = row.unwrap();
        let [file, verdict, seen_by] = [0, 1, 2].map(|column| row.get(column).unwrap());
        let Some((place, package)) = file.strip_suffix(".zip.pgp").and_then(|path| path.rsplit_once('/')) else {
            continue;
        };
        let script = format!(
            "export GNUPGHOME='{}' PATH=\"{}:$PATH\"; bash ../check-package {package} {site} acme ../taken.txt",
            gpg.folder().display(),
            copy.path().display()
        );
        let ran = run(&at(place), "bash", &["-c", &script]);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        // It reads no pages.
        let is_good = verdict == "accepted" || seen_by == "pages";
        assert_eq!(ran.status.success(), is_good, "{file}: {out}{err}");
        assert_eq!(out.contains("may be printed"), is_good, "{file}: {out}{err}");
        assert_eq!(err.contains("must not be printed"), !is_good, "{file}: {out}{err}");
    }
}

/// What gpg says of a file, by its status lines alone: opened, signed once, and by the site.
fn is_good_for_gpg(gpg: &GnuPg, sealed: &Path, out: &str) -> bool {
    let (succeeded, status) = gpg.try_run(&["--output", out, "--decrypt", sealed.to_str().unwrap()]);
    let valid = format!("VALIDSIG {} ", sealing::site_key().certificate().fingerprint());
    let signatures = status.lines().filter(|line| line.contains("[GNUPG:] NEWSIG")).count();
    let says = |word: &str| status.contains(word);
    succeeded && says(&valid) && says("GOODSIG") && says("DECRYPTION_OKAY") && signatures == 1
}

/// A vendor without our program, with gpg, unzip and sha256sum: it opens the good one, and sees what they can see.
#[test]
fn gpg_unzip_and_sha256sum_see_what_the_table_says() {
    let (copy, gpg) = (copy(), GnuPg::new());
    let at = |file: &str| copy.path().join(file);
    for key in ["keys/site.asc", "keys/vendor-secret.asc"] {
        gpg.run(&["--import", at(key).to_str().unwrap()]);
    }
    for row in csv::Reader::from_path(folder().join("expected.csv")).unwrap().records() {
        let row = row.unwrap();
        let [file, verdict, seen_by] = [0, 1, 2].map(|column| row.get(column).unwrap());
        if file.ends_with(".void") {
            let status = gpg.run(&["--verify", at(file).to_str().unwrap()]);
            assert!(status.contains("VALIDSIG"), "{status}");
            continue;
        }
        let opened = is_good_for_gpg(&gpg, &at(file), "opened");
        match (verdict, seen_by) {
            ("refused", "gpg") => assert!(!opened, "{file}"),
            // Bytes that the marker does not mean may be damaged or cut off.
            ("refused", "sha256sum of the marker") => assert!(!marker_holds(&at(file)), "{file}"),
            _ => assert!(opened, "{file}"),
        }
        if verdict == "accepted" && file.ends_with(".zip.pgp") {
            assert!(marker_holds(&at(file)), "{file}");
            let unpacked = tempfile::tempdir().unwrap();
            let zip = gpg.folder().join("opened");
            succeed(unpacked.path(), "unzip", &["-q", zip.to_str().unwrap()]);
            succeed(unpacked.path(), "sha256sum", &["--strict", "-c", "SHA256SUMS"]);
        }
    }
}

/// Whether a package has the name and the digest that the marker beside it gives, by sha256sum.
fn marker_holds(sealed: &Path) -> bool {
    let folder = sealed.parent().unwrap();
    let file = sealed.file_name().unwrap().to_str().unwrap();
    let marker = folder.join(file.replace(".zip.pgp", ".ready"));
    let Ok(marker) = fs::read(marker) else { return false };
    let Ok(marker) = serde_json::from_slice::<serde_json::Value>(&marker) else { return false };
    if marker["file"] != file {
        return false;
    }
    let check = format!("echo '{}  {file}' | sha256sum --status -c", marker["sha256"].as_str().unwrap());
    run(folder, "sh", &["-c", &check]).status.success()
}
