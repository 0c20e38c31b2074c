//! A site after its first night, and what a person at the letter desk looks at.

use std::collections::BTreeMap;

use serde_json::Value;

use super::nightly::{Ran, TestSite};
use super::opened::open_all;

/// A Monday night: its letters are mailed on Tuesday, and until Thursday at the latest.
pub const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";
/// The day after.
pub const TUESDAY: &str = "2026-03-03T20:00:00-05:00";
/// The package of letters in standard print.
pub const PACKAGE: &str = "eba-test-acme-000001";
/// The package of letters in large print.
pub const LARGE_PRINT: &str = "eba-test-acme-000002";

pub const BO: &str = "bo.li@example.com";
pub const REFERENCE_OF_BO: &str = "EBA-2026-000104";
pub const JOSE: &str = "jose.ejemplo@example.com";
pub const REFERENCE_OF_JOSE: &str = "EBA-2026-000102";
pub const SOREN: &str = "soren.eksempel@example.com";
pub const REFERENCE_OF_SOREN: &str = "EBA-2026-000107";
pub const CARMEN: &str = "carmen.prueba@example.com";
pub const REFERENCE_OF_CARMEN: &str = "EBA-2026-000108";
/// Has the letter in large print.
pub const GRACE: &str = "grace.bigtype@example.com";
pub const REFERENCE_OF_GRACE: &str = "EBA-2026-000118";

/// A site on Tuesday, both packages with the vendor.
pub fn site_on_tuesday() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY);
    site
}

/// The id of the account's newest letter.
#[track_caller]
pub fn letter(site: &TestSite, username: &str) -> String {
    site.value(&format!("SELECT id FROM letter WHERE username = '{username}' ORDER BY batch_id DESC LIMIT 1"))
}

/// The barcode's digits on the account's newest letter.
pub fn barcode(site: &TestSite, username: &str) -> String {
    site.value(&format!("SELECT imb FROM letter WHERE username = '{username}' ORDER BY batch_id DESC LIMIT 1"))
}

/// Where a letter and its password are.
#[track_caller]
pub fn states(site: &TestSite, letter_id: &str) -> (String, String) {
    let shown = site.json(&["letter", "show", letter_id]);
    (text(&shown["status"]), text(&shown["password_status"]))
}

/// Where a request is.
#[track_caller]
pub fn request(site: &TestSite, reference: &str) -> String {
    text(&site.json(&["request", "show", reference])["status"])
}

/// What the portal was told of a request, oldest first.
pub fn notices(site: &TestSite, reference: &str) -> Vec<String> {
    let query = format!("SELECT kind FROM notices WHERE reference = '{reference}' ORDER BY id");
    site.rows(&query).into_iter().flatten().collect()
}

/// The printed passwords of all packages in the inbox, by letter.
pub fn passwords(site: &TestSite) -> BTreeMap<String, String> {
    let packages = open_all(site);
    packages.iter().flat_map(|p| &p.letters).map(|letter| (letter.id().to_owned(), letter.password.clone())).collect()
}

/// Runs the nightly job at this instant; gives how it ended.
pub fn night(site: &TestSite, on: &str) -> Ran {
    let offset = if ("2026-03-08".."2026-11-01").contains(&on) { "04:00" } else { "05:00" };
    site.clock(&format!("{on}T22:30:00-{offset}"));
    site.run(&["run", "nightly"])
}

/// What a decision comes to: it ends with this status, a dry run before it says the same and changes nothing. Gives
/// what it said.
#[track_caller]
pub fn decide(site: &TestSite, code: i32, arguments: &[&str]) -> String {
    let before = fingerprint(site);
    let mut dry = arguments.to_vec();
    dry.push("--dry-run");
    let planned = site.run(&dry);
    assert_eq!(fingerprint(site), before, "a dry run changes nothing: {arguments:?}");
    let done = site.run(arguments).expect(code);
    assert_eq!(planned.stdout.trim_end().trim_end_matches("nothing was changed").trim_end(), done.stdout.trim_end());
    done.text()
}

/// A decision that is refused: nothing changes.
#[track_caller]
pub fn refuse(site: &TestSite, arguments: &[&str], because: &str) {
    let before = fingerprint(site);
    let said = decide(site, 2, arguments);
    assert!(said.contains(because), "{arguments:?}: {said}");
    assert_eq!(fingerprint(site), before, "{arguments:?}");
}

/// How much is on record: every change writes an entry of the log.
fn fingerprint(site: &TestSite) -> Vec<Vec<String>> {
    site.rows("SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM notice), (SELECT total(length(reason)) FROM request)")
}

/// The fields of the newest audit entry of this kind.
#[track_caller]
pub fn newest_entry(site: &TestSite, kind: &str) -> Value {
    let query = "SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq DESC";
    let entries = site.rows(query).into_iter().map(|row| serde_json::from_str::<Value>(&row[0]).unwrap());
    let mut found = entries.filter(|entry| entry["kind"] == kind);
    found.next().unwrap_or_else(|| panic!("no entry {kind}"))["data"].take()
}

/// Nothing on record contradicts anything else, every sum closes, and the log is whole.
#[track_caller]
pub fn all_is_well(site: &TestSite) {
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
    let contradictions = site.value(
        "SELECT (SELECT count(*) FROM letter JOIN request ON request.id = request_id WHERE letter.status <> 'voided'
             AND reissued_at IS NULL AND request.status <> 'lettered')
         + (SELECT count(*) FROM request WHERE status = 'lettered' AND NOT EXISTS (SELECT 1 FROM letter
             WHERE request_id = request.id AND status <> 'voided' AND reissued_at IS NULL))
         + (SELECT count(*) FROM (SELECT username FROM letter WHERE password_status IN ('live', 'locked')
             GROUP BY username HAVING count(*) > 1))",
    );
    assert_eq!(contradictions, "0");
}

/// A JSON string as text.
#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
