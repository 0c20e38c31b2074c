//! A ledger with rows in it, brought up to date: nothing is lost, and what was held is held since then.

use std::fs;

use crate::book::Sql;

/// The schema up to the number before this one, and rows as they were written under it.
async fn before(number: u32, rows: &str) -> (tempfile::TempDir, Sql) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fs::write(&path, "").unwrap();
    let mut sql = Sql::open(&path).await;
    for (found, text) in migrations() {
        if found < number {
            sql.run(&format!("BEGIN; {text}; COMMIT;")).await.unwrap();
        }
    }
    sql.run(rows).await.unwrap();
    (folder, sql)
}

fn migrations() -> Vec<(u32, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapters/sqlite/migrations");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut all: Vec<(u32, String)> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name.split('_').next().unwrap().parse().unwrap(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    all.sort();
    all
}

const ROWS: &str = "
INSERT INTO intake_file VALUES (1, 'a.csv', 'x', '2026-03-02T10:00:00Z', NULL, 2, 2, 0, 0, 0);
INSERT INTO request (id, reference, content_sha256, username, full_name, address_line_1, address_line_2, city, state,
    postal_code, country, language, format, requested_at, promised_by_on, intake_file_id, intake_line, status, status_at,
    reason, held_by, act_by_on)
VALUES (1, 'R-1', 'x', 'avery', 'Avery Sample', '1 Example Street', '', 'Springfield', 'IL', '62701', 'US', 'en',
    'standard', '2026-03-02T09:00:00Z', '2026-03-16', 1, 2, 'held', '2026-03-02T11:00:00Z', 'looked at', 'person',
    '2026-03-05'),
    (2, 'R-2', 'y', 'blair', 'Blair Sample', '2 Example Street', '', 'Springfield', 'IL', '62701', 'US', 'en',
    'standard', '2026-03-02T09:00:00Z', '2026-03-16', 1, 3, 'pending', '2026-03-02T11:00:00Z', NULL, NULL, NULL);
INSERT INTO notice VALUES (7, '2026-03-02T11:00:00Z', 'held', 'R-1', NULL, 'a person decides by 2026-03-05');";

#[tokio::test]
async fn holds_and_notices_outlive_the_migration_of_exceptions() {
    let (_folder, mut sql) = before(5, ROWS).await;
    sql.refused("INSERT INTO notice VALUES (8, 'now', 'returned', 'R-1', NULL, '')", "CHECK constraint failed").await;
    for (number, text) in migrations() {
        if number >= 5 {
            sql.run(&format!("BEGIN; {text}; COMMIT;")).await.unwrap();
        }
    }
    let held = "SELECT reference || ' ' || coalesce(held_at, '-') FROM request ORDER BY id";
    assert_eq!(sql.column(held).await, ["R-1 2026-03-02T11:00:00Z", "R-2 -"]);
    let notices = "SELECT id || ' ' || at || ' ' || kind || ' ' || reference || ' ' || detail FROM notices";
    assert_eq!(sql.column(notices).await, ["7 2026-03-02T11:00:00Z held R-1 a person decides by 2026-03-05"]);
    sql.run("INSERT INTO notice VALUES (8, 'now', 'returned', 'R-1', NULL, '')").await.unwrap();
    sql.refused("INSERT INTO notice VALUES (9, 'now', 'gossip', 'R-1', NULL, '')", "CHECK constraint failed").await;
    let next = "SELECT next FROM letter_status ORDER BY reference";
    assert_eq!(sql.column(next).await, ["a person decides by 2026-03-05", "goes into the next package"]);
    assert_eq!(sql.column("SELECT [table] FROM pragma_foreign_key_check").await, [""; 0]);
}

/// An entry of the audit log of this kind at this instant.
fn entry(seq: u32, kind: &str, at: &str) -> String {
    format!(
        "INSERT INTO audit_entry VALUES ({seq}, CAST('{{\"at\":\"{at}\",\"kind\":\"{kind}\"}}' AS BLOB), zeroblob(32));"
    )
}

