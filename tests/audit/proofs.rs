//! Proofs and exports that leave the site: good ones are good, and every changed one is not, to letterpost and to the independent
//! verifier in Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use letterpost::audit::merkle::leaf_hash;
use letterpost::audit::note::SigningKey;
use serde_json::Value;

use crate::copied::{self, Log, Sql, taken_away};
use crate::night::{Ended, NIGHT_LIMIT, NightSite, start};

/// What an outsider has: a folder of their own, and the log's public key.
struct Outsider {
    folder: tempfile::TempDir,
    vkey: String,
}

impl Outsider {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), vkey: copied::vkey().to_string() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Checks a proof without any site.
    fn verify(&self, file: &Path, export: Option<&Path>) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_letterpost"));
        command.args(["audit", "verify-proof"]).arg(file).args(["--key", &self.vkey]).current_dir(self.folder.path());
        command.env_remove("LETTERPOST_CONFIG").args(export.iter().flat_map(|export| [Path::new("--export"), export]));
        start(command).finish(NIGHT_LIMIT)
    }

    /// The same with the verifier of the guide.
    fn python(&self, file: &Path, export: Option<&Path>) -> Ended {
        let mut command = Command::new("python3");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_letterpost.py")).arg(file);
        command.args(["--key", &self.vkey]).args(export.iter().flat_map(|export| [Path::new("--export"), export]));
        start(command).finish(NIGHT_LIMIT)
    }

    #[track_caller]
    fn both_believe(&self, file: &Path, export: Option<&Path>) -> String {
        let (ours, theirs) = (self.verify(file, export), self.python(file, export));
        assert_eq!((ours.exit, theirs.exit), (Some(0), Some(0)), "{ours:?} {theirs:?}");
        assert!(theirs.told.starts_with("proved: "), "{theirs:?}");
        ours.told
    }

    #[track_caller]
    fn neither_believes(&self, file: &Path, export: Option<&Path>, what: &str) {
        let (ours, theirs) = (self.verify(file, export), self.python(file, export));
        assert_eq!((ours.exit, theirs.exit), (Some(4), Some(1)), "{what}: {ours:?} {theirs:?}");
        assert!(
            ours.told.starts_with("NOT proved: ") && theirs.said.starts_with("NOT proved: "),
            "{ours:?} {theirs:?}"
        );
    }

    /// A changed copy of a proof, which neither believes.
    #[track_caller]
    fn neither_believes_changed(
        &self,
        proof: &Value,
        export: Option<&Path>,
        what: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let mut changed = proof.clone();
        change(&mut changed);
        assert_ne!(&changed, proof, "{what}");
        self.neither_believes(&self.write("changed.json", &changed.to_string()), export, what);
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A hash in hexadecimal, or another text, with its first character changed.
fn spoil(text: &mut Value) {
    let spoiled = text.as_str().unwrap().to_owned();
    let (first, rest) = spoiled.split_at(1);
    *text = Value::from(format!("{}{rest}", if first == "0" { "1" } else { "0" }));
}

#[track_caller]
fn done(ended: Ended) -> Ended {
    assert_eq!(ended.exit, Some(0), "{ended:?}");
    ended
}

async fn a_letter(site: &NightSite) -> String {
    let mut sql = Sql::open(&site.path("letterpost.db")).await;
    sql.column("SELECT id FROM letter WHERE status = 'mailed' ORDER BY id LIMIT 1").await.remove(0)
}

#[tokio::test]
async fn a_letters_proof_needs_nothing_but_the_key_and_names_no_recipient() {
    let (site, outsider) = (copied::site(), Outsider::new());
    let letter = a_letter(&site).await;
    let file = outsider.path("letter.proof.json");
    let made = done(site.run(&["audit", "prove", &letter, "--out", file.to_str().unwrap()]));
    assert!(made.told.contains(&format!("entries about {letter} under the checkpoint of")), "{made:?}");
    let told = outsider.both_believe(&file, None);
    for kind in ["intake.taken", "request.taken", "package.sealed", "letter.sealed", "receipt.taken", "letter.mailed"] {
        assert!(told.contains(kind), "{kind} is missing: {told}");
    }
    let text = fs::read_to_string(&file).unwrap().to_lowercase();
    for person in NightSite::people(60) {
        assert!(!text.contains(&person.to_lowercase()) && !text.contains(&person.to_lowercase().replace(' ', ".")));
    }
    assert!(!text.contains("example street"));
    // On standard output it is the same file.
    let shown = done(site.run(&["audit", "prove", &letter]));
    assert_eq!(serde_json::from_str::<Value>(&shown.told).unwrap(), json(&file));
}

#[tokio::test]
async fn a_changed_proof_of_a_letter_is_believed_by_nobody() {
    let (site, outsider) = (copied::site(), Outsider::new());
    let letter = a_letter(&site).await;
    let file = outsider.path("letter.proof.json");
    done(site.run(&["audit", "prove", &letter, "--out", file.to_str().unwrap()]));
    let proof = json(&file);
    let entries = proof["entries"].as_array().unwrap().len();
    assert!(entries >= 5, "{entries}");
    for at in 0..entries {
        let it = |changed: &mut Value, name: &str| std::mem::take(&mut changed["entries"][at][name]);
        outsider.neither_believes_changed(&proof, None, "an entry", |changed| {
            let entry = it(changed, "entry").as_str().unwrap().replacen("2026-11-2", "2026-11-1", 1);
            changed["entries"][at]["entry"] = Value::from(entry);
        });
        outsider.neither_believes_changed(&proof, None, "a place", |changed| {
            let index = it(changed, "index").as_u64().unwrap();
            changed["entries"][at]["index"] = Value::from(index + 1);
        });
        outsider.neither_believes_changed(&proof, None, "a hash", |changed| {
            spoil(&mut changed["entries"][at]["hashes"][0])
        });
        outsider.neither_believes_changed(&proof, None, "a missing hash", |changed| {
            changed["entries"][at]["hashes"].as_array_mut().unwrap().pop();
        });
        outsider.neither_believes_changed(&proof, None, "one more hash", |changed| {
            let hash = changed["entries"][at]["hashes"][0].clone();
            changed["entries"][at]["hashes"].as_array_mut().unwrap().push(hash);
        });
    }
    let note = proof["checkpoint"].as_str().unwrap().to_owned();
    let size = note.lines().nth(1).unwrap().to_owned();
    let other_key = SigningKey::new(copied::ORIGIN, &[9; 32]).unwrap();
    let text = note.split("\n\n").next().unwrap();
    for (what, changed) in [
        ("another size", note.replacen(&size, &format!("{size}0"), 1)),
        ("another log", note.replacen("benefits", "benefit", 1)),
        ("no signature", format!("{text}\n")),
        ("a stranger's signature", letterpost::audit::note::sign(&format!("{text}\n"), &[&other_key]).unwrap()),
    ] {
        outsider.neither_believes_changed(&proof, None, what, |proof| proof["checkpoint"] = Value::from(changed));
    }
    let stranger = Outsider { vkey: other_key.verifier().to_string(), ..Outsider::new() };
    stranger.neither_believes(&file, None, "a stranger's key");
    // What is no proof at all is not checked.
    for text in ["{", "{}", r#"{"proof":"letter","version":2}"#] {
        assert_eq!(outsider.verify(&outsider.write("none.json", text), None).exit, Some(2), "{text}");
    }
}

#[tokio::test]
async fn exports_of_days_join_to_the_whole_log_and_each_is_proved() {
    let (site, outsider) = (copied::site(), Outsider::new());
    site.clock("2026-11-23T10:00:00-05:00");
    site.import_one_more();
    let head = done(site.run(&["checkpoint"]));
    let all = export(&site, &outsider, "all", &[]);
    let first = export(&site, &outsider, "first", &["--to", "2026-11-22"]);
    let second = export(&site, &outsider, "second", &["--from", "2026-11-21"]);
    let none = export(&site, &outsider, "none", &["--from", "2026-12-01"]);
    assert_eq!(format!("{first}{second}"), all, "{head:?}");
    assert!(!first.is_empty() && !second.is_empty() && none.is_empty());
    let entries: Vec<String> =
        copied::entries(&site).await.into_iter().map(|it| String::from_utf8(it).unwrap()).collect();
    assert_eq!(all.lines().collect::<Vec<_>>(), entries);
    // The table has the same entries and their leaves.
    let table = done(site.run(&["audit", "export", "--format", "csv"])).told;
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let leaf = rows.headers().unwrap().iter().position(|name| name == "leaf_sha256").unwrap();
    let leaves: Vec<String> = rows.records().map(|row| row.unwrap()[leaf].to_owned()).collect();
    let expected: Vec<String> = entries.iter().map(|entry| hex::encode(leaf_hash(entry.as_bytes()))).collect();
    assert_eq!(leaves, expected);
}

/// Exports with a proof, which both believe.
#[track_caller]
fn export(site: &NightSite, outsider: &Outsider, name: &str, span: &[&str]) -> String {
    let (lines, proof) = (outsider.path(&format!("{name}.jsonl")), outsider.path(&format!("{name}.proof.json")));
    let words = ["audit", "export", "--out", lines.to_str().unwrap(), "--proof", proof.to_str().unwrap()];
    done(site.run(&[&words[..], span].concat()));
    outsider.both_believe(&proof, Some(&lines));
    fs::read_to_string(lines).unwrap()
}

#[test]
fn a_changed_export_is_believed_by_nobody() {
    let (site, outsider) = (copied::site(), Outsider::new());
    let all = export(&site, &outsider, "all", &[]);
    let file = outsider.path("all.proof.json");
    let lines: Vec<&str> = all.split_inclusive('\n').collect();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut changed);
        outsider.write("changed.jsonl", &changed.concat())
    };
    for (what, changed) in [
        ("an entry", with(&|lines| lines[99] = lines[99].replacen("2026-11-2", "2026-11-1", 1))),
        ("one less", with(&|lines| drop(lines.remove(99)))),
        ("the last one less", with(&|lines| drop(lines.pop()))),
        ("one more", with(&|lines| lines.push(lines[99].clone()))),
        ("two swapped", with(&|lines| lines.swap(99, 100))),
    ] {
        outsider.neither_believes(&file, Some(&changed), what);
    }
    let good = outsider.path("all.jsonl");
    // A proof of the whole log has no hash; one of a part has.
    let part = outsider.path("part.proof.json");
    let half: String = lines[..100].concat();
    let half = outsider.write("part.jsonl", &half);
    part_of(&file, &part, &lines, 100);
    outsider.both_believe(&part, Some(&half));
    let proof = json(&part);
    for at in 0..proof["hashes"].as_array().unwrap().len() {
        outsider.neither_believes_changed(&proof, Some(&half), "a hash", |changed| spoil(&mut changed["hashes"][at]));
    }
    outsider.neither_believes_changed(&proof, Some(&half), "its end", |changed| changed["to"] = Value::from(99));
    outsider.neither_believes_changed(&proof, Some(&half), "its beginning", |changed| changed["from"] = Value::from(1));
    let no_export = outsider.verify(&file, None);
    assert_eq!(no_export.exit, Some(2), "{no_export:?}");
    outsider.both_believe(&file, Some(&good));
}

