//! The same through the command, on real files, with the guards of the ledger taken away: a sample of each kind of attack.

use std::fs;
use std::path::Path;

use crate::copied::{self, Log, Sql, taken_away};
use crate::night::{Ended, NightSite};

/// Verifies a site with more arguments.
fn verify(site: &NightSite, arguments: &[&str]) -> Ended {
    site.run(&[&["audit", "verify"], arguments].concat())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn whatever_is_written_into_the_ledger_is_named() {
    let renumber =
        "UPDATE audit_entry SET seq = seq + 1000000 WHERE seq > 40; UPDATE audit_entry SET seq = seq - 1000000";
    let swap = "CREATE TEMP TABLE pair AS SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq IN (41, 42);
        UPDATE audit_entry SET (entry, leaf_hash) =
            (SELECT entry, leaf_hash FROM pair WHERE pair.seq = 83 - audit_entry.seq) WHERE seq IN (41, 42);";
    let flip = |table: &str, column: &str, which: &str| {
        format!(
            "UPDATE {table} SET {column} = CAST(substr({column}, 1, 9)
                 || CASE substr({column}, 10, 1) WHEN x'07' THEN x'08' ELSE x'07' END || substr({column}, 11) AS BLOB) {which}"
        )
    };
    let deleted = format!("DELETE FROM audit_entry WHERE seq = 40; {renumber} - 1 WHERE seq > 1000000");
    let inserted = format!(
        "{renumber} + 1 WHERE seq > 1000000;
         INSERT INTO audit_entry (seq, entry, leaf_hash) SELECT 41, entry, leaf_hash FROM audit_entry WHERE seq = 9"
    );
    let last_head = "WHERE size = (SELECT max(size) FROM audit_head)";
    for (what, statements, named) in [
        ("an entry is changed", flip("audit_entry", "entry", "WHERE seq = 40"), "is entry 40"),
        ("a hash is changed", flip("audit_entry", "leaf_hash", "WHERE seq = 40"), "is entry 40"),
        ("an entry is gone", "DELETE FROM audit_entry WHERE seq = 40".to_owned(), "is entry 40"),
        ("an entry is gone, and the others moved up", deleted, "is entry 40"),
        ("an entry is put in", inserted, "is entry 41"),
        ("two entries change places", swap.to_owned(), "is entry 41"),
        ("the end is gone", "DELETE FROM audit_entry WHERE seq >= 60".to_owned(), " to 60\n"),
        ("a head is changed", flip("audit_head", "root", last_head), "its note is of another log, size or root"),
        ("the edge of the tree is changed", flip("audit_head", "frontier", last_head), "the right edge of the tree"),
        ("a subtree is changed", flip("audit_subtree", "hash", "WHERE idx = 0"), "is one of entries 0 to 255"),
        (
            "a note is changed",
            format!(
                "UPDATE audit_head SET note = substr(note, 1, length(note) - 12)
                     || CASE substr(note, -12, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(note, -11) {last_head}"
            ),
            "the head of",
        ),
        ("a note is gone", format!("UPDATE audit_head SET note = NULL {last_head}"), "is not signed"),
    ] {
        let copy = copied::site();
        let mut sql = Sql::unguarded(&copy.path("letterpost.db")).await;
        sql.run(&statements).await;
        sql.close().await;
        let ended = verify(&copy, &[]);
        assert_eq!(ended.exit, Some(4), "{what}: {ended:?}");
        assert!(ended.told.contains(named), "{what}: {ended:?}");
    }
    let whole = verify(&copied::site(), &[]);
    assert_eq!(whole.exit, Some(0), "{whole:?}");
}

#[tokio::test]
async fn a_log_that_was_rewritten_whole_and_signed_again_is_found_by_what_lies_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = taken_away(&copied::site(), elsewhere.path());
    let export = elsewhere.path().join("log.jsonl");
    let exported = copied::site().run(&["audit", "export", "--out", text(&export)]);
    assert_eq!(exported.exit, Some(0), "{exported:?}");
    let copy = copied::site();
    let size = rewrite(&copy, 223).await;
    // On the site itself everything agrees.
    let inside = verify(&copy, &[]);
    assert_eq!(inside.exit, Some(0), "{inside:?}");
    let by_note = verify(&copy, &["--checkpoint", text(&outside)]);
    assert_eq!(by_note.exit, Some(4), "{by_note:?}");
    assert!(by_note.told.contains(&format!("is one of entries 0 to {}", size - 1)), "{by_note:?}");
    let by_export = verify(&copy, &["--export", text(&export)]);
    assert_eq!(by_export.exit, Some(4), "{by_export:?}");
    assert!(by_export.told.contains("the first entry that differs is entry 223"), "{by_export:?}");
    let as_json = copy.run(&["--json", "audit", "verify", "--export", text(&export), "--checkpoint", text(&outside)]);
    let shown: serde_json::Value = serde_json::from_str(&as_json.told).unwrap();
    assert_eq!(shown["first_different"], serde_json::json!({ "from": 223, "to": 224 }));
    // The package's ready marker has a note too, of the head before the package was claimed.
    let marker = copy
        .path("vendor/inbox")
        .join(copy.names("vendor/inbox").into_iter().find(|name| name.ends_with(".ready")).unwrap());
    let by_marker = verify(&copy, &["--checkpoint", text(&marker)]);
    assert_eq!(by_marker.exit, Some(0), "the change is of a later entry: {by_marker:?}");
    let earlier = copied::site();
    rewrite(&earlier, 3).await;
    assert_eq!(verify(&earlier, &["--checkpoint", text(&marker)]).exit, Some(4));
}