#[tokio::test]
async fn the_ledgers_time_is_that_of_its_log_and_a_brakes_own_entries_do_not_move_it() {
    let run = "INSERT INTO run (id, job, scheduled_for, status, starts, started_at) \
               VALUES (1, 'nightly', '2026-03-01T22:30', 'running', 1, '2026-03-02T10:00:00Z');";
    let (first, second) = ("2026-03-02T11:00:00Z", "2026-03-02T10:30:00Z");
    let rows = format!("{run}{}{}", entry(0, "request.taken", first), entry(1, "request.taken", second));
    let (_folder, mut sql) = before(10, &rows).await;
    for (number, text) in migrations() {
        if number >= 10 {
            sql.run(&format!("BEGIN; {text}; COMMIT;")).await.unwrap();
        }
    }
    let mark = "SELECT recorded_at || ' ' || trusted_at FROM clock_mark";
    assert_eq!(sql.column(mark).await, ["2026-03-02T11:00:00Z 2026-03-02T10:00:00Z"], "the latest, not the last");
    sql.run(&entry(2, "brake.raised", "2026-04-02T11:00:00Z")).await.unwrap();
    assert_eq!(sql.column(mark).await, ["2026-03-02T11:00:00Z 2026-03-02T10:00:00Z"]);
    sql.run(&entry(3, "run.started", "2026-03-02T12:00:00Z")).await.unwrap();
    sql.run(&entry(4, "run.started", "2026-03-02T11:30:00Z")).await.unwrap();
    assert_eq!(sql.column(mark).await, ["2026-03-02T12:00:00Z 2026-03-02T10:00:00Z"], "it never goes back");
    let raise =
        "INSERT INTO brake (kind, found, shown_at, right_at, raised_at) VALUES ('clock-ahead', 'x', 'a', 'b', 'c')";
    sql.run(raise).await.unwrap();
    sql.refused(raise, "UNIQUE constraint failed").await;
    sql.refused("DELETE FROM brake", "a brake is never deleted").await;
    let alone = "UPDATE brake SET ended_at = 'd', ended_as = 'released', released_at = 'd'";
    sql.refused(alone, "CHECK constraint failed").await;
    sql.run("UPDATE brake SET ended_at = 'd', ended_as = 'over'").await.unwrap();
    sql.refused("UPDATE brake SET found = 'y'", "a brake that ended is never changed").await;
}

#[tokio::test]
async fn backups_and_rows_of_the_portals_table_from_before_have_terms_too() {
    let columns =
        "id, name, sha256, taken_at, refused_because, rows, new_rows, repeated_rows, routed_rows, quarantined_rows";
    let rows = ROWS.replace("INTO intake_file VALUES", &format!("INTO intake_file ({columns}) VALUES"));
    let rows = format!(
        "{rows}
         INSERT INTO intake_file ({columns}) VALUES (7, 'mail_requests', 'x', '2026-03-02T10:00:00Z', NULL, 3, 1, 1, 0, 1);
         UPDATE request SET intake_file_id = 7, intake_line = 41 WHERE id = 2;
         INSERT INTO quarantined_row (intake_file_id, line, problems) VALUES (7, 43, '[]');
         INSERT INTO backup (made_at, path, sha256, entries) VALUES ('2026-03-02T10:00:00Z', '/b/one.db', '{0}', 3),
             ('2026-03-03T10:00:00Z', '/b/one.db', '{0}', 4);",
        "c".repeat(64)
    );
    let (_folder, mut sql) = before(18, &rows).await;
    for (number, text) in migrations() {
        if number >= 18 {
            sql.run(&format!("BEGIN; {text}; COMMIT;")).await.unwrap();
        }
    }
    let portions = "SELECT id || ' ' || last_row FROM intake_file WHERE last_row IS NOT NULL";
    assert_eq!(sql.column(portions).await, ["7 43"], "the last row of which something is known, and no file's");
    let kept = "SELECT kind || ' ' || path || ' ' || kept_at FROM kept_file";
    assert_eq!(sql.column(kept).await, ["backup /b/one.db 2026-03-03T10:00:00Z"]);
    sql.refused("DELETE FROM kept_file", "stays on record").await;
    sql.run("UPDATE kept_file SET removed_at = '2026-05-01T10:00:00Z'").await.unwrap();
    sql.refused("UPDATE kept_file SET removed_at = NULL", "stays so").await;
}
