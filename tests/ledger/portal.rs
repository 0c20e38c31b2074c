//! The table into which a portal inserts by plain SQL.

use std::fs;

use letterpost::adapters::sqlite::SqliteIntakeTable;
use letterpost::ports::IntakeTable as _;
use serde_json::Value;

use crate::book::Sql;
use crate::night::NightSite;

const COLUMNS: [(&str, &str); 9] = [
    ("reference", "'PORTAL-1'"),
    ("username", "'avery@example.com'"),
    ("full_name", "'Avery Sample'"),
    ("address_line_1", "'1 Example Street'"),
    ("city", "'Springfield'"),
    ("state", "'IL'"),
    ("postal_code", "'62701'"),
    ("second_factor", "'email'"),
    ("requested_at", "'2026-11-19T08:00:00-05:00'"),
];

/// An insertion with these columns instead of, or besides, the usual ones.
fn insertion(other: &[(&str, &str)]) -> String {
    let mut row: Vec<(&str, &str)> =
        COLUMNS.into_iter().filter(|(name, _)| !other.iter().any(|(changed, _)| changed == name)).collect();
    row.extend(other);
    let (names, values): (Vec<&str>, Vec<&str>) = row.into_iter().unzip();
    format!("INSERT INTO mail_requests ({}) VALUES ({})", names.join(", "), values.join(", "))
}

async fn table() -> (tempfile::TempDir, Sql) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("intake.db");
    SqliteIntakeTable::open(&path).await.unwrap().close().await;
    let sql = Sql::open(&path).await;
    (folder, sql)
}

#[tokio::test]
async fn rows_of_a_wrong_shape_are_refused() {
    let (_folder, mut sql) = table().await;
    let long = format!("'{}'", "x".repeat(1001));
    for (column, value) in [
        ("reference", "NULL"),
        ("reference", "''"),
        ("reference", long.as_str()),
        ("username", "NULL"),
        ("username", "''"),
        ("full_name", "''"),
        ("full_name", long.as_str()),
        ("full_name", "x'00ff'"),
        ("address_line_1", "NULL"),
        ("address_line_2", long.as_str()),
        ("city", "''"),
        ("country", "'USA'"),
        ("second_factor", "'carrier pigeon'"),
        ("second_factor", "NULL"),
        ("language", "'tlh'"),
        ("format", "'braille'"),
        ("requested_at", "'yesterday'"),
        ("requested_at", "NULL"),
        ("address_basis", "'hearsay'"),
        ("address_since", "'long ago, long'"),
        ("phone", long.as_str()),
    ] {
        let said = sql.run(&insertion(&[(column, value)])).await.expect_err(&format!("{column} = {value}"));
        assert!(said.contains("constraint failed") || said.contains("cannot store BLOB"), "{column} = {value}: {said}");
    }
    assert!(sql.column("SELECT reference FROM mail_requests").await.is_empty());
}

#[tokio::test]
async fn a_row_is_never_changed_and_its_phone_is_forgotten() {
    let (folder, mut sql) = table().await;
    sql.run(&insertion(&[("phone", "'202-555-0199'")])).await.unwrap();
    let phones = "SELECT coalesce(phone, 'forgotten') FROM mail_requests";
    assert_eq!(sql.column(phones).await, ["forgotten"]);
    let before = sql.everything().await;
    for change in [
        "full_name = 'Somebody Else'",
        "address_line_1 = '2 Other Street'",
        "reference = 'PORTAL-2'",
        "id = 7",
        "second_factor = 'phone'",
        "phone = '202-555-0199'",
    ] {
        sql.refused(&format!("UPDATE mail_requests SET {change}"), "never changed").await;
    }
    let replaced = insertion(&[("id", "1"), ("full_name", "'Somebody Else'")]);
    sql.refused(&replaced.replace("INSERT INTO", "INSERT OR REPLACE INTO"), "never changed").await;
    sql.refused(&replaced.replace("INSERT INTO", "REPLACE INTO"), "never changed").await;
    assert_eq!(sql.everything().await, before);
    // Nor is an id used again whose row is deleted: a night has passed it and would not see the new row.
    sql.run("DELETE FROM mail_requests").await.unwrap();
    sql.refused(&insertion(&[("id", "1")]), "never changed").await;
    sql.run(&insertion(&[])).await.unwrap();
    assert_eq!(sql.column("SELECT CAST(id AS TEXT) FROM mail_requests").await, ["2"]);
    sql.close().await;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"202-555-0199"), "the number is nowhere in the file");
    }
}

#[tokio::test]
async fn collect_takes_a_row_once_and_says_so_in_the_log() {
    let site = NightSite::with_requests(1, 10, 64);
    let mut portal = Sql::open(&site.path("intake.db")).await;
    portal.run(&insertion(&[])).await.unwrap();
    let blair = [("reference", "'PORTAL-2'"), ("username", "'blair@example.com'"), ("second_factor", "'phone'")];
    portal.run(&insertion(&blair)).await.unwrap();
    // Good in shape, and wrong in what it says.
    let casey = [("reference", "'PORTAL-3'"), ("username", "'casey@example.com'"), ("state", "'ZZ'")];
    portal.run(&insertion(&casey)).await.unwrap();
    portal.close().await;
    let collected = site.run(&["--json", "collect"]);
    assert_eq!(collected.exit, Some(1), "a person mends the third row: {collected:?}");
    let did: Value = serde_json::from_str(&collected.told).unwrap();
    let counts = ["rows", "new", "routed", "quarantined", "repeated"].map(|count| did["did"][count].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1, 1, 0], "{did}");
    let again = site.run(&["--json", "collect"]);
    let did: Value = serde_json::from_str(&again.told).unwrap();
    assert_eq!((again.exit, did["did"]["rows"].as_u64()), (Some(0), Some(0)), "{again:?}");
    let mut ledger = Sql::open(&site.path("letterpost.db")).await;
    let requests = "SELECT reference || ' ' || status FROM request WHERE reference LIKE 'PORTAL-%' ORDER BY reference";
    assert_eq!(ledger.column(requests).await, ["PORTAL-1 pending", "PORTAL-2 routed"]);
    for reference in ["PORTAL-1", "PORTAL-2"] {
        let entries =
            format!("SELECT CAST(entry AS TEXT) FROM audit_entry WHERE CAST(entry AS TEXT) LIKE '%{reference}%'");
        let entries = ledger.column(&entries).await;
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert!(!entries[0].contains("avery") && !entries[0].contains("Example"), "nothing of a person: {entries:?}");
    }
}