/// Rewrites one entry of a site and makes everything anew that is on it: hashes, subtrees, heads, notes, the file of heads.
async fn rewrite(site: &NightSite, place: usize) -> usize {
    let mut entries = copied::entries(site).await;
    let entry = String::from_utf8(entries[place].clone()).unwrap();
    entries[place] = entry.replacen("\"at\":\"2026-11-2", "\"at\":\"2026-11-1", 1).into_bytes();
    assert_ne!(entries[place], entry.as_bytes());
    let mut sql = Sql::unguarded(&site.path("letterpost.db")).await;
    let sizes: Vec<i64> = sql.column("SELECT size FROM audit_head ORDER BY size").await;
    let sizes: Vec<u64> = sizes.into_iter().map(i64::cast_unsigned).collect();
    let size = entries.len();
    let log = Log::of(entries, &sizes);
    sql.write(&log).await;
    sql.close().await;
    let notes = log.heads.iter().map(|head| format!("{}\n", head.note.as_ref().unwrap())).collect::<String>();
    fs::write(site.path("audit/heads.log"), notes).unwrap();
    size
}

#[tokio::test]
async fn a_stranger_signs_in_vain() {
    let copy = copied::site();
    let vkey = letterpost::audit::note::SigningKey::new(copied::ORIGIN, &[9; 32]).unwrap().verifier().to_string();
    let ended = verify(&copy, &["--key", &vkey]);
    assert_eq!(ended.exit, Some(4), "{ended:?}");
    assert!(ended.told.contains("by a key that is known here"), "{ended:?}");
    let own = verify(&copy, &["--key", &copied::vkey().to_string()]);
    assert_eq!(own.exit, Some(0), "{own:?}");
}

#[test]
fn a_file_that_has_no_checkpoint_is_refused() {
    let site = copied::site();
    for (file, words) in [("letterpost.toml", "no checkpoint in it"), ("nowhere", "cannot read")] {
        let ended = verify(&site, &["--checkpoint", text(&site.path(file))]);
        assert_eq!(ended.exit, Some(2), "{ended:?}");
        assert!(ended.said.contains(words), "{ended:?}");
    }
    let ended = verify(&site, &["--export", text(&site.path("letterpost.toml"))]);
    assert_eq!(ended.exit, Some(2), "{ended:?}");
}