/// The range proof of the first entries of a log, from the proof of all of them: made here, by the definition.
fn part_of(all: &Path, part: &Path, lines: &[&str], count: usize) {
    use letterpost::audit::proof::Span;

    let rest = Span { from: count as u64, to: lines.len() as u64 };
    let hashes = rest.subtrees().into_iter().map(|span| {
        let (from, to) = (usize::try_from(span.from).unwrap(), usize::try_from(span.to).unwrap());
        let entries = lines[from..to].iter().map(|line| line.trim_end().as_bytes().to_vec()).collect();
        hex::encode(root_of(&Log::of(entries, &[])))
    });
    let mut proof = json(all);
    proof["to"] = Value::from(count);
    proof["hashes"] = hashes.collect();
    fs::write(part, proof.to_string()).unwrap();
}

fn root_of(log: &Log) -> letterpost::audit::merkle::Hash {
    let mut tree = letterpost::audit::merkle::Frontier::new();
    log.rows.iter().for_each(|row| tree.append(leaf_hash(&row.entry)));
    tree.root()
}

#[test]
fn what_no_checkpoint_covers_is_left_out_of_proofs_and_counted() {
    let (site, outsider) = (copied::site(), Outsider::new());
    site.clock("2026-11-23T10:00:00-05:00");
    let before = export(&site, &outsider, "before", &[]);
    site.import_one_more();
    let (lines, proof) = (outsider.path("after.jsonl"), outsider.path("after.proof.json"));
    let words = ["audit", "export", "--out", lines.to_str().unwrap(), "--proof", proof.to_str().unwrap()];
    let made = done(site.run(&words));
    assert!(made.told.contains("newer ones are not under a signed checkpoint yet, and left out"), "{made:?}");
    assert_eq!(fs::read_to_string(&lines).unwrap(), before);
    let shown: Value = serde_json::from_str(&done(site.run(&[&["--json"], &words[..]].concat())).told).unwrap();
    assert!(shown["not_yet_covered"].as_u64().unwrap() > 0, "{shown}");
    let refused = site.run(&["--json", "audit", "export"]);
    assert_eq!(refused.exit, Some(2), "{refused:?}");
}

