//! Terms of files: what holds names goes when its term is over and no sooner, evidence stays for its own, and what a vendor
//! owes is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that reads and writes files, and may fail loudly"
)]

#[path = "support/nightly.rs"]
mod nightly;

#[path = "terms/backups.rs"]
mod backups;
#[path = "terms/certificates.rs"]
mod certificates;
#[path = "terms/evidence.rs"]
mod evidence;
#[path = "terms/imports.rs"]
mod imports;
#[path = "terms/kills.rs"]
mod kills;
#[path = "terms/quarantine.rs"]
mod quarantine;

use std::fs;
use std::path::Path;

use nightly::TestSite;
use serde_json::Value;

/// A Monday night: its letters are mailed on Tuesday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// Runs statements on a database of the site behind the program's back.
fn sql(site: &TestSite, database: &str, statements: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(site.path(database));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
}

/// A row of requests by file.
fn row(reference: &str, name: &str) -> String {
    format!(
        "{reference},{}@example.com,{name},1 Example Street,,Springfield,IL,62701,US,,email,en,standard,2026-03-02T09:00:00-05:00",
        reference.to_lowercase()
    )
}

/// The data of every entry of a kind, with what is so after it, oldest first.
fn entries(site: &TestSite, kind: &str) -> Vec<Value> {
    let all = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq").concat();
    let parsed = all.iter().map(|entry| serde_json::from_str::<Value>(entry).unwrap());
    let mut told: Vec<Value> = parsed.filter(|entry| entry["kind"] == kind).collect();
    for entry in &mut told {
        let after = entry["after"].take();
        *entry = entry["data"].take();
        entry["after"] = after;
    }
    told
}

/// What a retention run did, by name; its exit status must be this.
fn retention(site: &TestSite, status: i32, words: &[&str]) -> Value {
    let mut all = vec!["--json", "retention"];
    all.extend(words);
    site.run(&all).expect(status).json()["did"].take()
}

/// The names in a folder of the site, in order; none where there is no folder.
fn names(site: &TestSite, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(site.path(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Whether a file, or any file of a folder, holds these bytes.
fn holds(path: &Path, text: &str) -> bool {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().any(|entry| holds(&entry.unwrap().path(), text));
    }
    path.is_file() && fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

/// Puts a letter of a request on legal hold, or lifts it again.
fn legal_hold(site: &TestSite, reference: &str, is_held: bool) {
    let letter = site.value(&format!(
        "SELECT letter.id FROM letter JOIN request ON request.id = letter.request_id WHERE reference = '{reference}'"
    ));
    let at = "2026-03-04T12:00:00Z";
    sql(
        site,
        "letterpost.db",
        &if is_held {
            format!(
                "INSERT INTO legal_hold (letter_id, reason, placed_by, placed_at)
                 VALUES ('{letter}', 'a case', 'Kim Example', '{at}')"
            )
        } else {
            format!(
                "UPDATE legal_hold SET lifted_by = 'Kim Example', lifted_at = '{at}', lift_reason = 'over'
                 WHERE letter_id = '{letter}'"
            )
        },
    );
}