#[tokio::test]
async fn heads_of_one_history_are_proved_to_be_and_others_are_not() {
    let (site, outsider) = (copied::site(), Outsider::new());
    let mut sql = Sql::open(&site.path("letterpost.db")).await;
    let sizes: Vec<String> = sql.column("SELECT CAST(size AS TEXT) FROM audit_head ORDER BY size").await;
    let (old, new) = (sizes.first().unwrap(), sizes.last().unwrap());
    assert_ne!(old, new);
    let file = outsider.path("consistency.proof.json");
    done(site.run(&["audit", "consistency", old, new, "--out", file.to_str().unwrap()]));
    let told = outsider.both_believe(&file, None);
    assert!(told.contains(&format!("the log of {old} entries is the beginning of that of {new}")), "{told}");
    let outside = taken_away(&site, outsider.folder.path());
    done(site.run(&["audit", "consistency", old, outside.to_str().unwrap()]));
    let proof = json(&file);
    for at in 0..proof["hashes"].as_array().unwrap().len() {
        outsider.neither_believes_changed(&proof, None, "a hash", |changed| spoil(&mut changed["hashes"][at]));
    }
    outsider.neither_believes_changed(&proof, None, "its order", |changed| {
        let (old, new) = (changed["old"].take(), changed["new"].take());
        (changed["old"], changed["new"]) = (new, old);
    });
    // A history that was rewritten is not the one of the checkpoint that lies elsewhere.
    let copy = site.copy();
    let mut entries = copied::entries(&copy).await;
    let entry = String::from_utf8(entries[5].clone()).unwrap();
    entries[5] = entry.replacen("\"at\":\"2026-11-2", "\"at\":\"2026-11-1", 1).into_bytes();
    let heads: Vec<u64> = sizes.iter().map(|size| size.parse().unwrap()).collect();
    let mut unguarded = Sql::unguarded(&copy.path("letterpost.db")).await;
    unguarded.write(&Log::of(entries, &heads)).await;
    unguarded.close().await;
    done(copy.run(&["audit", "consistency", old, new]));
    let forked = copy.run(&["audit", "consistency", old, outside.to_str().unwrap()]);
    assert_eq!(forked.exit, Some(4), "{forked:?}");
    assert!(forked.told.contains("is NOT the beginning"), "{forked:?}");
    for (words, exit) in [([new, old], 2), ([&"7".to_owned(), new], 2), ([old, &"nowhere".to_owned()], 2)] {
        let refused = site.run(&["audit", "consistency", words[0], words[1]]);
        assert_eq!(refused.exit, Some(exit), "{words:?}: {refused:?}");
    }
}

#[test]
fn a_letter_that_the_log_does_not_know_has_no_proof() {
    let refused = copied::site().run(&["audit", "prove", "00000-00000"]);
    assert_eq!(refused.exit, Some(2), "{refused:?}");
    assert!(refused.said.contains("no entry about letter 00000-00000"), "{refused:?}");
}
